#include "engine/session.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/capability.h"
#include "engine/checkpoint.h"
#include "engine/collect.h"
#include "engine/incoming.h"
#include "engine/record_paging.h"
#include "engine/session_in.h"

/* RFC 2177 wants none, but what stands between may drop a silent line. */
#define STILL_HERE_MS 120000

/* A command that takes longer says so, again and again (RFC 9585). */
#define IN_PROGRESS_MS 10000

/* All sessions of a thread wait for a step; it is meant to take 2 ms. */
#define STEP_LONG_US 5000

/* Commands in a row that made no sense: it is no mail client. */
#define FAULTS_MAX 50

/* A command's arena goes on to the next command of any session here. */
static _Thread_local struct arena *spare_arena;

static void step(void *arg);

struct buf *
session_out(struct session *s)
{
	return stream_out(s->stream);
}

bool
session_room(struct session *s)
{
	return stream_room(s->stream);
}

static void
release_arena(struct cmd *c)
{
	if (c->arena != NULL && spare_arena == NULL) {
		arena_reset(c->arena);
		spare_arena = TAKE(c->arena);
	}
	arena_free(&c->arena);
}

static void
command_clear(struct cmd *c)
{
	if (c->cleanup != NULL)
		c->cleanup(c);
	release_arena(c);
	*c = (struct cmd){ .session = c->session };
}

void
session_unselect(struct session *s)
{
	sync_clear(&s->sync);
	version_unref(&s->version);
	uidset_clear(&s->recent);
	uidset_clear(&s->saved);
	uint64_list_clear(&s->told);
	s->told_newer = false;
	keywords_unref(&s->keywords);
	if (s->mailbox != NULL)
		checkpoint_when_left(s->mailbox);
	s->mailbox = NULL;
	s->state = STATE_AUTHED;
	collect_kick(s->account);
	record_paging_when_left(s->account);
}

static void
session_free(struct session *s)
{
	void (*ended)(void *ctx) = s->ended;
	void *ctx = s->ctx;

	log_event(&s->log, LEVEL_INFO, "session.end");
	loop_cancel(&s->step);
	command_clear(&s->cmd);
	account_unwatch(&s->watcher); /* first: what it leaves may go */
	session_unselect(s);
	sync_list_clear(&s->sync_list);
	reader_clear(&s->reader);
	incoming_free(&s->incoming);
	stream_free(&s->stream);
	account_release(&s->account);
	free(s->user);
	free(s);
	ended(ctx);
}

void
session_drop(struct session *s)
{
	stream_free(&s->stream);
	loop_cancel(&s->step);
	if (s->waiting)
		s->dead = true; /* until session_wake() */
	else
		session_free(s);
}

void
session_wake(struct session *s)
{
	s->waiting = false;
	if (s->dead)
		session_free(s);
	else
		loop_soon(s->loop, &s->step);
}

static void
say_bye(struct session *s)
{
	if (s->ending)
		return;
	s->ending = true;
	write_condition(session_out(s), (struct span){ 0 }, COND_BYE,
	    (struct span){ 0 }, span_str(s->bye), false);
	stream_pause(s->stream);
	loop_soon(s->loop, &s->step);
}

void
session_bye(struct session *s, const char *text)
{
	s->bye = text;
	if (!s->dead && (s->cmd.what == NULL || s->idling))
		say_bye(s);
}

static void
on_changed(void *ctx, const struct notice *n)
{
	struct session *s = ctx;

	for (size_t i = 0; i < n->n && !s->changed; i++)
		s->changed = n->mailbox[i] == s->mailbox;
	s->changed =
	    s->changed || n->all || (n->list && s->sync_list.known != NULL);
	if (s->changed && s->idling)
		loop_soon(s->loop, &s->step);
}

static uint64_t
pinned(void *ctx)
{
	const struct session *s = ctx;

	return s->version == NULL ? UINT64_MAX : s->version->modseq;
}

void
session_write_tagged(struct session *s)
{
	const struct cmd *c = &s->cmd;

	write_condition(session_out(s), c->tag, c->condition, c->code, c->text,
	    session_utf8(s));
}

