#include "mail/lmtp_conn.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "io/loop.h"
#include "io/stream.h"
#include "mail/delivery.h"
#include "mail/lmtp.h"
#include "mail/room.h"

struct conn {
	struct worker *worker;
	const struct mail *mail; /* as it was at the start */
	struct worker_conn entry;
	struct lmtp_settings settings;
	struct stream *stream; /* NULL: the connection is gone */
	struct lmtp *lmtp;
	struct loop_task go_on;
	struct buf peer;
	int64_t input_ms;
	bool in_input;  /* the machine is running */
	bool paused;    /* the stream is */
	bool ending;    /* to be closed after what is being delivered */
	bool finishing; /* its last output is being written */
	bool delivering;

	struct delivery *delivery; /* of this transaction, or NULL */
	struct {
		bool running;
		struct buf address;
		struct buf user;
		struct buf folder;
		struct lookup_answer who; /* whose room is looked at */
	} lookup;
};

/* Frees it once nothing will come back to it. */
static void
let_go(struct conn *c)
{
	struct worker *w = c->worker;

	if (c->stream != NULL || c->lookup.running)
		return;
	buf_clear(&c->lookup.address);
	buf_clear(&c->lookup.user);
	buf_clear(&c->lookup.folder);
	buf_clear(&c->peer);
	free(c);
	worker_leave(w);
}

static void
drop(struct conn *c)
{
	loop_cancel(&c->go_on);
	delivery_forget(&c->delivery);
	lmtp_free(&c->lmtp);
	stream_free(&c->stream);
	worker_remove(c->worker, &c->entry);
	let_go(c);
}

/* Writes what is left to say, and closes. */
static void
finish(struct conn *c)
{
	c->finishing = true;
	stream_pause(c->stream);
	if (stream_flush(c->stream) != ST_AGAIN)
		drop(c);
}

static void
say_end(struct conn *c, enum lmtp_end why)
{
	lmtp_close(c->lmtp, why, stream_out(c->stream));
	finish(c);
}

static void
set_paused(struct conn *c, bool on)
{
	if (c->paused == on)
		return;
	c->paused = on;
	if (on)
		stream_pause(c->stream);
	else
		stream_resume(c->stream);
}

/* After the machine has run: what next?  The connection may go. */
static void
settle(struct conn *c)
{
	if (lmtp_closed(c->lmtp))
		finish(c);
	else if (c->ending && !c->delivering)
		say_end(c, LMTP_SHUTDOWN);
	else
		set_paused(c, lmtp_waiting(c->lmtp) || !stream_room(c->stream));
}

/* In pieces, so that what is said has a bound before the peer must read it. */
static size_t
run(struct conn *c, struct span in)
{
	size_t taken = 0;
	size_t n;

	c->in_input = true;
	do {
		n = lmtp_input(c->lmtp,
		    span_head(span_from(in, taken), LIMIT_INPUT_HELD),
		    stream_out(c->stream));
		taken += n;
	} while (n > 0 && !lmtp_waiting(c->lmtp) && stream_room(c->stream));
	c->in_input = false;
	return taken;
}

static size_t
on_input(void *ctx, struct span in)
{
	struct conn *c = ctx;
	size_t taken;

	c->input_ms = loop_now_ms(worker_loop(c->worker));
	taken = run(c, in);
	settle(c);
	return taken;
}

static void
on_room(void *ctx)
{
	struct conn *c = ctx;

	if (c->finishing)
		drop(c);
	else
		settle(c);
}

static void
on_end(void *ctx, enum stream_end why)
{
	struct conn *c = ctx;

	if (why == STREAM_EOF)
		finish(c);
	else
		drop(c);
}

static const struct stream_ops stream_ops = { on_input, on_room, on_end };

/* Answers have come. */
static void
go_on(void *arg)
{
	struct conn *c = arg;

	if (c->finishing)
		return;
	c->input_ms = loop_now_ms(worker_loop(c->worker));
	(void)run(c, span_of(NULL, 0));
	settle(c);
}

static void
answered(struct conn *c)
{
	if (!c->in_input)
		loop_last(worker_loop(c->worker), &c->go_on);
}

