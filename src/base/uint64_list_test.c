#include "base/test.h"

#include "base/uint64_list.h"

static void
a_sorted_list_finds_what_was_added(void **state)
{
	struct uint64_list l = { 0 };

	(void)state;
	assert_false(uint64_list_has(&l, 0));
	uint64_list_sort(&l);
	for (uint64_t i = 0; i < 1000; i++)
		uint64_list_add(&l, i * 7919 % 1000 * (UINT64_MAX / 1000));
	assert_int_equal(l.v[1], 919 * (UINT64_MAX / 1000));
	uint64_list_sort(&l);
	assert_int_equal(l.n, 1000);
	for (uint64_t i = 0; i < 1000; i++) {
		assert_int_equal(l.v[i], i * (UINT64_MAX / 1000));
		assert_true(uint64_list_has(&l, l.v[i]));
		assert_false(uint64_list_has(&l, l.v[i] + 1));
	}
	uint64_list_clear(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sorted_list_finds_what_was_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
