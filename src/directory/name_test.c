#include "base/test.h"

#include "directory/name.h"

static void
names_are_prepared_and_lower_case(void **state)
{
	static const struct {
		const char *typed;
		const char *prepared;
	} cases[] = {
		{ "anna", "anna" },
		{ "Anna@Example.ORG", "anna@example.org" },
		{ "\xc3\x84nne@b\xc3\xbc.example",
		    "\xc3\x84nne@b\xc3\xbc.example" },
		{ "I\xc2\xadX", "ix" },      /* RFC 4013, 3: 1 */
		{ "\xc2\xaa", "a" },         /* RFC 4013, 3: 4 */
		{ "\xe2\x85\xa8", "ix" },    /* RFC 4013, 3: 5 */
		{ "A\xcc\x88", "\xc3\x84" }, /* composed */
		{ "user+tag@example.org", "user+tag@example.org" },
		{ "o'neil", "o'neil" },
	};
	char out[LIMIT_USER_NAME + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_ok(name_prepare(span_str(cases[i].typed), out));
		assert_string_equal(out, cases[i].prepared);
	}
}

static void
what_cannot_be_a_name_is_refused(void **state)
{
	static const struct span cases[] = {
		SPAN_INIT(""), SPAN_INIT("@"), SPAN_INIT("@example.org"),
		SPAN_INIT("anna@"), SPAN_INIT("anna@b@c"), SPAN_INIT("a b"),
		SPAN_INIT("a\xc2\xa0"
			  "b"), /* a space once it is prepared */
		SPAN_INIT("a\0b"), SPAN_INIT("a\r\nb"),
		SPAN_INIT("\x07"),             /* RFC 4013, 3: 6 */
		SPAN_INIT("\xd8\xa7\x31"),     /* RFC 4013, 3: 7 */
		SPAN_INIT("\xff\xfe"),         /* not UTF-8 */
		SPAN_INIT("\xc3"),             /* cut */
		SPAN_INIT("\xf0\x9f\x98\x80"), /* not in Unicode 3.2 */
		SPAN_INIT("a/b"), SPAN_INIT("a%"), SPAN_INIT("\"a\""),
		SPAN_INIT("\xc2\xad"), /* nothing once it is prepared */
	};
	char out[LIMIT_USER_NAME + 1] = "as it was";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(name_prepare(cases[i], out), ST_BAD);
		assert_string_equal(out, "as it was");
	}
}

static void
names_have_a_longest(void **state)
{
	char typed[LIMIT_USER_NAME + 1], out[LIMIT_USER_NAME + 1];

	(void)state;
	memset(typed, 'a', sizeof(typed));
	assert_ok(name_prepare(span_of(typed, LIMIT_USER_NAME), out));
	assert_int_equal(strlen(out), LIMIT_USER_NAME);
	assert_int_equal(name_prepare(span_of(typed, sizeof(typed)), out),
	    ST_BAD);
}

/* U+FB1D grows when prepared: three times as many bytes. */
static void
names_that_grow_past_the_longest_are_refused(void **state)
{
	char typed[LIMIT_USER_NAME + 1], out[LIMIT_USER_NAME + 1];
	size_t n = 0;

	(void)state;
	for (; n + 3 <= LIMIT_USER_NAME; n += 3)
		memcpy(typed + n, "\xef\xb7\xba", 3); /* U+FDFA: 18 letters */
	assert_int_equal(name_prepare(span_of(typed, n), out), ST_BAD);
}

static void
passwords_are_prepared(void **state)
{
	char out[LIMIT_PASSWORD_PREPARED + 1];
	size_t n;

	(void)state;
	assert_ok(name_prepare_password(SPAN("p\xc2\xb2 \xc2\xa0x"), out, &n));
	assert_span(span_of(out, n), "p2  x");
	assert_ok(name_prepare_password(SPAN("\xf0\x9f\x98\x80"), out, &n));
	assert_span(span_of(out, n), "\xf0\x9f\x98\x80");
	assert_int_equal(name_prepare_password(SPAN("a\tb"), out, &n), ST_BAD);
	assert_int_equal(name_prepare_password(SPAN("a\0b"), out, &n), ST_BAD);
	assert_int_equal(name_prepare_password(SPAN(""), out, &n), ST_BAD);
	assert_int_equal(name_prepare_password(SPAN("\xff"), out, &n), ST_BAD);
}

static void
the_longest_password_has_room_when_prepared(void **state)
{
	char typed[LIMIT_PASSWORD], out[LIMIT_PASSWORD_PREPARED + 1];
	size_t n = 0, got;

	(void)state;
	for (; n + 3 <= sizeof(typed); n += 3)
		memcpy(typed + n, "\xef\xb7\xba", 3);
	assert_ok(name_prepare_password(span_of(typed, n), out, &got));
	assert_true(got > n);
	assert_int_equal(strlen(out), got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_prepared_and_lower_case),
		cmocka_unit_test(what_cannot_be_a_name_is_refused),
		cmocka_unit_test(names_have_a_longest),
		cmocka_unit_test(names_that_grow_past_the_longest_are_refused),
		cmocka_unit_test(passwords_are_prepared),
		cmocka_unit_test(the_longest_password_has_room_when_prepared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
