#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/buf.h"

/*
 * Numbers and bytes in stored values and in messages between processes.
 *
 * Numbers are LEB128 varints (7 bits a byte, low bits first), signed ones
 * zigzag; bytes are their length as a varint and then themselves.  Keys use
 * fixed big-endian numbers, so that their order is the numbers' order.
 */
void pack_u64(struct buf *b, uint64_t v);
void pack_i64(struct buf *b, int64_t v);
void pack_span(struct buf *b, struct span s);
void pack_be64(struct buf *b, uint64_t v);
void pack_be32(struct buf *b, uint32_t v);

/*
 * Reads them back.  The first error sticks: everything after it reads as 0
 * or empty, and unpack_ok() says so once at the end.  Spans borrow.
 */
struct unpack {
	struct span rest;
	bool bad;
};

struct unpack unpack_over(struct span s);
/* As unpack_u64(), for what isn't one byte. */
uint64_t unpack_long_u64(struct unpack *u);

static inline uint64_t
unpack_u64(struct unpack *u)
{
	if (u->rest.n == 0 || u->rest.p[0] >= 0x80)
		return unpack_long_u64(u);
	u->rest.n--;
	return *u->rest.p++;
}

uint32_t unpack_u32(struct unpack *u); /* above UINT32_MAX is an error */
int64_t unpack_i64(struct unpack *u);
struct span unpack_span(struct unpack *u);
uint64_t unpack_be64(struct unpack *u);
uint32_t unpack_be32(struct unpack *u);

/* No error so far. */
bool unpack_ok(const struct unpack *u);
/* No error, and nothing is left. */
bool unpack_end(const struct unpack *u);

#endif
