#include "base/test.h"

#include "master/backoff.h"

static void
waits_double_up_to_half_a_minute(void **state)
{
	static const int64_t want[] = { 1000, 2000, 4000, 8000, 16000, 30000,
		30000 };
	struct backoff b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++)
		assert_int_equal(backoff_wait(&b, 10, false), want[i]);
}

static void
a_process_that_ran_well_starts_over(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	(void)backoff_wait(&b, 10, false);
	(void)backoff_wait(&b, 10, false);
	assert_int_equal(backoff_wait(&b, 59999, false), 4000);
	assert_int_equal(backoff_wait(&b, 60000, false), 1000);
	assert_int_equal(backoff_wait(&b, 10, false), 2000);
}

static void
one_killed_from_outside_does_not_wait_longer(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(backoff_wait(&b, 10, true), 1000);
	assert_int_equal(backoff_wait(&b, 10, false), 1000);
	assert_int_equal(backoff_wait(&b, 10, true), 1000);
	assert_int_equal(backoff_wait(&b, 10, false), 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_half_a_minute),
		cmocka_unit_test(a_process_that_ran_well_starts_over),
		cmocka_unit_test(one_killed_from_outside_does_not_wait_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
