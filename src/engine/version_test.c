#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/leaf.h"
#include "engine/version_edit.h"

#define TOP   5000
#define LARGE 40000 /* some segments */

/* A mailbox as plain arrays, to compare with. */
struct model {
	uint32_t uid[LARGE];
	uint64_t modseq[LARGE];
	struct flags flags[LARGE];
	uint32_t n;
	uint32_t uidnext;
};

static struct msg_state
state_of(uint32_t uid, uint64_t modseq, uint64_t flags)
{
	return (struct msg_state){ uid, modseq, { { flags, 0 } } };
}

static void
append(struct version *v, struct model *m, uint32_t uid)
{
	struct msg_state s = state_of(uid, v->modseq, 0);
	struct msg_facts f = { .content = uid, .size = uid };

	assert_ok(version_append(v, &s, &f));
	m->uid[m->n] = uid;
	m->modseq[m->n] = v->modseq;
	m->flags[m->n] = (struct flags){ { 0, 0 } };
	m->n++;
	m->uidnext = uid + 1;
}

static void
no_gone(void *ctx, const struct row *row)
{
	(*(uint32_t *)ctx)++;
	assert_int_equal(row->facts->content, row->state->uid);
}

static void
random_set(struct uidset *set, uint32_t top, unsigned *seed)
{
	int ranges = rand_r(seed) % 4 + 1;

	while (ranges-- > 0) {
		uint32_t lo = (uint32_t)rand_r(seed) % top + 1;

		if (rand_r(seed) % 4 == 0)
			lo = 1;
		uidset_add_range(set, lo,
		    MIN(lo + (uint32_t)rand_r(seed) % 300, top));
	}
}

static void
expect(const struct version *v, const struct model *m)
{
	struct rows all = rows_all(v);
	struct row row;
	struct totals t = { .lowest = UINT64_MAX };

	for (uint32_t i = 0; i < m->n; i++) {
		assert_ok(rows_next(&all, &row));
		assert_int_equal(row.seq, i + 1);
		assert_int_equal(row.state->uid, m->uid[i]);
		assert_int_equal(row.state->modseq, m->modseq[i]);
		assert_true(flags_eq(row.state->flags, m->flags[i]));
		assert_int_equal(row.facts->content, m->uid[i]);
		t.unseen += (m->flags[i].w[0] & FLAG_SEEN) == 0;
		t.seen += t.unseen == 0;
		t.deleted += (m->flags[i].w[0] & FLAG_DELETED) != 0;
		t.bytes += m->uid[i];
		t.lowest = MIN(t.lowest, m->uid[i]);
		t.highest = MAX(t.highest, m->uid[i]);
	}
	assert_int_equal(rows_next(&all, &row), ST_NOTFOUND);
	all = rows_of(v, NULL, true); /* no set is every row */
	for (uint32_t i = 0; i < m->n; i++)
		assert_ok(rows_next(&all, &row));
	assert_int_equal(rows_next(&all, &row), ST_NOTFOUND);
	assert_int_equal(v->totals.count, m->n);
	assert_int_equal(v->totals.unseen, t.unseen);
	assert_int_equal(v->totals.seen, t.seen);
	assert_int_equal(version_first_unseen(v),
	    t.unseen > 0 ? t.seen + 1 : 0);
	assert_int_equal(v->totals.deleted, t.deleted);
	assert_int_equal(v->totals.bytes, t.bytes);
	if (m->n > 0) {
		assert_int_equal(v->totals.lowest, t.lowest);
		assert_int_equal(v->totals.highest, t.highest);
	}
	assert_int_equal(v->uidnext, m->uidnext);
	for (size_t i = 0; i < v->segment_count; i++)
		assert_true(v->segment[i]->n > 0);
}