static enum lmtp_verdict
verdict_of(enum account_result r)
{
	switch (r) {
	case ACCOUNT_FOUND:
		return LMTP_OK;
	case ACCOUNT_UNKNOWN:
		return LMTP_UNKNOWN_USER;
	case ACCOUNT_DISABLED:
		return LMTP_DISABLED;
	case ACCOUNT_UNAVAILABLE:
	case ACCOUNT_RESULTS:
		break;
	}
	return LMTP_TEMPORARY;
}

static void
log_refused(const struct conn *c, enum lmtp_verdict v)
{
	const char *why = "auth can't be asked";

	if (v == LMTP_UNKNOWN_USER)
		why = "there is no such user";
	else if (v == LMTP_DISABLED)
		why = "the user is disabled";
	else if (v == LMTP_OVER_QUOTA)
		why = "the user's quota is reached";
	log_event(&c->mail->engine->log, LEVEL_INFO,
	    "delivery.recipient.refused",
	    LF_SPAN("recipient", buf_span(&c->lookup.address)),
	    LF_STR("reason", why), LF_SPAN("from", lmtp_envelope(c->lmtp).from),
	    LF_SPAN("peer", buf_span(&c->peer)));
}

static void on_found(void *ctx, const struct lookup_answer *a);

static void
ask(struct conn *c)
{
	c->lookup.running = true;
	lookup_user(c->mail->lookups, worker_loop(c->worker),
	    buf_span(&c->lookup.user), on_found, c);
}

/* Leaves the local part of the user; false if there is none, or no domain. */
static bool
cut_domain(struct conn *c)
{
	struct span user = buf_span(&c->lookup.user);
	size_t at = span_find(user, '@');

	if (at == 0 || at == user.n || at > LIMIT_USER_NAME ||
	    span_find(span_from(user, at + 1), '@') < user.n - at - 1)
		return false;
	c->lookup.user.n = at;
	return true;
}

static void
add_recipient(struct conn *c, const struct lookup_answer *a)
{
	struct deposit_to to = { buf_span(&c->lookup.address),
		buf_span(&c->lookup.folder) };

	if (c->delivery == NULL)
		c->delivery = delivery_new(c->worker, c->mail);
	delivery_add(c->delivery, a, &to);
}

static void
decide(struct conn *c, const struct lookup_answer *a, enum lmtp_verdict v)
{
	if (v == LMTP_OK)
		add_recipient(c, a);
	else
		log_refused(c, v);
	lmtp_found(c->lmtp, v);
	answered(c);
}

/* False, and the connection may go, if nobody waits for the answer. */
static bool
is_wanted(struct conn *c)
{
	c->lookup.running = false;
	if (!c->finishing && c->stream != NULL)
		return true;
	let_go(c);
	return false;
}

static void
on_has_room(void *ctx, bool has_room)
{
	struct conn *c = ctx;

	if (is_wanted(c))
		decide(c, &c->lookup.who, has_room ? LMTP_OK : LMTP_OVER_QUOTA);
}

static void
on_found(void *ctx, const struct lookup_answer *a)
{
	struct conn *c = ctx;

	if (!is_wanted(c))
		return;
	if (a->result == ACCOUNT_UNKNOWN && cut_domain(c)) {
		ask(c);
	} else if (a->result == ACCOUNT_FOUND && room_is_bounded(a)) {
		c->lookup.running = true;
		c->lookup.who = *a;
		room_ask(c->worker, c->mail, a, lmtp_envelope(c->lmtp).size,
		    on_has_room, c);
	} else {
		decide(c, a, verdict_of(a->result));
	}
}

static void
set(struct buf *b, struct span s)
{
	buf_reset(b);
	buf_add(b, s);
}

static void
on_recipient(void *ctx, const struct lmtp_recipient *r)
{
	static const struct lookup_answer unknown = { .result =
							  ACCOUNT_UNKNOWN };
	struct conn *c = ctx;

	set(&c->lookup.address, r->address);
	set(&c->lookup.user, r->user);
	set(&c->lookup.folder, r->folder);
	if (r->user.n <= LIMIT_USER_NAME)
		ask(c);
	else
		on_found(c, &unknown);
}

