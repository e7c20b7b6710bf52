#ifndef IO_PACKET_H
#define IO_PACKET_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/status.h"

/*
 * One message between two of our processes over a SOCK_SEQPACKET socket: a
 * type, bytes, and a few descriptors.  Blocks if the socket does;
 * io/channel.h is the same on a loop.
 *
 * A payload above LIMIT_PACKET travels as a memory file beside a packet that
 * says so; the receiver sees no difference.
 *
 * Errors     ST_AGAIN     no room, or nothing has come (nonblocking).
 *            ST_NOTFOUND  the peer has closed.
 *            ST_BAD       what came is no message: the peer is not to be
 *                         trusted.
 *            ST_IO        the system refused: logged.
 */
struct packet {
	uint8_t type;              /* from 1 on */
	struct span payload;       /* borrows from the buffer */
	int fds[LIMIT_PACKET_FDS]; /* -1 where taken */
	size_t fd_count;
};

/* A connected pair, close-on-exec and blocking. */
enum status packet_pair(int out_fds[2]);

/*
 * At most LIMIT_PACKET_FILE bytes, and one descriptor less than
 * LIMIT_PACKET_FDS, of which copies are passed.
 */
enum status packet_send(int fd, uint8_t type, struct span payload,
    const int *fds, size_t fd_count);

/*
 * Receives one message; b is reset and then holds it.  The caller owns the
 * descriptors that came; they are close-on-exec.
 */
enum status packet_receive(int fd, struct buf *b, struct packet *out);

/* Closes the descriptors that nobody took. */
void packet_close_fds(struct packet *p);

#endif
