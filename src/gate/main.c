#include "gate/main.h"

#include <unistd.h>

#include "gate/gate.h"
#include "service/service.h"

struct process {
	struct service *service;
	struct gate *gate;
};

static enum status
send_to(struct service *s, enum role role, const struct message *m, int fd)
{
	struct peer *p = service_peer(s, role, 0);

	if (p != NULL)
		return peer_send(p, m, fd);
	if (fd != -1)
		(void)close(fd);
	return ST_IO;
}

static enum status
to_auth(void *ctx, const struct message *m)
{
	return send_to(((struct process *)ctx)->service, ROLE_AUTH, m, -1);
}

static enum status
to_mail(void *ctx, const struct message *m, int fd)
{
	return send_to(((struct process *)ctx)->service, ROLE_MAIL, m, fd);
}

static bool
has_mail(void *ctx)
{
	struct service *s = ((struct process *)ctx)->service;

	return service_peer(s, ROLE_MAIL, 0) != NULL;
}

static void
finished(void *ctx)
{
	service_exit(((struct process *)ctx)->service);
}

static const struct gate_links links = { to_auth, to_mail, has_mail, finished };

static void
on_settings(void *ctx, const struct msg_settings *m)
{
	struct process *p = ctx;

	gate_settings(p->gate, service_config(p->service), m);
}

static void
on_listen(void *ctx, const struct msg_listen *m, int *fd)
{
	gate_listen(((struct process *)ctx)->gate, m->kind, *fd);
	*fd = -1;
}

static void
on_peer_up(void *ctx, struct peer *peer)
{
	(void)ctx;
	(void)peer;
}

static void
on_peer_down(void *ctx, struct peer *peer)
{
	if (peer_role(peer) == ROLE_AUTH)
		gate_auth_gone(((struct process *)ctx)->gate);
}

static bool
/* NOLINTNEXTLINE(readability-non-const-parameter): others take the fd */
on_message(void *ctx, struct peer *peer, const struct message *m, int *fd)
{
	(void)peer;
	(void)fd;
	return gate_message(((struct process *)ctx)->gate, m);
}

static void
on_stop(void *ctx)
{
	gate_stop(((struct process *)ctx)->gate);
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
gate_main(struct service *s)
{
	struct process p = { .service = s };
	int code;

	p.gate = gate_new(service_loop(s), service_counters(s), &links, &p);
	gate_settings(p.gate, service_config(s), service_settings(s));
	code = service_run(s, &ops, &p);
	gate_free(&p.gate);
	return code;
}
