#include "mail/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/loop.h"

#define ACCEPTS  64  /* in one turn of the loop */
#define PAUSE_MS 200 /* when there are no descriptors left */

struct listener {
	int fd;
	struct loop *loop;
	struct loop_watch watch;
	uv_timer_t timer;
	accepted_fn *fn;
	void *ctx;
};

static void
on_pause_over(uv_timer_t *timer)
{
	struct listener *l = timer->data;

	loop_watch(l->loop, &l->watch, EPOLLIN);
}

static void
pause_for_a_while(struct listener *l)
{
	log_event(NULL, LEVEL_ERROR, "listener.accept.failed",
	    LF_STR("error", strerror(errno)));
	loop_watch(l->loop, &l->watch, 0);
	uv_timer_start(&l->timer, on_pause_over, PAUSE_MS, 0);
}

/* Accepts one; false if there is none now. */
static bool
accept_one(struct listener *l)
{
	struct sockaddr_storage from = { 0 };
	socklen_t len = sizeof(from);
	int fd = accept4(l->fd, (struct sockaddr *)&from, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd != -1) {
		l->fn(l->ctx, fd, &from);
		return true;
	}
	if (errno == EINTR || errno == ECONNABORTED)
		return true;
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		pause_for_a_while(l);
	return false;
}

static void
on_ready(void *arg, uint32_t events)
{
	(void)events;
	for (int i = 0; i < ACCEPTS && accept_one(arg); i++)
		continue;
}

/*
 * Sockets that are accepted inherit these options.  An LMTP transaction has
 * several short replies in a row, each of which would wait for the client's
 * acknowledgement of the one before it, some 40 ms.  Where it isn't TCP, they
 * are refused and nothing is lost.
 */
static void
set_options(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

struct listener *
listener_new(struct loop *loop, int fd, accepted_fn *fn, void *ctx)
{
	struct listener *l = MEM_NEW(struct listener);

	set_options(fd);
	l->fd = fd;
	l->fn = fn;
	l->ctx = ctx;
	l->loop = loop;
	l->watch = (struct loop_watch){ .fn = on_ready, .arg = l, .fd = fd };
	l->timer.data = l;
	uv_timer_init(loop_uv(loop), &l->timer);
	loop_watch(loop, &l->watch, EPOLLIN);
	return l;
}

static void
on_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;

	close(l->fd);
	free(l);
}

void
listener_free(struct listener **lp)
{
	struct listener *l = TAKE(*lp);

	if (l == NULL)
		return;
	loop_watch(l->loop, &l->watch, 0);
	uv_close((uv_handle_t *)&l->timer, on_closed);
}