/* The command is over: its reply goes out, and the next may come. */
static void
finish(struct session *s)
{
	bool logout =
	    s->cmd.what->run == run_logout && s->cmd.condition == COND_OK;

	s->faults = s->cmd.condition == COND_BAD ? s->faults + 1 : 0;
	session_write_tagged(s);
	command_clear(&s->cmd);
	incoming_free(&s->incoming);
	if (s->deflate) {
		s->deflate = false;
		stream_start_deflate(s->stream);
	}
	if (s->faults >= FAULTS_MAX)
		s->bye = "Too many commands that make no sense";
	if (logout)
		s->ending = true;
	else if (s->bye != NULL)
		say_bye(s);
}

static void
say_progress(struct session *s)
{
	struct cmd *c = &s->cmd;
	int64_t now = loop_now_ms(s->loop);
	struct buf *b;

	if (now - c->progress_ms < IN_PROGRESS_MS || c->in_response)
		return;
	c->progress_ms = now;
	b = session_out(s);
	BUF_LIT(b, "* OK [INPROGRESS (");
	write_string(b, c->tag, false);
	if (c->goal > 0)
		buf_printf(b, " %u %u", c->done, c->goal);
	else
		BUF_LIT(b, " NIL NIL");
	BUF_LIT(b, ")] Still working\r\n");
}

static void
note_step(const struct session *s)
{
	int64_t us = clock_now_us() - s->cmd.slice_us;

	if (us >= STEP_LONG_US)
		log_event(&s->log, LEVEL_DEBUG, "session.step.long",
		    LF_STR("command", s->cmd.what->name),
		    LF_U64("us", (uint64_t)us));
}

/* One step of the command and then of the sync behind it. */
static enum step
run_step(struct session *s)
{
	struct cmd *c = &s->cmd;
	enum step next;

	c->slice_us = clock_now_us();
	if (!c->syncing) {
		next = c->what->run(c);
		if (next != STEP_DONE)
			return next;
		c->syncing = true;
	}
	if ((c->what->flags & CMD_NO_SYNC) != 0)
		return STEP_DONE;
	s->changed = false;
	next = sync_list_step(s);
	if (next != STEP_DONE || s->mailbox == NULL)
		return next;
	return sync_step(s, (c->what->flags & CMD_NO_EXPUNGE) != 0);
}

/* An IDLE lasts, and there are many: nothing of it is needed but its tag. */
static void
let_idle(struct session *s)
{
	struct span tag = s->cmd.tag;

	s->cmd.tag = span_of(s->idle_tag,
	    span_copy(s->idle_tag, sizeof(s->idle_tag), tag));
	release_arena(&s->cmd);
}

/* True if the command is done. */
bool
session_run(struct session *s)
{
	enum step next;

	s->waiting = true; /* it may be woken before the step returns */
	next = run_step(s);
	note_step(s);
	if (next != STEP_WAIT || s->idling)
		s->waiting = false;
	if (s->idling)
		let_idle(s);
	switch (next) {
	case STEP_DONE:
		finish(s);
		return true;
	case STEP_MORE:
		if (session_room(s)) {
			say_progress(s);
			loop_soon(s->loop, &s->step);
		}
		return false;
	case STEP_WAIT:
	default:
		if (s->waiting)
			say_progress(s);
		return false;
	}
}

/* In IDLE everything is told at once. */
static void
idle_step(struct session *s)
{
	enum step next;

	s->cmd.slice_us = clock_now_us();
	s->changed = false;
	s->told_ms = loop_now_ms(s->loop);
	next = sync_list_step(s);
	if (next == STEP_DONE && s->mailbox != NULL)
		next = sync_step(s, false);
	note_step(s);
	if (next == STEP_MORE && session_room(s))
		loop_soon(s->loop, &s->step);
}

static void
step(void *arg)
{
	struct session *s = arg;

	if (s->ending) {
		if (stream_flush(s->stream) != ST_AGAIN)
			session_drop(s);
		return;
	}
	if (s->idling)
		idle_step(s);
	else if (s->cmd.what != NULL && !s->waiting && session_run(s))
		stream_resume(s->stream);
	if (s->ending)
		loop_soon(s->loop, &s->step);
}

