#include "base/test.h"

#include <pthread.h>

#include "mime/charset.h"
#include "mime/charset_names.h"

static void
charsets_become_utf8(void **state)
{
	static const struct {
		const char *charset;
		struct span in;
		const char *want;
	} cases[] = {
		{ "utf-8", SPAN_INIT("a\xc3\xa4\xe2\x82\xac"),
		    "a\xc3\xa4\xe2\x82\xac" },
		{ "UTF8", SPAN_INIT("a\xc3"), "a\xef\xbf\xbd" },
		{ "utf-8", SPAN_INIT("\xed\xa0\x80"), /* a surrogate */
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "utf-8", SPAN_INIT("\xc0\x80z"),
		    "\xef\xbf\xbd\xef\xbf\xbdz" },
		{ "us-ascii", SPAN_INIT("abc"), "abc" },
		{ "us-ascii", SPAN_INIT("\xc3\xa4"), "\xc3\xa4" },
		{ "", SPAN_INIT("\xe4"), "\xc3\xa4" },
		{ "iso-8859-1", SPAN_INIT("\xe4\x80\x81"),
		    "\xc3\xa4\xe2\x82\xac\xef\xbf\xbd" },
		{ " Latin1 ", SPAN_INIT("\xff"), "\xc3\xbf" },
		{ "windows-1252", SPAN_INIT("\x93q\x94"),
		    "\xe2\x80\x9cq\xe2\x80\x9d" },
		{ "ISO-8859-15", SPAN_INIT("\xa4"), "\xe2\x82\xac" },
		{ "iso-8859-2", SPAN_INIT("\xb1"), "\xc4\x85" },
		{ "koi8-r", SPAN_INIT("\xc1"), "\xd0\xb0" },
		{ "windows-1251", SPAN_INIT("\xe0"), "\xd0\xb0" },
		{ "gb2312", SPAN_INIT("\xc4\xe3"), "\xe4\xbd\xa0" },
		{ "big5", SPAN_INIT("\xa7\x41"), "\xe4\xbd\xa0" },
		{ "Shift_JIS", SPAN_INIT("\x82\xa0"), "\xe3\x81\x82" },
		{ "euc-jp", SPAN_INIT("\xa4\xa2"), "\xe3\x81\x82" },
		{ "iso-2022-jp", SPAN_INIT("\x1b$B$\"\x1b(B"), "\xe3\x81\x82" },
		{ "ks_c_5601-1987", SPAN_INIT("\xb0\xa1"), "\xea\xb0\x80" },
		{ "utf-7", SPAN_INIT("Hi Mom -+Jjo--!"),
		    "Hi Mom -\xe2\x98\xba-!" },
		{ "utf-16le", SPAN_INIT("a\0\xe4\0"), "a\xc3\xa4" },
		{ "utf-16be", SPAN_INIT("\0a\0\xe4"), "a\xc3\xa4" },
		/* what is bad is replaced, piece by piece */
		{ "utf-16be", SPAN_INIT("\xdc\0\0a"),
		    "\xef\xbf\xbd"
		    "a" },
		{ "utf-16be", SPAN_INIT("\0a\0"), "a\xef\xbf\xbd" },
		{ "shift_jis", SPAN_INIT("a\x82"), "a\xef\xbf\xbd" },
		{ "euc-kr",
		    SPAN_INIT("\xff"
			      "a"),
		    "\xef\xbf\xbd"
		    "a" },
		{ "utf-8", SPAN_INIT(""), "" },
		{ "big5", SPAN_INIT(""), "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };

		assert_ok(mime_to_utf8(span_str(cases[i].charset), cases[i].in,
		    &got));
		buf_byte(&got, '\0');
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

static void
what_is_no_charset_is_not_found(void **state)
{
	static const char *const names[] = { "x-nowhere", "utf-8//TRANSLIT",
		"//IGNORE", "../../tmp/x", "internal", "utf-8 x", "\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };

		assert_int_equal(mime_to_utf8(span_str(names[i]), SPAN("a"),
				     &got),
		    ST_NOTFOUND);
		assert_int_equal(got.n, 0);
	}
}

/* Long runs of every byte: no converter stops, loops or leaves UTF-8. */
static void
every_charset_takes_every_byte(void **state)
{
	unsigned char in[4096];
	const struct charset *t;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 7 + i / 256);
	t = charset_table(&n);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };

		if (i > 0)
			assert_true(strcmp(t[i - 1].name, t[i].name) < 0);
		assert_ptr_equal(charset_find(span_str(t[i].name)), &t[i]);
		assert_ok(mime_to_utf8(span_str(t[i].name),
		    span_of(in, sizeof(in)), &got));
		assert_int_equal(utf8_run(buf_span(&got)), got.n);
	}
}

static void *
convert(void *out)
{
	(void)mime_to_utf8(SPAN("koi8-r"), SPAN("\xc1"), out);
	return NULL;
}

/* That nothing is left behind is the leak checker's to say. */
static void
a_thread_keeps_its_converters_until_it_ends(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, convert, &got),
		    0);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_span(buf_span(&got), "\xd0\xb0");
	}
}

static void
a_head_never_cuts_a_character(void **state)
{
	static const struct {
		size_t n;
		size_t want;
	} cases[] = { { 0, 0 }, { 1, 1 }, { 2, 1 }, { 3, 3 }, { 4, 3 },
		{ 5, 3 }, { 6, 6 }, { 7, 6 }, { 99, 6 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    utf8_head(SPAN("a\xc3\xa4\xe2\x82\xac"), cases[i].n).n,
		    cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(charsets_become_utf8),
		cmocka_unit_test(what_is_no_charset_is_not_found),
		cmocka_unit_test(every_charset_takes_every_byte),
		cmocka_unit_test(a_thread_keeps_its_converters_until_it_ends),
		cmocka_unit_test(a_head_never_cuts_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
