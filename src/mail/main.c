#include "mail/main.h"

#include <sysexits.h>

#include "base/mem.h"
#include "io/loop.h"
#include "mail/handover.h"
#include "mail/listener.h"
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

static void
on_listen(void *ctx, const struct msg_listen *m, int *fd)
{
	(void)ctx;
	(void)m;
	(void)fd;
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