static size_t
on_input(void *ctx, struct span in)
{
	struct session *s = ctx;

	s->input_ms = loop_now_ms(s->loop);
	return session_read(s, in);
}

static void
on_room(void *ctx)
{
	struct session *s = ctx;

	if (!s->waiting)
		step(s);
}

static void
on_end(void *ctx, enum stream_end why)
{
	struct session *s = ctx;

	/* What was asked before the end of input is still answered. */
	if (why == STREAM_EOF && s->cmd.what != NULL && !s->idling &&
	    !s->ending)
		s->ending = true;
	else
		session_drop(s);
}

void
session_enable_condstore(struct session *s)
{
	if (session_condstore(s))
		return;
	s->enabled |= ENABLED_CONDSTORE;
	if (s->version != NULL)
		buf_printf(session_out(s),
		    "* OK [HIGHESTMODSEQ %llu] Highest\r\n",
		    (unsigned long long)s->version->modseq);
}

void
session_enable_objectid(struct session *s)
{
	if (session_objectid(s))
		return;
	s->enabled |= ENABLED_OBJECTID;
	BUF_LIT(session_out(s), "* ENABLED OBJECTID+\r\n");
}

static void
tick_idle(struct session *s, int64_t now)
{
	if (s->idling && now - s->told_ms >= STILL_HERE_MS) {
		s->told_ms = now;
		write_condition(session_out(s), (struct span){ 0 }, COND_OK,
		    (struct span){ 0 }, SPAN("Still here"), false);
	} else if (s->cmd.what == NULL && !s->idling &&
		   now - s->input_ms > s->config->idle_ms) {
		log_event(&s->log, LEVEL_INFO, "session.idle.ended",
		    LF_STR("setting", "limits.idle-time"));
		session_bye(s, "You have been silent for too long");
	}
}

void
session_tick(struct session *s, int64_t now)
{
	if (s->dead)
		return;
	if (stream_stalled_ms(s->stream, now) > s->config->stall_ms) {
		log_event(&s->log, LEVEL_WARN, "session.stalled.dropped",
		    LF_STR("setting", "limits.stall-time"));
		session_drop(s);
		return;
	}
	tick_idle(s, now);
}

static void
greet(struct session *s, struct span tag)
{
	CLEANUP(buf_clear) struct buf code = { 0 };

	BUF_LIT(&code, "CAPABILITY ");
	capability_write(&code, s);
	write_condition(session_out(s), tag, COND_OK, buf_span(&code),
	    SPAN("Logged in"), false);
}

struct session *
session_new(const struct session_start *start)
{
	static const struct stream_ops ops = { on_input, on_room, on_end };
	static uint64_t last_id;
	struct session *s = MEM_NEW(struct session);

	s->config = start->config;
	s->account = start->account;
	s->loop = s->account->loop;
	s->user = mem_strdup("");
	s->user = mem_resize(s->user, start->user.n + 1);
	memcpy(s->user, start->user.p, start->user.n);
	s->user[start->user.n] = '\0';
	s->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	s->fields[0] = LF_U64("session", s->id);
	s->fields[1] = LF_STR("user", s->user);
	s->fields[2] = LF_DONE;
	s->log = (struct log){ start->log, s->fields };
	s->state = STATE_AUTHED;
	s->grammar = s->config->grammar;
	s->reader.line_max = s->config->command_line;
	s->reader.inline_max = LIMIT_LITERAL_INLINE;
	s->cmd.session = s;
	s->step = (struct loop_task){ .fn = step, .arg = s };
	s->watcher = (struct watcher){ on_changed, pinned, s, NULL, NULL };
	s->input_ms = loop_now_ms(s->loop);
	s->ended = start->ended;
	s->ctx = start->ctx;
	account_watch(s->account, &s->watcher);
	s->stream = stream_new(s->loop, start->fd, &ops, s);
	stream_set_limit(s->stream, s->config->output_limit);
	if (start->input.n > 0)
		stream_preload(s->stream, start->input);
	greet(s, start->tag);
	log_event(&s->log, LEVEL_INFO, "session.start");
	return s;
}

struct arena *
session_arena(void)
{
	return spare_arena != NULL ? TAKE(spare_arena) : arena_new();
}
