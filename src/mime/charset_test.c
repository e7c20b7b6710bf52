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
		/* each character by itself, whatever the others are */
		{ "", SPAN_INIT("\xc3\xa4 \xe4\x80 \xe2\x82\xac"),
		    "\xc3\xa4 \xc3\xa4\xe2\x82\xac \xe2\x82\xac" },
		{ "us-ascii", SPAN_INIT("\xe2\x82\x81 \xe2\x82 \xed\xa0\x80"),
		    "\xe2\x82\x81 \xc3\xa2\xe2\x80\x9a "
		    "\xc3\xad\xc2\xa0\xe2\x82\xac" },
		{ "", SPAN_INIT("\x81\xf0\x9f\x98"),
		    "\xef\xbf\xbd\xc3\xb0\xc5\xb8\xcb\x9c" },
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
		/* each text has a mark of its own */
		{ "utf-16", SPAN_INIT("\xfe\xff\0a\0\xe4"), "a\xc3\xa4" },
		{ "utf-16",
		    SPAN_INIT("\xff\xfe"
			      "a\0\xe4\0"),
		    "a\xc3\xa4" },
		{ "utf-16", SPAN_INIT("a\0\xe4\0"), "a\xc3\xa4" },
		{ "utf-16", SPAN_INIT("\xfe\xff\0\xe4"), "\xc3\xa4" },
		{ "utf-32", SPAN_INIT("\0\0\xfe\xff\0\0\0\xe4"), "\xc3\xa4" },
		{ "utf-32", SPAN_INIT("\xff\xfe\0\0\xe4\0\0\0"), "\xc3\xa4" },
		{ "utf-16", SPAN_INIT("\xfe"), "\xef\xbf\xbd" },
		{ "utf-16", SPAN_INIT("\xfe\xff"), "" },
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

static void
read_in_steps(struct span charset, struct span in, size_t step, struct buf *out)
{
	CLEANUP(charset_clear) struct charset_reader r = { 0 };

	assert_ok(charset_start(&r, charset));
	for (; in.n > 0; in = span_from(in, step))
		charset_feed(&r, span_head(in, step), out);
	charset_end(&r, out);
}

/* With characters and states cut in every place. */
static void
pieces_give_the_same_as_the_whole(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, CHARSET_HELD - 1,
		CHARSET_HELD, CHARSET_HELD + 1 };
	unsigned char in[3000];
	const struct charset *t;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 11 + i / 256 * (i % 5));
	/* What some charsets change their state by. */
	memcpy(in + 500, "\x1b$B$\"$\"\x1b(B \x1b$)C\x0e", 16);
	memcpy(in + 1020, "\x1b$B$\"$\" +AGEAYgBj-", 18);
	t = charset_table(&n);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_clear) struct buf want = { 0 };

		assert_ok(mime_to_utf8(span_str(t[i].name),
		    span_of(in, sizeof(in)), &want));
		for (size_t j = 0; j < COUNT(steps); j++) {
			CLEANUP(buf_clear) struct buf got = { 0 };

			read_in_steps(span_str(t[i].name),
			    span_of(in, sizeof(in)), steps[j], &got);
			assert_true(span_eq(buf_span(&got), buf_span(&want)));
		}
	}
}

/* What can be told of UTF-8 is told at once, characters never in two. */
static void
a_piece_of_utf8_waits_for_nothing_but_its_last_character(void **state)
{
	static const struct {
		const char *in;
		const char *want;
	} pieces[] = { { "a", "a" }, { "b\xe2", "b" }, { "\x82", "" },
		{ "\xac\xc3", "\xe2\x82\xac" },
		{ "c\xf0\x9f\x98", "\xef\xbf\xbd"
				   "c" } };
	CLEANUP(charset_clear) struct charset_reader r = { 0 };
	CLEANUP(buf_clear) struct buf got = { 0 };

	(void)state;
	assert_ok(charset_start(&r, SPAN("utf-8")));
	for (size_t i = 0; i < COUNT(pieces); i++) {
		buf_reset(&got);
		charset_feed(&r, span_str(pieces[i].in), &got);
		assert_true(span_eq(buf_span(&got), span_str(pieces[i].want)));
	}
	buf_reset(&got);
	charset_end(&r, &got);
	assert_span(buf_span(&got), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

/* Two texts of a charset with a state, and a third that is left unfinished. */
static void
texts_read_in_turns_keep_out_of_each_others_way(void **state)
{
	const struct span in = SPAN("\x1b$B$\"$\"$\"\x1b(B");
	CLEANUP(charset_clear) struct charset_reader a = { 0 };
	CLEANUP(charset_clear) struct charset_reader b = { 0 };
	CLEANUP(buf_clear) struct buf one = { 0 };
	CLEANUP(buf_clear) struct buf two = { 0 };
	CLEANUP(buf_clear) struct buf three = { 0 };

	(void)state;
	assert_ok(charset_start(&a, SPAN("iso-2022-jp")));
	assert_ok(charset_start(&b, SPAN("iso-2022-jp")));
	for (size_t i = 0; i < 3000; i++) {
		charset_feed(&a, SPAN("\x1b$B$\""), &one);
		charset_feed(&b, SPAN("$\""), &two);
		buf_reset(&three);
		assert_ok(mime_to_utf8(SPAN("iso-2022-jp"), in, &three));
		assert_span(buf_span(&three),
		    "\xe3\x81\x82\xe3\x81\x82\xe3\x81\x82");
	}
	charset_clear(&a);
	assert_ok(charset_start(&a, SPAN("iso-2022-jp")));
	charset_end(&b, &two);
	buf_reset(&one);
	charset_feed(&a, SPAN("$\""), &one);
	charset_end(&a, &one);
	assert_span(buf_span(&one), "$\"");
	assert_int_equal(two.n, 6000);
	assert_span(span_head(buf_span(&two), 4), "$\"$\"");
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
		cmocka_unit_test(pieces_give_the_same_as_the_whole),
		cmocka_unit_test(
		    a_piece_of_utf8_waits_for_nothing_but_its_last_character),
		cmocka_unit_test(
		    texts_read_in_turns_keep_out_of_each_others_way),
		cmocka_unit_test(a_thread_keeps_its_converters_until_it_ends),
		cmocka_unit_test(a_head_never_cuts_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
