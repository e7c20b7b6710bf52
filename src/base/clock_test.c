#include "base/test.h"

#include "base/clock.h"

static void
known_days_are_right(void **state)
{
	static const struct {
		int64_t wall;
		struct civil c;
	} cases[] = {
		{ 0, { 1970, 1, 1, 0, 0, 0, 4 } },
		{ -1, { 1969, 12, 31, 23, 59, 59, 3 } },
		{ 951782400, { 2000, 2, 29, 0, 0, 0, 2 } },
		{ 1709251199, { 2024, 2, 29, 23, 59, 59, 4 } },
		{ 4107542400, { 2100, 3, 1, 0, 0, 0, 1 } },
		{ -62135596800, { 1, 1, 1, 0, 0, 0, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct civil got = civil_of(cases[i].wall);

		assert_memory_equal(&got, &cases[i].c, sizeof(got));
		assert_true(civil_wall(&cases[i].c) == cases[i].wall);
	}
}

static void
every_day_of_two_eras_follows_the_last(void **state)
{
	int64_t first = civil_days(1600, 1, 1);
	int64_t last = civil_days(2400, 1, 1);
	int weekday = civil_of((first - 1) * 86400).weekday;

	(void)state;
	for (int64_t d = first; d < last; d++) {
		struct civil c = civil_of(d * 86400);

		weekday = (weekday + 1) % 7;
		assert_int_equal(c.weekday, weekday);
		assert_true(civil_days(c.year, c.month, c.day) == d);
	}
}

static void
the_monotonic_clock_does_not_go_back(void **state)
{
	int64_t a = clock_now_ms();

	(void)state;
	assert_true(clock_now_ms() >= a);
	assert_true(clock_wall() > 1700000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_days_are_right),
		cmocka_unit_test(every_day_of_two_eras_follows_the_last),
		cmocka_unit_test(the_monotonic_clock_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
