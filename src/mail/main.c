#include "mail/main.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/mem.h"
#include "io/loop.h"
#include "mail/control.h"
#include "mail/handover.h"
#include "mail/listener.h"
#include "mail/lmtp_conn.h"
#include "mail/lookup.h"
#include "mail/server.h"
#include "service/service.h"

#define LISTENERS_MAX 64

struct process {
	struct service *service;
	struct server *server;
	struct listener *listener[LISTENERS_MAX];
	size_t listeners;
	bool stopping;
};

static void
on_settings(void *ctx, const struct msg_settings *m)
{
	struct process *p = ctx;

	(void)m;
	server_settings(p->server, service_config(p->service));
}

/* A connection on its way to a worker. */
struct arrival_call {
	struct worker *worker;
	int fd;
	char address[INET6_ADDRSTRLEN];
};

static void
start_lmtp(void *arg)
{
	struct arrival_call *a = arg;

	lmtp_conn_start(a->worker, a->fd, span_str(a->address));
	free(a);
}

static void
start_control(void *arg)
{
	struct arrival_call *a = arg;

	control_start(a->worker, a->fd);
	free(a);
}

static void
name_address(const struct sockaddr_storage *from, char *out, size_t n)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;

	if (from->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, (socklen_t)n);
	else if (from->ss_family == AF_INET6 &&
		 IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out,
		    (socklen_t)n);
	else if (from->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, out, (socklen_t)n);
}

static void
hand_on(struct process *p, int fd, const struct sockaddr_storage *from,
    void (*start)(void *arg))
{
	struct arrival_call *a = MEM_NEW(struct arrival_call);

	a->worker = server_next_worker(p->server);
	a->fd = fd;
	name_address(from, a->address, sizeof(a->address));
	loop_post(worker_loop(a->worker), start, a);
}

static void
accepted_lmtp(void *ctx, int fd, const struct sockaddr_storage *from)
{
	hand_on(ctx, fd, from, start_lmtp);
}

static void
accepted_control(void *ctx, int fd, const struct sockaddr_storage *from)
{
	hand_on(ctx, fd, from, start_control);
}

static void
on_listen(void *ctx, const struct msg_listen *m, int *fd)
{
	struct process *p = ctx;

	if (p->stopping || p->listeners == LISTENERS_MAX)
		return; /* the master has bound no more than that */
	p->listener[p->listeners++] = listener_new(service_loop(p->service),
	    *fd, m->kind == LISTEN_LMTP ? accepted_lmtp : accepted_control, p);
	*fd = -1;
}

static void
on_peer_up(void *ctx, struct peer *peer)
{
	struct process *p = ctx;

	if (peer_role(peer) == ROLE_AUTH)
		lookups_peer(server_mail(p->server)->lookups, peer);
}

static void
on_peer_down(void *ctx, struct peer *peer)
{
	struct process *p = ctx;

	if (peer_role(peer) == ROLE_AUTH)
		lookups_peer(server_mail(p->server)->lookups, NULL);
}

static bool
on_message(void *ctx, struct peer *peer, const struct message *m, int *fd)
{
	struct process *p = ctx;
	const struct mail *mail = server_mail(p->server);

	(void)peer;
	switch ((int)m->type) {
	case MSG_SESSION:
		if (p->stopping)
			return true; /* its descriptor is closed */
		handover_start(mail, service_loop(p->service), &m->session,
		    *fd);
		*fd = -1;
		return true;
	case MSG_ACCOUNT:
		return lookups_answer(mail->lookups, &m->account);
	case MSG_ACCOUNT_GONE:
		worker_end_account(mail_worker(mail, m->account_gone.account),
		    m->account_gone.account, "Your account has changed");
		return true;
	case MSG_ACCOUNT_LIMITS:
		worker_set_quota(mail_worker(mail, m->account_limits.account),
		    &m->account_limits);
		return true;
	default:
		return false;
	}
}

static void
all_stopped(void *ctx)
{
	struct process *p = ctx;

	service_exit(p->service);
}

static void
on_stop(void *ctx)
{
	struct process *p = ctx;

	p->stopping = true;
	while (p->listeners > 0)
		listener_free(&p->listener[--p->listeners]);
	server_stop(p->server, all_stopped, p);
}

static const struct service_ops ops = {
	.settings = on_settings,
	.listen = on_listen,
	.peer_up = on_peer_up,
	.peer_down = on_peer_down,
	.message = on_message,
	.stop = on_stop,
};

int
mail_main(struct service *s)
{
	struct process p = { .service = s };
	int code;

	/* store_open() has said why. */
	if (server_new(service_loop(s), service_config(s), service_counters(s),
		&p.server) != ST_OK)
		return EX_UNAVAILABLE;
	code = service_run(s, &ops, &p);
	server_free(&p.server);
	return code;
}
