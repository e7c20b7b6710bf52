#include <errno.h>
#include <unistd.h>

#include "gate/state.h"

static struct msg_session
session_of(const struct conn *c)
{
	return (struct msg_session){
		.ticket = span_of(c->ticket, sizeof(c->ticket)),
		.tag = buf_span(&c->tag),
		.authenticate = c->authenticate,
		.peer = address_span(&c->peer),
		.peer_port = c->peer.port,
		.local = address_span(&c->local),
		.local_port = c->local.port,
		.tls = c->tls,
	};
}

static void
say_failed(const struct conn *c, const char *why)
{
	log_event(&c->log, LEVEL_ERROR, "gate.pass.failed",
	    LF_STR("reason", why));
}

/* The client's own socket; what it has sent already goes with it. */
static void
pass_socket(struct conn *c)
{
	CLEANUP(buf_clear) struct buf unread = { 0 };
	struct message m = { .type = MSG_SESSION, .session = session_of(c) };
	enum status st;
	int fd;

	st = stream_detach(&c->stream, &unread, &fd);
	if (st != ST_OK)
		return; /* the end of the stream is about to be told */
	m.session.input = buf_span(&unread);
	st = c->gate->links->to_mail(c->gate->ctx, &m, fd);
	if (st != ST_OK)
		say_failed(c, status_name(st));
}

/* The stream goes to a pump, with what it has read and nobody took. */
static void
pass_pumped(struct conn *c)
{
	struct message m = { .type = MSG_SESSION, .session = session_of(c) };
	struct tls_facts facts = { 0 };
	enum status st;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		say_failed(c, strerror(errno));
		return;
	}
	if (stream_tls_facts(c->stream, &facts)) {
		m.session.tls_version = span_str(facts.version);
		m.session.tls_cipher = span_str(facts.cipher);
	}
	st = c->gate->links->to_mail(c->gate->ctx, &m, fds[1]);
	if (st != ST_OK) {
		say_failed(c, status_name(st));
		(void)close(fds[0]);
		return;
	}
	pump_new(c->gate, TAKE(c->stream), fds[0], &c->peer);
}

/* Whatever happens, the connection isn't the gate's to talk to any more. */
void
pass_to_mail(struct conn *c)
{
	if (stream_flush(c->stream) != ST_OK)
		return; /* called again when the client has read it all */
	if (!c->gate->links->has_mail(c->gate->ctx)) {
		conn_reply(c, buf_span(&c->tag), COND_NO, SPAN("UNAVAILABLE"),
		    SPAN("The mail store is not there, try again later"));
		conn_resume(c, CONN_COMMAND);
		return;
	}
	if (c->tls)
		pass_pumped(c);
	else
		pass_socket(c);
	conn_close(c);
}
