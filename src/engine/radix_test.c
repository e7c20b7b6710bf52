#include "base/test.h"

#include <stdlib.h>

#include "engine/radix.h"

#define MANY 3000

static struct radix_item items[MANY];
static struct radix_item spare[MANY];

/* Sorts the first n in steps of so much work. */
static void
sort(uint32_t n, size_t work)
{
	struct radix r;
	size_t left = 0;

	for (uint32_t i = 0; i < n; i++)
		items[i].index = i;
	radix_start(&r, items, spare, n);
	while (!radix_step(&r, &left)) {
		assert_int_equal(left, 0);
		left = work;
	}
	assert_true(left <= work);
}

static void
assert_sorted_and_stable(uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		assert_true(items[i - 1].key <= items[i].key);
		if (items[i - 1].key == items[i].key)
			assert_true(items[i - 1].index < items[i].index);
	}
}

static uint64_t
random_key(uint64_t mask)
{
	return ((uint64_t)random() << 40 ^ (uint64_t)random() << 20 ^
		   (uint64_t)random()) &
	       mask;
}

static void
any_keys_are_sorted_and_equal_ones_stay_in_order(void **state)
{
	static const uint64_t masks[] = { 0, 1, 0xff, 0xff00, 0x3fffffff,
		0xff000000000000ff, UINT64_MAX };
	static const uint32_t sizes[] = { 0, 1, 2, 32, 33, 34, 1000, MANY };

	(void)state;
	srandom(1);
	for (size_t m = 0; m < COUNT(masks); m++) {
		for (size_t s = 0; s < COUNT(sizes); s++) {
			for (uint32_t i = 0; i < sizes[s]; i++)
				items[i].key = random_key(masks[m]);
			sort(sizes[s], sizes[s] % 2 == 0 ? 7 : SIZE_MAX);
			assert_sorted_and_stable(sizes[s]);
		}
	}
}

static void
keys_in_order_are_looked_at_once(void **state)
{
	struct radix r;
	size_t work = MANY;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		items[i].key = i / 2;
	radix_start(&r, items, spare, MANY);
	assert_true(radix_step(&r, &work));
	assert_int_equal(work, 0);
}

static void
numbers_keep_their_order_as_keys(void **state)
{
	static const int64_t numbers[] = { INT64_MIN, -5, -1, 0, 1, 5,
		INT64_MAX };

	(void)state;
	for (size_t i = 1; i < COUNT(numbers); i++)
		assert_true(radix_key(numbers[i - 1]) < radix_key(numbers[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    any_keys_are_sorted_and_equal_ones_stay_in_order),
		cmocka_unit_test(keys_in_order_are_looked_at_once),
		cmocka_unit_test(numbers_keep_their_order_as_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
