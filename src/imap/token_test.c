#include "imap/args_test.h"

/* What a kind of token is read from, and what it gives. */
struct token_case {
	struct span text;
	const char *want; /* the value, or "!" and the reason */
};

typedef struct span span_token_fn(struct tokens *t);

static void
check_tokens(span_token_fn *fn, const struct token_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct tokens t = tok_over(c[i].text, &grammar_default, a);
		struct span got = fn(&t);

		if (tok_failed(&t)) {
			assert_int_equal(got.n, 0);
			got = arena_printf(a, "!%s", t.why);
		}
		if (!span_eq(got, span_str(c[i].want)))
			fail_msg("%zu: \"%.*s\" gave \"%.*s\", want \"%s\"", i,
			    SPAN_ARG(c[i].text), SPAN_ARG(got), c[i].want);
	}
}

#define NO_STRING  "!Expected a string"
#define NOT_CLOSED "!A quoted string is not closed or badly escaped"

static const struct token_case atoms[] = {
	{ SPAN_INIT("abc"), "abc" },
	{ SPAN_INIT("a-b_c.d/e+f&g#h'i[ x"), "a-b_c.d/e+f&g#h'i[" },
	{ SPAN_INIT("a)b"), "a" },
	{ SPAN_INIT("a]"), "a" },
	{ SPAN_INIT("a\x7f"), "a" },
	{ SPAN_INIT(""), "!Expected an atom" },
	{ SPAN_INIT(" a"), "!Expected an atom" },
	{ SPAN_INIT("\"a\""), "!Expected an atom" },
	{ SPAN_INIT("\xc3\xa9"), "!Expected an atom" },
};

static const struct token_case astrings[] = {
	{ SPAN_INIT("abc"), "abc" },
	{ SPAN_INIT("a]b c"), "a]b" },
	{ SPAN_INIT("NIL"), "NIL" },
	{ SPAN_INIT("\"\""), "" },
	{ SPAN_INIT("\"a b\" c"), "a b" },
	{ SPAN_INIT("\"a \\\"b\\\\ c\""), "a \"b\\ c" },
	{ SPAN_INIT("\"\xc3\xa9\""), "\xc3\xa9" },
	{ SPAN_INIT("\"a\tb\""), "a\tb" },
	{ SPAN_INIT("{3}\r\na\nb x"), "a\nb" },
	{ SPAN_INIT("{3+}\r\n{1}"), "{1}" },
	{ SPAN_INIT("{0}\r\n"), "" },
	{ SPAN_INIT("{2}\r\n\xff\xfe"), "\xff\xfe" },
	{ SPAN_INIT(""), NO_STRING },
	{ SPAN_INIT(" a"), NO_STRING },
	{ SPAN_INIT("(a"), NO_STRING },
	{ SPAN_INIT("*"), NO_STRING },
	{ SPAN_INIT("\xc3\xa9"), NO_STRING },
	{ SPAN_INIT("\"a"), NOT_CLOSED },
	{ SPAN_INIT("\""), NOT_CLOSED },
	{ SPAN_INIT("\"a\\\""), NOT_CLOSED },
	{ SPAN_INIT("\"a\\b\""), NOT_CLOSED },
	{ SPAN_INIT("\"a\\"), NOT_CLOSED },
	{ SPAN_INIT("\"a\r\nb\""), NOT_CLOSED },
	{ SPAN_INIT("\"a\nb\""), NOT_CLOSED },
	{ SPAN_INIT("\"\xc3\""), "!A quoted string is not valid UTF-8" },
	{ SPAN_INIT("{4}\r\nabc"), "!A literal is cut short" },
	{ SPAN_INIT("{9223372036854775807}\r\nabc"),
	    "!A literal is cut short" },
	{ SPAN_INIT("{9223372036854775808}\r\nabc"), "!A number is too large" },
	{ SPAN_INIT("{}\r\n"), "!Expected a number" },
	{ SPAN_INIT("{1}a"), "!Unexpected character" },
	{ SPAN_INIT("{1"), "!Unexpected character" },
	{ SPAN_INIT("{3}\r\na\0b"), "!A literal has a NUL" },
	{ SPAN_INIT("~{3}\r\nabc"), "!A binary literal can't be used here" },
	{ SPAN_INIT("{3}\n"), "!A literal this large can't be used here" },
};

static const struct token_case nstrings[] = {
	{ SPAN_INIT("\"a\""), "a" },
	{ SPAN_INIT("\"NIL\""), "NIL" },
	{ SPAN_INIT("nil"), "" },
	{ SPAN_INIT("nile"), NO_STRING },
	{ SPAN_INIT("abc"), NO_STRING },
};

static const struct token_case list_mailboxes[] = {
	{ SPAN_INIT("%"), "%" },
	{ SPAN_INIT("a*/%] x"), "a*/%]" },
	{ SPAN_INIT("\"a b*\""), "a b*" },
	{ SPAN_INIT("(a)"), "!Expected a mailbox pattern" },
};

static void
strings_are_read_as_the_grammar_says(void **state)
{
	(void)state;
	check_tokens(tok_atom, atoms, COUNT(atoms));
	check_tokens(tok_astring, astrings, COUNT(astrings));
	check_tokens(tok_nstring, nstrings, COUNT(nstrings));
	check_tokens(tok_list_mailbox, list_mailboxes, COUNT(list_mailboxes));
}

static void
nil_is_not_the_empty_string(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tokens t = tok_over(SPAN("NIL \"\""), &grammar_default, a);

	(void)state;
	assert_null(tok_nstring(&t).p);
	tok_space(&t);
	assert_non_null(tok_nstring(&t).p);
	assert_ok(tok_end(&t));
}

