#include "auth/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "auth/auth.h"
#include "service/service.h"

struct process {
	struct service *service;
	struct auth *auth;
};

/* A peer that is slow or gone: peer_down() comes, or its client gives up. */
static void
send_message(void *ctx, void *peer, const struct message *m)
{
	enum status st = peer_send(peer, m, -1);

	(void)ctx;
	if (st != ST_OK)
		log_event(NULL, LEVEL_WARN, "auth.message.dropped",
		    LF_STR("message", message_name(m->type)),
		    LF_STR("to", role_name(peer_role(peer))),
		    LF_STR("reason", status_name(st)));
}

static void
on_settings(void *ctx, const struct msg_settings *m)
{
	struct process *p = ctx;

	(void)m;
	auth_settings(p->auth, service_config(p->service));
}

static void
on_peer_up(void *ctx, struct peer *peer)
{
	auth_peer_up(((struct process *)ctx)->auth, peer_role(peer), peer);
}

static void
on_peer_down(void *ctx, struct peer *peer)
{
	auth_peer_down(((struct process *)ctx)->auth, peer);
}

static bool
/* NOLINTNEXTLINE(readability-non-const-parameter): others take the fd */
on_message(void *ctx, struct peer *peer, const struct message *m, int *fd)
{
	(void)fd;
	return auth_message(((struct process *)ctx)->auth, peer, m);
}

static void
on_stop(void *ctx)
{
	service_exit(((struct process *)ctx)->service);
}

static const struct service_ops ops = {
	.settings = on_settings,
	.peer_up = on_peer_up,
	.peer_down = on_peer_down,
	.message = on_message,
	.stop = on_stop,
};

/* libuv reads it when the first work is queued. */
static void
size_threads(uint64_t threads)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)threads);
	setenv("UV_THREADPOOL_SIZE", text, 1);
}

int
auth_main(struct service *s)
{
	struct process p = { .service = s };
	const struct auth_options o = {
		.loop = service_loop(s),
		.config = service_config(s),
		.send = send_message,
		.ctx = &p,
	};
	int code;

	size_threads(o.config->auth.threads);
	if (auth_new(&o, &p.auth) != ST_OK)
		return EX_UNAVAILABLE;
	code = service_run(s, &ops, &p);
	auth_free(&p.auth);
	return code;
}
