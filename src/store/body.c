#include "store/body.h"

#include <assert.h>
#include <endian.h>
#include <stdatomic.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/pack.h"

/*
 * Up to so many bytes it stays as it is: most messages are that short, but few
 * of the bytes are theirs, and even LZ4 would be a seventh of the CPU time of a
 * delivery.
 */
#define PLAIN_BYTES 16384
#define ZSTD_LEVEL  1

/* The last one is never stored. */
enum piece_kind { PIECE_PLAIN, PIECE_ZSTD, PIECE_DAMAGED };

/*
 * What Zstandard works in, 100 KB and more: one for each way is kept for
 * whoever comes next.
 */
static ZSTD_CCtx *_Atomic spare_writer;
static ZSTD_DCtx *_Atomic spare_reader;

static size_t
zstd_pack(struct span bytes, unsigned char *out, size_t room)
{
	ZSTD_CCtx *z = atomic_exchange(&spare_writer, NULL);
	size_t n;

	if (z == NULL)
		z = ZSTD_createCCtx();
	assert(z != NULL);
	n = ZSTD_compressCCtx(z, out, room, bytes.p, bytes.n, ZSTD_LEVEL);
	(void)ZSTD_freeCCtx(atomic_exchange(&spare_writer, z));
	return ZSTD_isError(n) ? 0 : n;
}

static bool
zstd_unpack(struct span bytes, unsigned char *out, size_t size)
{
	ZSTD_DCtx *z = atomic_exchange(&spare_reader, NULL);
	size_t n;

	if (z == NULL)
		z = ZSTD_createDCtx();
	assert(z != NULL);
	n = ZSTD_decompressDCtx(z, out, size, bytes.p, bytes.n);
	(void)ZSTD_freeDCtx(atomic_exchange(&spare_reader, z));
	return n == size;
}

/*
 * Whoever reads a piece checks it here and not by RocksDB, whose CRC-32C is
 * software in Debian: it takes longer than to make the bytes out of the piece.
 */
static uint64_t
check_of(const unsigned char *piece, size_t n)
{
	return htole64(
	    XXH3_64bits_withSeed(piece + PIECE_HEAD, n - PIECE_HEAD, piece[0]));
}

void
piece_seal(unsigned char *piece, size_t n)
{
	uint64_t check = check_of(piece, n);

	memcpy(piece + 1, &check, sizeof(check));
}

static bool
is_whole(struct span piece)
{
	uint64_t check;

	if (piece.n < PIECE_HEAD)
		return false;
	memcpy(&check, piece.p + 1, sizeof(check));
	return check == check_of(piece.p, piece.n);
}

/* Kept as they are if no eighth of them is saved. */
void
piece_pack(struct span bytes, struct buf *out)
{
	size_t room = bytes.n - bytes.n / 8;
	unsigned char *p = buf_room(out, PIECE_HEAD + bytes.n);
	unsigned char *to = p + PIECE_HEAD;
	size_t n = 0;

	assert(bytes.n <= STORE_BODY_STEP);
	if (bytes.n > PLAIN_BYTES)
		n = zstd_pack(bytes, to, room);
	*p = n > 0 ? PIECE_ZSTD : PIECE_PLAIN;
	if (n == 0) {
		n = bytes.n;
		if (n > 0)
			memcpy(to, bytes.p, n);
	}
	piece_seal(p, PIECE_HEAD + n);
	buf_added(out, PIECE_HEAD + n);
}

/* All of it goes behind what out has, and then the part to its beginning. */
static bool
unpack_part(struct span bytes, struct piece_part part, struct buf *out)
{
	unsigned char *p = buf_room(out, part.size);
	bool good = zstd_unpack(bytes, p, part.size);
	struct span wanted =
	    span_head(span_from(span_of(p, part.size), part.from), part.n);

	if (!good)
		return false;
	if (wanted.p != p)
		memmove(p, wanted.p, wanted.n);
	buf_added(out, wanted.n);
	return true;
}

/* How a piece of that size is stored, and what is behind its head. */
static enum piece_kind
look(struct span piece, size_t size, struct span *bytes)
{
	if (size > STORE_BODY_STEP || !is_whole(piece))
		return PIECE_DAMAGED;
	*bytes = span_from(piece, PIECE_HEAD);
	if (piece.p[0] == PIECE_PLAIN && bytes->n == size)
		return PIECE_PLAIN;
	return piece.p[0] == PIECE_ZSTD ? PIECE_ZSTD : PIECE_DAMAGED;
}

bool
piece_unpack(struct span piece, struct piece_part part, struct buf *out)
{
	struct span bytes;
	enum piece_kind kind = look(piece, part.size, &bytes);

	if (kind == PIECE_PLAIN)
		buf_add(out, span_head(span_from(bytes, part.from), part.n));
	return kind == PIECE_PLAIN ||
	       (kind == PIECE_ZSTD && unpack_part(bytes, part, out));
}

bool
piece_view(struct span piece, size_t size, struct buf *room, struct span *out)
{
	struct piece_part all = { .size = size, .n = size };
	struct span bytes;
	enum piece_kind kind = look(piece, size, &bytes);

	buf_reset(room);
	if (kind == PIECE_ZSTD && unpack_part(bytes, all, room))
		bytes = buf_span(room);
	else if (kind != PIECE_PLAIN)
		return false;
	*out = bytes;
	return true;
}

void
body_pack(struct span bytes, struct buf *out)
{
	pack_u64(out, bytes.n);
	if (!body_is_long(bytes.n))
		piece_pack(bytes, out);
}

bool
body_unpack(struct span head, struct body_head *out)
{
	struct unpack u = unpack_over(head);
	uint64_t size = unpack_u64(&u);

	if (!unpack_ok(&u) || body_is_long(size) != (u.rest.n == 0))
		return false;
	*out = (struct body_head){ .size = size, .piece = u.rest };
	return true;
}