static void
literals_are_inline_or_outside(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tokens t =
	    tok_over(SPAN("{3}\r\nabc~{2+}\r\n\0x{70000}\n~{9}\n"),
		&grammar_default, a);
	struct tok_literal lit;

	(void)state;
	assert_true(tok_at_literal(&t));
	lit = tok_literal(&t, false);
	assert_span(lit.bytes, "abc");
	assert_false(lit.outside || lit.literal8);
	assert_true(tok_at_literal(&t));
	lit = tok_literal(&t, true);
	assert_int_equal(lit.bytes.n, 2);
	assert_true(lit.literal8);
	lit = tok_literal(&t, true);
	assert_true(lit.outside);
	assert_int_equal(lit.size, 70000);
	assert_int_equal(lit.index, 0);
	lit = tok_literal(&t, true);
	assert_true(lit.outside && lit.literal8);
	assert_int_equal(lit.index, 1);
	assert_ok(tok_end(&t));
}

static void
numbers_have_bounds(void **state)
{
	static const struct {
		const char *text;
		bool ok32;
		bool ok_nz;
		bool ok64;
	} cases[] = {
		{ "0", true, false, true },
		{ "1", true, true, true },
		{ "007", true, true, true },
		{ "4294967295", true, true, true },
		{ "4294967296", false, false, true },
		{ "9223372036854775807", false, false, true },
		{ "9223372036854775808", false, false, false },
		{ "18446744073709551616", false, false, false },
		{ "", false, false, false },
		{ "-1", false, false, false },
		{ "+1", false, false, false },
		{ "a", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span s = span_str(cases[i].text);
		struct tokens t = tok_over(s, &grammar_default, NULL);

		(void)tok_number(&t);
		assert_int_equal(!tok_failed(&t), cases[i].ok32);
		t = tok_over(s, &grammar_default, NULL);
		(void)tok_nz_number(&t);
		assert_int_equal(!tok_failed(&t), cases[i].ok_nz);
		t = tok_over(s, &grammar_default, NULL);
		(void)tok_number64(&t);
		assert_int_equal(!tok_failed(&t), cases[i].ok64);
	}
}

static void
a_word_ends_where_an_atom_would(void **state)
{
	struct tokens t =
	    tok_over(SPAN("Flags.silent flagsX"), &grammar_default, NULL);

	(void)state;
	assert_false(tok_accept_word(&t, SPAN("FLAGS")));
	assert_true(tok_accept_word(&t, SPAN("FLAGS.SILENT")));
	tok_space(&t);
	assert_false(tok_accept_word(&t, SPAN("FLAGS")));
	assert_span(tok_word(&t), "flagsX");
}

static size_t
list_length(const char *text, bool *ok)
{
	struct tokens t = tok_over(span_str(text), &grammar_default, NULL);
	size_t n;

	for (n = 0; tok_list_more(&t, n); n++)
		(void)tok_atom(&t);
	*ok = tok_end(&t) == ST_OK;
	return n;
}

static void
lists_have_single_spaces_between_items(void **state)
{
	bool ok;

	(void)state;
	assert_int_equal(list_length("()", &ok), 0);
	assert_true(ok);
	assert_int_equal(list_length("(a)", &ok), 1);
	assert_true(ok);
	assert_int_equal(list_length("(a b c)", &ok), 3);
	assert_true(ok);
	for (size_t i = 0; i < 8; i++) {
		static const char *const bad[] = { "", "a", "(", "(a", "(a ",
			"(a )", "( a)", "(a  b)" };

		(void)list_length(bad[i], &ok);
		assert_false(ok);
	}
}

static void
the_first_error_sticks(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tokens t = tok_over(SPAN(" x y"), &grammar_default, a);

	(void)state;
	tok_space(&t);
	tok_fail(&t, ST_DENIED, "CANNOT", "First");
	tok_limit(&t, "Second");
	assert_int_equal(tok_astring(&t).n, 0);
	assert_int_equal(tok_number(&t), 0);
	assert_int_equal(tok_mailbox(&t).n, 0);
	assert_int_equal(tok_flag_list(&t).n, 0);
	assert_int_equal(tok_date_time(&t).wall, 0);
	assert_int_equal(tok_end(&t), ST_DENIED);
	assert_string_equal(t.why, "First");
	assert_string_equal(t.code, "CANNOT");
}

static void
a_space_at_the_end_is_forgiven_and_nothing_else(void **state)
{
	struct tokens t = tok_over(SPAN(" "), &grammar_default, NULL);

	(void)state;
	assert_ok(tok_end(&t));
	t = tok_over(SPAN("  "), &grammar_default, NULL);
	assert_int_equal(tok_end(&t), ST_BAD);
	t = tok_over(SPAN(" x"), &grammar_default, NULL);
	assert_int_equal(tok_end(&t), ST_BAD);
	assert_string_equal(t.why, "Unexpected text behind the arguments");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_read_as_the_grammar_says),
		cmocka_unit_test(nil_is_not_the_empty_string),
		cmocka_unit_test(literals_are_inline_or_outside),
		cmocka_unit_test(numbers_have_bounds),
		cmocka_unit_test(a_word_ends_where_an_atom_would),
		cmocka_unit_test(lists_have_single_spaces_between_items),
		cmocka_unit_test(the_first_error_sticks),
		cmocka_unit_test(
		    a_space_at_the_end_is_forgiven_and_nothing_else),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
