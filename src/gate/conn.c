#include <unistd.h>

#include "base/mem.h"
#include "gate/state.h"
#include "imap/args.h"
#include "service/counters.h"

static void
list_add(struct conn *c)
{
	struct gate *g = c->gate;

	c->prev = g->last;
	if (g->last != NULL)
		g->last->next = c;
	else
		g->first = c;
	g->last = c;
	g->conn_count++;
}

static void
list_remove(struct conn *c)
{
	struct gate *g = c->gate;

	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		g->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		g->last = c->prev;
	g->conn_count--;
}

void
conn_each(struct gate *g, void (*fn)(struct conn *c))
{
	struct conn *next;

	for (struct conn *c = g->first; c != NULL; c = next) {
		next = c->next;
		if (c->state != CONN_CLOSED)
			fn(c);
	}
}

void
conn_reply(struct conn *c, struct span tag, enum condition cond,
    struct span code, struct span text)
{
	write_condition(stream_out(c->stream), tag, cond, code, text, false);
}

void
conn_bye(struct conn *c, struct span code, const char *text)
{
	conn_reply(c, (struct span){ 0 }, COND_BYE, code, span_str(text));
	conn_close(c);
}

void
conn_error(struct conn *c, struct span tag, const char *why)
{
	conn_reply(c, tag, COND_BAD, (struct span){ 0 }, span_str(why));
	if (++c->errors < LIMIT_PREAUTH_ERRORS)
		return;
	log_event(&c->log, LEVEL_INFO, "gate.client.confused",
	    LF_U64("errors", c->errors));
	conn_bye(c, (struct span){ 0 }, "Too many bad commands");
}

void
conn_resume(struct conn *c, enum conn_state state)
{
	if (c->state == CONN_CLOSED)
		return;
	c->state = state;
	c->reader.plain = state == CONN_CHALLENGE || state == CONN_FINAL;
	stream_resume(c->stream);
}

/* It may be in use up the stack until the end of the turn. */
static void
conn_free(void *arg)
{
	struct conn *c = arg;
	struct gate *g = c->gate;

	loop_cancel(&c->task);
	list_remove(c);
	reader_clear(&c->reader);
	buf_clear(&c->tag);
	mem_free(&c);
	gate_changed(g);
}

/*
 * Not if the stream has gone to the pump: then the client is still there, and
 * only no longer one that hasn't logged in.
 */
static void
uncount(struct conn *c)
{
	struct counters *n = c->gate->counters;

	counters_add(n, GAUGE_PREAUTH, -1);
	if (c->state == CONN_PASSING && c->tls && c->stream == NULL)
		return;
	counters_add(n, GAUGE_CONNECTIONS, -1);
	counters_leave(n, COUNTED_ADDRESS, address_span(&c->peer));
}

void
conn_close(struct conn *c)
{
	if (c->state == CONN_CLOSED)
		return;
	conn_forget(c);
	uncount(c);
	c->state = CONN_CLOSED;
	stream_free(&c->stream);
	loop_cancel(&c->task);
	c->task.fn = conn_free;
	loop_last(c->gate->loop, &c->task);
}

void
conn_free_closed(struct gate *g)
{
	struct conn *next;

	for (struct conn *c = g->first; c != NULL; c = next) {
		next = c->next;
		if (c->state == CONN_CLOSED)
			conn_free(c);
	}
}

static void
greet(struct conn *c)
{
	CLEANUP(buf_clear) struct buf code = { 0 };
	CLEANUP(buf_clear) struct buf text = { 0 };

	c->greeted = true;
	BUF_LIT(&code, "CAPABILITY ");
	conn_capability(&code, c);
	buf_printf(&text, "%s Newel ready", c->gate->config->instance.hostname);
	conn_reply(c, (struct span){ 0 }, COND_OK, buf_span(&code),
	    buf_span(&text));
}

static void
on_secured(void *ctx)
{
	struct conn *c = ctx;

	c->securing = false;
	if (!c->greeted)
		greet(c);
}

void
conn_start_tls(struct conn *c)
{
	c->tls = true;
	c->securing = true;
	stream_start_tls(c->stream, c->gate->tls, on_secured);
}

static size_t
on_input(void *ctx, struct span in)
{
	return conn_input(ctx, in);
}

/* What it has read it may answer now. */
static void
on_room(void *ctx)
{
	struct conn *c = ctx;

	if (c->state == CONN_PASSING)
		loop_last(c->gate->loop, &c->task);
	else if (c->state != CONN_ASKED && c->state != CONN_CLOSED)
		stream_resume(c->stream);
}

static void
on_end(void *ctx, enum stream_end why)
{
	struct conn *c = ctx;

	if (why == STREAM_BROKEN)
		log_event(&c->log, LEVEL_INFO, "gate.tls.failed",
		    LF_STR("reason", stream_why(c->stream)));
	conn_close(c);
}

static const struct stream_ops ops = { on_input, on_room, on_end };

static void
pass(void *arg)
{
	pass_to_mail(arg);
}

/* False, and the reason counted, if the client can't be served. */
static bool
is_welcome(struct gate *g, const struct address *peer, bool tls)
{
	const struct config_limits *limits = &g->config->limits;

	if (tls && g->tls == NULL)
		gate_turned_away(g, AWAY_NO_TLS, peer);
	else if (counters_sum(g->counters, GAUGE_PREAUTH) >=
		 limits->preauth_connections)
		gate_turned_away(g, AWAY_PREAUTH, peer);
	else if (counters_count(g->counters, COUNTED_ADDRESS,
		     address_span(peer)) >= limits->connections_per_address)
		gate_turned_away(g, AWAY_ADDRESS, peer);
	else
		return true;
	return false;
}

/* Without waiting, and not if a handshake would have to come first. */
static void
turn_away(int fd, bool tls)
{
	static const char busy[] =
	    "* BYE [UNAVAILABLE] Too many connections, try again later\r\n";

	if (!tls)
		(void)!send(fd, busy, sizeof(busy) - 1,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)close(fd);
}

void
conn_new(struct gate *g, int fd, const struct address *peer, bool tls)
{
	struct sockaddr_storage local = { 0 };
	socklen_t n = sizeof(local);
	struct conn *c;

	if (!is_welcome(g, peer, tls)) {
		turn_away(fd, tls);
		return;
	}
	c = MEM_NEW(struct conn);
	c->gate = g;
	c->since_ms = loop_now_ms(g->loop);
	c->peer = *peer;
	if (getsockname(fd, (struct sockaddr *)&local, &n) == 0)
		address_set(&c->local, &local);
	c->reader.line_max = LIMIT_PREAUTH_LINE;
	c->reader.inline_max = LIMIT_PREAUTH_LITERAL;
	c->task = (struct loop_task){ .fn = pass, .arg = c };
	c->fields[0] = LF_STR("peer", c->peer.text);
	c->fields[1] = LF_DONE;
	c->log = (struct log){ NULL, c->fields };

	list_add(c);
	counters_add(g->counters, GAUGE_CONNECTIONS, 1);
	counters_add(g->counters, GAUGE_PREAUTH, 1);
	counters_enter(g->counters, COUNTED_ADDRESS, address_span(peer));
	gate_changed(g);

	c->stream = stream_new(g->loop, fd, &ops, c);
	stream_set_limit(c->stream, LIMIT_PREAUTH_OUTPUT);
	if (tls)
		conn_start_tls(c);
	else
		greet(c);
}
