#include "base/test.h"

#include "imap/mutf7.h"

/* Both directions. */
static const struct {
	struct span mutf7;
	struct span utf8;
} pairs[] = {
	{ SPAN_INIT(""), SPAN_INIT("") },
	{ SPAN_INIT("INBOX"), SPAN_INIT("INBOX") },
	{ SPAN_INIT("a&-b"), SPAN_INIT("a&b") },
	{ SPAN_INIT("&-&-"), SPAN_INIT("&&") },
	{ SPAN_INIT("&AOk-"), SPAN_INIT("\xc3\xa9") },
	{ SPAN_INIT("Entw&APw-rfe"), SPAN_INIT("Entw\xc3\xbcrfe") },
	{ SPAN_INIT("&AOk-&-"), SPAN_INIT("\xc3\xa9&") },
	/* RFC 3501 section 5.1.3 */
	{ SPAN_INIT("~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
	    SPAN_INIT("~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/"
		      "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e") },
	/* Pitfall 25: a surrogate pair, U+1F600 */
	{ SPAN_INIT("&2D3eAA-"), SPAN_INIT("\xf0\x9f\x98\x80") },
	{ SPAN_INIT("a&2D3eAA-b"), SPAN_INIT("a\xf0\x9f\x98\x80"
					     "b") },
	{ SPAN_INIT("&2,,f,w-"), SPAN_INIT("\xf4\x8f\xbf\xbf") },
	{ SPAN_INIT("&AAA-"), SPAN_INIT("\0") },
	{ SPAN_INIT("&AH8-"), SPAN_INIT("\x7f") },
	{ SPAN_INIT("&AAEAAgAD-"), SPAN_INIT("\1\2\3") },
};

static void
names_convert_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		assert_true(mutf7_to_utf8(pairs[i].mutf7, &b));
		assert_true(span_eq(buf_span(&b), pairs[i].utf8));
		buf_reset(&b);
		assert_true(utf8_to_mutf7(pairs[i].utf8, &b));
		assert_true(span_eq(buf_span(&b), pairs[i].mutf7));
	}
}

static const struct span not_mutf7[] = {
	SPAN_INIT("&"),
	SPAN_INIT("a&b"),
	SPAN_INIT("&AOk"),   /* not closed */
	SPAN_INIT("&AOl-"),  /* bits left over that are not 0 */
	SPAN_INIT("&AOkA-"), /* six bits left over */
	SPAN_INIT("&A-"),    /* less than a unit */
	SPAN_INIT("&AO-"),
	SPAN_INIT("&AGE-"),              /* "a" */
	SPAN_INIT("&ACY-"),              /* "&" */
	SPAN_INIT("&U,BTFw-&ZeVnLIqe-"), /* RFC 3501: superfluous shift */
	SPAN_INIT("&2D0-"),              /* half a pair */
	SPAN_INIT("&3gA-"),              /* the other half */
	SPAN_INIT("&2D0AYQ-"),           /* half and something else */
	SPAN_INIT("&2D3YPQ-"),           /* two first halves */
	SPAN_INIT("&AOk=-"),
	SPAN_INIT("&AO/k-"), /* "/" is "," */
	SPAN_INIT("&AO k-"),
	SPAN_INIT("\xc3\xa9"),
	SPAN_INIT("a\tb"),
	SPAN_INIT("a\0b"),
};

static void
what_no_encoder_makes_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(not_mutf7); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		BUF_LIT(&b, "kept");
		if (mutf7_to_utf8(not_mutf7[i], &b))
			fail_msg("%.*s", SPAN_ARG(not_mutf7[i]));
		assert_span(buf_span(&b), "kept");
	}
}

static const struct span not_utf8[] = {
	SPAN_INIT("\x80"),
	SPAN_INIT("\xc3"),
	SPAN_INIT("a\xc3z"),
	SPAN_INIT("\xc0\xaf"), /* overlong */
	SPAN_INIT("\xe0\x80\xaf"),
	SPAN_INIT("\xed\xa0\xbd"),     /* a surrogate */
	SPAN_INIT("\xf4\x90\x80\x80"), /* past U+10FFFF */
	SPAN_INIT("\xff"),
	SPAN_INIT("ab\xe2\x82"),
};

static void
what_is_not_utf_8_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(not_utf8); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		assert_false(utf8_valid(not_utf8[i]));
		BUF_LIT(&b, "kept");
		assert_false(utf8_to_mutf7(not_utf8[i], &b));
		assert_span(buf_span(&b), "kept");
	}
	assert_true(utf8_valid(SPAN("plain, \xc3\xa9, \xf0\x9f\x98\x80")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_convert_both_ways),
		cmocka_unit_test(what_no_encoder_makes_is_refused),
		cmocka_unit_test(what_is_not_utf_8_is_refused),
	};

	return cmocka_run_group_tests_name("mutf7", tests, NULL, NULL);
}
