#include "base/test.h"

#include <stdlib.h>

#include "store/body.h"

enum { NOTHING, TEXT, NOISE, KINDS };

static unsigned char bytes[STORE_BODY_STEP];

static struct span
made(int kind, size_t n)
{
	static const char text[] = "the invoice of Thursday's meeting is in ";
	unsigned seed = 1;

	for (size_t i = 0; i < n; i++)
		if (kind == NOISE)
			bytes[i] = (unsigned char)(rand_r(&seed) >> 8);
		else
			bytes[i] = kind == TEXT
			               ? text[(i + i / 40) % (sizeof(text) - 1)]
			               : 0;
	return span_of(bytes, n);
}

static void
assert_part(struct span piece, struct span of, size_t from, size_t n)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	BUF_LIT(&b, "before ");
	assert_true(
	    piece_unpack(piece, (struct piece_part){ of.n, from, n }, &b));
	assert_true(span_starts(buf_span(&b), SPAN("before ")));
	assert_true(span_eq(span_from(buf_span(&b), 7),
	    span_head(span_from(of, from), n)));
}

/* Where it lies, or made in room. */
static void
assert_view(struct span piece, struct span of)
{
	CLEANUP(buf_clear) struct buf room = { 0 };
	bool compressed = piece.n < of.n;
	struct span all = SPAN("left alone");

	BUF_LIT(&room, "before");
	assert_true(piece_view(piece, of.n, &room, &all));
	assert_true(span_eq(all, of));
	assert_int_equal(room.n, compressed ? of.n : 0);
	if (of.n > 0)
		assert_ptr_equal(all.p,
		    compressed ? room.p : piece.p + PIECE_HEAD);
}

static const size_t sizes[] = { 0, 1, 2, 7, 8, 9, 100, 5000, 16383, 16384,
	16385, 100000, STORE_BODY_STEP - 1, STORE_BODY_STEP };

/* All of it, any part, and nothing past its end. */
static void
a_piece_comes_out_as_it_went_in(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			CLEANUP(buf_clear) struct buf b = { 0 };
			struct span s = made(kind, sizes[i]);
			struct span piece;

			BUF_LIT(&b, "before");
			piece_pack(s, &b);
			piece = span_from(buf_span(&b), 6);
			assert_true(piece.n <= s.n + PIECE_HEAD);
			assert_part(piece, s, 0, SIZE_MAX);
			assert_part(piece, s, 0, s.n / 2);
			assert_part(piece, s, s.n / 2, s.n / 3);
			assert_part(piece, s, s.n / 2, SIZE_MAX);
			assert_part(piece, s, s.n, 1);
			assert_part(piece, s, SIZE_MAX, SIZE_MAX);
			assert_view(piece, s);
		}
}

static size_t
packed(int kind, size_t n)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	piece_pack(made(kind, n), &b);
	return b.n;
}

static void
text_shrinks_and_noise_does_not_grow(void **state)
{
	(void)state;
	assert_true(packed(TEXT, 16385) < 1000);
	assert_true(packed(TEXT, 100000) < 10000);
	assert_int_equal(packed(NOISE, 5000), 5000 + PIECE_HEAD);
	assert_int_equal(packed(NOISE, 100000), 100000 + PIECE_HEAD);
}

static void
what_is_short_stays_as_it_is(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span s = made(TEXT, 16384);

	(void)state;
	piece_pack(s, &b);
	assert_true(span_eq(span_from(buf_span(&b), PIECE_HEAD), s));
}

/* By a fourth, as it is base64. */
static void
an_attachment_shrinks(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	(void)made(NOISE, 100000);
	for (size_t i = 0; i < 100000; i++)
		bytes[i] =
		    i % 78 < 76 ? digits[bytes[i] & 63] : "\r\n"[i % 78 - 76];
	piece_pack(span_of(bytes, 100000), &b);
	assert_true(b.n < 80000);
}

static void
assert_damaged(struct span piece, size_t size)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span all = SPAN("left alone");

	BUF_LIT(&b, "before");
	assert_false(
	    piece_unpack(piece, (struct piece_part){ size, 0, size }, &b));
	assert_span(buf_span(&b), "before");
	assert_false(piece_view(piece, size, &b, &all));
	assert_span(all, "left alone");
}

static void
a_piece_of_another_size_is_damaged(void **state)
{
	(void)state;
	assert_damaged(SPAN(""), 0);
	assert_damaged(SPAN("\3abc"), 3);
	for (int kind = 0; kind < KINDS; kind++)
		for (size_t i = 1; i < COUNT(sizes); i++) {
			CLEANUP(buf_clear) struct buf b = { 0 };
			size_t n = sizes[i];

			piece_pack(made(kind, n), &b);
			assert_damaged(buf_span(&b), n - 1);
			assert_damaged(buf_span(&b), n + 1);
			assert_damaged(buf_span(&b), 0);
			assert_damaged(buf_span(&b), SIZE_MAX);
			assert_damaged(span_head(buf_span(&b), b.n - 1), n);
			buf_byte(&b, 'x');
			assert_damaged(buf_span(&b), n);
		}
}

/* Each of its bytes counts, and so does the way in which they are stored. */
static void
a_flipped_bit_is_seen(void **state)
{
	static const size_t at[] = { 0, 1, 4, 8, 9, 50, 99 };

	(void)state;
	for (int kind = TEXT; kind < KINDS; kind++)
		for (size_t i = 0; i < COUNT(at); i++) {
			CLEANUP(buf_clear) struct buf b = { 0 };

			piece_pack(made(kind, 50000), &b);
			assert_true(at[i] < b.n);
			b.p[at[i]] ^= 1;
			assert_damaged(buf_span(&b), 50000);
		}
}

static void
a_head_has_a_size_and_all_of_a_short_body(void **state)
{
	static const unsigned char long_one[STORE_BODY_STEP + 1];
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct body_head head = { 9, SPAN_INIT("left alone") };

	(void)state;
	body_pack(SPAN("abc"), &b);
	assert_true(body_unpack(buf_span(&b), &head));
	assert_int_equal(head.size, 3);
	assert_part(head.piece, SPAN("abc"), 0, 3);

	buf_reset(&b);
	body_pack(span_of(long_one, sizeof(long_one)), &b);
	assert_true(body_unpack(buf_span(&b), &head));
	assert_int_equal(head.size, sizeof(long_one));
	assert_int_equal(head.piece.n, 0);

	buf_byte(&b, 'x'); /* it is in pieces of their own */
	assert_false(body_unpack(buf_span(&b), &head));
	assert_false(body_unpack(SPAN(""), &head));
	assert_false(body_unpack(SPAN("\x80"), &head));
	assert_false(body_unpack(SPAN("\3"), &head));
	assert_int_equal(head.size, sizeof(long_one));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_piece_comes_out_as_it_went_in),
		cmocka_unit_test(text_shrinks_and_noise_does_not_grow),
		cmocka_unit_test(what_is_short_stays_as_it_is),
		cmocka_unit_test(an_attachment_shrinks),
		cmocka_unit_test(a_flipped_bit_is_seen),
		cmocka_unit_test(a_piece_of_another_size_is_damaged),
		cmocka_unit_test(a_head_has_a_size_and_all_of_a_short_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
