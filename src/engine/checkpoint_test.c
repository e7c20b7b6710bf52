#include "engine/checkpoint.h"

#include <stdlib.h>

#include "engine/fixture.h"
#include "engine/leaf.h"
#include "engine/mailbox.h"
#include "store/store.h"

/* Messages of two segments and a half. */
#define MANY (LEAF_MESSAGES * SEGMENT_LEAVES * 5 / 2)

/* Less than a segment has. */
#define SOME (LEAF_MESSAGES * 24)

/* Changed leaves that are enough for a checkpoint. */
#define ENOUGH 16

/* Sets flags of some messages, or takes every third of them out. */
static void
change_some(struct fixture *f, unsigned *seed)
{
	CLEANUP(uidset_clear) struct uidset uids = { 0 };
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	uint32_t lo = (uint32_t)rand_r(seed) % MANY + 1;
	bool expunge = rand_r(seed) % 2 == 0;
	struct flags mask = { { (unsigned)rand_r(seed) % 32, 0 } };
	struct change *c;

	for (uint32_t i = 0; i < SOME; i += expunge ? 3 : 1)
		uidset_add(&uids, lo + i);
	assert_ok(change_begin(f->account, &c));
	if (expunge)
		assert_ok(change_expunge(c, mb, &uids, NULL));
	else
		assert_ok(change_flags(c, mb, &uids, FLAGS_SET, mask, NULL));
	assert_ok(fixture_commit(f, &c));
}

static bool
count_key(void *ctx, struct span key, struct span value)
{
	size_t *n = ctx;

	(void)key;
	(void)value;
	(*n)++;
	return true;
}

static size_t
stored(struct fixture *f, enum key_kind kind)
{
	uint64_t id = fixture_mailbox(f, "INBOX")->id;
	struct key from = key_of1(kind, id);
	struct key to = key_of1(kind, id + 1);
	size_t n = 0;

	assert_ok(store_read(f->store, f->account->id, key_span(&from),
	    key_span(&to), count_key, &n));
	return n;
}

static size_t
leaves(const struct version *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->segment_count; i++) {
		assert_ok(segment_load(v, v->segment[i]));
		n += v->segment[i]->n;
	}
	return n;
}

static void
expect_same(const struct version *x, const struct version *y)
{
	struct rows a = rows_all(x);
	struct rows b = rows_all(y);
	struct row row;
	struct row other;

	while (rows_next(&a, &row) == ST_OK) {
		assert_ok(rows_next(&b, &other));
		assert_int_equal(row.state->uid, other.state->uid);
		assert_int_equal(row.state->modseq, other.state->modseq);
		assert_true(flags_eq(row.state->flags, other.state->flags));
	}
	assert_int_equal(rows_next(&b, &other), ST_NOTFOUND);
}

/* As after a restart, and it must be the same. */
static void
reopen(struct fixture *f)
{
	struct version *before =
	    version_ref(fixture_mailbox(f, "INBOX")->current);

	assert_ok(version_load(before, NULL, true, UINT32_MAX));
	fixture_reopen(f);
	expect_same(before, fixture_mailbox(f, "INBOX")->current);
	version_unref(&before);
	fixture_reopen(f); /* with nothing in memory */
}

static uint32_t
unsaved(struct fixture *f)
{
	return version_unsaved(fixture_mailbox(f, "INBOX")->current);
}

static void
checkpoint(struct fixture *f)
{
	struct mailbox *mb = fixture_mailbox(f, "INBOX");

	checkpoint_when_left(mb);
	fixture_settle(f);
}

/* Whatever is changed, read again, or refused by the disk. */
static void
the_store_has_what_the_root_names_and_no_more(void **state)
{
	struct fixture *f = *state;
	unsigned seed = 7;

	fixture_append_many(f, MANY / 2);
	fixture_append_many(f, MANY / 2);
	for (int round = 0; round < 24; round++) {
		const struct mailbox *mb;

		if (round % 4 == 0)
			fixture_append_many(f, LEAF_MESSAGES);
		do
			change_some(f, &seed);
		while (unsaved(f) < ENOUGH);
		if (round % 3 == 0) {
			f->account->failing = true;
			checkpoint(f);
			f->account->failing = false;
			assert_in_range(unsaved(f), ENOUGH, UINT32_MAX);
			change_some(f, &seed);
		}
		checkpoint(f);
		mb = fixture_mailbox(f, "INBOX");
		assert_int_equal(mb->ops, 0);
		assert_int_equal(stored(f, KEY_SEGMENT),
		    mb->current->segment_count);
		assert_int_equal(stored(f, KEY_LEAF), leaves(mb->current));
		if (round % 2 == 0)
			reopen(f);
	}
}

static void
a_checkpoint_writes_segments_that_have_changed_only(void **state)
{
	struct fixture *f = *state;
	struct uidrange one = { 1, SOME };
	struct uidset set = { &one, 1, 1 };
	struct mailbox *mb;
	struct change *c;

	fixture_append_many(f, MANY / 2);
	fixture_append_many(f, MANY / 2);
	checkpoint(f);
	fixture_reopen(f);
	mb = fixture_mailbox(f, "INBOX");
	assert_int_equal(mb->image_count, 3);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_flags(c, mb, &set, FLAGS_ADD,
	    (struct flags){ { FLAG_SEEN, 0 } }, NULL));
	assert_ok(fixture_commit(f, &c));
	checkpoint(f);
	assert_int_equal(mb->ops, 0);
	assert_true(segment_loaded(mb->current->segment[0]));
	assert_false(segment_loaded(mb->current->segment[1]));
	assert_false(segment_loaded(mb->current->segment[2]));
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_store_has_what_the_root_names_and_no_more),
		TEST(a_checkpoint_writes_segments_that_have_changed_only),
	};

	log_set_level(LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
