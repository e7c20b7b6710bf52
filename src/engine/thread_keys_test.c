#include "engine/thread_keys.h"

#include <stdlib.h>

#include "engine/fixture.h"
#include "store/store.h"

#define MANY 300 /* in two leaves */

static uint32_t
append(struct fixture *f, uint32_t n)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct arrival a = { .internal = { 1000000000 + n, 0 } };
	struct change *c;
	uint32_t uid = 0;

	buf_printf(&text, "Message-ID: <%u@x>\r\n", n);
	if (n % 10 != 9) /* the others have none */
		buf_printf(&text, "Subject: %s%u\r\n", n % 2 != 0 ? "Re: " : "",
		    n / 2);
	for (uint32_t i = 0; i < n % 5; i++)
		buf_printf(&text, "%s<%u@x>\r\n", i == 0 ? "References: " : " ",
		    n + i);
	buf_str(&text, "\r\n");
	a.message = message_new(buf_span(&text), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
	return uid;
}

/* One in `step` of the messages of a version. */
static size_t
load(struct thread_loader *l, const struct version *v, uint32_t step,
    struct thread_message *m)
{
	struct row *row = test_calloc(MANY, sizeof(*row));
	struct rows rows = rows_all(v);
	struct row one;
	size_t n = 0;
	size_t done;

	while (rows_next(&rows, &one) == ST_OK)
		if (one.seq % step == 0)
			row[n++] = one;
	for (size_t at = 0; at < n; at += done) {
		assert_ok(thread_load(l, row + at, m + at, n - at, &done));
		assert_in_range(done, 1, n - at);
	}
	test_free(row);
	return n;
}

static void
expect_same(const struct thread_message *a, const struct thread_message *b)
{
	assert_int_equal(a->message_id, b->message_id);
	assert_int_equal(a->subject, b->subject);
	assert_int_equal(a->is_reply, b->is_reply);
	assert_int_equal(a->date, b->date);
	assert_int_equal(a->arrival, b->arrival);
	assert_int_equal(a->ref_count, b->ref_count);
	for (uint32_t i = 0; i < a->ref_count; i++)
		assert_int_equal(a->refs[i], b->refs[i]);
}

static void
expect_sound(const struct thread_message *m, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		assert_int_not_equal(m[i].message_id, 0);
		assert_int_equal(m[i].ref_count, i % 5);
		assert_int_equal(m[i].arrival, 1000000000 + i);
		for (uint32_t r = 0; r < i % 5 && i + r < n; r++)
			assert_int_equal(m[i].refs[r], m[i + r].message_id);
		if (i % 10 == 9)
			assert_int_equal(m[i].subject, 0);
		else if (i % 2 != 0)
			assert_int_equal(m[i].subject, m[i - 1].subject);
		else if (i > 0)
			assert_int_not_equal(m[i].subject, m[i - 1].subject);
		assert_int_equal(m[i].is_reply, i % 2 != 0 && i % 10 != 9);
	}
}

static const struct facts_block *
facts_of(const struct version *v, uint32_t leaf)
{
	return v->segment[0]->leaf[leaf]->facts;
}

static void
leaves_keep_what_was_read_of_most_of_their_messages(void **state)
{
	struct fixture *f = *state;
	struct thread_loader l = { .account = f->account };
	struct thread_message *few = test_calloc(MANY, sizeof(*few));
	struct thread_message *all = test_calloc(MANY, sizeof(*all));
	struct thread_message *again = test_calloc(MANY, sizeof(*again));
	struct version *v;
	size_t n;

	for (uint32_t i = 0; i < MANY; i++)
		(void)append(f, i);
	v = version_ref(fixture_mailbox(f, "INBOX")->current);
	l.version = v;
	n = load(&l, v, 50, few);
	assert_int_equal(n, MANY / 50);
	assert_null(facts_of(v, 0)->thread_keys);
	assert_int_equal(load(&l, v, 1, all), MANY);
	assert_non_null(facts_of(v, 0)->thread_keys);
	assert_non_null(facts_of(v, 1)->thread_keys);
	expect_sound(all, MANY);
	assert_int_equal(load(&l, v, 1, again), MANY);
	for (uint32_t i = 0; i < MANY; i++)
		expect_same(&all[i], &again[i]);
	for (uint32_t i = 0; i < n; i++)
		expect_same(&few[i], &all[i * 50 + 49]);
	assert_int_equal(load(&l, v, 50, few), n);
	for (uint32_t i = 0; i < n; i++)
		expect_same(&few[i], &all[i * 50 + 49]);
	thread_loader_clear(&l);
	version_unref(&v);
	test_free(few);
	test_free(all);
	test_free(again);
}

