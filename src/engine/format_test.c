#include "base/test.h"

#include <stdlib.h>

#include "engine/format.h"

static void
keys_order_as_their_numbers(void **state)
{
	struct key a = key_of2(KEY_OP, 1, UINT64_MAX);
	struct key b = key_of2(KEY_OP, 2, 0);
	uint64_t mailbox = 0;
	uint64_t modseq = 0;

	(void)state;
	assert_true(span_cmp(key_span(&a), key_span(&b)) < 0);
	assert_true(key_read(key_span(&a), KEY_OP, &mailbox, &modseq));
	assert_true(mailbox == 1 && modseq == UINT64_MAX);
	assert_false(key_read(key_span(&a), KEY_GONE, &mailbox, &modseq));
	assert_false(key_read(key_span(&a), KEY_OP, &mailbox, NULL));
}

static void
assert_state(const struct account_state *a, const struct account_state *b)
{
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->modseq, b->modseq);
	assert_int_equal(a->content, b->content);
	assert_int_equal(a->paged, b->paged);
	assert_int_equal(a->mailbox, b->mailbox);
	assert_int_equal(a->uidvalidity, b->uidvalidity);
	assert_int_equal(a->bytes, b->bytes);
	assert_int_equal(a->messages, b->messages);
}

static void
a_state_comes_back_and_a_newer_one_is_refused(void **state)
{
	struct account_state s = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct account_state got = { 0 };
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	pack_state(&b, &s);
	assert_ok(unpack_state(buf_span(&b), &got));
	assert_state(&got, &s);
	assert_int_equal(unpack_state(span_head(buf_span(&b), b.n - 1), &got),
	    ST_CORRUPT);
	b.p[0] = FORMAT + 1;
	assert_int_equal(unpack_state(buf_span(&b), &got), ST_BAD);
	b.p[0] = 0;
	assert_int_equal(unpack_state(buf_span(&b), &got), ST_CORRUPT);
}

static struct leaf *
leaf_of(uint32_t n)
{
	const struct totals none = { 0 };
	struct leaf *l = leaf_new(7, &none);

	leaf_make_room(l);
	for (uint32_t i = 0; i < n; i++) {
		l->state[i] = (struct msg_state){ i * 3 + 1, i + 10,
			{ { (i + 8) % 32, i } } };
		l->facts->f[i] = (struct msg_facts){ i, i + i, i / 2, -5,
			INT64_MAX, INT64_MIN, -60, 330, i * 100 };
	}
	l->facts->n = n;
	leaf_count(l);
	return l;
}

static void
a_leaf_comes_back(void **state)
{
	struct leaf *l = leaf_of(LEAF_MESSAGES);
	struct leaf *got = leaf_of(0);
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	pack_leaf(&b, l);
	assert_ok(unpack_leaf(buf_span(&b), got));
	assert_int_equal(got->facts->n, LEAF_MESSAGES);
	for (uint32_t i = 0; i < LEAF_MESSAGES; i++) {
		assert_int_equal(got->state[i].uid, l->state[i].uid);
		assert_int_equal(got->state[i].modseq, l->state[i].modseq);
		assert_true(flags_eq(got->state[i].flags, l->state[i].flags));
		assert_memory_equal(&got->facts->f[i], &l->facts->f[i],
		    sizeof(struct msg_facts));
	}
	for (size_t cut = 0; cut < b.n; cut += 97)
		assert_int_equal(unpack_leaf(span_head(buf_span(&b), cut), got),
		    ST_CORRUPT);
	leaf_unref(&l);
	leaf_unref(&got);
}

static uint64_t
below(unsigned bytes, uint32_t i)
{
	uint64_t most = bytes == 0 ? 0 : UINT64_MAX >> (64 - 8 * bytes);

	return i == 7 ? most : most / (i + 1);
}

