#include "base/test.h"

#include "base/limits.h"
#include "directory/policy.h"

static const struct policy usual = { .length = 8, .strength = 3 };

static void
weak_passwords_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *password;
		const char *reason;
	} cases[] = {
		{ "", "shorter than 8 characters" },
		{ "x9$kQ2z", "shorter than 8 characters" },
		{ "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "shorter than 8" },
		{ "password", "a word or name that is tried first" },
		{ "p4ssw0rd", "letters swapped" },
		{ "qwertyuiop", "easy to guess" },
		{ "wertyuiok", "a row of keys" },
		{ "abcdefghijkl", "a sequence" },
		{ "aaaaaaaaaaaa", "a repetition" },
		{ "annasmith", "easy to guess" },
		{ "tab\there it is", "control characters" },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff", "UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf why = { 0 };

		if (policy_check(&usual, SPAN("annasmith@example.org"),
			span_str(cases[i].password), &why) != ST_DENIED)
			fail_msg("%s is let through", cases[i].password);
		buf_byte(&why, '\0');
		if (strstr((const char *)why.p, cases[i].reason) == NULL)
			fail_msg("%s: %s", cases[i].password, why.p);
	}
}

static void
the_accounts_own_name_is_weak(void **state)
{
	CLEANUP(buf_clear) struct buf why = { 0 };

	(void)state;
	assert_int_equal(policy_check(&usual, SPAN("wexforthian@qumblat.org"),
			     SPAN("wexforthian"), &why),
	    ST_DENIED);
	buf_byte(&why, '\0');
	assert_non_null(strstr((const char *)why.p, "own name"));
	assert_ok(
	    policy_check(&usual, SPAN("anna"), SPAN("wexforthian"), &why));
}

static void
strong_passwords_pass(void **state)
{
	static const char *const cases[] = {
		"correct horse battery staple",
		"v8Kq-2nLw0x",
		"\xd0\xb6\xd1\x91\xd0\xbb\xd1\x82\xd1\x8b\xd0\xb9-x7",
	};
	CLEANUP(buf_clear) struct buf why = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_ok(policy_check(&usual, SPAN("anna"), span_str(cases[i]),
		    &why));
	assert_int_equal(why.n, 0);
}

static void
the_settings_decide(void **state)
{
	static const struct policy none = { 0, 0 };
	CLEANUP(buf_clear) struct buf why = { 0 };

	(void)state;
	assert_ok(policy_check(&none, SPAN(""), SPAN("a"), &why));
	assert_ok(policy_check(&none, SPAN(""), SPAN(""), &why));
}

static void
long_passwords_take_no_time(void **state)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	char long_one[LIMIT_PASSWORD + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(long_one); i++)
		long_one[i] = (char)('a' + i * 7 % 26);
	assert_ok(policy_check(&usual, SPAN("anna"),
	    span_of(long_one, LIMIT_PASSWORD), &why));
	assert_int_equal(policy_check(&usual, SPAN("anna"),
			     span_of(long_one, sizeof(long_one)), &why),
	    ST_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weak_passwords_are_refused_with_a_reason),
		cmocka_unit_test(the_accounts_own_name_is_weak),
		cmocka_unit_test(strong_passwords_pass),
		cmocka_unit_test(the_settings_decide),
		cmocka_unit_test(long_passwords_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
