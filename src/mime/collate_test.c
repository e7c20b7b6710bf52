#include "base/test.h"

#include "mime/collate.h"

static struct buf key_a;
static struct buf key_b;

static struct span
key_of(struct buf *b, struct span text)
{
	buf_reset(b);
	collate_key(b, text);
	return buf_span(b);
}

static void
characters_are_titlecased_and_then_decomposed(void **state)
{
	static const struct {
		const char *text;
		const char *key;
	} cases[] = {
		{ "", "" },
		{ "Hello, World 1_{z}~@", "HELLO, WORLD 1_{Z}~@" },
		/* RFC 5051 section 2, the example of step 2.b */
		{ "\u01c4", "Dz\u030c" },
		{ "\u01c5", "Dz\u030c" },
		{ "\u01c6", "Dz\u030c" },
		{ "\u00e9", "E\u0301" },
		{ "\u00c9", "E\u0301" },
		{ "e\u0301", "E\u0301" },
		{ "\u1ebf", "E\u0302\u0301" }, /* two steps of it */
		{ "\u00df", "\u00df" },        /* has no title case */
		{ "\ufb01ne", "fiNE" },        /* decomposed last */
		{ "\u0131", "I" },             /* dotless i */
		{ "\u03c2\u03c3", "\u03a3\u03a3" },
		{ "\u043f\u0440\u0438", "\u041f\u0420\u0418" },
		{ "\uff21\uff42", "AB" },           /* full width */
		{ "\u212b", "A\u030a" },            /* Angstrom sign */
		{ "\u00a0\u2460", " 1" },           /* compatibility */
		{ "\uac01", "\u1100\u1161\u11a8" }, /* Hangul */
		{ "\U00010428", "\U00010400" },     /* Deseret */
		{ "\U0001f600", "\U0001f600" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span key = key_of(&key_a, span_str(cases[i].text));

		if (!span_eq(key, span_str(cases[i].key)))
			fail_msg("%s gave %.*s", cases[i].text, SPAN_ARG(key));
	}
}

static void
octets_that_are_no_character_stand_for_themselves(void **state)
{
	static const struct {
		struct span text;
		struct span key;
	} cases[] = {
		{ SPAN_INIT("gr\xfc\xdf"), SPAN_INIT("GR\xfc\xdf") },
		{ SPAN_INIT("a\xc3"), SPAN_INIT("A\xc3") },
		{ SPAN_INIT("\xe2\x82z"), SPAN_INIT("\xe2\x82Z") },
		{ SPAN_INIT("\xc1\xa1"), SPAN_INIT("\xc1\xa1") }, /* overlong */
		{ SPAN_INIT("\xed\xa0\x80"), SPAN_INIT("\xed\xa0\x80") },
		{ SPAN_INIT("\xf4\x90\x80\x80"),
		    SPAN_INIT("\xf4\x90\x80\x80") },
		{ SPAN_INIT("\xff\xc3\xa9"), SPAN_INIT("\xff\x45\xcc\x81") },
		{ SPAN_INIT("a\0b"), SPAN_INIT("A\0B") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(
		    span_eq(key_of(&key_a, cases[i].text), cases[i].key));
}

static void
order_and_equality_are_those_of_the_keys(void **state)
{
	static const struct {
		const char *less;
		const char *more;
	} cases[] = {
		{ "", "a" },
		{ "apple", "Banana" },
		{ "Apple", "banana" },
		{ "ab", "ABC" },
		{ "e", "\u00e9" },
		{ "\u00e9", "f" }, /* beside its letter, not behind z */
		{ "Z", "\u00df" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(span_cmp(key_of(&key_a, span_str(cases[i].less)),
				key_of(&key_b, span_str(cases[i].more))) < 0);
	assert_true(span_eq(key_of(&key_a, SPAN("STRA\u00c9")),
	    key_of(&key_b, SPAN("stra\u00e9"))));
}

/* Each length meets words of eight octets at another offset. */
static void
only_ascii_letters_are_alike_in_ascii_casemap(void **state)
{
	unsigned char text[256];
	unsigned char want[256];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		text[i] = (unsigned char)i;
		want[i] = ascii_upper(text[i]);
	}
	for (size_t from = 0; from < 256; from++) {
		buf_reset(&key_a);
		collate_key_ascii(&key_a, span_of(text + from, 256 - from));
		assert_true(span_eq(buf_span(&key_a),
		    span_of(want + from, 256 - from)));
	}
}

static void
an_ascii_run_ends_where_ascii_does(void **state)
{
	unsigned char text[40];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t at = 0; at < sizeof(text); at++) {
		text[at] = 0x80;
		assert_int_equal(collate_ascii_run(span_of(text, 40)), at);
		assert_int_equal(collate_ascii_run(span_of(text, at)), at);
		text[at] = 'a';
	}
}

static int
clear_keys(void **state)
{
	(void)state;
	buf_clear(&key_a);
	buf_clear(&key_b);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_titlecased_and_then_decomposed),
		cmocka_unit_test(
		    octets_that_are_no_character_stand_for_themselves),
		cmocka_unit_test(order_and_equality_are_those_of_the_keys),
		cmocka_unit_test(only_ascii_letters_are_alike_in_ascii_casemap),
		cmocka_unit_test(an_ascii_run_ends_where_ascii_does),
	};

	return cmocka_run_group_tests(tests, NULL, clear_keys);
}