static void
expect_set(const struct version *v, const struct model *m,
    const struct uidset *set, bool by_uid, uint64_t above)
{
	CLEANUP(uidset_clear) struct uidset want = { 0 };
	CLEANUP(uidset_clear) struct uidset got = { 0 };
	struct rows rows = rows_of(v, set, by_uid);
	struct row row;
	uint32_t count = 0;
	uint32_t counted;

	rows_only_above(&rows, above);
	for (uint32_t i = 0; i < m->n; i++) {
		if (!uidset_has(set, by_uid ? m->uid[i] : i + 1))
			continue;
		count++;
		uidset_add(&want, m->uid[i]);
		if (m->modseq[i] <= above)
			continue;
		assert_ok(rows_next(&rows, &row));
		assert_int_equal(row.seq, i + 1);
		assert_int_equal(row.state->uid, m->uid[i]);
	}
	assert_int_equal(rows_next(&rows, &row), ST_NOTFOUND);
	if (by_uid)
		assert_ok(version_only_existing(v, set, &got));
	else
		assert_ok(version_uids(v, set, &got));
	assert_int_equal(got.n, want.n);
	if (want.n > 0)
		assert_memory_equal(got.r, want.r, want.n * sizeof(*want.r));
	if (!by_uid)
		return;
	assert_ok(version_count_uids(v, set, &counted));
	assert_int_equal(counted, count);
}

static void
expect_above(const struct version *v, const struct model *m, uint64_t modseq)
{
	struct rows rows = rows_all(v);
	struct row row;

	rows_only_above(&rows, modseq);
	for (uint32_t i = 0; i < m->n; i++) {
		if (m->modseq[i] <= modseq)
			continue;
		assert_ok(rows_next(&rows, &row));
		assert_int_equal(row.state->uid, m->uid[i]);
	}
	assert_int_equal(rows_next(&rows, &row), ST_NOTFOUND);
}

/* However many are compared at a time. */
static void
expect_gone_as(const struct version *from, const struct version *to,
    bool by_uid, const struct uidset *want)
{
	static const uint32_t at_a_time[] = { 1, 100, UINT32_MAX };

	for (size_t i = 0; i < COUNT(at_a_time); i++) {
		CLEANUP(uidset_clear) struct uidset got = { 0 };
		struct version_gone g = { .from = from,
			.to = to,
			.by_uid = by_uid };
		enum status st;

		do
			st = version_gone_next(&g, at_a_time[i], &got);
		while (st == ST_AGAIN);
		assert_ok(st);
		assert_int_equal(got.n, want->n);
		assert_memory_equal(got.r, want->r, want->n * sizeof(*want->r));
	}
}

static void
expect_gone(const struct version *from, const struct version *to,
    const struct model *old, const struct model *new)
{
	CLEANUP(uidset_clear) struct uidset want = { 0 };
	CLEANUP(uidset_clear) struct uidset seqs = { 0 };
	uint32_t k = 0;

	for (uint32_t i = 0; i < old->n; i++) {
		while (k < new->n &&new->uid[k] < old->uid[i])
			k++;
		if (k == new->n || new->uid[k] != old->uid[i])
			uidset_add(&want, old->uid[i]);
		else
			continue;
		uidset_add(&seqs, i + 1);
	}
	expect_gone_as(from, to, true, &want);
	expect_gone_as(from, to, false, &seqs);
}

static void
expunge(struct version *v, struct model *m, const struct uidset *set)
{
	uint32_t gone = 0;
	uint32_t kept = 0;

	assert_ok(version_expunge(v, set, no_gone, &gone));
	for (uint32_t i = 0; i < m->n; i++) {
		if (uidset_has(set, m->uid[i]))
			continue;
		m->uid[kept] = m->uid[i];
		m->modseq[kept] = m->modseq[i];
		m->flags[kept++] = m->flags[i];
	}
	assert_int_equal(m->n - kept, gone);
	m->n = kept;
}

