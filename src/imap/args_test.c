#include "imap/args_test.h"

static const struct {
	const char *text;
	const char *tag;
	const char *name;
	const char *args;
	const char *fault;
} commands[] = {
	{ "a NOOP", "a", "NOOP", "", NULL },
	{ "A142 SELECT INBOX", "A142", "SELECT", " INBOX", NULL },
	{ "a uid fetch 1 FLAGS", "a", "uid fetch", " 1 FLAGS", NULL },
	{ "a UID", "a", "UID", "", NULL },
	{ "a UID ", "a", "UID ", "", NULL },
	{ "a UID  FETCH", "a", "UID ", " FETCH", NULL },
	{ "a UIDS x", "a", "UIDS", " x", NULL },
	{ "a] NOOP ", "a]", "NOOP", " ", NULL },
	{ "a AUTHENTICATE", "a", "AUTHENTICATE", "", NULL },
	{ "", "*", "", "", "A command starts with a tag" },
	{ " NOOP", "*", "", "", "A command starts with a tag" },
	{ "a+b NOOP", "*", "", "", "A command starts with a tag" },
	{ "+ NOOP", "*", "", "", "A command starts with a tag" },
	{ "{3}\r\nabc", "*", "", "", "A command starts with a tag" },
	{ "", "*", "", "", "A command starts with a tag" },
	{ "a", "a", "", "", "There is no command behind the tag" },
	{ "a ", "a", "", "", "There is no command behind the tag" },
	{ "a  NOOP", "a", "", "", "There is no command behind the tag" },
	{ "a (", "a", "", "", "There is no command behind the tag" },
	{ "a NOOP(x)", "a", "NOOP", "", "A command's name ends with a space" },
	{ "1234567890123456789012345678901234567890123456789012345678901234 "
	  "X",
	    "12345678901234567890123456789012345678901234567890123456789012"
	    "34",
	    "X", "", NULL },
	{ "12345678901234567890123456789012345678901234567890123456789012345 "
	  "X",
	    "*", "", "", "The tag is too long" },
};

static void
a_command_has_a_tag_a_name_and_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		struct command_text c;
		const char *fault =
		    command_split(span_str(commands[i].text), &c);

		if (commands[i].fault == NULL)
			assert_null(fault);
		else
			assert_string_equal(fault, commands[i].fault);
		assert_true(span_eq(c.tag, span_str(commands[i].tag)));
		assert_true(span_eq(c.name, span_str(commands[i].name)));
		assert_true(span_eq(c.args, span_str(commands[i].args)));
	}
}

static void
show_none(struct buf *b, const void *args)
{
	assert_null(args);
	BUF_LIT(b, "none");
}

static const struct parse_case none[] = {
	{ "", "none" },
	{ " ", "none" },
	{ "  ", "BAD Unexpected text behind the arguments" },
	{ " x", "BAD Unexpected text behind the arguments" },
	{ "(", "BAD Unexpected text behind the arguments" },
};

static void
no_arguments_are_no_arguments(void **state)
{
	(void)state;
	CHECK_CASES(parse_none, show_none, none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_a_tag_a_name_and_arguments),
		cmocka_unit_test(no_arguments_are_no_arguments),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
