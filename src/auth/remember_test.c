#include "base/test.h"

#include "auth/remember.h"
#include "base/limits.h"

static void
a_right_password_is_known_for_its_time(void **state)
{
	struct remember *r = remember_new();

	(void)state;
	assert_false(remember_knows(r, 7, SPAN("secret"), 0));
	remember_put(r, 7, SPAN("secret"), 1000);
	assert_true(remember_knows(r, 7, SPAN("secret"), 999));
	assert_false(remember_knows(r, 7, SPAN("secre"), 999));
	assert_false(remember_knows(r, 7, SPAN(""), 999));
	assert_false(remember_knows(r, 8, SPAN("secret"), 999));
	assert_false(remember_knows(r, 7, SPAN("secret"), 1000));
	remember_free(&r);
}

static void
the_last_password_counts(void **state)
{
	struct remember *r = remember_new();

	(void)state;
	remember_put(r, 7, SPAN("old"), 1000);
	remember_put(r, 7, SPAN("new"), 1000);
	assert_false(remember_knows(r, 7, SPAN("old"), 0));
	assert_true(remember_knows(r, 7, SPAN("new"), 0));
	remember_free(&r);
}

static void
what_is_forgotten_is_not_known(void **state)
{
	struct remember *r = remember_new();

	(void)state;
	remember_put(r, 7, SPAN("a"), 1000);
	remember_put(r, 8, SPAN("a"), 1000);
	remember_forget(r, 7);
	remember_forget(r, 9);
	assert_false(remember_knows(r, 7, SPAN("a"), 0));
	assert_true(remember_knows(r, 8, SPAN("a"), 0));
	remember_free(&r);
}

static void
the_longest_password_is_known_and_no_longer_one(void **state)
{
	struct remember *r = remember_new();
	unsigned char p[LIMIT_PASSWORD + 1];

	(void)state;
	memset(p, 'x', sizeof(p));
	remember_put(r, 7, span_of(p, LIMIT_PASSWORD), 1000);
	assert_true(remember_knows(r, 7, span_of(p, LIMIT_PASSWORD), 0));
	assert_false(remember_knows(r, 7, span_of(p, sizeof(p)), 0));
	assert_false(remember_knows(r, 7, span_of(p, sizeof(p) - 2), 0));
	remember_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_password_is_known_for_its_time),
		cmocka_unit_test(the_last_password_counts),
		cmocka_unit_test(what_is_forgotten_is_not_known),
		cmocka_unit_test(
		    the_longest_password_is_known_and_no_longer_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
