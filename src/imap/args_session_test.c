#include "imap/args_session.h"
#include "imap/args_test.h"

#define NO_MORE "BAD Expected a space and one more argument"

static void
show_login(struct buf *b, const void *p)
{
	const struct login_args *args = p;

	buf_printf(b, "%.*s:%.*s", SPAN_ARG(args->user),
	    SPAN_ARG(args->password));
}

static const struct parse_case logins[] = {
	{ " SMITH SESAME", "SMITH:SESAME" },
	{ " \"a b\" \"c\\\"d\"", "a b:c\"d" },
	{ " {11}\r\nFRED FOOBAR {7}\r\nfat man", "FRED FOOBAR:fat man" },
	{ " a \"\"", "a:" },
	{ " a \"\xc3\xa9\"", "a:\xc3\xa9" },
	{ " a b ", "a:b" },
	{ " a b c", "BAD Unexpected text behind the arguments" },
	{ " a", NO_MORE },
	{ "", NO_MORE },
	{ " a (b)", "BAD Expected a string" },
	{ " a {2}\n", "BAD A literal this large can't be used here" },
};

static void
show_authenticate(struct buf *b, const void *p)
{
	const struct authenticate_args *args = p;

	buf_printf(b, "%.*s", SPAN_ARG(args->mechanism));
	if (args->has_initial)
		buf_printf(b, " <%.*s>", SPAN_ARG(args->initial));
}

static const struct parse_case authenticates[] = {
	{ " GSSAPI", "GSSAPI" },
	{ " SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS" },
	{ " PLAIN dGVzdAB0ZXN0AHRlc3Q=",
	    "PLAIN <dGVzdAB0ZXN0AHRlc3Q=>" }, /* RFC 4959 section 4 */
	{ " EXTERNAL =", "EXTERNAL <>" },
	{ " PLAIN YQ", "BAD The initial response is not base64" },
	{ " PLAIN YQ==x", "BAD The initial response is not base64" },
	{ " PLAIN Y'==", "BAD The initial response is not base64" },
	{ " PLAIN ", "BAD Expected an atom" },
	{ "", NO_MORE },
	{ " \"PLAIN\"", "BAD Expected an atom" },
};

static void
show_id(struct buf *b, const void *p)
{
	const struct id_args *args = p;

	buf_printf(b, "%zu:", args->n);
	for (size_t i = 0; i < args->n; i++) {
		const struct id_pair *pair = &args->pairs[i];

		buf_printf(b, " %.*s=", SPAN_ARG(pair->name));
		if (pair->value.p == NULL)
			BUF_LIT(b, "NIL");
		else
			buf_printf(b, "\"%.*s\"", SPAN_ARG(pair->value));
	}
}

static const struct parse_case ids[] = {
	{ " NIL", "0:" },
	{ " nil", "0:" },
	{ " ()", "0:" },
	{ " (\"name\" \"sodr\" \"version\" \"19.34\" \"vendor\" NIL)",
	    "3: name=\"sodr\" version=\"19.34\" vendor=NIL" },
	{ " (\"name\" {4}\r\nsodr)", "1: name=\"sodr\"" },
	/* A name of 31 bytes is left out, one of 30 is not. */
	{ " (\"1234567890123456789012345678901\" \"x\" "
	  "\"123456789012345678901234567890\" \"y\")",
	    "1: 123456789012345678901234567890=\"y\"" },
	{ " (\"name\")", NO_MORE },
	{ " (name \"x\")", "BAD Expected a string" },
	{ " (NIL \"x\")", "BAD Expected a string" },
	{ " \"x\"", "BAD Expected \"(\"" },
	{ "", NO_MORE },
};

static void
show_enable(struct buf *b, const void *p)
{
	const struct enable_args *args = p;

	for (size_t i = 0; i < args->n; i++)
		buf_printf(b, "<%.*s>", SPAN_ARG(args->names[i]));
}

static const struct parse_case enables[] = {
	{ " CONDSTORE", "<CONDSTORE>" },
	{ " CONDSTORE UTF8=ACCEPT QRESYNC IMAP4rev2 X-GOOD-IDEA",
	    "<CONDSTORE><UTF8=ACCEPT><QRESYNC><IMAP4rev2><X-GOOD-IDEA>" },
	{ " QRESYNC ", "<QRESYNC>" },
	{ "", NO_MORE },
	{ " (CONDSTORE)", "BAD Expected an atom" },
};

static void
show_compress(struct buf *b, const void *p)
{
	const struct compress_args *args = p;

	buf_add(b, args->algorithm);
}

static const struct parse_case compresses[] = {
	{ " DEFLATE", "DEFLATE" },
	{ "", NO_MORE },
	{ " DEFLATE x", "BAD Unexpected text behind the arguments" },
};

static void
session_commands_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_login, show_login, logins);
	CHECK_CASES(parse_authenticate, show_authenticate, authenticates);
	CHECK_CASES(parse_id, show_id, ids);
	CHECK_CASES(parse_enable, show_enable, enables);
	CHECK_CASES(parse_compress, show_compress, compresses);
}

static void
a_nul_is_no_part_of_a_password(void **state)
{
	(void)state;
	check_span(parse_login, show_login, SPAN(" a {3}\r\nb\0c"),
	    "BAD A literal has a NUL", false);
}

static void
too_many_names_or_pairs_are_bounded(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tokens t;
	const void *out = NULL;

	(void)state;
	for (int i = 0; i < 65; i++)
		buf_printf(&b, " X%d", i);
	check_span(parse_enable, show_enable, buf_span(&b),
	    "NO [LIMIT] There are too many names", false);

	buf_reset(&b);
	BUF_LIT(&b, " (\"a\" \"b\"");
	for (int i = 0; i < 40; i++)
		BUF_LIT(&b, " \"c\" \"d\"");
	BUF_LIT(&b, ")");
	t = tok_over(buf_span(&b), &grammar_default, a);
	assert_ok(parse_id(&t, a, &out));
	assert_int_equal(((const struct id_args *)out)->n, 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_commands_are_read),
		cmocka_unit_test(a_nul_is_no_part_of_a_password),
		cmocka_unit_test(too_many_names_or_pairs_are_bounded),
	};

	return cmocka_run_group_tests_name("args_session", tests, NULL, NULL);
}
