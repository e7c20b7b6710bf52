#include "base/test.h"

#include "mime/decode.h"
#include "mime/word.h"

static const struct {
	const char *value;
	const char *want;
} cases[] = {
	/* RFC 2047 section 8 */
	{ "=?US-ASCII?Q?Keith_Moore?=", "Keith Moore" },
	{ "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=",
	    "Keld J\xc3\xb8rn Simonsen" },
	{ "=?ISO-8859-1?Q?Andr=E9?= Pirard", "Andr\xc3\xa9 Pirard" },
	{ "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n"
	  " =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
	    "If you can read this you understand the example." },
	{ "=?ISO-8859-8?b?7eXs+SDv4SDp7Oj08A==?=",
	    "\xd7\x9d\xd7\x95\xd7\x9c\xd7\xa9 \xd7\x9f\xd7\x91 "
	    "\xd7\x99\xd7\x9c\xd7\x98\xd7\xa4\xd7\xa0" },
	{ "(=?ISO-8859-1?Q?a?=)", "(a)" },
	{ "(=?ISO-8859-1?Q?a?= b)", "(a b)" },
	{ "(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "(=?ISO-8859-1?Q?a_b?=)", "(a b)" },
	{ "(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)" },
	/* RFC 2231 section 5 */
	{ "=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore" },

	/* characters cut in two, by the byte and by the digit */
	{ "=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "\xc3\xa4" },
	{ "=?utf-8?B?ww==?=\r\n =?UTF-8?B?pA==?=", "\xc3\xa4" },
	{ "=?ISO-2022-JP?B?GyRCJCIbKEI=?=", "\xe3\x81\x82" },

	/* what is bad stays, also between what is good */
	{ "=?x-nowhere?Q?a?= b", "=?x-nowhere?Q?a?= b" },
	{ "=?utf-8?X?a?=", "=?utf-8?X?a?=" },
	{ "=?utf-8?B?a*b=?=", "=?utf-8?B?a*b=?=" },
	{ "=?utf-8?Q?a?= =?x-nowhere?Q?b?= =?utf-8?Q?c?=",
	    "a =?x-nowhere?Q?b?= c" },
	{ "=?utf-8?Q?a", "=?utf-8?Q?a" },
	{ "=?utf-8?Q?a?", "=?utf-8?Q?a?" },
	{ "=?utf-8?Q", "=?utf-8?Q" },
	{ "=??Q?a?=", "=??Q?a?=" },
	{ "=?", "=?" },
	{ "1 = ? =?= =?"
	  "?=",
	    "1 = ? =?= =?"
	    "?=" },
	{ "=?utf-8?Q?=ZZ=4?=", "=ZZ=4" },
	{ "=?utf-8?Q?=C3?=", "\xef\xbf\xbd" },

	/* what mail has, though it may not */
	{ "=?utf-8?Q?a b?=", "a b" },
	{ "x=?utf-8?Q?a?=y", "xay" },
	{ "\"=?utf-8?Q?a?=\"", "\"a\"" },
	{ "=?utf-8?Q?"
	  "?=",
	    "" },
	{ "=?utf-8?Q?=41=?=", "A" },
	{ "=?latin1?q?=80?=", "\xe2\x82\xac" },

	/* raw 8-bit text */
	{ "Gr\xc3\xbc\xc3\x9f"
	  "e",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e" },
	{ "Gr\xfc\xdf"
	  "e",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e" },

	/* one line, whatever was encoded */
	{ "=?utf-8?Q?a=0D=0Ab=00c=09d?=", "a  b c d" },
	{ "a\tb\r\n\tc", "a b c" },
	{ "", "" },
};

static void
header_text_is_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };

		mime_header_text(span_str(cases[i].value), &got);
		buf_byte(&got, '\0');
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

static void
eight_bit_text_becomes_encoded_words(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} texts[] = {
		{ "plain text", "plain text" },
		{ "Gr\xc3\xbc\xc3\x9f"
		  "e",
		    "=?UTF-8?B?R3LDvMOfZQ==?=" },
		{ "J\xc3\xb6rg", "=?UTF-8?Q?J=C3=B6rg?=" },
		{ "a \xc3\xa4 b", "a =?UTF-8?B?w6Q=?= b" },
		{ "Gr\xc3\xbc"
		  "ne T\xc3\xbcr auf",
		    "=?UTF-8?Q?Gr=C3=BCne_T=C3=BCr?= auf" },
		{ "a  b\xc3\xa4"
		  "cdefgh  i",
		    "a  =?UTF-8?Q?b=C3=A4cdefgh?=  i" },
		{ "\xe2\x82\xac\xe2\x82\xac", "=?UTF-8?B?4oKs4oKs?=" },
		{ "", "" },
		{ " ", " " },
		/* the blank beside a word that was encoded has to be seen */
		{ "=?utf-8?Q?a?= Gr\xc3\xbc"
		  "ne =?utf-8?Q?b?=",
		    "=?utf-8?Q?a?= =?UTF-8?Q?_Gr=C3=BCne_?= =?utf-8?Q?b?=" },
		/* 75 characters at most, and no character cut */
		{ "Gr\xc3\xbc"
		  "n234567890 \xc3\xbc"
		  "234567890 "
		  "a\xc3\xbc"
		  "34567890 a\xc3\xbc"
		  "34567890",
		    "=?UTF-8?Q?Gr=C3=BCn234567890_=C3=BC234567890_"
		    "a=C3=BC34567890_a=C3=BC34567?= =?UTF-8?Q?890?=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };

		word_encode(span_str(texts[i].text), &got);
		buf_byte(&got, '\0');
		assert_string_equal((char *)got.p, texts[i].want);
	}
}

/* Also that words are short and ASCII, and that no character is cut. */
static void
encoding_and_decoding_gives_the_text_back(void **state)
{
	static const char *const alphabet[] = { "a", " ", "\xc3\xa4",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80", "=", "?", "_", "x", "y" };
	uint32_t random = 1;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		CLEANUP(buf_clear) struct buf text = { 0 };
		CLEANUP(buf_clear) struct buf words = { 0 };
		CLEANUP(buf_clear) struct buf back = { 0 };
		size_t word = 0;

		for (int j = i % 150; j >= 0; j--) {
			random = random * 1103515245 + 12345;
			buf_str(&text,
			    alphabet[(random >> 16) % COUNT(alphabet)]);
		}
		word_encode(buf_span(&text), &words);
		for (size_t j = 0; j < words.n; j++) {
			word = words.p[j] == ' ' ? 0 : word + 1;
			assert_true(words.p[j] < 0x80);
			if (word == 8 &&
			    memcmp(words.p + j - 7, "=?UTF-8?", 8) == 0)
				assert_true(span_find(span_of(words.p + j - 7,
							  words.n - j + 7),
						' ') <= 75);
		}
		mime_header_text(buf_span(&words), &back);
		assert_true(span_eq(buf_span(&back), buf_span(&text)));
	}
}

/* Opening a converter for each word would take half a minute. */
static void
words_may_change_their_charset_each_time(void **state)
{
	static const char *const charsets[] = { "koi8-r", "koi8-u", "big5",
		"iso-2022-jp", "gb18030", "euc-kr", "windows-1251", "utf-7" };
	CLEANUP(buf_clear) struct buf value = { 0 };
	CLEANUP(buf_clear) struct buf text = { 0 };
	size_t n = 0;

	(void)state;
	for (; value.n < 1000000; n++)
		buf_printf(&value,
		    "=?%s?Q?a?= ", charsets[n % COUNT(charsets)]);
	mime_header_text(buf_span(&value), &text);
	assert_int_equal(text.n, n + 1); /* and the last blank */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_text_is_decoded),
		cmocka_unit_test(eight_bit_text_becomes_encoded_words),
		cmocka_unit_test(encoding_and_decoding_gives_the_text_back),
		cmocka_unit_test(words_may_change_their_charset_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
