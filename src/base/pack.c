#include "base/pack.h"

#include <endian.h>

void
pack_u64(struct buf *b, uint64_t v)
{
	unsigned char *p = buf_room(b, 10);
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		p[n++] = (unsigned char)(v | 0x80);
	p[n++] = (unsigned char)v;
	buf_added(b, n);
}

void
pack_i64(struct buf *b, int64_t v)
{
	pack_u64(b, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

void
pack_span(struct buf *b, struct span s)
{
	pack_u64(b, s.n);
	buf_add(b, s);
}

static void
pack_be(struct buf *b, uint64_t v, unsigned bytes)
{
	unsigned char *p = buf_room(b, bytes);

	for (unsigned i = 0; i < bytes; i++)
		p[i] = (unsigned char)(v >> (8 * (bytes - 1 - i)));
	buf_added(b, bytes);
}

void
pack_be64(struct buf *b, uint64_t v)
{
	pack_be(b, v, 8);
}

void
pack_be32(struct buf *b, uint32_t v)
{
	pack_be(b, v, 4);
}

struct unpack
unpack_over(struct span s)
{
	return (struct unpack){ .rest = s };
}

static uint64_t
fail(struct unpack *u)
{
	u->bad = true;
	u->rest.n = 0;
	return 0;
}

/* Puts the low seven bits of each of eight bytes together. */
static uint64_t
join_sevens(uint64_t v)
{
	v = (v & 0x007f007f007f007f) | (v & 0x7f007f007f007f00) >> 1;
	v = (v & 0x00003fff00003fff) | (v & 0x3fff00003fff0000) >> 2;
	return (v & 0x000000000fffffff) | (v & 0x0fffffff00000000) >> 4;
}

static uint64_t
unpack_bytewise(struct unpack *u)
{
	size_t n = MIN(u->rest.n, (size_t)10);
	const unsigned char *p = u->rest.p;
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits = p[i] & 0x7f;

		if (i == 9 && bits > 1)
			return fail(u);
		v |= bits << (7 * i);
		if (p[i] < 0x80) {
			u->rest = span_from(u->rest, i + 1);
			return v;
		}
	}
	return fail(u);
}

/* Nearly all end within eight bytes: they are read at once. */
uint64_t
unpack_long_u64(struct unpack *u)
{
	uint64_t v;
	uint64_t ends;
	unsigned n;

	if (u->rest.n < sizeof(v))
		return unpack_bytewise(u);
	memcpy(&v, u->rest.p, sizeof(v));
	v = le64toh(v);
	ends = ~v & 0x8080808080808080;
	if (ends == 0)
		return unpack_bytewise(u);
	n = (unsigned)__builtin_ctzll(ends) / 8 + 1;
	u->rest.p += n;
	u->rest.n -= n;
	return join_sevens(v & UINT64_MAX >> (64 - 8 * n));
}

uint32_t
unpack_u32(struct unpack *u)
{
	uint64_t v = unpack_u64(u);

	return v <= UINT32_MAX ? (uint32_t)v : (uint32_t)fail(u);
}

int64_t
unpack_i64(struct unpack *u)
{
	uint64_t v = unpack_u64(u);

	return (int64_t)((v >> 1) ^ ((v & 1) != 0 ? UINT64_MAX : 0));
}

struct span
unpack_span(struct unpack *u)
{
	uint64_t n = unpack_u64(u);
	struct span s;

	if (n > u->rest.n)
		(void)fail(u);
	s = span_head(u->rest, (size_t)n);
	u->rest = span_from(u->rest, s.n);
	return s;
}

uint64_t
unpack_be64(struct unpack *u)
{
	uint64_t v;

	if (u->rest.n < sizeof(v))
		return fail(u);
	memcpy(&v, u->rest.p, sizeof(v));
	u->rest = span_from(u->rest, sizeof(v));
	return be64toh(v);
}

uint32_t
unpack_be32(struct unpack *u)
{
	uint32_t v;

	if (u->rest.n < sizeof(v))
		return (uint32_t)fail(u);
	memcpy(&v, u->rest.p, sizeof(v));
	u->rest = span_from(u->rest, sizeof(v));
	return be32toh(v);
}

bool
unpack_ok(const struct unpack *u)
{
	return !u->bad;
}

bool
unpack_end(const struct unpack *u)
{
	return !u->bad && u->rest.n == 0;
}