static enum lmtp_verdict
on_data(void *ctx, struct span octets)
{
	struct conn *c = ctx;

	return delivery_data(c->delivery, octets) == ST_OK ? LMTP_OK
	                                                   : LMTP_NO_SPACE;
}

static void
on_delivered(void *ctx, uint32_t recipient, enum lmtp_verdict v)
{
	struct conn *c = ctx;

	lmtp_delivered(c->lmtp, recipient, v);
	answered(c);
}

static void
on_deliver(void *ctx)
{
	struct conn *c = ctx;
	struct lmtp_envelope e = lmtp_envelope(c->lmtp);
	struct delivery_way way = { .from = e.from,
		.client = e.client,
		.address = buf_span(&c->peer),
		.utf8 = e.utf8,
		.when = { clock_wall(), 0 } };
	uint64_t random;
	char id[17];

	random_bytes(&random, sizeof(random));
	(void)snprintf(id, sizeof(id), "%016llx", (unsigned long long)random);
	way.id = span_str(id);
	c->delivering = true;
	delivery_start(c->delivery, &way, on_delivered, c);
}

static void
on_reset(void *ctx)
{
	struct conn *c = ctx;

	c->delivering = false;
	delivery_forget(&c->delivery);
}

static const struct lmtp_ops lmtp_ops = { on_recipient, on_data, on_deliver,
	on_reset };

static void
log_dropped(const struct conn *c, const char *setting)
{
	log_event(&c->mail->engine->log, LEVEL_WARN, "lmtp.client.dropped",
	    LF_SPAN("peer", buf_span(&c->peer)), LF_STR("reason", setting));
}

static void
on_tick(void *ctx, int64_t now_ms)
{
	struct conn *c = ctx;
	const struct config_limits *limits = &c->mail->config->limits;
	int64_t idle_ms = MIN(limits->idle_ms, LIMIT_LMTP_IDLE_MS);

	if (stream_stalled_ms(c->stream, now_ms) > limits->stall_ms) {
		log_dropped(c, "it doesn't read");
		drop(c);
	} else if (!c->finishing && !lmtp_waiting(c->lmtp) &&
		   now_ms - c->input_ms > idle_ms) {
		log_dropped(c, "it says nothing");
		say_end(c, LMTP_TIMEOUT);
	}
}

static void
on_stop(void *ctx, const char *why)
{
	struct conn *c = ctx;

	(void)why;
	if (c->ending) {
		drop(c);
		return;
	}
	c->ending = true;
	if (!c->finishing && !c->delivering)
		say_end(c, LMTP_SHUTDOWN);
}

static struct lmtp_settings
settings_of(const struct mail *m)
{
	return (struct lmtp_settings){
		.hostname = span_str(m->session.hostname),
		.message_limit = m->config->limits.append,
		.recipient_limit = LIMIT_LMTP_RECIPIENTS,
		.delimiter = (unsigned char)m->config->lmtp.delimiter[0],
		.over_quota_temporary =
		    m->config->quota.over == OVER_QUOTA_TEMPORARY,
	};
}

void
lmtp_conn_start(struct worker *w, int fd, struct span peer_address)
{
	struct conn *c = MEM_NEW(struct conn);

	worker_enter(w);
	c->worker = w;
	c->mail = worker_mail(w);
	c->settings = settings_of(c->mail);
	c->input_ms = loop_now_ms(worker_loop(w));
	c->go_on = (struct loop_task){ .fn = go_on, .arg = c };
	c->entry =
	    (struct worker_conn){ .tick = on_tick, .end = on_stop, .ctx = c };
	buf_add(&c->peer, peer_address);
	c->lmtp = lmtp_new(&c->settings, &lmtp_ops, c);
	c->stream = stream_new(worker_loop(w), fd, &stream_ops, c);
	worker_add(w, &c->entry);
	if (worker_stopping(w))
		say_end(c, LMTP_SHUTDOWN);
	else
		lmtp_greet(c->lmtp, stream_out(c->stream));
}
