#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/mem.h"
#include "gate/state.h"

/* So that a flood of new clients leaves the others their turn. */
#define ACCEPTS_A_TURN 16

struct listener {
	struct listener *next;
	struct gate *gate;
	struct loop_watch watch;
	int fd;
	bool tls;
	bool resting; /* there was no descriptor left for a client */
};

static void
accept_one(struct listener *l, int fd, const struct sockaddr_storage *from)
{
	struct address peer;

	address_set(&peer, from);
	conn_new(l->gate, fd, &peer, l->tls);
}

static void
start(struct listener *l)
{
	l->resting = false;
	loop_watch(l->gate->loop, &l->watch, EPOLLIN);
}

/* Clients that are gone already are no reason to stop. */
static bool
is_passing(int err)
{
	return err == EAGAIN || err == EINTR || err == ECONNABORTED ||
	       err == EPROTO;
}

static void
on_ready(void *arg, uint32_t events)
{
	struct listener *l = arg;
	struct sockaddr_storage from;
	socklen_t n;
	int fd;

	(void)events;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		n = sizeof(from);
		fd = accept4(l->fd, (struct sockaddr *)&from, &n,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			accept_one(l, fd, &from);
			continue;
		}
		if (!is_passing(errno)) {
			log_event(NULL, LEVEL_ERROR, "gate.accept.failed",
			    LF_STR("reason", strerror(errno)));
			l->resting = true;
			loop_watch(l->gate->loop, &l->watch, 0);
			gate_changed(l->gate);
		}
		return;
	}
}

void
listener_tick(struct gate *g)
{
	for (struct listener *l = g->listeners; l != NULL; l = l->next)
		if (l->resting)
			start(l);
}

void
listener_start_all(struct gate *g)
{
	for (struct listener *l = g->listeners; l != NULL; l = l->next)
		start(l);
}

/* Sockets that are accepted inherit these options. */
static void
set_options(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

void
gate_listen(struct gate *g, enum listen_kind kind, int fd)
{
	struct listener *l;

	if (g->stopping) {
		(void)close(fd);
		return;
	}
	l = MEM_NEW(struct listener);
	l->gate = g;
	l->fd = fd;
	l->tls = kind == LISTEN_IMAPS;
	l->watch = (struct loop_watch){ .fn = on_ready, .arg = l, .fd = fd };
	l->next = g->listeners;
	g->listeners = l;
	set_options(fd);
	if (g->ready)
		start(l);
}

void
listener_free_all(struct gate *g)
{
	struct listener *l;

	while ((l = g->listeners) != NULL) {
		g->listeners = l->next;
		loop_watch(g->loop, &l->watch, 0);
		(void)close(l->fd);
		mem_free(&l);
	}
}
