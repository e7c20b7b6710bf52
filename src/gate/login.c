#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "gate/state.h"
#include "imap/args_session.h"

#define SLOT_BITS 24

/*
 * An exchange's id is a serial number above, and below the place of its
 * connection in a table: so an answer finds its connection, and one that
 * comes too late finds none.
 */
static void
begin(struct conn *c, struct span tag, bool authenticate)
{
	struct gate *g = c->gate;

	c->slot = 0;
	while (c->slot < g->slot_count && g->slots[c->slot] != NULL)
		c->slot++;
	if (c->slot == g->slot_count) {
		g->slots = mem_grow(g->slots, g->slot_count, &g->slot_cap,
		    sizeof(struct conn *));
		g->slot_count++;
	}
	g->slots[c->slot] = c;
	c->exchange = ++g->serial << SLOT_BITS | c->slot;
	c->authenticate = authenticate;
	buf_reset(&c->tag);
	buf_add(&c->tag, tag);
}

static void
finish(struct conn *c)
{
	c->gate->slots[c->slot] = NULL;
	c->exchange = 0;
}

static struct conn *
find(struct gate *g, uint64_t id)
{
	size_t slot = id & ((1U << SLOT_BITS) - 1);

	if (slot >= g->slot_count || g->slots[slot] == NULL ||
	    g->slots[slot]->exchange != id)
		return NULL;
	return g->slots[slot];
}

/* What a refusal is to the client. */
static const struct {
	enum condition cond;
	struct span code;
	struct span text;
	bool counts; /* as a failure of this client */
} refusals[REFUSAL_COUNT] = {
	[REFUSAL_FAILED] = { COND_NO, SPAN_INIT("AUTHENTICATIONFAILED"),
	    SPAN_INIT("The user name or the password is wrong"), true },
	[REFUSAL_DISABLED] = { COND_NO, SPAN_INIT("AUTHORIZATIONFAILED"),
	    SPAN_INIT("This account may not log in"), true },
	[REFUSAL_UNAVAILABLE] = { COND_NO, SPAN_INIT("UNAVAILABLE"),
	    SPAN_INIT("Nobody can log in now, try again later"), false },
	[REFUSAL_LIMIT] = { COND_NO, SPAN_INIT("LIMIT"),
	    SPAN_INIT("Too many failed logins, try again later"), true },
	[REFUSAL_BAD] = { COND_BAD, SPAN_INIT(""),
	    SPAN_INIT("This is not what the mechanism expects"), true },
};

/* The end of a login that came to nothing. */
static void
refuse(struct conn *c, enum refusal r, struct span text)
{
	conn_reply(c, buf_span(&c->tag), refusals[r].cond, refusals[r].code,
	    text.n > 0 ? text : refusals[r].text);
	if (refusals[r].counts && ++c->failures == LIMIT_PREAUTH_FAILURES) {
		log_event(&c->log, LEVEL_INFO, "gate.login.given-up",
		    LF_U64("failures", c->failures));
		conn_bye(c, (struct span){ 0 }, "Too many failed logins");
		return;
	}
	conn_resume(c, CONN_COMMAND);
}

/* Sends what is to be answered, and waits for that. */
static void
ask(struct conn *c, const struct message *m)
{
	const struct gate_links *links = c->gate->links;

	if (links->to_auth(c->gate->ctx, m) != ST_OK) {
		finish(c);
		refuse(c, REFUSAL_UNAVAILABLE, (struct span){ 0 });
		return;
	}
	c->state = CONN_ASKED;
	stream_pause(c->stream);
}

static void
wipe(struct buf *secret)
{
	if (secret->p != NULL)
		explicit_bzero(secret->p, secret->cap);
}

void
conn_login(struct conn *c, struct span tag, const struct login_args *args)
{
	struct message m = {
		.type = MSG_AUTH_PASSWORD,
		.auth_password = {
			.peer = address_span(&c->peer),
			.tls = c->tls,
			.user = args->user,
			.password = args->password,
		},
	};

	begin(c, tag, false);
	if (args->user.n > LIMIT_USER_NAME ||
	    args->password.n > LIMIT_PASSWORD) {
		finish(c);
		refuse(c, REFUSAL_FAILED, (struct span){ 0 });
		return;
	}
	m.auth_password.id = c->exchange;
	ask(c, &m);
	wipe(&c->reader.text);
}

/* What the mechanism may bind to, as far as this connection has it. */
struct bindings {
	struct buf data[MSG_BINDINGS];
};

static void
bindings_clear(struct bindings *b)
{
	for (size_t i = 0; i < MSG_BINDINGS; i++)
		buf_clear(&b->data[i]);
}

static void
add_bindings(const struct conn *c, struct bindings *b, struct msg_auth_start *m)
{
	static const struct {
		enum tls_binding type;
		struct span name;
	} types[MSG_BINDINGS] = {
		{ TLS_BINDING_EXPORTER, SPAN_INIT("tls-exporter") },
		{ TLS_BINDING_UNIQUE, SPAN_INIT("tls-unique") },
		{ TLS_BINDING_SERVER_END_POINT,
		    SPAN_INIT("tls-server-end-point") },
	};

	for (size_t i = 0; i < MSG_BINDINGS; i++)
		if (stream_tls_binding(c->stream, types[i].type, &b->data[i]))
			m->bindings[m->n_bindings++] =
			    (struct msg_binding){ types[i].name,
				    buf_span(&b->data[i]) };
}

