#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

/*
 * Bytes that grow at the end.  Embedded: { 0 } is an empty buffer, buf_clear
 * gives its memory back.  Growing never fails (base/mem.h), so the caller
 * keeps it below its bound.
 */
struct buf {
	unsigned char *p;
	size_t n;
	size_t cap;
};

/* Frees the memory and leaves an empty buffer; serves as CLEANUP(buf_clear). */
void buf_clear(struct buf *b);

/* Empties it, keeping the memory. */
static inline void
buf_reset(struct buf *b)
{
	b->n = 0;
}

/* As buf_room(), where there is not enough yet. */
unsigned char *buf_more_room(struct buf *b, size_t n);

/* Room for n more bytes at the returned place; they count after buf_added. */
static inline unsigned char *
buf_room(struct buf *b, size_t n)
{
	if (n <= b->cap - b->n && b->p != NULL)
		return b->p + b->n;
	return buf_more_room(b, n);
}

static inline void
buf_added(struct buf *b, size_t n)
{
	b->n += n;
}

static inline void
buf_add(struct buf *b, struct span s)
{
	if (s.n > 0)
		memcpy(buf_room(b, s.n), s.p, s.n);
	b->n += s.n;
}

static inline void
buf_byte(struct buf *b, unsigned char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}

void buf_str(struct buf *b, const char *s);
void buf_u64(struct buf *b, uint64_t v); /* in decimal */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

/* Takes n bytes off the front. */
void buf_drop(struct buf *b, size_t n);

static inline struct span
buf_span(const struct buf *b)
{
	return span_of(b->p, b->n);
}

/* Adds a string literal. */
#define BUF_LIT(b, literal) buf_add((b), SPAN(literal))

#endif
