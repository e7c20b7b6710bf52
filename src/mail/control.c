#include "mail/control.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "imap/mailbox_name.h"
#include "io/stream.h"
#include "mail/control_inside.h"

static void
control_free(struct control *c)
{
	struct worker *w = c->worker;
	void (*ended)(void *ctx) = c->ended;
	void *ctx = c->ctx;

	loop_cancel(&c->move);
	worker_remove(w, &c->conn);
	stream_free(&c->stream);
	account_release(&c->account);
	arena_free(&c->arena);
	buf_clear(&c->in);
	free(c);
	worker_leave(w);
	if (ended != NULL)
		ended(ctx);
}

/* Now, or when the request that is being run is done. */
static void
end(struct control *c)
{
	if (c->busy)
		c->ending = true;
	else
		control_free(c);
}

static void
on_tick(void *ctx, int64_t now_ms)
{
	struct control *c = ctx;

	(void)now_ms;
	if (c->erasing)
		control_erase_tick(c);
}

static void
on_stop(void *ctx, const char *why)
{
	struct control *c = ctx;

	(void)why;
	if (worker_stopping(c->worker))
		end(c);
}

struct buf *
control_answer(struct control *c, size_t *out_begun)
{
	struct buf *b = stream_out(c->stream);

	*out_begun = control_reply_begin(b, ST_OK, SPAN(""));
	return b;
}

static void
next_request(struct control *c)
{
	c->busy = false;
	buf_clear(&c->in);
	arena_reset(c->arena);
	if (c->ending)
		control_free(c);
	else
		stream_resume(c->stream);
}

void
control_answered(struct control *c, size_t begun)
{
	control_reply_end(stream_out(c->stream), begun);
	next_request(c);
}

/* What the command line has no better words for. */
static const char *
words_for(enum status st)
{
	switch (st) {
	case ST_NOTFOUND:
		return "there is no such mailbox";
	case ST_EXISTS:
		return "there is one already";
	case ST_LIMIT:
		return "a limit of the settings is reached";
	case ST_QUOTA:
		return "the quota is reached";
	case ST_FULL:
		return "the disk is full";
	case ST_BAD:
		return "the server doesn't understand that; is it of the same "
		       "version?";
	case ST_AGAIN:
		return "not now; try again";
	case ST_OK:
	case ST_DENIED:
	case ST_CORRUPT:
	case ST_IO:
		break;
	}
	return "it can't be read or written; the server's log says why";
}

void
control_finish_text(struct control *c, enum status st, const char *text)
{
	struct buf *b = stream_out(c->stream);

	control_reply_end(b, control_reply_begin(b, st, span_str(text)));
	next_request(c);
}

void
control_finish(struct control *c, enum status st)
{
	control_finish_text(c, st, st == ST_OK ? "" : words_for(st));
}

static void
submitted(void *ctx, enum status st)
{
	control_finish(ctx, st);
}

void
control_submit(struct control *c, struct change **ch, enum status st)
{
	if (st == ST_OK) {
		change_submit(ch, submitted, c);
		return;
	}
	change_abort(ch);
	control_finish(c, st);
}

bool
control_name(struct control *c, struct span name, struct span *out)
{
	const struct session_config *s = &worker_mail(c->worker)->session;
	const char *why =
	    mailbox_name_parse(name, true, &s->grammar.names, c->arena, out);

	if (why != NULL)
		control_finish_text(c, ST_BAD, why);
	return why == NULL;
}

static void
account_ready(void *ctx, enum status st, struct account *a)
{
	struct control *c = ctx;

	c->account = a;
	if (st == ST_OK)
		c->conn.account = a->id;
	control_finish(c, st);
}

static void
open_account(struct control *c)
{
	c->busy = true;
	account_open(worker_accounts(c->worker), c->wanted, account_ready, c);
}

static void begin(struct control *c, int fd);

static void
arrived(void *arg)
{
	struct control *c = arg;

	begin(c, c->moving);
	stream_pause(c->stream);
	open_account(c);
}

/* To the worker of the account. */
static void
move(void *arg)
{
	CLEANUP(buf_clear) struct buf unread = { 0 };
	struct control *c = arg;
	struct worker *from = c->worker;
	struct worker *to = mail_worker(worker_mail(from), c->wanted);

	if (to == from) {
		open_account(c);
		return;
	}
	/* Nothing has been sent, and the peer sends one request at a time. */
	if (stream_detach(&c->stream, &unread, &c->moving) != ST_OK) {
		control_free(c);
		return;
	}
	if (unread.n > 0) {
		close(c->moving);
		control_free(c);
		return;
	}
	worker_remove(from, &c->conn);
	buf_reset(&c->in);
	c->worker = to;
	loop_post(worker_loop(to), arrived, c);
	worker_leave(from);
}

static void
hello(struct control *c)
{
	if (c->request.version != CONTROL_VERSION ||
	    worker_stopping(c->worker)) {
		c->busy = true;
		c->ending = true;
		control_finish(c,
		    worker_stopping(c->worker) ? ST_AGAIN : ST_BAD);
		return;
	}
	c->wanted = c->request.account;
	loop_soon(worker_loop(c->worker), &c->move);
}

/* A whole request is in c->in; false if it is none. */
static bool
take_request(struct control *c, struct span fields)
{
	if (control_request_read(fields, &c->request) != ST_OK ||
	    (c->request.op == CONTROL_HELLO) != (c->account == NULL))
		return false;
	stream_pause(c->stream);
	if (c->account == NULL) {
		hello(c);
		return true;
	}
	c->busy = true;
	control_run(c);
	return true;
}

static size_t
on_input(void *ctx, struct span in)
{
	struct control *c = ctx;
	size_t before = c->in.n;
	struct span fields;
	size_t n = 0;
	enum status st;

	buf_add(&c->in, in);
	st = control_frame(buf_span(&c->in), &fields, &n);
	if (st == ST_AGAIN)
		return in.n;
	if (st != ST_OK || !take_request(c, fields)) {
		log_event(NULL, LEVEL_WARN, "control.request.refused",
		    LF_STR("reason", "not understood"));
		control_free(c);
		return in.n;
	}
	return n - before;
}

static void
on_room(void *ctx)
{
	(void)ctx;
}

static void
on_end(void *ctx, enum stream_end why)
{
	(void)why;
	end(ctx);
}

static void
begin(struct control *c, int fd)
{
	static const struct stream_ops ops = { on_input, on_room, on_end };

	worker_enter(c->worker);
	c->conn =
	    (struct worker_conn){ .tick = on_tick, .end = on_stop, .ctx = c };
	worker_add(c->worker, &c->conn);
	c->stream = stream_new(worker_loop(c->worker), fd, &ops, c);
}

static bool
is_trusted(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == -1)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	log_event(NULL, LEVEL_WARN, "control.peer.refused",
	    LF_U64("uid", peer.uid));
	return false;
}

void
control_serve(struct worker *w, int fd, void (*ended)(void *ctx), void *ctx)
{
	struct control *c = MEM_NEW(struct control);

	c->worker = w;
	c->ended = ended;
	c->ctx = ctx;
	c->arena = arena_new();
	c->move = (struct loop_task){ .fn = move, .arg = c };
	begin(c, fd);
}

void
control_start(struct worker *w, int fd)
{
	if (is_trusted(fd))
		control_serve(w, fd, NULL, NULL);
	else
		close(fd);
}
