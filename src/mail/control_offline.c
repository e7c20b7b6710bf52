#include <unistd.h>

#include "io/loop.h"
#include "mail/control.h"
#include "mail/control_inside.h"
#include "mail/server.h"

/* One connection and nothing else: when it has ended, all stops. */
struct offline {
	struct loop *loop;
	struct server *server;
	struct worker *worker;
	int fd;
};

static void
stopped(void *arg)
{
	loop_stop(((struct offline *)arg)->loop);
}

static void
stop(void *arg)
{
	struct offline *o = arg;

	server_stop(o->server, stopped, o);
}

/* On a worker. */
static void
ended(void *arg)
{
	struct offline *o = arg;

	loop_post(o->loop, stop, o);
}

static void
start(void *arg)
{
	struct offline *o = arg;

	control_serve(o->worker, o->fd, ended, o);
}

enum status
control_offline(const struct config *c, int fd)
{
	struct offline o = { .loop = loop_new(), .fd = fd };
	enum status st = server_new(o.loop, c, NULL, &o.server);

	if (st == ST_OK) {
		o.worker = server_next_worker(o.server);
		loop_post(worker_loop(o.worker), start, &o);
		loop_run(o.loop);
		server_free(&o.server);
	} else {
		close(fd);
	}
	loop_free(&o.loop);
	return st;
}