static void
start(struct conn *c, const struct authenticate_args *args, struct span initial)
{
	CLEANUP(bindings_clear) struct bindings b = { 0 };
	CLEANUP(buf_clear) struct buf identity = { 0 };
	struct message m = {
		.type = MSG_AUTH_START,
		.auth_start = {
			.id = c->exchange,
			.peer = address_span(&c->peer),
			.tls = c->tls,
			.mechanism = args->mechanism,
			.has_initial = args->has_initial,
			.initial = initial,
		},
	};

	(void)stream_tls_identity(c->stream, &identity);
	if (identity.n <= LIMIT_TLS_NAME)
		m.auth_start.identity = buf_span(&identity);
	add_bindings(c, &b, &m.auth_start);
	ask(c, &m);
}

void
conn_authenticate(struct conn *c, struct span tag,
    const struct authenticate_args *args)
{
	CLEANUP(buf_clear) struct buf initial = { 0 };

	if (base64_decode(&initial, args->initial) != ST_OK) {
		conn_error(c, tag, "The initial response is not base64");
		return;
	}
	begin(c, tag, true);
	start(c, args, buf_span(&initial));
	wipe(&initial);
	wipe(&c->reader.text);
}

void
conn_forget(struct conn *c)
{
	const struct message m = { .type = MSG_AUTH_ABORT,
		.auth_abort = { c->exchange } };

	if (c->exchange == 0)
		return;
	/* Without auth there is nothing to be aborted. */
	(void)!c->gate->links->to_auth(c->gate->ctx, &m);
	finish(c);
}

static void
cancel(struct conn *c, const char *why)
{
	conn_forget(c);
	c->state = CONN_COMMAND;
	conn_error(c, buf_span(&c->tag), why);
}

static void
pass(struct conn *c)
{
	c->state = CONN_PASSING;
	stream_pause(c->stream);
	loop_last(c->gate->loop, &c->task);
}

static void
answer(struct conn *c, struct span blob)
{
	const struct message m = { .type = MSG_AUTH_STEP,
		.auth_step = { c->exchange, blob } };

	ask(c, &m);
}

void
conn_line(struct conn *c, struct span line)
{
	CLEANUP(buf_clear) struct buf blob = { 0 };

	if (span_eq(line, SPAN("*")))
		cancel(c, "Cancelled");
	else if (base64_decode(&blob, line) != ST_OK)
		cancel(c, "This is not base64");
	else if (c->state == CONN_CHALLENGE)
		answer(c, buf_span(&blob));
	else if (blob.n > 0)
		cancel(c, "Nothing was left to be said");
	else
		pass(c);
	wipe(&blob);
	wipe(&c->reader.text);
}

void
conn_line_failed(struct conn *c)
{
	cancel(c, "This response is too long, or has a NUL");
}

void
conn_unavailable(struct conn *c)
{
	if (c->exchange == 0 && c->state != CONN_FINAL)
		return;
	if (c->exchange != 0)
		finish(c);
	refuse(c, REFUSAL_UNAVAILABLE, (struct span){ 0 });
}

static void
challenge(struct conn *c, struct span blob, enum conn_state next)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	base64_encode(&text, blob);
	write_continue(stream_out(c->stream), buf_span(&text));
	conn_resume(c, next);
}

static bool
on_challenge(struct gate *g, const struct msg_auth_challenge *m)
{
	struct conn *c = find(g, m->id);

	if (c == NULL)
		return true;
	if (c->state != CONN_ASKED || !c->authenticate)
		return false;
	challenge(c, m->blob, CONN_CHALLENGE);
	return true;
}

static bool
on_ok(struct gate *g, const struct msg_auth_ok *m)
{
	struct conn *c = find(g, m->id);

	if (c == NULL)
		return true;
	if (c->state != CONN_ASKED)
		return false;
	finish(c);
	memcpy(c->ticket, m->ticket.p, MSG_TICKET_BYTES);
	if (m->final.n > 0 && c->authenticate)
		challenge(c, m->final, CONN_FINAL);
	else
		pass(c);
	return true;
}

static bool
on_no(struct gate *g, const struct msg_auth_no *m)
{
	struct conn *c = find(g, m->id);

	if (c == NULL)
		return true;
	if (c->state != CONN_ASKED)
		return false;
	finish(c);
	refuse(c, m->code, m->text);
	return true;
}

/* An answer for somebody who has gone meanwhile is no fault of auth's. */
bool
gate_login_message(struct gate *g, const struct message *m)
{
	if (m->type == MSG_AUTH_CHALLENGE)
		return on_challenge(g, &m->auth_challenge);
	if (m->type == MSG_AUTH_OK)
		return on_ok(g, &m->auth_ok);
	if (m->type == MSG_AUTH_NO)
		return on_no(g, &m->auth_no);
	return false;
}
