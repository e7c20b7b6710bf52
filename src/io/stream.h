#ifndef IO_STREAM_H
#define IO_STREAM_H

#include "base/buf.h"
#include "base/status.h"

struct loop;
struct tls_context;

/*
 * A connection as bytes in and bytes out, both bounded.
 *
 * Input is offered to the owner as it comes; output is appended to a buffer
 * and written once at the end of the loop's turn, or earlier if there is
 * much.  A turn of one request and its reply costs one wait, one read and
 * one write.  An idle stream owns no buffer.
 *
 * Units      Sizes are bytes, times are monotonic milliseconds.
 * Ownership  A stream owns its descriptor, a socket, and borrows the loop, ops
 *            and ctx.
 * Callbacks  They come from the loop, never from within a call made here.
 *            Any of them may free the stream.
 */
struct stream;

enum stream_end {
	STREAM_EOF,    /* the peer sends no more, but may still read */
	STREAM_GONE,   /* reset or failed: nothing more can be sent */
	STREAM_BROKEN, /* what came is not TLS, or not DEFLATE: as GONE */
};

struct stream_ops {
	/*
	 * All that came and was not taken yet.  Says how many bytes it took;
	 * the rest is offered again with what follows it.  Of a stream that
	 * isn't paused something must be taken before LIMIT_INPUT_HELD bytes
	 * wait: until then no more is read.
	 */
	size_t (*input)(void *ctx, struct span in);

	/* After output was held up by the peer, all of it is written now. */
	void (*room)(void *ctx);

	/* EOF comes once all input has been offered and the stream isn't
	 * paused; GONE or BROKEN may follow it, and nothing follows those. */
	void (*end)(void *ctx, enum stream_end why);
};

struct stream *stream_new(struct loop *l, int fd, const struct stream_ops *ops,
    void *ctx);

/*
 * Writes what the peer accepts now, without waiting, and closes.  No callback
 * comes after it.
 */
void stream_free(struct stream **s);

/* Another owner takes over; what has come and was not taken is its input. */
void stream_set_ops(struct stream *s, const struct stream_ops *ops, void *ctx);

/* Input that someone else has read from the descriptor before. */
void stream_preload(struct stream *s, struct span in);

/*
 * While paused, input isn't offered and at most LIMIT_INPUT_HELD more bytes
 * are read.  Resumed, what waits is offered in this turn.
 */
void stream_pause(struct stream *s);
void stream_resume(struct stream *s);

/*
 * The buffer to append output to, until the caller returns to the loop.  It
 * may hold output from before; take nothing off it.
 */
struct buf *stream_out(struct stream *s);

/*
 * Whether a producer of much output may go on.  If much waits it writes
 * first.  After false, room() will come.
 */
bool stream_room(struct stream *s);

/* The bytes that may wait before stream_room() says no; LIMIT_OUTPUT. */
void stream_set_limit(struct stream *s, size_t limit);

/* Writes now what the peer accepts; ST_AGAIN if some of it must wait. */
enum status stream_flush(struct stream *s);

/* Output that the peer has not accepted yet. */
size_t stream_waiting(const struct stream *s);

/*
 * For how long the peer has taken nothing; 0 if no output is held up.  To be
 * asked from time to time, as what it sees is what has changed since.
 */
int64_t stream_stalled_ms(struct stream *s, int64_t now_ms);

/* Sends an end of file behind the output; input goes on. */
void stream_shutdown(struct stream *s);

/*
 * Gives the descriptor back and frees the stream; input that was read and
 * not taken is appended to unread.  ST_AGAIN if output waits, and nothing
 * has changed.  Not from within input(), nor for a stream with TLS or DEFLATE.
 */
enum status stream_detach(struct stream **s, struct buf *unread, int *out_fd);

/*
 * Everything after the output so far is raw DEFLATE, and so is all input
 * that wasn't taken yet (RFC 4978).
 */
void stream_start_deflate(struct stream *s);

/*
 * Everything after the output so far is TLS, with us as the server.  Input
 * that wasn't taken yet is thrown away: it came in the clear and can't be
 * trusted (RFC 9051 section 6.2.1).  For a port that starts with TLS call it
 * at once.  Output may be appended before the handshake is done; when it is,
 * secured(ctx) is called, before any input, with the ctx of the ops.
 */
void stream_start_tls(struct stream *s, struct tls_context *c,
    void (*secured)(void *ctx));

/* Why it is BROKEN: a phrase for the log, or "". */
const char *stream_why(const struct stream *s);

/* See io/tls.h: facts about the handshake of a stream with TLS. */
struct tls_facts;
bool stream_tls_facts(const struct stream *s, struct tls_facts *out);

/*
 * Appends whom the client's certificate, which was verified, is for: its
 * first mail address, or else its common name.  False if there is no such.
 */
bool stream_tls_identity(const struct stream *s, struct buf *out);

/* Appends channel binding data; false if the connection has none such. */
enum tls_binding {
	TLS_BINDING_EXPORTER,         /* RFC 9266, from TLS 1.3 on */
	TLS_BINDING_UNIQUE,           /* RFC 5929, up to TLS 1.2 */
	TLS_BINDING_SERVER_END_POINT, /* RFC 5929 */
};
bool stream_tls_binding(const struct stream *s, enum tls_binding type,
    struct buf *out);

/* The heap bytes that the stream owns now, its TLS or zlib state excepted. */
size_t stream_memory(const struct stream *s);

#endif
