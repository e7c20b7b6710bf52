#include "engine/record.h"

#include "engine/fixture.h"
#include "engine/record_page.h"
#include "store/store.h"

enum { MESSAGES = RECORDS_MAX + 44 };

struct visits {
	struct buf value[RECORDS_MAX]; /* empty: it was not visited */
	size_t n;
	size_t most; /* 0: all */
};

static bool
visit(void *ctx, size_t i, struct span value)
{
	struct visits *v = ctx;

	assert_int_equal(v->value[i].n, 0);
	buf_add(&v->value[i], value);
	return ++v->n != v->most;
}

/* What was given is what the store says; how many were. */
static size_t
check(struct fixture *f, struct visits *v, const uint64_t *contents)
{
	for (size_t i = 0; i < RECORDS_MAX; i++) {
		CLEANUP(buf_clear) struct buf is = { 0 };
		struct key key;

		if (v->value[i].n == 0)
			continue;
		key = key_of1(KEY_RECORD, contents[i]);
		assert_ok(store_get(f->store, 1, key_span(&key), &is));
		assert_true(span_eq(buf_span(&v->value[i]),
		    record_column(buf_span(&is), RECORD_ENVELOPE)));
		buf_clear(&v->value[i]);
	}
	return v->n;
}

/* How many of them there are. */
static size_t
read_all(struct fixture *f, const uint64_t *contents, size_t n)
{
	struct visits v = { .most = 0 };

	assert_ok(
	    records_read(f->account, RECORD_ENVELOPE, contents, n, visit, &v));
	return check(f, &v, contents);
}

static void
each_is_visited_once_in_any_order(void **state)
{
	struct fixture *f = *state;
	uint64_t contents[RECORDS_MAX];

	fixture_append_numbered(f, MESSAGES);
	for (unsigned again = 0; again < 2; again++) {
		for (size_t i = 0; i < RECORDS_MAX; i++)
			contents[i] = i + 20;
		assert_int_equal(read_all(f, contents, 256), 256);
		for (size_t i = 0; i < RECORDS_MAX; i++)
			contents[i] = (i * 89 + 7) % MESSAGES / 2 * 2 + 1;
		assert_int_equal(read_all(f, contents, 256), 256);
		for (size_t i = 0; i < 10; i++)
			contents[i] = i * 31 + 1;
		assert_int_equal(read_all(f, contents, 10), 10);
	}
	assert_int_equal(read_all(f, contents, 0), 0);
}

static void
what_does_not_exist_is_left_out(void **state)
{
	struct fixture *f = *state;
	uint64_t contents[RECORDS_MAX];

	fixture_append_numbered(f, MESSAGES);
	for (size_t i = 0; i < 200; i++)
		contents[i] = MESSAGES - 99 + i;
	for (unsigned again = 0; again < 2; again++) {
		assert_int_equal(read_all(f, contents, 200), 100);
		assert_false(
		    records_cached(f->account, RECORD_ENVELOPE, contents, 200));
		assert_true(
		    records_cached(f->account, RECORD_ENVELOPE, contents, 100));
		assert_false(
		    records_cached(f->account, RECORD_NAMES, contents, 100));
	}
}

static void
what_comes_later_is_found(void **state)
{
	struct fixture *f = *state;
	uint64_t contents[RECORDS_MAX];
	size_t n = 40;

	for (size_t i = 0; i < PAGE_RECORDS; i++)
		contents[i] = i + 1;
	fixture_append_numbered(f, n);
	assert_int_equal(read_all(f, contents, n), n);
	for (; n < 120; n += 20) {
		fixture_append_numbered(f, 20);
		assert_false(records_cached(f->account, RECORD_ENVELOPE,
		    contents, n + 20));
		assert_int_equal(read_all(f, contents, n + 20), n + 20);
	}
}

static void
it_ends_when_told_to(void **state)
{
	struct fixture *f = *state;
	uint64_t contents[RECORDS_MAX];

	fixture_append_numbered(f, MESSAGES);
	for (size_t i = 0; i < RECORDS_MAX; i++)
		contents[i] = i + 20;
	for (size_t most = 1; most < RECORDS_MAX; most += 50) {
		struct visits v = { .most = most };

		assert_ok(records_read(f->account, RECORD_ENVELOPE, contents,
		    RECORDS_MAX, visit, &v));
		assert_int_equal(check(f, &v, contents), most);
	}
}

static void
nothing_need_be_kept(void **state)
{
	struct fixture *f = *state;
	uint64_t contents[RECORDS_MAX];

	record_cache_free(&f->engine.records);
	f->engine.records = record_cache_new(0);
	fixture_append_numbered(f, MESSAGES);
	for (size_t i = 0; i < RECORDS_MAX; i++)
		contents[i] = i + 20;
	for (unsigned again = 0; again < 2; again++)
		assert_int_equal(read_all(f, contents, RECORDS_MAX),
		    RECORDS_MAX);
	assert_false(records_cached(f->account, RECORD_ENVELOPE, contents, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    each_is_visited_once_in_any_order, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(what_does_not_exist_is_left_out,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(what_comes_later_is_found,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(it_ends_when_told_to,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(nothing_need_be_kept,
		    fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
