#include "base/test.h"

#include "base/base64.h"

/* RFC 4648 section 10, and some bytes that aren't text. */
static const struct {
	struct span plain;
	struct span coded;
} cases[] = {
	{ SPAN_INIT(""), SPAN_INIT("") },
	{ SPAN_INIT("f"), SPAN_INIT("Zg==") },
	{ SPAN_INIT("fo"), SPAN_INIT("Zm8=") },
	{ SPAN_INIT("foo"), SPAN_INIT("Zm9v") },
	{ SPAN_INIT("foob"), SPAN_INIT("Zm9vYg==") },
	{ SPAN_INIT("fooba"), SPAN_INIT("Zm9vYmE=") },
	{ SPAN_INIT("foobar"), SPAN_INIT("Zm9vYmFy") },
	{ SPAN_INIT("\0ada\0secret"), SPAN_INIT("AGFkYQBzZWNyZXQ=") },
	{ SPAN_INIT("\xff\xef\xbe"), SPAN_INIT("/+++") },
};

static void
what_is_encoded_decodes_to_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		base64_encode(&b, cases[i].plain);
		assert_true(span_eq(buf_span(&b), cases[i].coded));
		buf_reset(&b);
		assert_ok(base64_decode(&b, cases[i].coded));
		assert_true(span_eq(buf_span(&b), cases[i].plain));
	}
}

static void
what_is_not_base64_is_refused(void **state)
{
	static const struct span bad[] = {
		SPAN_INIT("Z"),
		SPAN_INIT("Zg"),
		SPAN_INIT("Zg="),
		SPAN_INIT("===="),
		SPAN_INIT("Zg==Zg=="),
		SPAN_INIT("Zm9=Zm9v"),
		SPAN_INIT("Zh=="),
		SPAN_INIT("Zm9="),
		SPAN_INIT("Z==="),
		SPAN_INIT("Zm=v"),
		SPAN_INIT("Zm 9"),
		SPAN_INIT("Zm9v\r\n"),
		SPAN_INIT("Zm9-"),
		SPAN_INIT("Zm\0v"),
		SPAN_INIT("*"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		BUF_LIT(&b, "kept");
		assert_int_equal(base64_decode(&b, bad[i]), ST_BAD);
		assert_span(buf_span(&b), "kept");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_encoded_decodes_to_itself),
		cmocka_unit_test(what_is_not_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
