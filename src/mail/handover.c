#include "mail/handover.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/loop.h"
#include "mail/lookup.h"
#include "service/counters.h"

/*
 * From the gate's message to the end of the session.  It begins on the main
 * thread and goes over to the worker of its account.
 */
struct handover {
	const struct mail *mail;
	struct worker *worker;
	int fd;
	bool tls;
	bool ended;          /* it has been told to go once */
	const char *gone;    /* and why, before it had a session */
	struct arena *arena; /* of what the session begins with, until then */
	struct span tag;
	struct span input;
	struct lookup_answer *who;
	char *user;
	struct session *session;
	struct worker_conn conn;
	struct log log;
	struct log_field fields[3];
	size_t peer_n;
	unsigned char peer[]; /* its address */
};

static struct span
peer_of(const struct handover *l)
{
	return span_of(l->peer, l->peer_n);
}

static void
handover_free(struct handover *l)
{
	if (l->fd != -1)
		close(l->fd);
	arena_free(&l->arena);
	mem_free(&l->user);
	free(l);
}

/* One line to a client that won't be let in; it may be lost. */
static void
refuse(struct handover *l, const char *code, const char *text)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	ssize_t n;

	write_condition(&b, l->tag, COND_NO, span_str(code), span_str(text),
	    false);
	write_condition(&b, (struct span){ 0 }, COND_BYE, (struct span){ 0 },
	    span_str(text), false);
	n = write(l->fd, b.p, b.n);
	(void)n;
	log_event(&l->log, LEVEL_WARN, "session.refused",
	    LF_STR("user", l->user), LF_STR("reason", text));
}

static void
on_tick(void *ctx, int64_t now_ms)
{
	struct handover *l = ctx;

	if (l->session != NULL)
		session_tick(l->session, now_ms);
}

static void
on_end(void *ctx, const char *why)
{
	struct handover *l = ctx;

	if (l->session == NULL) {
		l->gone = why;
		return;
	}
	if (l->ended) {
		session_drop(l->session);
		return;
	}
	l->ended = true;
	session_bye(l->session, why);
}

static void
uncount(struct handover *l)
{
	struct counters *c = l->mail->counters;

	counters_add(c, GAUGE_SESSIONS, -1);
	counters_leave(c, COUNTED_USER, span_str(l->user));
	if (l->tls)
		return;
	counters_add(c, GAUGE_CONNECTIONS, -1);
	counters_leave(c, COUNTED_ADDRESS, peer_of(l));
}

static void
count(struct handover *l)
{
	struct counters *c = l->mail->counters;

	counters_add(c, GAUGE_SESSIONS, 1);
	counters_enter(c, COUNTED_USER, span_str(l->user));
	if (l->tls)
		return; /* the gate that pumps for it has it */
	counters_add(c, GAUGE_CONNECTIONS, 1);
	counters_enter(c, COUNTED_ADDRESS, peer_of(l));
}

static void
session_ended(void *ctx)
{
	struct handover *l = ctx;
	struct worker *w = l->worker;

	uncount(l);
	worker_remove(w, &l->conn);
	handover_free(l);
	worker_leave(w);
}

static void
begin_session(struct handover *l, struct account *a)
{
	struct session_start start = {
		.config = &worker_mail(l->worker)->session,
		.account = a,
		.user = span_str(l->user),
		.fd = l->fd,
		.tag = l->tag,
		.input = l->input,
		.log = &l->log,
		.ended = session_ended,
		.ctx = l,
	};

	a->quota_bytes = l->who->quota_bytes;
	a->quota_messages = l->who->quota_messages;
	l->fd = -1; /* the session's */
	count(l);
	l->session = session_new(&start);
	arena_free(&l->arena);
}

static void
account_ready(void *ctx, enum status st, struct account *a)
{
	struct handover *l = ctx;
	struct worker *w = l->worker;

	if (worker_stopping(w))
		l->gone = "The server is shutting down";
	if (st != ST_OK)
		l->gone = "Your mail can't be opened, tell the administrator";
	if (l->gone == NULL) {
		begin_session(l, a);
		return;
	}
	account_release(&a);
	refuse(l, "UNAVAILABLE", l->gone);
	worker_remove(w, &l->conn);
	handover_free(l);
	worker_leave(w);
}

/* From here on it is told when the account changes, or the server stops. */
static void
on_worker(void *arg)
{
	struct handover *l = arg;

	worker_enter(l->worker);
	l->conn = (struct worker_conn){ .account = l->who->account,
		.tick = on_tick,
		.end = on_end,
		.ctx = l };
	worker_add(l->worker, &l->conn);
	account_open(worker_accounts(l->worker), l->who->account, account_ready,
	    l);
}

static void
answered(void *ctx, const struct lookup_answer *a)
{
	struct handover *l = ctx;
	const struct mail *m = l->mail;

	l->who = ARENA_NEW(l->arena, struct lookup_answer);
	*l->who = *a;
	l->user = mem_strdup(a->name);
	if (a->result != ACCOUNT_FOUND) {
		refuse(l,
		    a->result == ACCOUNT_UNAVAILABLE ? "UNAVAILABLE"
						     : "AUTHORIZATIONFAILED",
		    "The login could not be confirmed, try again");
	} else if (counters_count(m->counters, COUNTED_USER,
		       span_str(a->name)) >=
		   m->config->limits.connections_per_user) {
		refuse(l, "LIMIT",
		    "Too many connections of this user "
		    "(limits.connections-per-user)");
	} else {
		l->worker = mail_worker(m, a->account);
		loop_post(worker_loop(l->worker), on_worker, l);
		return;
	}
	handover_free(l);
}

void
handover_start(const struct mail *m, struct loop *main,
    const struct msg_session *msg, int fd)
{
	struct handover *l = mem_alloc(sizeof(*l) + msg->peer.n);

	l->mail = m;
	l->fd = fd;
	l->tls = msg->tls;
	l->arena = arena_new();
	l->tag = arena_dup(l->arena, msg->tag);
	l->input = arena_dup(l->arena, msg->input);
	l->peer_n = span_copy(l->peer, msg->peer.n, msg->peer);
	l->fields[0] = LF_SPAN("peer", peer_of(l));
	l->fields[1] = LF_U64("port", msg->peer_port);
	l->fields[2] = LF_DONE;
	l->log = (struct log){ NULL, l->fields };
	lookup_ticket(m->lookups, main, msg->ticket, answered, l);
}
