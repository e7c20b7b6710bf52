#include "io/channel.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/loop.h"

/* So that a flood of one process leaves the others their turn. */
#define MESSAGES_A_TURN 16

/* Of the buffer that messages are received into. */
#define KEEP_BYTES ((size_t)4 * LIMIT_PACKET)

struct waiting {
	struct waiting *next;
	struct packet packet;
	unsigned char bytes[];
};

struct channel {
	struct loop_watch watch;
	struct loop_task freeing;
	struct loop *loop;
	int fd;
	const struct channel_ops *ops;
	void *ctx;
	struct waiting *first;
	struct waiting **end;
	size_t waiting_bytes;
	struct buf in;
	bool ended; /* closed() was called, or it is freed */
};

static void
watch(struct channel *c)
{
	uint32_t events = EPOLLIN;

	if (c->first != NULL)
		events |= EPOLLOUT;
	loop_watch(c->loop, &c->watch, c->ended ? 0 : events);
}

static void
drop_first(struct channel *c)
{
	struct waiting *w = c->first;

	c->first = w->next;
	if (c->first == NULL)
		c->end = &c->first;
	c->waiting_bytes -= w->packet.payload.n;
	packet_close_fds(&w->packet);
	mem_free(&w);
}

static void
end(struct channel *c, enum status why)
{
	if (c->ended)
		return;
	c->ended = true;
	watch(c);
	c->ops->closed(c->ctx, why);
}

static enum status
send_one(struct channel *c, const struct packet *p)
{
	return packet_send(c->fd, p->type, p->payload, p->fds, p->fd_count);
}

static void
send_waiting(struct channel *c)
{
	enum status st = ST_OK;

	while (c->first != NULL && st == ST_OK) {
		st = send_one(c, &c->first->packet);
		if (st == ST_OK)
			drop_first(c);
	}
	if (st != ST_OK && st != ST_AGAIN) {
		end(c, st);
		return;
	}
	watch(c);
	if (c->first == NULL && c->ops->room != NULL)
		c->ops->room(c->ctx);
}

static void
receive(struct channel *c)
{
	struct packet p;
	enum status st;
	bool good;

	for (int i = 0; i < MESSAGES_A_TURN && !c->ended; i++) {
		st = packet_receive(c->fd, &c->in, &p);
		if (st == ST_AGAIN)
			return;
		if (st != ST_OK) {
			end(c, st);
			return;
		}
		good = c->ops->message(c->ctx, &p);
		packet_close_fds(&p);
		if (!good)
			end(c, ST_BAD);
	}
	if (c->in.cap > KEEP_BYTES)
		buf_clear(&c->in);
}

/* An error is found by receiving too. */
static void
on_ready(void *arg, uint32_t events)
{
	struct channel *c = arg;

	if ((events & EPOLLOUT) != 0)
		send_waiting(c);
	if (!c->ended)
		receive(c);
}

/* What a callback on the way up the stack may still look at. */
static void
free_memory(void *arg)
{
	struct channel *c = arg;

	buf_clear(&c->in);
	mem_free(&c);
}

struct channel *
channel_new(struct loop *l, int fd, const struct channel_ops *ops, void *ctx)
{
	struct channel *c = MEM_NEW(struct channel);
	int on = 1;

	c->loop = l;
	c->fd = fd;
	c->ops = ops;
	c->ctx = ctx;
	c->end = &c->first;
	c->watch = (struct loop_watch){ .fn = on_ready, .arg = c, .fd = fd };
	c->freeing = (struct loop_task){ .fn = free_memory, .arg = c };
	(void)ioctl(fd, FIONBIO, &on);
	watch(c);
	return c;
}

void
channel_free(struct channel **c)
{
	struct channel *gone = TAKE(*c);

	if (gone == NULL)
		return;
	gone->ended = true;
	while (gone->first != NULL)
		drop_first(gone);
	watch(gone);
	loop_last(gone->loop, &gone->freeing);
	(void)close(gone->fd);
}

static void
enqueue(struct channel *c, const struct packet *p)
{
	struct waiting *w = mem_alloc(sizeof(*w) + p->payload.n);

	w->packet = *p;
	if (p->payload.n > 0)
		memcpy(w->bytes, p->payload.p, p->payload.n);
	w->packet.payload.p = w->bytes;
	*c->end = w;
	c->end = &w->next;
	c->waiting_bytes += p->payload.n;
	watch(c);
}

enum status
channel_send(struct channel *c, uint8_t type, struct span payload,
    const int *fds, size_t fd_count)
{
	struct packet p = { .type = type,
		.payload = payload,
		.fd_count = fd_count };
	enum status st = ST_AGAIN;

	if (fd_count > 0)
		memcpy(p.fds, fds, fd_count * sizeof(*fds));
	if (c->ended)
		st = ST_IO;
	else if (c->first == NULL)
		st = send_one(c, &p);
	if (st == ST_AGAIN && c->waiting_bytes < LIMIT_CHANNEL_QUEUE) {
		enqueue(c, &p);
		return ST_OK;
	}
	packet_close_fds(&p);
	if (st == ST_AGAIN)
		return ST_LIMIT;
	return st == ST_OK ? ST_OK : ST_IO;
}

size_t
channel_waiting(const struct channel *c)
{
	return c->waiting_bytes;
}
