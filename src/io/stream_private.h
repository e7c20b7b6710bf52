#ifndef IO_STREAM_PRIVATE_H
#define IO_STREAM_PRIVATE_H

#include "io/codec.h"
#include "io/loop.h"
#include "io/stream.h"

/*
 * Shared by stream.c (its life, its descriptor, its output) and
 * stream_input.c.
 *
 *	descriptor -> in -> [codec -> plain] -> owner
 *	owner -> out -> [codec] -> wire -> descriptor
 *
 * Each of the four buffers owns memory only while bytes wait in it.
 */
struct stream {
	struct loop_watch watch;
	struct loop *loop;
	int fd;
	const struct stream_ops *ops;
	void *ctx;
	struct codec *codec;        /* NULL: bytes go as they are */
	void (*secured)(void *ctx); /* NULL: told, or nobody asks */
	struct loop_task turn;      /* at its end */
	struct loop_task more;      /* input for the next one */

	struct buf in;    /* read, not decoded or taken */
	struct buf plain; /* decoded, not taken */

	struct buf out;
	struct buf wire;
	size_t wire_sent; /* of wire */
	size_t limit;
	int64_t
	    progress_ms; /* when the peer last took output, or began not to */
	int queued;      /* in the kernel, when that was last looked at */

	bool freed;
	bool dead;     /* nothing can be sent any more */
	bool broken;   /* soon dead, and the peer is to blame */
	bool eof;      /* the peer sends no more */
	bool told_eof; /* end() was called with it */
	bool told_dead;
	bool paused;
	bool offering; /* input() is running */
	bool discard;  /* what input() doesn't take is thrown away */
	bool offer;    /* what is kept is to be offered in this turn */
	bool stuck;    /* the owner takes nothing of LIMIT_INPUT_HELD bytes */
	bool blocked;  /* the descriptor takes no more output */
	bool wants_room;
	bool shut;     /* an end of file is to follow the output */
	bool said_end; /* the codec has */
	bool shut_done;
};

/* Reads once and offers what came. */
void stream_receive(struct stream *s);

/* Offers what is kept. */
void stream_offer(struct stream *s);

/* Whether reading makes sense now. */
bool stream_may_read(const struct stream *s);

/* Has the end of the turn look after s. */
void stream_schedule(struct stream *s);

/* A codec that knows more than bytes; it takes a reference to the context. */
struct codec *codec_tls_new(struct tls_context *t);
bool codec_tls_done(const struct codec *c);
bool codec_tls_facts(const struct codec *c, struct tls_facts *out);
bool codec_tls_identity(const struct codec *c, struct buf *out);
bool codec_tls_binding(const struct codec *c, enum tls_binding type,
    struct buf *out);

#endif
