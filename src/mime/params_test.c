#include "base/test.h"

#include "base/limits.h"
#include "mime/params.h"

/* name=value| for each; a star behind the name of an extended one. */
static void
write_params(struct buf *out, struct params ps)
{
	for (size_t i = 0; i < ps.n; i++)
		buf_printf(out, "%.*s%s=%.*s|", SPAN_ARG(ps.p[i].name),
		    ps.p[i].extended ? "*" : "", SPAN_ARG(ps.p[i].value));
	buf_byte(out, '\0');
}

static const struct {
	const char *value;
	const char *want;
} cases[] = {
	{ "; charset=us-ascii", "charset=us-ascii|" },
	{ "; Charset=\"us-ascii\" (Plain text)", "charset=us-ascii|" },
	{ "; charset=us-ascii (Plain text)", "charset=us-ascii|" },
	{ " ; a = b ;; c=d;", "a=b|c=d|" },
	{ ";a=\"b \\\"c\\\" ; d\"; e=f", "a=b \"c\" ; d|e=f|" },
	{ "; a=\"b\r\n c\"", "a=b c|" },
	{ "; a=", "a=|" },
	{ "; a=\"\"", "a=|" },
	{ "; a; b=c", "b=c|" },
	{ "; =x; b=c", "b=c|" },
	{ "", "" },

	/* RFC 2231 section 3 */
	{ "; access-type=URL;\r\n URL*0=\"ftp://\";\r\n"
	  " URL*1=\"cs.utk.edu/pub/moore/bulk-mailer.tar\"",
	    "access-type=URL|"
	    "url=ftp://cs.utk.edu/pub/moore/bulk-mailer.tar|" },
	/* section 4 */
	{ "; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
	    "title*=This is ***fun***|" },
	/* section 4.1 */
	{ "; title*0*=us-ascii'en'This%20is%20even%20more%20\r\n"
	  " title*1*=%2A%2A%2Afun%2A%2A%2A%20\r\n"
	  " title*2=\"isn't it!\"",
	    "title*=This is even more ***fun*** isn't it!|" },
	/* out of order, with gaps, twice, from the wrong number */
	{ "; n*2=c; n*0=a; n*1=b", "n=abc|" },
	{ "; n*10=k; n*1=b; n*0=a; n*2=c", "n=abc|" },
	{ "; n*0=a; n*2=c; x=y", "n=a|x=y|" },
	{ "; n*0=a; n*0=x; n*1=b", "n=ab|" },
	{ "; n*1=a; n*2=b", "n=ab|" },
	/* charsets, one for all pieces */
	{ "; n*=utf-8''%e2%82%ac", "n*=\xe2\x82\xac|" },
	{ "; n*=ISO-8859-1''%A3%20rates", "n*=\xc2\xa3 rates|" },
	{ "; n*0*=utf-8''%e2%82; n*1*=%ac; n*2=.txt", "n*=\xe2\x82\xac.txt|" },
	{ "; n*0=a; n*1*=utf-8''%41", "n*=aA|" },
	{ "; n*=%41%zz%4", "n*=A%zz%4|" },
	{ "; n*=x-nowhere''%e4", "n*=\xc3\xa4|" },
	{ "; n*=''a", "n*=a|" },
	/* both forms */
	{ "; n=EURO; n*=utf-8''%e2%82%ac", "n=EURO|n*=\xe2\x82\xac|" },
	/* stars that mean nothing */
	{ "; n*x=a; *=b; n*0*0=c; n*-1=d", "n*x=a|*=b|n*0*0=c|n*-1=d|" },
	{ "; n*99999999999999999999=a", "n*99999999999999999999=a|" },

	/* what mail has, though it may not */
	{ "; name=my file.pdf; x=y", "name=my file.pdf|x=y|" },
	{ "; name=file(1).pdf", "name=file(1).pdf|" },
	{ " charset=utf-8 format=flowed", "charset=utf-8|format=flowed|" },
	{ "; boundary=----=_Part_1_2.3", "boundary=----=_Part_1_2.3|" },
	{ "; name=\"never ends; x=y", "name=\"never ends|x=y|" },
	{ "; name=\"a\" junk; x=y", "name=a|x=y|" },
	{ "; name==?utf-8?Q?a_b?=", "name==?utf-8?Q?a_b?=|" },
	{ "; name=J\xc3\xb6rg.txt", "name=J\xc3\xb6rg.txt|" },
	{ "; a=1; A=2; a*0=3", "a=1|" },
	{ ",,\"x\" @; a=b", "a=b|" },
};

static void
parameters_are_read_and_put_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct lex l = { .rest = span_str(cases[i].value) };

		write_params(&got, params_parse(a, &l));
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

static void
the_extended_form_is_found_first(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct lex l = { .rest = SPAN("; n=a; n*=utf-8''b; m=c") };
	struct params ps = params_parse(a, &l);

	(void)state;
	assert_span(params_find(&ps, SPAN("n")), "b");
	assert_span(params_find(&ps, SPAN("m")), "c");
	assert_span(params_find(&ps, SPAN("x")), "");
}

/* Rule 46: hostile numbers and sizes of parameters. */
static void
parameters_have_bounds(void **state)
{
	static const char *const after[] = { "=v", "*=utf-8''v" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf value = { 0 };
		struct params ps;
		struct lex l;

		for (int j = 0; j < 100000; j++)
			buf_printf(&value, "; p%s%d%s", i < 2 ? "" : "*", j,
			    after[i % 2]);
		l = (struct lex){ .rest = buf_span(&value) };
		ps = params_parse(a, &l);
		assert_in_range(ps.n, 1, LIMIT_MIME_PARAMS);
	}
}

static void
values_have_a_bound_together(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct params ps;
	size_t bytes = 0;
	struct lex l;

	(void)state;
	for (int i = 0; i < 50; i++) {
		buf_printf(&value, "; p%d=", i);
		for (int j = 0; j < 10000; j++)
			buf_byte(&value, 'v');
	}
	l = (struct lex){ .rest = buf_span(&value) };
	ps = params_parse(a, &l);
	for (size_t i = 0; i < ps.n; i++)
		bytes += ps.p[i].value.n;
	assert_int_equal(bytes, LIMIT_MIME_PARAM_BYTES);
}

/* Rule 46: what is no parameter costs, too. */
static void
pieces_that_are_none_are_not_read_for_ever(void **state)
{
	static const char *const nothing[] = { ";=", "; x " };
	static const struct {
		int times;
		const char *want;
	} runs[] = {
		{ LIMIT_MIME_PARAM_TRIES - 1, "b" },
		{ LIMIT_MIME_PARAM_TRIES + 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(runs) * 2; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf value = { 0 };
		struct params ps;
		struct lex l;

		for (int j = 0; j < runs[i / 2].times; j++)
			buf_str(&value, nothing[i % 2]);
		buf_str(&value, ";a=b");
		l = (struct lex){ .rest = buf_span(&value) };
		ps = params_parse(a, &l);
		assert_true(span_eq(params_find(&ps, SPAN("a")),
		    span_str(runs[i / 2].want)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_read_and_put_together),
		cmocka_unit_test(the_extended_form_is_found_first),
		cmocka_unit_test(parameters_have_bounds),
		cmocka_unit_test(values_have_a_bound_together),
		cmocka_unit_test(pieces_that_are_none_are_not_read_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
