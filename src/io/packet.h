#ifndef IO_PACKET_H
#define IO_PACKET_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/status.h"

/*
 * One message between two of our processes over a SOCK_SEQPACKET socket: a
 * type, bytes, and a few descriptors.  Blocks if the socket does.
 *
 * A message above LIMIT_PACKET travels as a memory file beside a packet that
 * says so; the receiver sees no difference.
 *
 * Errors     ST_AGAIN  a nonblocking socket has no room, or nothing came.
 *            ST_IO     the peer is gone, or the system refused: logged.
 *            ST_BAD    what came is no message: the peer is not to be trusted.
 */
struct packet {
	uint8_t type;
	struct span payload;       /* borrows from the buffer */
	int fds[LIMIT_PACKET_FDS]; /* -1 where taken */
	size_t fd_count;
};

/* A connected pair, close-on-exec, with room for large packets. */
enum status packet_pair(int out_fds[2]);

/* The descriptors stay the caller's. */
enum status packet_send(int fd, uint8_t type, struct span payload,
    const int *fds, size_t fd_count);

/*
 * Receives one message; its payload is put into b, which is reset.  End of
 * file is ST_NOTFOUND.  The caller owns the descriptors that came.
 */
enum status packet_receive(int fd, struct buf *b, struct packet *out);

/* Closes the descriptors that nobody took. */
void packet_close_fds(struct packet *p);

#endif
