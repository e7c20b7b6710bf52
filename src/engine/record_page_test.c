#include "engine/record_page.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/test.h"

/* One record of so many bytes. */
static void
draft_of(struct record_draft *d, uint64_t number, size_t bytes)
{
	const struct record_name name = { 1, number, RECORD_NAMES };
	CLEANUP(buf_clear) struct buf b = { 0 };

	while (b.n < bytes)
		buf_byte(&b, (unsigned char)number);
	record_draft_begin(d, &name);
	record_draft_add(d, number * PAGE_RECORDS + 3, buf_span(&b));
	assert_false(d->too_large);
	record_draft_end(d);
}

static struct record_page *
put(struct record_cache *c, uint64_t number, size_t bytes)
{
	struct record_draft d = { 0 };
	struct record_page *p;

	draft_of(&d, number, bytes);
	p = record_cache_put(c, &d);
	buf_clear(&d.bytes);
	return p;
}

static void
put_only(struct record_cache *c, uint64_t number, size_t bytes)
{
	struct record_page *p = put(c, number, bytes);

	record_page_unref(&p);
}

/* How long its record is; 0: it isn't there. */
static size_t
find(struct record_cache *c, uint64_t number)
{
	struct record_name name = { 1, number, RECORD_NAMES };
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
check_three(struct record_cache *c, const struct record_draft *d)
{
	uint64_t first = (uint64_t)2 * PAGE_RECORDS;
	struct record_page *p = record_cache_put(c, d);

	assert_int_equal(record_draft_count(d), 3);
	assert_int_equal(record_page_get(p, first).n, 0);
	assert_true(span_eq(record_page_get(p, first + 1), SPAN("one")));
	assert_true(span_eq(record_page_get(p, first + 2), SPAN("second")));
	assert_int_equal(record_page_get(p, first + 3).n, 0);
	assert_int_equal(record_page_get(p, first + 126).n, 0);
	assert_true(span_eq(record_page_get(p, first + 127), SPAN("last")));
	record_page_unref(&p);
}

static void
three(struct record_draft *d)
{
	const struct record_name name = { 1, 2, RECORD_NAMES };
	uint64_t first = (uint64_t)2 * PAGE_RECORDS;

	record_draft_begin(d, &name);
	record_draft_add(d, first + 1, SPAN("one"));
	record_draft_add(d, first + 2, SPAN("second"));
	record_draft_add(d, first + 127, SPAN("last"));
	record_draft_end(d);
}

static void
a_page_has_what_was_added(void **state)
{
	struct record_cache *c = record_cache_new(100000);
	struct record_draft d = { 0 };

	(void)state;
	three(&d);
	check_three(c, &d);
	buf_clear(&d.bytes);
	record_cache_free(&c);
}

static void
a_page_has_a_bound(void **state)
{
	struct record_draft d = { 0 };

	(void)state;
	draft_of(&d, 0, PAGE_BYTES);
	record_draft_add(&d, 4, SPAN("x"));
	assert_true(d.too_large);
	assert_int_equal(d.bytes.n, PAGE_BYTES);
	buf_clear(&d.bytes);
}

static void
an_empty_page_has_nothing(void **state)
{
	const struct record_name name = { 1, 0, RECORD_NAMES };
	struct record_cache *c = record_cache_new(100000);
	struct record_draft d = { 0 };
	struct record_page *p;

	(void)state;
	record_draft_begin(&d, &name);
	record_draft_end(&d);
	assert_int_equal(record_draft_count(&d), 0);
	p = record_cache_put(c, &d);
	for (uint64_t i = 0; i < PAGE_RECORDS; i++)
		assert_int_equal(record_page_get(p, i).n, 0);
	record_page_unref(&p);
	record_cache_free(&c);
}

static void
a_value_becomes_the_page_that_it_was(void **state)
{
	struct record_cache *c = record_cache_new(100000);
	CLEANUP(buf_clear) struct buf value = { 0 };
	CLEANUP(buf_clear) struct buf again = { 0 };
	struct record_draft d = { 0 };
	struct record_draft got = { 0 };

	(void)state;
	three(&d);
	record_draft_pack(&value, &d);
	assert_ok(record_draft_unpack(&got, &d.name, buf_span(&value)));
	check_three(c, &got);
	record_draft_pack(&again, &got);
	assert_true(span_eq(buf_span(&value), buf_span(&again)));
	buf_clear(&d.bytes);
	record_cache_free(&c);
}

/* Whatever it says, what a page gives lies within it. */
static void
no_value_reaches_beyond_its_bytes(void **state)
{
	struct record_cache *c = record_cache_new(100000);
	CLEANUP(buf_clear) struct buf value = { 0 };
	CLEANUP(buf_clear) struct buf damaged = { 0 };
	struct record_draft d = { 0 };
	size_t good = 0;

	(void)state;
	three(&d);
	record_draft_pack(&value, &d);
	for (unsigned seed = 0; seed < 20000; seed++) {
		size_t at = seed % value.n;
		struct record_page *p;

		buf_reset(&damaged);
		buf_add(&damaged, buf_span(&value));
		damaged.p[at] ^= (unsigned char)(1 + seed / value.n);
		if (seed % 7 == 0)
			damaged.n = at;
		if (record_draft_unpack(&d, &d.name, buf_span(&damaged)) !=
		    ST_OK)
			continue;
		good++;
		p = record_cache_put(c, &d);
		for (uint64_t i = 0; i < PAGE_RECORDS; i++) {
			struct span r = record_page_get(p, i);
			unsigned sum = 0;

			for (size_t k = 0; k < r.n; k++)
				sum += r.p[k];
			assert_true(r.n == 0 || sum > 0);
		}
		record_page_unref(&p);
	}
	assert_in_range(good, 1, 19999);
	buf_clear(&d.bytes);
	record_cache_free(&c);
}

static void
lengths_that_overflow_are_damage(void **state)
{
	const struct record_name name = { 1, 0, RECORD_SUBJECT };
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct record_draft d = { 0 };

	(void)state;
	pack_format(&value);
	for (size_t i = 0; i < PAGE_RECORDS; i++)
		pack_u64(&value, UINT64_MAX / 64);
	assert_int_equal(record_draft_unpack(&d, &name, buf_span(&value)),
	    ST_CORRUPT);
}

static void
what_came_first_goes_first(void **state)
{
	struct record_cache *c = record_cache_new(100000);

	(void)state;
	for (uint64_t i = 1; i <= 8; i++)
		put_only(c, i, 10000);
	for (uint64_t i = 1; i <= 8; i++)
		assert_int_equal(find(c, i), 10000);
	put_only(c, 9, 10000); /* takes the place of two */
	assert_int_equal(find(c, 1), 0);
	assert_int_equal(find(c, 2), 0);
	for (uint64_t i = 3; i <= 9; i++)
		assert_int_equal(find(c, i), 10000);
	record_cache_free(&c);
}

static void
a_newer_page_takes_the_place_of_an_older_one(void **state)
{
	struct record_cache *c = record_cache_new(100000);

	(void)state;
	for (size_t i = 1; i <= 100; i++) {
		put_only(c, 7, i * 100);
		assert_int_equal(find(c, 7), i * 100);
	}
	for (uint64_t i = 1; i <= 8; i++)
		put_only(c, i, 10000);
	assert_int_equal(find(c, 7), 10000);
	record_cache_free(&c);
}

static void
a_page_in_use_outlives_its_place(void **state)
{
	struct record_cache *c = record_cache_new(100000);
	struct record_page *p = put(c, 1, 20000);

	(void)state;
	for (uint64_t i = 2; i <= 9; i++)
		put_only(c, i, 20000);
	assert_int_equal(find(c, 1), 0);
	assert_int_equal(record_page_get(p, PAGE_RECORDS + 3).n, 20000);
	record_cache_free(&c);
	assert_int_equal(record_page_get(p, PAGE_RECORDS + 3).n, 20000);
	record_page_unref(&p);
}

static void
what_is_too_large_is_not_kept(void **state)
{
	static const size_t sizes[] = { 0, 1000, 100000 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct record_cache *c = record_cache_new(sizes[i]);
		struct record_page *p = put(c, 1, 30000);

		assert_int_equal(record_page_get(p, PAGE_RECORDS + 3).n, 30000);
		assert_int_equal(find(c, 1), 0);
		record_page_unref(&p);
		record_cache_free(&c);
	}
}

static void
chunks_may_be_huge(void **state)
{
	struct record_cache *c = record_cache_new(10 * MEM_HUGE);

	(void)state;
	for (uint64_t i = 1; i <= 150; i++)
		put_only(c, i, 200000);
	assert_int_equal(find(c, 50), 0);
	for (uint64_t i = 51; i <= 150; i++)
		assert_int_equal(find(c, i), 200000);
	record_cache_free(&c);
}

static void
what_is_worn_is_told_once(void **state)
{
	struct record_cache *c = record_cache_new(1000);
	uint64_t number;

	(void)state;
	assert_false(record_cache_take_worn(c, 1, &number));
	for (unsigned column = 0; column < 2; column++) {
		struct record_name name = { 1, 7,
			column == 0 ? RECORD_NAMES : RECORD_ENVELOPE };

		record_cache_worn(c, &name);
	}
	assert_false(record_cache_take_worn(c, 2, &number));
	assert_true(record_cache_take_worn(c, 1, &number));
	assert_int_equal(number, 7);
	assert_false(record_cache_take_worn(c, 1, &number));
	for (uint64_t i = 0; i < RECORD_WORN + 10; i++) {
		struct record_name name = { 1, i, RECORD_NAMES };

		record_cache_worn(c, &name);
	}
	for (size_t i = 0; i < RECORD_WORN; i++)
		assert_true(record_cache_take_worn(c, 1, &number));
	assert_false(record_cache_take_worn(c, 1, &number));
	record_cache_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_has_what_was_added),
		cmocka_unit_test(a_page_has_a_bound),
		cmocka_unit_test(an_empty_page_has_nothing),
		cmocka_unit_test(a_value_becomes_the_page_that_it_was),
		cmocka_unit_test(no_value_reaches_beyond_its_bytes),
		cmocka_unit_test(lengths_that_overflow_are_damage),
		cmocka_unit_test(what_came_first_goes_first),
		cmocka_unit_test(a_newer_page_takes_the_place_of_an_older_one),
		cmocka_unit_test(a_page_in_use_outlives_its_place),
		cmocka_unit_test(what_is_too_large_is_not_kept),
		cmocka_unit_test(chunks_may_be_huge),
		cmocka_unit_test(what_is_worn_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
