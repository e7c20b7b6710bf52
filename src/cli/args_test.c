#include "base/test.h"

#include "cli/args.h"

#define WORDS_MAX 8

static const struct option options[] = {
	{ "--imap", "ADDR:PORT" },
	{ "--yes", NULL },
	{ NULL, NULL },
};
static const struct grammar grammar = { options, 1, 2 };

static const struct {
	const char *argv[WORDS_MAX];
	const char *want; /* words, then options, then -c and help */
} good[] = {
	{ { "a" }, "a" },
	{ { "a", "b" }, "a b" },
	{ { "--imap", "*:143", "a" }, "a --imap=*:143" },
	{ { "--imap=*:143", "a" }, "a --imap=*:143" },
	{ { "--imap=", "a" }, "a --imap=" },
	{ { "a", "--yes", "--imap", "--yes" }, "a --yes= --imap=--yes" },
	{ { "-c", "f", "a" }, "a -c f" },
	{ { "a", "-c", "f" }, "a -c f" },
	{ { "a", "-cf" }, "a -c f" },
	{ { "a", "--", "--yes" }, "a --yes" },
	{ { "--", "-c" }, "-c" },
	{ { "--help" }, " help" },
	{ { "a", "-h" }, "a help" },
};

static const struct {
	const char *argv[WORDS_MAX];
	const char *why;
} bad[] = {
	{ { NULL }, "something is missing" },
	{ { "a", "b", "c" }, "\"c\" is one word too many" },
	{ { "a", "--imp" }, "there is no option --imp" },
	{ { "a", "--imap" }, "--imap needs a value: --imap ADDR:PORT" },
	{ { "a", "--yes=1" }, "--yes takes no value" },
	{ { "a", "--yes", "--yes" }, "--yes is there twice" },
	{ { "a", "-c" }, "-c needs the name of a settings file" },
	{ { "a", "-x" }, "there is no option -x" },
};

static size_t
count(const char *const *argv)
{
	size_t n = 0;

	while (n < WORDS_MAX && argv[n] != NULL)
		n++;
	return n;
}

static void
print(const struct args *a, struct buf *out)
{
	for (size_t i = 0; i < a->n; i++)
		buf_printf(out, i > 0 ? " %s" : "%s", a->words[i]);
	for (size_t i = 0; i < a->n_given; i++)
		buf_printf(out, " %s=%s", a->given[i].name, a->given[i].value);
	if (a->config != NULL)
		buf_printf(out, " -c %s", a->config);
	if (a->help)
		buf_str(out, " help");
	buf_byte(out, '\0');
}

static void
options_may_stand_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		CLEANUP(buf_clear) struct buf why = { 0 };
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct args a = { 0 };

		assert_ok(args_parse(&grammar, good[i].argv,
		    count(good[i].argv), &a, &why));
		print(&a, &got);
		assert_string_equal(got.p, good[i].want);
	}
}

static void
what_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		CLEANUP(buf_clear) struct buf why = { 0 };
		struct args a = { 0 };

		assert_int_equal(args_parse(&grammar, bad[i].argv,
				     count(bad[i].argv), &a, &why),
		    ST_BAD);
		buf_byte(&why, '\0');
		assert_string_equal(why.p, bad[i].why);
	}
}

static void
the_settings_file_may_stand_before_the_command(void **state)
{
	const char *argv[] = { "-c", "f", "--help", "user", "-c", "g" };
	const char *wrong[] = { "--json", "user" };
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct args a = { 0 };
	size_t n = 0;

	(void)state;
	assert_ok(args_before(argv, COUNT(argv), &a, &n, &why));
	assert_int_equal(n, 3);
	assert_string_equal(a.config, "f");
	assert_true(a.help);
	assert_int_equal(args_before(wrong, COUNT(wrong), &a, &n, &why),
	    ST_BAD);
}

static void
values_are_found_by_name(void **state)
{
	const char *argv[] = { "a", "--yes" };
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct args a = { 0 };

	(void)state;
	assert_ok(args_parse(&grammar, argv, COUNT(argv), &a, &why));
	assert_string_equal(args_value(&a, "--yes"), "");
	assert_null(args_value(&a, "--imap"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_anywhere),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(
		    the_settings_file_may_stand_before_the_command),
		cmocka_unit_test(values_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
