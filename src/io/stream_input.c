#include "io/stream_private.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

#include "base/limits.h"

/* The two halves of the loop's scratch. */
#define WIRE_ROOM  (LOOP_SCRATCH / 2)
#define PLAIN_ROOM (LOOP_SCRATCH / 2)

/* Plain bytes in one turn, so that a little DEFLATE can't take all of it. */
#define PLAIN_A_TURN (8 * PLAIN_ROOM)

static bool
stopped(const struct stream *s)
{
	return s->freed || s->dead || s->broken || s->paused;
}

/* Offers bytes as they are and says how many were taken. */
static size_t
call_input(struct stream *s, struct span in)
{
	size_t taken;

	s->offering = true;
	taken = s->ops->input(s->ctx, in);
	s->offering = false;
	assert(taken <= in.n);
	if (s->discard)
		taken = in.n;
	s->discard = false;
	return taken;
}

/*
 * Offers what is kept with fresh behind it, and keeps what isn't taken.
 * False if nothing was taken.
 */
static bool
offer(struct stream *s, struct buf *kept, struct span fresh)
{
	struct span all = fresh;
	size_t taken;

	if (kept->n > 0) {
		buf_add(kept, fresh);
		all = buf_span(kept);
	}
	taken = call_input(s, all);
	if (s->freed)
		return true;
	if (kept->n == 0)
		buf_add(kept, span_from(fresh, taken));
	else
		buf_drop(kept, taken);
	if (kept->n == 0)
		buf_clear(kept);
	return taken > 0;
}

/* Until the owner takes no more; it may start a codec meanwhile. */
static void
offer_wire(struct stream *s, struct span fresh)
{
	bool more = s->in.n + fresh.n > 0;

	while (more && s->codec == NULL && !stopped(s)) {
		more = offer(s, &s->in, fresh) && s->in.n > 0;
		fresh.n = 0;
	}
	if (!s->freed)
		buf_add(&s->in, fresh);
}

static void
tell_secured(struct stream *s)
{
	void (*secured)(void *ctx) = s->secured;

	if (secured == NULL || !codec_tls_done(s->codec))
		return;
	s->secured = NULL;
	secured(s->ctx);
}

/* One step; false if the codec has no more to give now. */
static bool
decode_once(struct stream *s, struct span *wire)
{
	unsigned char *room = loop_scratch(s->loop) + WIRE_ROOM;
	enum status st;
	size_t n = 0;

	st = s->codec->ops->decode(s->codec, wire, &s->wire, room, PLAIN_ROOM,
	    &n);
	tell_secured(s);
	if (s->freed)
		return false;
	if (st == ST_OK)
		(void)offer(s, &s->plain, span_of(room, n));
	else if (st == ST_NOTFOUND)
		s->eof = true;
	else if (st == ST_BAD)
		s->broken = true;
	return st == ST_OK;
}

static void
offer_decoded(struct stream *s, struct span fresh, bool again)
{
	struct span wire = fresh;
	size_t had = s->in.n;
	size_t steps = 0;
	bool more = true;

	if (had > 0) {
		buf_add(&s->in, fresh);
		wire = buf_span(&s->in);
	}
	if (s->plain.n > 0 && again && !stopped(s))
		(void)offer(s, &s->plain, span_of(NULL, 0));
	while (more && !stopped(s) && s->plain.n < LIMIT_INPUT_HELD) {
		more = decode_once(s, &wire);
		if (++steps == PLAIN_A_TURN / PLAIN_ROOM)
			break;
	}
	if (s->freed)
		return;
	if (more && !stopped(s) && steps == PLAIN_A_TURN / PLAIN_ROOM)
		loop_soon(s->loop, &s->more);

	if (had > 0)
		buf_drop(&s->in, s->in.n - wire.n);
	else
		buf_add(&s->in, wire);
	if (s->in.n == 0)
		buf_clear(&s->in);
}

static void
process(struct stream *s, struct span fresh)
{
	bool again = s->offer;

	s->offer = false;
	if (s->codec == NULL) {
		offer_wire(s, fresh);
		fresh.n = 0;
	}
	if (!s->freed && s->codec != NULL)
		offer_decoded(s, fresh, again);
	if (s->freed)
		return;

	s->stuck = !s->paused && s->in.n + s->plain.n >= LIMIT_INPUT_HELD;
	stream_schedule(s);
}

void
stream_offer(struct stream *s)
{
	process(s, span_of(NULL, 0));
}

bool
stream_may_read(const struct stream *s)
{
	return !s->eof && !s->dead && !s->broken && !s->stuck &&
	       !(s->paused && s->in.n >= LIMIT_INPUT_HELD);
}

void
stream_receive(struct stream *s)
{
	unsigned char *room = loop_scratch(s->loop);
	size_t cap = WIRE_ROOM;
	ssize_t n;

	if (!stream_may_read(s))
		return;
	if (s->paused)
		cap = LIMIT_INPUT_HELD - s->in.n;
	n = recv(s->fd, room, cap, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1)
		s->dead = true;
	if (n == 0)
		s->eof = true;
	process(s, span_of(room, n > 0 ? (size_t)n : 0));
}