/* Of each width, at the end of the value and before others. */
static void
columns_of_any_width_come_back(void **state)
{
	(void)state;
	for (unsigned bytes = 0; bytes <= 8; bytes++) {
		CLEANUP(leaf_unref) struct leaf *l = leaf_of(9);
		CLEANUP(leaf_unref) struct leaf *got = leaf_of(0);
		CLEANUP(buf_clear) struct buf b = { 0 };

		for (uint32_t i = 0; i < 9; i++) {
			l->state[i].modseq = below(bytes, i);
			l->state[i].flags.w[1] = ~below(bytes, i);
			l->facts->f[i].content = below(bytes, i);
			l->facts->f[i].thread = 12345 + below(bytes, i);
			l->facts->f[i].size =
			    (uint32_t)below(MIN(bytes, 4U), i);
		}
		pack_leaf(&b, l);
		assert_ok(unpack_leaf(buf_span(&b), got));
		assert_memory_equal(got->facts->f, l->facts->f,
		    9 * sizeof(struct msg_facts));
		for (uint32_t i = 0; i < 9; i++) {
			assert_int_equal(got->state[i].modseq,
			    l->state[i].modseq);
			assert_true(
			    flags_eq(got->state[i].flags, l->state[i].flags));
		}
	}
}

/* Whatever is wrong, it is refused or read: nothing behind it is looked at. */
static void
a_damaged_leaf_is_refused_or_read(void **state)
{
	CLEANUP(leaf_unref) struct leaf *l = leaf_of(5);
	CLEANUP(leaf_unref) struct leaf *got = leaf_of(0);
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	pack_leaf(&b, l);
	for (size_t cut = 0; cut < b.n; cut++) {
		unsigned char *whole = malloc(cut + 1);

		memcpy(whole, b.p, cut);
		assert_int_equal(unpack_leaf(span_of(whole, cut), got),
		    ST_CORRUPT);
		free(whole);
	}
	for (size_t at = 1; at < b.n; at++) {
		unsigned char was = b.p[at];

		for (unsigned wrong = 0; wrong < 256; wrong++) {
			enum status st;

			b.p[at] = (unsigned char)wrong;
			st = unpack_leaf(buf_span(&b), got);
			assert_true(st == ST_OK || st == ST_CORRUPT);
		}
		b.p[at] = was;
	}
	b.p[0] = FORMAT - 1;
	assert_int_equal(unpack_leaf(buf_span(&b), got), ST_BAD);
}

static void
expect_totals(const struct totals *got, const struct totals *t)
{
	assert_int_equal(got->count, t->count);
	assert_int_equal(got->unseen, t->unseen);
	assert_int_equal(got->seen, t->seen);
	assert_int_equal(got->deleted, t->deleted);
	assert_int_equal(got->last_uid, t->last_uid);
	assert_int_equal(got->modseq, t->modseq);
	assert_int_equal(got->bytes, t->bytes);
	assert_int_equal(got->deleted_bytes, t->deleted_bytes);
	assert_int_equal(got->lowest, t->lowest);
	assert_int_equal(got->highest, t->highest);
}

static void
a_root_comes_back_without_its_rows(void **state)
{
	struct root r = { version_new(9, 77, NULL), 5, 8, 70 };
	struct root got = { 0 };
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	version_push_leaf(r.version, leaf_of(100));
	version_count(r.version);
	r.version->segment[0]->image = 6;
	r.version->uidnext = 1000;
	assert_ok(keywords_with(NULL, SPAN("$Junk"), &r.version->keywords));
	pack_root(&b, &r);
	assert_ok(unpack_root(buf_span(&b), NULL, &got));
	assert_int_equal(got.version->uidvalidity, 9);
	assert_int_equal(got.version->modseq, 77);
	assert_int_equal(got.version->uidnext, 1000);
	assert_int_equal(got.recent_uid, 5);
	assert_int_equal(got.next_image, 8);
	assert_int_equal(got.gone_floor, 70);
	expect_totals(&got.version->totals, &r.version->totals);
	assert_span(keywords_name(got.version->keywords, 0), "$Junk");
	assert_int_equal(got.version->segment[0]->image, 6);
	assert_false(segment_loaded(got.version->segment[0]));
	version_unref(&got.version);

	for (size_t cut = 0; cut < b.n; cut++) {
		if (unpack_root(span_head(buf_span(&b), cut), NULL, &got) ==
		    ST_OK)
			version_unref(&got.version);
	}
	version_unref(&r.version);
}

