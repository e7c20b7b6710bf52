#include "base/test.h"

#include <stdlib.h>

#include "base/uidset.h"

static void
ranges_join_when_they_touch(void **state)
{
	CLEANUP(uidset_clear) struct uidset s = { 0 };
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	uidset_add_range(&s, 10, 12);
	uidset_add(&s, 1);
	uidset_add(&s, 13);
	uidset_add(&s, 3);
	uidset_add(&s, 2);
	uidset_add(&s, UINT32_MAX);
	uidset_write(&b, &s);
	assert_span(buf_span(&b), "1:3,10:13,4294967295");
	assert_true(uidset_count(&s) == 8);

	buf_reset(&b);
	uidset_add_range(&s, 2, UINT32_MAX);
	uidset_write(&b, &s);
	assert_span(buf_span(&b), "1:4294967295");
}

static void
removing_splits_a_range(void **state)
{
	CLEANUP(uidset_clear) struct uidset s = { 0 };
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	uidset_add_range(&s, 1, 20);
	uidset_remove_range(&s, 5, 6);
	uidset_remove_range(&s, 20, 30);
	uidset_remove_range(&s, 1, 1);
	uidset_write(&b, &s);
	assert_span(buf_span(&b), "2:4,7:19");
	uidset_remove_range(&s, 0, UINT32_MAX);
	assert_true(uidset_empty(&s));
}

/* Random changes against a plain array of members. */
static void
it_agrees_with_a_plain_array(void **state)
{
	enum { TOP = 64 };
	CLEANUP(uidset_clear) struct uidset s = { 0 };
	bool member[TOP + 1] = { false };
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint32_t lo = (uint32_t)rand_r(&seed) % TOP + 1;
		uint32_t hi = lo + (uint32_t)rand_r(&seed) % 6;
		bool add = rand_r(&seed) % 2 == 0;

		hi = MIN(hi, (uint32_t)TOP);
		if (add)
			uidset_add_range(&s, lo, hi);
		else
			uidset_remove_range(&s, lo, hi);
		for (uint32_t u = lo; u <= hi; u++)
			member[u] = add;
		for (uint32_t u = 0; u <= TOP; u++)
			assert_int_equal(uidset_has(&s, u), member[u]);
		for (size_t i = 1; i < s.n; i++)
			assert_true(s.r[i - 1].hi + 1 < s.r[i].lo);
	}
}

static void
it_comes_in_parts(void **state)
{
	CLEANUP(uidset_clear) struct uidset s = { 0 };
	CLEANUP(uidset_clear) struct uidset part = { 0 };
	CLEANUP(uidset_clear) struct uidset all = { 0 };
	CLEANUP(buf_clear) struct buf b = { 0 };
	uint32_t from = 0;
	int parts = 0;

	(void)state;
	uidset_add_range(&s, 3, 4);
	uidset_add_range(&s, 6, 12);
	uidset_add_range(&s, UINT32_MAX - 1, UINT32_MAX);
	do {
		uidset_reset(&part);
		from = uidset_part(&s, from, 3, &part);
		assert_int_equal(uidset_count(&part), parts < 3 ? 3 : 2);
		uidset_add_set(&all, &part);
		parts++;
	} while (from != 0);
	assert_int_equal(parts, 4);
	uidset_write(&b, &all);
	assert_span(buf_span(&b), "3:4,6:12,4294967294:4294967295");
	assert_int_equal(uidset_part(&part, 1, 3, &all), 0);
	uidset_reset(&s);
	assert_int_equal(uidset_part(&s, 1, 3, &all), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_join_when_they_touch),
		cmocka_unit_test(removing_splits_a_range),
		cmocka_unit_test(it_comes_in_parts),
		cmocka_unit_test(it_agrees_with_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