static void
change(struct version *v, struct model *m, unsigned *seed)
{
	CLEANUP(uidset_clear) struct uidset set = { 0 };
	CLEANUP(uidset_clear) struct uidset changed = { 0 };
	struct flags mask = { { (uint64_t)rand_r(seed) % 32, 0 } };
	enum flag_op op = (enum flag_op)(rand_r(seed) % 3);

	random_set(&set, m->uidnext, seed);
	switch (rand_r(seed) % 4) {
	case 0:
		for (int n = rand_r(seed) % 400; n > 0 && m->n < TOP; n--)
			append(v, m, m->uidnext + (uint32_t)rand_r(seed) % 3);
		break;
	case 1:
		expunge(v, m, &set);
		break;
	default:
		assert_ok(version_set_flags(v, &set, op, mask, &changed));
		for (uint32_t i = 0; i < m->n; i++) {
			struct flags f = flags_apply(m->flags[i], op, mask);
			bool differs = uidset_has(&set, m->uid[i]) &&
			               !flags_eq(f, m->flags[i]);

			assert_int_equal(uidset_has(&changed, m->uid[i]),
			    differs);
			if (differs) {
				m->flags[i] = f;
				m->modseq[i] = v->modseq;
			}
		}
	}
}

/* Random changes: each version is right, and the one before still is. */
static void
versions_agree_with_plain_arrays(void **state)
{
	struct model *m = test_calloc(2, sizeof(*m));
	struct version *v = version_new(1, 1, NULL);
	unsigned seed = 7;

	(void)state;
	m[0].uidnext = 1;
	for (uint64_t round = 2; round < 400; round++) {
		struct version *next = version_edit(v, round);
		CLEANUP(uidset_clear) struct uidset set = { 0 };

		m[1] = m[0];
		for (int n = rand_r(&seed) % 3; n >= 0; n--)
			change(next, &m[1], &seed);
		version_seal(next);
		expect(v, &m[0]);
		expect(next, &m[1]);
		expect_gone(v, next, &m[0], &m[1]);
		expect_above(next, &m[1], round - 1);
		expect_above(next, &m[1], round / 2);
		random_set(&set, m[1].uidnext, &seed);
		expect_set(next, &m[1], &set, true, 0);
		expect_set(next, &m[1], &set, false, 0);
		expect_set(next, &m[1], &set, true, round - 1);
		expect_set(next, &m[1], &set, false, round - round / 8);
		version_unref(&v);
		v = next;
		m[0] = m[1];
	}
	version_unref(&v);
	test_free(m);
}

static void
set_one_flag(struct version *v, struct model *m, uint32_t uid)
{
	struct uidrange one = { uid, uid };
	struct uidset set = { &one, 1, 1 };
	struct flags seen = { { FLAG_SEEN, 0 } };

	assert_ok(version_set_flags(v, &set, FLAGS_ADD, seen, NULL));
	m->flags[uid - 1] = seen;
	m->modseq[uid - 1] = v->modseq;
}

/* Of the segments that a large one had, small ones come together. */
static void
a_large_mailbox_may_become_small(void **state)
{
	struct model *m = test_calloc(2, sizeof(*m));
	struct version *v = version_new(1, 1, NULL);
	struct uidrange most[] = { { 1, 14000 }, { 16500, 32000 } };
	const struct uidset gone = { most, 2, 2 };
	struct uidrange every[] = { { 1, LARGE } };
	const struct uidset all = { every, 1, 1 };
	struct uidrange some[] = { { 100, 15000 }, { 32700, 33000 } };
	const struct uidset asked = { some, 2, 2 };
	struct version *next;

	(void)state;
	for (uint32_t uid = 1; uid <= LARGE; uid++)
		append(v, &m[0], uid);
	version_seal(v);
	assert_int_equal(v->segment_count, 3);
	m[1] = m[0];
	next = version_edit(v, 2);
	set_one_flag(next, &m[1], 20000);
	version_seal(next);
	expect_above(next, &m[1], 1);
	expect_set(next, &m[1], &asked, true, 1);
	expect_gone(v, next, &m[0], &m[1]);
	version_unref(&v);

	v = next;
	m[0] = m[1];
	next = version_edit(v, 3);
	expunge(next, &m[1], &gone);
	version_seal(next);
	assert_int_equal(next->segment_count, 1);
	expect(v, &m[0]);
	expect(next, &m[1]);
	expect_gone(v, next, &m[0], &m[1]);
	expect_above(next, &m[1], 1);
	expect_above(next, &m[1], 2);
	expect_set(next, &m[1], &asked, true, 0);
	expect_set(next, &m[1], &asked, false, 2);
	version_unref(&v);

	v = next;
	m[0] = m[1];
	next = version_edit(v, 4);
	expunge(next, &m[1], &all);
	expunge(next, &m[1], &all);
	append(next, &m[1], LARGE + 1);
	version_seal(next);
	expect(next, &m[1]);
	expect_gone(v, next, &m[0], &m[1]);
	version_unref(&v);
	version_unref(&next);
	test_free(m);
}

