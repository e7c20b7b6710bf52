#include "base/test.h"

#include "cli/eol.h"

static const struct {
	const char *in;
	const char *crlf;
	const char *lf;
} cases[] = {
	{ "", "", "" },
	{ "a", "a", "a" },
	{ "\n", "\r\n", "\n" },
	{ "a\nb\n", "a\r\nb\r\n", "a\nb\n" },
	{ "a\r\nb\r\n", "a\r\nb\r\n", "a\nb\n" },
	{ "a\r\nb\n\nc", "a\r\nb\r\n\r\nc", "a\nb\n\nc" },
	{ "\n\n", "\r\n\r\n", "\n\n" },
	{ "\r\n\n", "\r\n\r\n", "\n\n" },
	{ "a\rb\r", "a\rb\r", "a\rb\r" },
	{ "a\r\r\n", "a\r\r\n", "a\r\n" },
};

static void
ends_of_lines_are_as_they_are_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf crlf = { 0 };
		CLEANUP(buf_clear) struct buf lf = { 0 };

		eol_to_crlf(&crlf, span_str(cases[i].in));
		eol_to_lf(&lf, span_str(cases[i].in));
		if (!span_eq(buf_span(&crlf), span_str(cases[i].crlf)) ||
		    !span_eq(buf_span(&lf), span_str(cases[i].lf)))
			fail_msg("case %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_of_lines_are_as_they_are_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