/* Of what flags change nothing is read again, of what comes and goes all. */
static void
what_is_kept_goes_with_the_messages(void **state)
{
	struct fixture *f = *state;
	struct thread_loader l = { .account = f->account };
	struct thread_message m[MANY];
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	struct uidrange one = { 3, 3 };
	struct uidset set = { &one, 1, 1 };
	struct change *c;

	for (uint32_t i = 0; i < 20; i++)
		(void)append(f, i);
	l.version = mb->current;
	assert_int_equal(load(&l, l.version, 1, m), 20);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_flags(c, mb, &set, FLAGS_ADD,
	    (struct flags){ { FLAG_SEEN, 0 } }, NULL));
	assert_ok(fixture_commit(f, &c));
	assert_non_null(facts_of(mb->current, 0)->thread_keys);

	for (uint32_t i = 20; i < 40; i++) {
		(void)append(f, i);
		l.version = mb->current;
		assert_null(facts_of(mb->current, 0)->thread_keys);
		assert_int_equal(load(&l, l.version, 1, m), i + 1);
		expect_sound(m, i + 1);
	}
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_expunge(c, mb, &set, NULL));
	assert_ok(fixture_commit(f, &c));
	assert_null(facts_of(mb->current, 0)->thread_keys);
	l.version = mb->current;
	assert_int_equal(load(&l, l.version, 1, m), 39);
	assert_int_equal(m[2].arrival, 1000000003);
	assert_int_equal(m[2].ref_count, 3);
	thread_loader_clear(&l);
}

/* Two hundred references each are too many to keep. */
static void
a_leaf_with_very_many_references_is_read_again(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct thread_loader l = { .account = f->account };
	struct thread_message m[MANY];
	struct arrival a = { 0 };
	struct change *c;
	uint32_t uid;

	BUF_LIT(&text, "References: ");
	for (uint32_t i = 0; i < LIMIT_REFERENCES; i++)
		buf_printf(&text, "<%u@x>\r\n ", i);
	BUF_LIT(&text, "<last@x>\r\n\r\n");
	a.message = message_new(buf_span(&text), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	for (uint32_t i = 0; i < 100; i++)
		assert_ok(
		    change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);

	l.version = fixture_mailbox(f, "INBOX")->current;
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(load(&l, l.version, 1, m), 100);
		assert_null(facts_of(l.version, 0)->thread_keys);
		for (uint32_t i = 0; i < 100; i++)
			assert_int_equal(m[i].ref_count, LIMIT_REFERENCES);
		assert_memory_equal(m[0].refs, m[99].refs,
		    LIMIT_REFERENCES * sizeof(uint64_t));
		thread_loader_clear(&l);
	}
}

/* It may be one that THREAD was not asked for. */
static void
what_is_damaged_is_missed_by_none_of_its_leaf(void **state)
{
	struct fixture *f = *state;
	struct thread_loader l = { .account = f->account };
	struct thread_message m[MANY];
	struct key key = key_of1(KEY_RECORD, 1);
	struct change *c;

	for (uint32_t i = 0; i < 20; i++)
		(void)append(f, i);
	assert_ok(change_begin(f->account, &c));
	batch_put(change_batch(c), key_span(&key), SPAN("?"));
	assert_ok(fixture_commit(f, &c));
	l.version = fixture_mailbox(f, "INBOX")->current;
	assert_int_equal(load(&l, l.version, 2, m), 10);
	assert_int_equal(m[0].arrival, 1000000001);
	assert_int_equal(m[9].ref_count, 4);
	thread_loader_clear(&l);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(leaves_keep_what_was_read_of_most_of_their_messages),
		TEST(what_is_kept_goes_with_the_messages),
		TEST(a_leaf_with_very_many_references_is_read_again),
		TEST(what_is_damaged_is_missed_by_none_of_its_leaf),
	};

	log_set_level(LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