static void
a_segment_comes_back_without_its_rows(void **state)
{
	struct version *v = version_new(9, 77, NULL);
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct segment *got = segment_new();

	(void)state;
	version_push_leaf(v, leaf_of(100));
	v->segment[0]->leaf[0]->image = 4;
	pack_segment(&b, v->segment[0]);
	assert_ok(unpack_segment(buf_span(&b), got));
	assert_int_equal(got->n, 1);
	assert_int_equal(got->leaf[0]->image, 4);
	assert_null(got->leaf[0]->state);
	expect_totals(&got->leaf[0]->totals, &v->segment[0]->leaf[0]->totals);
	segment_unref(&got);

	for (size_t cut = 0; cut < b.n; cut++) {
		got = segment_new();
		(void)!unpack_segment(span_head(buf_span(&b), cut), got);
		segment_unref(&got);
	}
	/* One leaf twice: their UIDs don't ascend. */
	buf_add(&b, span_from(buf_span(&b), 1));
	got = segment_new();
	assert_int_equal(unpack_segment(buf_span(&b), got), ST_CORRUPT);
	segment_unref(&got);
	version_unref(&v);
}

static void
a_set_comes_back(void **state)
{
	CLEANUP(uidset_clear) struct uidset s = { 0 };
	CLEANUP(uidset_clear) struct uidset got = { 0 };
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct unpack u;

	(void)state;
	uidset_add_range(&s, 1, 3);
	uidset_add_range(&s, 7, UINT32_MAX);
	pack_uidset(&b, &s);
	u = unpack_over(buf_span(&b));
	unpack_uidset(&u, &got);
	assert_true(unpack_end(&u));
	uidset_write(&text, &got);
	assert_span(buf_span(&text), "1:3,7:4294967295");

	u = unpack_over(SPAN("\x02\x00\x00\x01\x01"));
	unpack_uidset(&u, &got);
	assert_false(unpack_ok(&u));
}

static void
a_record_gives_each_column(void **state)
{
	static const struct span text[RECORD_COLUMNS] = { SPAN_INIT("envelope"),
		SPAN_INIT("1"), SPAN_INIT(""), SPAN_INIT("parts"),
		SPAN_INIT("links"), SPAN_INIT("names"), SPAN_INIT("s"),
		SPAN_INIT("last") };
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	record_begin(&b);
	for (unsigned i = 0; i < RECORD_COLUMNS; i++) {
		buf_add(&b, text[i]);
		record_end_column(&b, (enum record_column)i);
	}
	for (unsigned i = 0; i < RECORD_COLUMNS; i++)
		assert_true(
		    span_eq(record_column(buf_span(&b), (enum record_column)i),
			text[i]));
}

/* Whatever a record is, what it gives is inside of it. */
static void
a_damaged_record_gives_nothing_else(void **state)
{
	const size_t header = (size_t)4 * RECORD_COLUMNS;
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	record_begin(&b);
	for (unsigned i = 0; i < RECORD_COLUMNS; i++) {
		BUF_LIT(&b, "some");
		record_end_column(&b, (enum record_column)i);
	}
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(record_column(span_head(buf_span(&b), n),
				     RECORD_ADDRESSES)
				     .n,
		    0);
	for (size_t at = 0; at <= header; at++) {
		unsigned char was = b.p[at];

		for (unsigned wrong = 0; wrong < 256; wrong++) {
			b.p[at] = (unsigned char)wrong;
			for (unsigned i = 0; i < RECORD_COLUMNS; i++) {
				struct span c = record_column(buf_span(&b),
				    (enum record_column)i);

				assert_true(
				    c.n == 0 || (c.p > b.p + header &&
						    c.p + c.n <= b.p + b.n));
			}
		}
		b.p[at] = was;
	}
	b.p[0] = FORMAT - 1;
	assert_int_equal(record_column(buf_span(&b), RECORD_ENVELOPE).n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_order_as_their_numbers),
		cmocka_unit_test(a_state_comes_back_and_a_newer_one_is_refused),
		cmocka_unit_test(a_leaf_comes_back),
		cmocka_unit_test(columns_of_any_width_come_back),
		cmocka_unit_test(a_damaged_leaf_is_refused_or_read),
		cmocka_unit_test(a_root_comes_back_without_its_rows),
		cmocka_unit_test(a_segment_comes_back_without_its_rows),
		cmocka_unit_test(a_set_comes_back),
		cmocka_unit_test(a_record_gives_each_column),
		cmocka_unit_test(a_damaged_record_gives_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