static void
a_new_version_shares_what_did_not_change(void **state)
{
	struct model *m = test_calloc(1, sizeof(*m));
	struct version *v = version_new(1, 1, NULL);
	struct uidrange one = { 300, 300 };
	struct uidset set = { &one, 1, 1 };
	struct version *next;

	(void)state;
	for (uint32_t uid = 1; uid <= 1000; uid++)
		append(v, m, uid);
	version_seal(v);
	next = version_edit(v, 2);
	assert_ok(version_set_flags(next, &set, FLAGS_ADD,
	    (struct flags){ { FLAG_SEEN, 0 } }, NULL));
	version_seal(next);

	assert_ptr_equal(v->segment[0]->leaf[0], next->segment[0]->leaf[0]);
	assert_ptr_not_equal(v->segment[0]->leaf[1], next->segment[0]->leaf[1]);
	assert_ptr_equal(v->segment[0]->leaf[1]->facts,
	    next->segment[0]->leaf[1]->facts);
	version_unref(&v);
	assert_int_equal(next->totals.unseen, 999);
	version_unref(&next);
	test_free(m);
}

static enum status
load_two(void *ctx, uint64_t image, struct leaf *l)
{
	(*(int *)ctx)++;
	if (image == 9)
		return ST_CORRUPT;
	l->facts->n = 2;
	for (uint32_t i = 0; i < 2; i++)
		l->state[i] = state_of((uint32_t)image * 10 + i, image, 0);
	return ST_OK;
}

static void
leaves_are_read_when_they_are_needed(void **state)
{
	int loads = 0;
	struct leaf_source source = { .load = load_two, .ctx = &loads };
	struct version *v = version_new(1, 9, &source);
	struct uidrange all = { 1, UINT32_MAX };
	struct uidset set = { &all, 1, 1 };
	CLEANUP(uidset_clear) struct uidset some = { 0 };
	struct row row;
	uint32_t seq;

	(void)state;
	for (uint64_t image = 1; image < 10; image++) {
		struct totals t = { .count = 2,
			.unseen = 1,
			.last_uid = (uint32_t)image * 10 + 1,
			.modseq = image };

		version_push_leaf(v, leaf_new(image, &t));
	}
	v->uidnext = 92;
	version_count(v);
	assert_ok(version_count_uids(v, &set, &seq));
	assert_int_equal(seq, 18);
	assert_int_equal(loads, 0);
	assert_ok(version_find(v, 50, &row));
	assert_int_equal(row.seq, 9);
	assert_int_equal(loads, 1);
	assert_ok(version_find(v, 51, &row));
	assert_int_equal(version_find(v, 55, &row), ST_NOTFOUND);
	assert_ok(version_seq(v, 52, &seq));
	assert_int_equal(seq, 11);
	assert_int_equal(loads, 2);
	assert_int_equal(version_find(v, 90, &row), ST_CORRUPT);

	/* Not the one behind a range that ends with a leaf. */
	all = (struct uidrange){ 70, 81 };
	assert_ok(version_only_existing(v, &set, &some));
	assert_int_equal(uidset_count(&some), 4);
	all = (struct uidrange){ 13, 16 };
	assert_ok(version_uids(v, &set, &some));
	assert_int_equal(uidset_count(&some), 4);
	all = (struct uidrange){ 13, 17 };
	assert_int_equal(version_uids(v, &set, &some), ST_CORRUPT);
	version_unref(&v);
}

