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
		assert_int_equal(backoff_wait(&b, 10), want[i]);
}

static void
a_process_that_ran_well_starts_over(void **state)
{
	struct backoff b = { 0 };

	(void)state;
	(void)backoff_wait(&b, 10);
	(void)backoff_wait(&b, 10);
	assert_int_equal(backoff_wait(&b, 59999), 4000);
	assert_int_equal(backoff_wait(&b, 60000), 1000);
	assert_int_equal(backoff_wait(&b, 10), 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_half_a_minute),
		cmocka_unit_test(a_process_that_ran_well_starts_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
