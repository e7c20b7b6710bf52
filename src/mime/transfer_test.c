#include "base/test.h"

#include "mime/decode.h"

#define BLANKS_10 "          "
#define BLANKS_30 BLANKS_10 BLANKS_10 BLANKS_10
#define BLANKS_50 BLANKS_30 BLANKS_10 BLANKS_10

static const struct {
	enum mime_encoding encoding;
	struct span in;
	struct span want;
} cases[] = {
	/* RFC 4648 section 10 */
	{ MIME_BASE64, SPAN_INIT(""), SPAN_INIT("") },
	{ MIME_BASE64, SPAN_INIT("Zg=="), SPAN_INIT("f") },
	{ MIME_BASE64, SPAN_INIT("Zm8="), SPAN_INIT("fo") },
	{ MIME_BASE64, SPAN_INIT("Zm9v"), SPAN_INIT("foo") },
	{ MIME_BASE64, SPAN_INIT("Zm9vYg=="), SPAN_INIT("foob") },
	{ MIME_BASE64, SPAN_INIT("Zm9vYmE="), SPAN_INIT("fooba") },
	{ MIME_BASE64, SPAN_INIT("Zm9vYmFy"), SPAN_INIT("foobar") },
	/* lines, junk, missing and early padding */
	{ MIME_BASE64, SPAN_INIT("Zm9v\r\nYmFy\r\n"), SPAN_INIT("foobar") },
	{ MIME_BASE64, SPAN_INIT("Z m-9\nv"), SPAN_INIT("foo") },
	{ MIME_BASE64, SPAN_INIT("Zm9vYg"), SPAN_INIT("foob") },
	{ MIME_BASE64, SPAN_INIT("Zm9vYmE"), SPAN_INIT("fooba") },
	{ MIME_BASE64, SPAN_INIT("Zm9vY"), SPAN_INIT("foo") },
	{ MIME_BASE64, SPAN_INIT("Zg==Zg=="), SPAN_INIT("ff") },
	{ MIME_BASE64, SPAN_INIT("===="), SPAN_INIT("") },
	{ MIME_BASE64, SPAN_INIT("AA+/"), SPAN_INIT("\x00\x0f\xbf") },

	/* RFC 2045 section 6.7 */
	{ MIME_QUOTED_PRINTABLE,
	    SPAN_INIT("Now's the time =\r\nfor all folk to come=\r\n"
		      " to the aid of their country."),
	    SPAN_INIT("Now's the time for all folk to come"
		      " to the aid of their country.") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a=3D=3d=E4"),
	    SPAN_INIT("a==\xe4") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a \t\r\nb  \nc\r\n"),
	    SPAN_INIT("a\r\nb\nc\r\n") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a=20\r\nb"), SPAN_INIT("a \r\nb") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a= \t\r\nb=\nc"),
	    SPAN_INIT("abc") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a b  "), SPAN_INIT("a b") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a="), SPAN_INIT("a") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a=\r\n"), SPAN_INIT("a") },
	/* what makes no sense stays */
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("=ZZ=4=4Z=="),
	    SPAN_INIT("=ZZ=4=4Z=") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a=4\r\nb= c"),
	    SPAN_INIT("a=4\r\nb= c") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a\rb \rc=\rd"),
	    SPAN_INIT("a\rb \rc=\rd") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a\r\r\nb"), SPAN_INIT("a\r\r\nb") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("\xe4\0b"), SPAN_INIT("\xe4\0b") },
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("\n\n \n"), SPAN_INIT("\n\n\n") },
	/* more blanks than are held back */
	{ MIME_QUOTED_PRINTABLE, SPAN_INIT("a" BLANKS_50 BLANKS_50 "x"),
	    SPAN_INIT("a" BLANKS_50 BLANKS_50 "x") },

	/* so the first 80 of these stay, in pieces or as a whole */
	{ MIME_QUOTED_PRINTABLE,
	    SPAN_INIT("a" BLANKS_50 BLANKS_50 "\r\nb" BLANKS_50 BLANKS_50),
	    SPAN_INIT("a" BLANKS_50 BLANKS_30 "\r\nb" BLANKS_50 BLANKS_30) },

	{ MIME_7BIT, SPAN_INIT("a=20 Zg==\r\n"), SPAN_INIT("a=20 Zg==\r\n") },
	{ MIME_BINARY, SPAN_INIT("\0\r\n"), SPAN_INIT("\0\r\n") },
	{ MIME_UNKNOWN_ENCODING, SPAN_INIT("a"), SPAN_INIT("a") },
};

static void
bodies_are_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };

		mime_decode(cases[i].encoding, cases[i].in, &got);
		if (!span_eq(buf_span(&got), cases[i].want))
			fail_msg("case %zu: %.*s", i, SPAN_ARG(got));
		assert_int_equal(mime_decoded_size(cases[i].encoding,
				     cases[i].in),
		    got.n);
	}
}

static void
pieces_give_the_same_as_the_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t step = 1; step < 5; step++) {
			CLEANUP(buf_clear) struct buf got = { 0 };
			struct mime_decoder d = { .encoding =
						      cases[i].encoding };
			struct span rest = cases[i].in;

			for (; rest.n > 0; rest = span_from(rest, step))
				mime_decoder_feed(&d, span_head(rest, step),
				    &got);
			mime_decoder_end(&d, &got);
			assert_true(span_eq(buf_span(&got), cases[i].want));
		}
	}
}

static void
the_size_of_a_large_body_is_exact(void **state)
{
	static const char *const pieces[] = { "Zm9vYmFy\r\n", "Zg==", "Zm9v",
		"a=20 =\r\n", "  \r\n", "=C3=A4" };

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		CLEANUP(buf_clear) struct buf in = { 0 };

		while (in.n < 100000)
			buf_str(&in, pieces[i]);
		for (unsigned e = MIME_BASE64; e <= MIME_QUOTED_PRINTABLE;
		     e++) {
			CLEANUP(buf_clear) struct buf got = { 0 };

			mime_decode(e, buf_span(&in), &got);
			assert_int_equal(mime_decoded_size(e, buf_span(&in)),
			    got.n);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_decoded),
		cmocka_unit_test(pieces_give_the_same_as_the_whole),
		cmocka_unit_test(the_size_of_a_large_body_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
