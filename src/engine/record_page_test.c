#include "engine/record_page.h"

#include "base/test.h"

static struct record_page *
page_of(uint64_t number, size_t bytes)
{
	struct record_name name = { 1, number, KEY_SORT };
	struct record_page *p = record_page_new(&name);
	CLEANUP(buf_clear) struct buf b = { 0 };

	while (b.n < bytes)
		buf_byte(&b, (unsigned char)number);
	assert_true(
	    record_page_add(p, number * PAGE_RECORDS + 3, buf_span(&b)));
	record_page_end(p);
	return p;
}

static void
put(struct record_cache *c, uint64_t number, size_t bytes)
{
	struct record_page *p = page_of(number, bytes);

	record_cache_put(c, p);
	record_page_unref(&p);
}

/* How long its record is; 0: it isn't there. */
static size_t
find(struct record_cache *c, uint64_t number)
{
	struct record_name name = { 1, number, KEY_SORT };
	struct record_page *p = record_cache_find(c, &name);
	struct span r = { 0 };

	if (p != NULL)
		r = record_page_get(p, number * PAGE_RECORDS + 3);
	if (r.n > 0)
		assert_int_equal(r.p[r.n - 1], number);
	record_page_unref(&p);
	return r.n;
}

static void
a_page_has_what_was_added(void **state)
{
	struct record_name name = { 1, 2, KEY_SORT };
	struct record_page *p = record_page_new(&name);
	uint64_t first = (uint64_t)2 * PAGE_RECORDS;

	(void)state;
	assert_true(record_page_add(p, first + 1, SPAN("one")));
	assert_true(record_page_add(p, first + 2, SPAN("second")));
	assert_true(record_page_add(p, first + 127, SPAN("last")));
	record_page_end(p);
	assert_int_equal(record_page_get(p, first).n, 0);
	assert_true(span_eq(record_page_get(p, first + 1), SPAN("one")));
	assert_true(span_eq(record_page_get(p, first + 2), SPAN("second")));
	assert_int_equal(record_page_get(p, first + 3).n, 0);
	assert_int_equal(record_page_get(p, first + 126).n, 0);
	assert_true(span_eq(record_page_get(p, first + 127), SPAN("last")));
	record_page_unref(&p);
}

static void
a_page_has_a_bound(void **state)
{
	struct record_page *p = page_of(0, PAGE_BYTES);

	(void)state;
	assert_false(record_page_add(p, 4, SPAN("x")));
	record_page_unref(&p);
}

static void
an_empty_page_has_nothing(void **state)
{
	struct record_name name = { 1, 0, KEY_SORT };
	struct record_page *p = record_page_new(&name);

	(void)state;
	record_page_end(p);
	for (uint64_t i = 0; i < PAGE_RECORDS; i++)
		assert_int_equal(record_page_get(p, i).n, 0);
	record_page_unref(&p);
}

static void
the_cache_keeps_what_was_used_last(void **state)
{
	struct record_cache *c = record_cache_new(100000);

	(void)state;
	for (uint64_t i = 1; i <= 9; i++)
		put(c, i, 10000);
	assert_int_equal(find(c, 1), 10000);
	put(c, 10, 10000);
	assert_int_equal(find(c, 1), 10000);
	assert_int_equal(find(c, 2), 0);
	assert_int_equal(find(c, 3), 10000);
	put(c, 11, 50000);
	assert_int_equal(find(c, 1), 10000);
	assert_int_equal(find(c, 3), 10000);
	assert_int_equal(find(c, 4), 0);
	assert_int_equal(find(c, 11), 50000);
	record_cache_free(&c);
}

static void
a_newer_page_takes_the_place_of_an_older_one(void **state)
{
	struct record_cache *c = record_cache_new(100000);

	(void)state;
	for (size_t i = 1; i <= 100; i++)
		put(c, 7, i * 100);
	assert_int_equal(find(c, 7), 10000);
	put(c, 8, 80000);
	assert_int_equal(find(c, 7), 10000);
	record_cache_free(&c);
}

static void
a_page_in_use_outlives_its_place(void **state)
{
	struct record_cache *c = record_cache_new(100000);
	struct record_page *p = page_of(1, 90000);

	(void)state;
	record_cache_put(c, p);
	put(c, 2, 90000);
	assert_int_equal(find(c, 1), 0);
	assert_int_equal(record_page_get(p, PAGE_RECORDS + 3).n, 90000);
	record_page_unref(&p);
	record_cache_free(&c);
}

static void
what_is_larger_than_the_cache_is_not_kept(void **state)
{
	struct record_cache *c = record_cache_new(1000);

	(void)state;
	put(c, 1, 2000);
	assert_int_equal(find(c, 1), 0);
	record_cache_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_has_what_was_added),
		cmocka_unit_test(a_page_has_a_bound),
		cmocka_unit_test(an_empty_page_has_nothing),
		cmocka_unit_test(the_cache_keeps_what_was_used_last),
		cmocka_unit_test(a_newer_page_takes_the_place_of_an_older_one),
		cmocka_unit_test(a_page_in_use_outlives_its_place),
		cmocka_unit_test(what_is_larger_than_the_cache_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
