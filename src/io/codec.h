#ifndef IO_CODEC_H
#define IO_CODEC_H

#include "base/buf.h"
#include "base/status.h"

/*
 * What lies between a stream's owner and the wire: TLS or DEFLATE.  Only
 * stream.c uses it, and it is what embeds it: the concrete codec comes first
 * in its own struct.
 */
struct codec {
	const struct codec_ops *ops;
	const char *why; /* after ST_BAD: a phrase for the log, static */
};

struct codec_ops {
	/*
	 * Takes bytes off the front of wire and puts at most cap plain ones
	 * into room.  What must be answered (a handshake) goes to reply.
	 * ST_OK        *out_n bytes; there may be more: call again.
	 * ST_AGAIN     wire is used up, and there is nothing to give.
	 * ST_NOTFOUND  the peer has said that this is the end.
	 * ST_BAD       this is not what it should be.
	 */
	enum status (*decode)(struct codec *c, struct span *wire,
	    struct buf *reply, unsigned char *room, size_t cap, size_t *out_n);

	/*
	 * Appends plain as the peer must see it, with nothing held back.
	 * ST_AGAIN  not before more is decoded: nothing was taken.
	 */
	enum status (
	    *encode)(struct codec *c, struct span plain, struct buf *wire);

	/* Appends what says to the peer that this is the end. */
	void (*finish)(struct codec *c, struct buf *wire);

	void (*free)(struct codec *c);
};

/* Raw DEFLATE both ways (RFC 1951, RFC 4978). */
struct codec *codec_deflate_new(void);

#endif
