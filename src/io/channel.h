#ifndef IO_CHANNEL_H
#define IO_CHANNEL_H

#include "io/packet.h"

struct loop;

/*
 * Messages (io/packet.h) to and from another process, on a loop.
 *
 * Ownership  A channel owns its descriptor, which it makes nonblocking, and
 *            borrows the loop, ops and ctx.
 * Callbacks  They come from the loop, never from within a call made here.
 *            Any of them may free the channel.
 */
struct channel;

struct channel_ops {
	/*
	 * The payload is good during the call.  A descriptor that is wanted
	 * is taken out of m->fds by setting its place to -1; the others are
	 * closed afterwards.  False ends the channel as broken.
	 */
	bool (*message)(void *ctx, struct packet *m);

	/* What was queued has gone; may be NULL. */
	void (*room)(void *ctx);

	/* Once: the peer is gone (ST_NOTFOUND, ST_IO) or broken (ST_BAD). */
	void (*closed)(void *ctx, enum status why);
};

struct channel *channel_new(struct loop *l, int fd,
    const struct channel_ops *ops, void *ctx);

/* Drops what is queued, and closes. */
void channel_free(struct channel **c);

/*
 * Sends at once, or queues while the peer is slow.  The descriptors are the
 * channel's in any case, and closed once they are sent or dropped.
 * ST_LIMIT  LIMIT_CHANNEL_QUEUE bytes wait already: the message is dropped.
 * ST_IO     the peer is gone; closed() says so, or has.
 */
enum status channel_send(struct channel *c, uint8_t type, struct span payload,
    const int *fds, size_t fd_count);

/* Bytes that wait for the peer. */
size_t channel_waiting(const struct channel *c);

#endif
