/*
 * The bytes as what is stored of a body: it has the size that it says or is
 * damaged, and its parts are those of the whole.  As a body: it comes out as
 * it went in.
 */
#include <stdlib.h>

#include "store/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool claim)
{
	if (!claim)
		abort();
}

static bool
unpack(struct span piece, struct piece_part part, struct buf *out)
{
	size_t before = out->n;
	bool good = piece_unpack(piece, part, out);
	size_t from = MIN(part.from, part.size);

	check(out->n - before == (good ? MIN(part.size - from, part.n) : 0));
	return good;
}

/* As if its check were good, or what is behind it would never be looked at. */
static void
read_stored(struct span bytes)
{
	CLEANUP(buf_clear) struct buf sealed = { 0 };
	CLEANUP(buf_clear) struct buf all = { 0 };
	CLEANUP(buf_clear) struct buf some = { 0 };
	CLEANUP(buf_clear) struct buf room = { 0 };
	struct span viewed;
	struct span stored;
	struct body_head head;
	struct piece_part part;
	bool good;

	buf_add(&sealed, bytes);
	stored = buf_span(&sealed);
	if (!body_unpack(stored, &head))
		return;
	if (head.piece.n >= PIECE_HEAD)
		piece_seal(sealed.p + (stored.n - head.piece.n), head.piece.n);
	check(body_is_long(head.size) == (head.piece.n == 0));
	part = (struct piece_part){ head.size, 0, SIZE_MAX };
	good = unpack(head.piece, part, &all);
	check(piece_view(head.piece, head.size, &room, &viewed) == good);
	check(!good || span_eq(viewed, buf_span(&all)));
	part.from = stored.p[stored.n - 1];
	part.n = stored.p[stored.n / 2];
	check(unpack(head.piece, part, &some) == good);
	if (good)
		check(span_eq(buf_span(&some),
		    span_head(span_from(viewed, part.from), part.n)));
}

/* Repeated, so that some are long enough to be compressed, and worth it. */
static void
write_and_read(struct span bytes)
{
	CLEANUP(buf_clear) struct buf body = { 0 };
	CLEANUP(buf_clear) struct buf stored = { 0 };
	CLEANUP(buf_clear) struct buf back = { 0 };
	struct body_head head;
	struct piece_part all;

	for (size_t i = 0; i < 1 + (bytes.n & 31); i++)
		buf_add(&body, bytes);
	if (body_is_long(body.n))
		return;
	body_pack(buf_span(&body), &stored);
	check(body_unpack(buf_span(&stored), &head));
	check(head.size == body.n && head.piece.n <= body.n + PIECE_HEAD);
	all = (struct piece_part){ body.n, 0, body.n };
	check(unpack(head.piece, all, &back));
	check(span_eq(buf_span(&back), buf_span(&body)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_stored(span_of(data, size));
	write_and_read(span_of(data, size));
	return 0;
}
