#include "base/test.h"

#include <stdlib.h>

#include "engine/match.h"
#include "mime/collate.h"

static struct buf key;

static struct match
needle(struct span text)
{
	struct match m;

	buf_reset(&key);
	collate_key(&key, text);
	match_init(&m, buf_span(&key));
	return m;
}

/* In pieces of this many octets. */
static bool
in_pieces(struct match *m, struct span text, size_t piece)
{
	match_start(m);
	for (size_t at = 0; at < text.n; at += piece)
		if (match_add(m, span_head(span_from(text, at), piece)))
			return true;
	return match_end(m);
}

static void
a_needle_is_found_anywhere_and_in_any_case(void **state)
{
	static const struct {
		const char *needle;
		struct span text;
		bool found;
	} cases[] = {
		{ "", SPAN_INIT(""), true },
		{ "", SPAN_INIT("x"), true },
		{ "x", SPAN_INIT(""), false },
		{ "ample.co", SPAN_INIT("Ann <ann@Example.com>"), true },
		{ "LO WOR", SPAN_INIT("hello world"), true },
		{ "hello world!", SPAN_INIT("hello world"), false },
		{ "hello", SPAN_INIT("helhello"), true },
		{ "@", SPAN_INIT("`"), false }, /* no letters */
		{ "gr\u00fcn", SPAN_INIT("GR\u00dcN"), true },
		{ "grun", SPAN_INIT("gr\u00fcn"), false },
		{ "gr\u00fcn", SPAN_INIT("gru\u0308n"), true },
		{ "gru", SPAN_INIT("gr\u00fcn"), true },
		{ "\u043c\u0438\u0440", SPAN_INIT("\u041c\u0418\u0420!"),
		    true },
		{ "\u65e5\u672c", SPAN_INIT("\u4eca\u65e5\u672c\u65e5"), true },
		{ "\u672c\u65e5", SPAN_INIT("\u65e5\u672c"), false },
		{ "b", SPAN_INIT("a\0B"), true },
		{ "gr\xfcn", SPAN_INIT("GR\xfcN"), true },
		{ "n", SPAN_INIT("\xe2\x82N"), true },
		{ "\xe2\x82", SPAN_INIT("a\xe2\x82"), true },
		{ "\u00e9", SPAN_INIT("\xe2\xc3\xa9"), true },
		{ "x\xc3\xc3", SPAN_INIT("aX\xc3\xc3\xc3"), true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(match_clear)
		struct match m = needle(span_str(cases[i].needle));

		if (match_text(&m, cases[i].text) != cases[i].found)
			fail_msg("case %zu: %s", i, cases[i].needle);
		for (size_t piece = 1; piece < 5; piece++)
			if (in_pieces(&m, cases[i].text, piece) !=
			    cases[i].found)
				fail_msg("case %zu in pieces of %zu", i, piece);
	}
}

static void
what_one_text_begins_another_does_not_end(void **state)
{
	CLEANUP(match_clear) struct match m = needle(SPAN("secret"));

	(void)state;
	assert_false(match_text(&m, SPAN("a sec")));
	assert_false(match_text(&m, SPAN("ret")));
	assert_false(match_text(&m, SPAN("sec\xc3")));
	assert_false(match_text(&m, SPAN("ret")));
	assert_true(match_text(&m, SPAN("a secret")));
	assert_false(match_text(&m, SPAN("a secre")));
}

/* The needle lies over each border of two blocks once. */
static void
a_needle_is_found_across_blocks(void **state)
{
	static unsigned char text[40000];
	CLEANUP(match_clear)
	struct match m = needle(SPAN("\u00e4\u20ac needle \U0001f600"));
	struct span word = SPAN("\u00c4\u20ac NEEDLE \U0001f600");

	(void)state;
	for (size_t at = 8150; at < 8200; at++) {
		memset(text, 'a', sizeof(text));
		memcpy(text + at, word.p, word.n);
		assert_true(match_text(&m, span_of(text, sizeof(text))));
		assert_false(match_text(&m, span_of(text, at + word.n - 1)));
		assert_true(in_pieces(&m, span_of(text, at + word.n), 8192));
	}
}

static void
a_needle_may_be_longer_than_a_block(void **state)
{
	static unsigned char text[60000];
	struct span all = span_of(text, sizeof(text));
	CLEANUP(match_clear) struct match m = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)('a' + random() % 23);
	m = needle(span_of(text + 15000, 30000));
	assert_true(match_text(&m, all));
	assert_true(in_pieces(&m, all, 777));
	assert_false(match_text(&m, span_of(text, 44999)));
}

static int
clear_key(void **state)
{
	(void)state;
	buf_clear(&key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_needle_is_found_anywhere_and_in_any_case),
		cmocka_unit_test(what_one_text_begins_another_does_not_end),
		cmocka_unit_test(a_needle_is_found_across_blocks),
		cmocka_unit_test(a_needle_may_be_longer_than_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, clear_key);
}