static enum status
load_two_each(void *ctx, uint64_t image, struct leaf *const *l, size_t n)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = load_two(ctx, image + i, l[i]);
	*(int *)ctx += 100;
	return st;
}

/* UIDs 10, 11, 20, 21 to 80, 81, in leaves of two. */
static struct version *
leaves_of_two(const struct leaf_source *source)
{
	struct version *v = version_new(1, 9, source);

	for (uint64_t image = 1; image < 9; image++) {
		struct totals t = { .count = 2,
			.deleted = image == 5,
			.last_uid = (uint32_t)image * 10 + 1,
			.modseq = image,
			.lowest = image,
			.highest = image + 100 };

		version_push_leaf(v, leaf_new(image, &t));
	}
	v->uidnext = 82;
	version_count(v);
	return v;
}

static void
leaves_of_a_set_are_read_a_few_at_a_time(void **state)
{
	static const struct {
		struct uidrange range[2];
		bool by_uid;
		int leaves;
	} cases[] = {
		{ { { 82, 90 }, { 93, 99 } }, true, 0 },
		{ { { 1, 9 }, { 83, 99 } }, true, 1 },
		{ { { 12, 19 }, { 90, 99 } }, true, 1 },
		{ { { 11, 11 }, { 80, 99 } }, true, 2 },
		{ { { 21, 30 }, { 60, 70 } }, true, 4 },
		{ { { 1, UINT32_MAX - 1 }, { UINT32_MAX, UINT32_MAX } }, true,
		    8 },
		{ { { 1, 2 }, { 16, 16 } }, false, 2 },
		{ { { 2, 3 }, { 20, 30 } }, false, 2 },
		{ { { 4, 9 }, { 11, 12 } }, false, 5 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int loads = 0;
		struct leaf_source source = { .load = load_two, .ctx = &loads };
		struct version *v = leaves_of_two(&source);
		struct uidrange range[2] = { cases[i].range[0],
			cases[i].range[1] };
		struct uidset set = { range, 2, 2 };

		for (int left = cases[i].leaves; left > 3; left -= 3)
			assert_int_equal(version_load(v, &set, cases[i].by_uid,
					     3),
			    ST_AGAIN);
		assert_ok(version_load(v, &set, cases[i].by_uid, 3));
		assert_int_equal(loads, cases[i].leaves);
		assert_ok(version_load(v, &set, cases[i].by_uid, 0));
		assert_ok(version_load(v, NULL, true, 8));
		assert_int_equal(loads, 8);
		version_unref(&v);
	}
}

/* After the first two, and up to what is damaged. */
static void
who_goes_through_all_leaves_reads_several_at_a_time(void **state)
{
	int loads = 0;
	struct leaf_source source = { .load = load_two,
		.load_run = load_two_each,
		.ctx = &loads };
	struct version *v = leaves_of_two(&source);
	struct totals last = { .count = 2, .last_uid = 91, .modseq = 9 };
	struct rows rows;
	struct row row;
	uint32_t n = 0;

	(void)state;
	assert_ok(version_find(v, 50, &row)); /* it is in memory then */
	version_push_leaf(v, leaf_new(9, &last));
	v->uidnext = 92;
	version_count(v);
	rows = rows_all(v);
	while (rows_next(&rows, &row) == ST_OK)
		n++;
	assert_int_equal(n, 16);
	/* One; one; two in a row; one that was there; four, then the last. */
	assert_int_equal(loads, 9 + 200 + 1);
	version_unref(&v);
}

static void
leaves_without_anything_deleted_are_passed_over(void **state)
{
	int loads = 0;
	struct leaf_source source = { .load = load_two, .ctx = &loads };
	struct version *v = leaves_of_two(&source);
	struct rows rows = rows_all(v);
	struct row row;
	uint32_t last = 0;

	(void)state;
	rows_only_deleted(&rows);
	while (rows_next(&rows, &row) == ST_OK)
		last = row.state->uid;
	assert_int_equal(last, 51);
	assert_int_equal(row.seq, 10);
	assert_int_equal(loads, 2); /* the first one is where it begins */
	version_unref(&v);
}

static bool
reaches(void *ctx, uint64_t low, uint64_t high)
{
	const uint64_t *content = ctx;

	return low <= *content && *content <= high;
}

static void
leaves_without_a_wanted_content_are_passed_over(void **state)
{
	int loads = 0;
	struct leaf_source source = { .load = load_two, .ctx = &loads };
	struct version *v = leaves_of_two(&source);
	struct rows rows = rows_all(v);
	uint64_t content = 107;
	struct row row;
	uint32_t first_after = 0;

	(void)state;
	rows_only_contents(&rows, reaches, &content);
	while (rows_next(&rows, &row) == ST_OK)
		if (row.seq > 2 && first_after == 0)
			first_after = row.seq;
	assert_int_equal(first_after, 13);
	assert_int_equal(row.state->uid, 81);
	assert_int_equal(loads, 3); /* the first one is where it begins */
	version_unref(&v);
}

static void
an_empty_mailbox_has_no_rows(void **state)
{
	struct version *v = version_new(1, 1, NULL);
	struct uidrange all = { 1, UINT32_MAX };
	struct uidset set = { &all, 1, 1 };
	struct rows rows = rows_of(v, &set, true);
	struct row row;
	uint32_t n = 9;

	(void)state;
	assert_int_equal(rows_next(&rows, &row), ST_NOTFOUND);
	rows = rows_of(v, &set, false);
	assert_int_equal(rows_next(&rows, &row), ST_NOTFOUND);
	assert_int_equal(version_first_unseen(v), 0);
	assert_ok(version_seq(v, 1, &n));
	assert_int_equal(n, 1);
	version_unref(&v);
}

static void
keywords_keep_their_bits(void **state)
{
	const struct keywords *k = NULL;
	const struct keywords *more;
	unsigned bit = 0;
	char name[8];

	(void)state;
	for (unsigned i = 0; i < LIMIT_KEYWORDS; i++) {
		snprintf(name, sizeof(name), "k%u", i);
		assert_ok(keywords_with(k, span_str(name), &more));
		keywords_unref(&k);
		k = more;
	}
	assert_int_equal(keywords_with(k, SPAN("x"), &more), ST_LIMIT);
	assert_true(keywords_bit(k, SPAN("K122"), &bit));
	assert_int_equal(bit, 127);
	assert_false(keywords_bit(k, SPAN("k123"), &bit));
	assert_span(keywords_name(k, 0), "k0");
	keywords_unref(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_agree_with_plain_arrays),
		cmocka_unit_test(a_large_mailbox_may_become_small),
		cmocka_unit_test(a_new_version_shares_what_did_not_change),
		cmocka_unit_test(leaves_are_read_when_they_are_needed),
		cmocka_unit_test(leaves_of_a_set_are_read_a_few_at_a_time),
		cmocka_unit_test(
		    who_goes_through_all_leaves_reads_several_at_a_time),
		cmocka_unit_test(
		    leaves_without_anything_deleted_are_passed_over),
		cmocka_unit_test(
		    leaves_without_a_wanted_content_are_passed_over),
		cmocka_unit_test(an_empty_mailbox_has_no_rows),
		cmocka_unit_test(keywords_keep_their_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
