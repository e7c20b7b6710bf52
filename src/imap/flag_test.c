#include "base/test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "imap/flag.h"

static void
flags_have_names_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(flag_of_name(SPAN("\\Seen")), FLAG_SEEN);
	assert_int_equal(flag_of_name(SPAN("\\SEEN")), FLAG_SEEN);
	assert_int_equal(flag_of_name(SPAN("\\draft")), FLAG_DRAFT);
	assert_int_equal(flag_of_name(SPAN("\\Recent")), FLAG_RECENT);
	assert_int_equal(flag_of_name(SPAN("Seen")), 0);
	assert_int_equal(flag_of_name(SPAN("\\")), 0);
	assert_int_equal(flag_of_name(SPAN("")), 0);
	for (unsigned bit = 1; bit <= FLAGS_SYSTEM; bit <<= 1)
		assert_int_equal(flag_of_name(flag_name(bit)), bit);
}

static void
special_uses_have_names_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(special_use_of_name(SPAN("\\sent")), USE_SENT);
	assert_int_equal(special_use_of_name(SPAN("\\Inbox")), 0);
	for (unsigned bit = 1; bit <= USE_TRASH; bit <<= 1)
		assert_int_equal(special_use_of_name(special_use_name(bit)),
		    bit);
}

static void
keywords_are_short_atoms(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	assert_true(flag_is_keyword(SPAN("$Forwarded")));
	assert_true(flag_is_keyword(SPAN("NonJunk")));
	assert_true(flag_is_keyword(SPAN("cc'd[1")));
	assert_false(flag_is_keyword(SPAN("")));
	assert_false(flag_is_keyword(SPAN("a b")));
	assert_false(flag_is_keyword(SPAN("\\Seen")));
	assert_false(flag_is_keyword(SPAN("a]")));
	assert_false(flag_is_keyword(SPAN("a*")));
	assert_false(flag_is_keyword(SPAN("\xc3\xa9")));
	while (b.n < LIMIT_KEYWORD)
		buf_byte(&b, 'k');
	assert_true(flag_is_keyword(buf_span(&b)));
	buf_byte(&b, 'k');
	assert_false(flag_is_keyword(buf_span(&b)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_have_names_in_any_case),
		cmocka_unit_test(special_uses_have_names_in_any_case),
		cmocka_unit_test(keywords_are_short_atoms),
	};

	return cmocka_run_group_tests_name("flag", tests, NULL, NULL);
}
