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
	uv_poll_t poll;
	uv_timer_t timer;
	accepted_fn *fn;
	void *ctx;
	unsigned closing;
};

static void on_ready(uv_poll_t *poll, int status, int events);

static void
on_pause_over(uv_timer_t *timer)
{
	struct listener *l = timer->data;

	uv_poll_start(&l->poll, UV_READABLE, on_ready);
}

static void
pause_for_a_while(struct listener *l)
{
	log_event(NULL, LEVEL_ERROR, "listener.accept.failed",
	    LF_STR("error", strerror(errno)));
	uv_poll_stop(&l->poll);
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
on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTS && accept_one(poll->data); i++)
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
	l->poll.data = l;
	l->timer.data = l;
	uv_poll_init(loop_uv(loop), &l->poll, fd);
	uv_timer_init(loop_uv(loop), &l->timer);
	uv_poll_start(&l->poll, UV_READABLE, on_ready);
	return l;
}

static void
on_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;

	if (--l->closing > 0)
		return;
	close(l->fd);
	free(l);
}

void
listener_free(struct listener **lp)
{
	struct listener *l = TAKE(*lp);

	if (l == NULL)
		return;
	l->closing = 2;
	uv_close((uv_handle_t *)&l->poll, on_closed);
	uv_close((uv_handle_t *)&l->timer, on_closed);
}
