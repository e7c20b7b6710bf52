#include "base/test.h"

#include "imap/flag.h"
#include "imap/write.h"

static const struct {
	struct span text;
	struct span string; /* 7 bits */
	struct span string_utf8;
	struct span astring;
} strings[] = {
	{ SPAN_INIT(""), SPAN_INIT("\"\""), SPAN_INIT("\"\""),
	    SPAN_INIT("\"\"") },
	{ SPAN_INIT("abc"), SPAN_INIT("\"abc\""), SPAN_INIT("\"abc\""),
	    SPAN_INIT("abc") },
	{ SPAN_INIT("a b"), SPAN_INIT("\"a b\""), SPAN_INIT("\"a b\""),
	    SPAN_INIT("\"a b\"") },
	{ SPAN_INIT("NIL"), SPAN_INIT("\"NIL\""), SPAN_INIT("\"NIL\""),
	    SPAN_INIT("\"NIL\"") },
	{ SPAN_INIT("nil"), SPAN_INIT("\"nil\""), SPAN_INIT("\"nil\""),
	    SPAN_INIT("\"nil\"") },
	{ SPAN_INIT("a]"), SPAN_INIT("\"a]\""), SPAN_INIT("\"a]\""),
	    SPAN_INIT("\"a]\"") },
	{ SPAN_INIT("(%*{"), SPAN_INIT("\"(%*{\""), SPAN_INIT("\"(%*{\""),
	    SPAN_INIT("\"(%*{\"") },
	/* Pitfall 7 */
	{ SPAN_INIT("a\"b\\"), SPAN_INIT("\"a\\\"b\\\\\""),
	    SPAN_INIT("\"a\\\"b\\\\\""), SPAN_INIT("\"a\\\"b\\\\\"") },
	{ SPAN_INIT("\"\""), SPAN_INIT("\"\\\"\\\"\""),
	    SPAN_INIT("\"\\\"\\\"\""), SPAN_INIT("\"\\\"\\\"\"") },
	{ SPAN_INIT("a\r\nb"), SPAN_INIT("{4}\r\na\r\nb"),
	    SPAN_INIT("{4}\r\na\r\nb"), SPAN_INIT("{4}\r\na\r\nb") },
	{ SPAN_INIT("a\tb"), SPAN_INIT("{3}\r\na\tb"), SPAN_INIT("{3}\r\na\tb"),
	    SPAN_INIT("{3}\r\na\tb") },
	/* Pitfall 8: no UTF-8 in quotes to a session that didn't ask. */
	{ SPAN_INIT("\xc3\xa9"), SPAN_INIT("{2}\r\n\xc3\xa9"),
	    SPAN_INIT("\"\xc3\xa9\""), SPAN_INIT("{2}\r\n\xc3\xa9") },
	{ SPAN_INIT("\xc3\xa9\"\\"), SPAN_INIT("{4}\r\n\xc3\xa9\"\\"),
	    SPAN_INIT("\"\xc3\xa9\\\"\\\\\""),
	    SPAN_INIT("{4}\r\n\xc3\xa9\"\\") },
	{ SPAN_INIT("\xe9"), SPAN_INIT("{1}\r\n\xe9"), SPAN_INIT("{1}\r\n\xe9"),
	    SPAN_INIT("{1}\r\n\xe9") },
	/* Pitfall 45 */
	{ SPAN_INIT("a\0b"), SPAN_INIT("{3}\r\na b"), SPAN_INIT("{3}\r\na b"),
	    SPAN_INIT("{3}\r\na b") },
};

static void
strings_take_the_form_that_holds_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strings); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		write_string(&b, strings[i].text, false);
		assert_true(span_eq(buf_span(&b), strings[i].string));
		buf_reset(&b);
		write_string(&b, strings[i].text, true);
		assert_true(span_eq(buf_span(&b), strings[i].string_utf8));
		buf_reset(&b);
		write_astring(&b, strings[i].text, false);
		assert_true(span_eq(buf_span(&b), strings[i].astring));
	}
}

static void
long_strings_are_literals(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	unsigned char text[1001];

	(void)state;
	memset(text, 'x', sizeof(text));
	write_astring(&b, span_of(text, 1001), false);
	assert_true(span_starts(buf_span(&b), SPAN("{1001}\r\nx")));
	buf_reset(&b);
	write_string(&b, span_of(text, 1000), false);
	assert_true(span_starts(buf_span(&b), SPAN("\"x")));
}

static void
literals_announce_their_size(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	write_literal_start(&b, 70000);
	write_literal8_start(&b, 0);
	assert_span(buf_span(&b), "{70000}\r\n~{0}\r\n");
}

/* Pitfalls 24 and 25 */
static const struct {
	struct span name;
	struct span mutf7;
	struct span utf8;
} mailboxes[] = {
	{ SPAN_INIT("INBOX"), SPAN_INIT("INBOX"), SPAN_INIT("INBOX") },
	{ SPAN_INIT("a b"), SPAN_INIT("\"a b\""), SPAN_INIT("\"a b\"") },
	{ SPAN_INIT("R&D"), SPAN_INIT("R&-D"), SPAN_INIT("R&D") },
	{ SPAN_INIT("\xc3\xa9"), SPAN_INIT("&AOk-"),
	    SPAN_INIT("\"\xc3\xa9\"") },
	{ SPAN_INIT("\xf0\x9f\x98\x80 x"), SPAN_INIT("\"&2D3eAA- x\""),
	    SPAN_INIT("\"\xf0\x9f\x98\x80 x\"") },
	{ SPAN_INIT("100%"), SPAN_INIT("\"100%\""), SPAN_INIT("\"100%\"") },
	{ SPAN_INIT("nil"), SPAN_INIT("\"nil\""), SPAN_INIT("\"nil\"") },
	{ SPAN_INIT("a\"b"), SPAN_INIT("\"a\\\"b\""), SPAN_INIT("\"a\\\"b\"") },
};

static void
mailbox_names_follow_the_session(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mailboxes); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		write_mailbox(&b, mailboxes[i].name, false);
		assert_true(span_eq(buf_span(&b), mailboxes[i].mutf7));
		buf_reset(&b);
		write_mailbox(&b, mailboxes[i].name, true);
		assert_true(span_eq(buf_span(&b), mailboxes[i].utf8));
	}
}

static void
flag_lists_have_single_spaces(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span keywords[] = { SPAN("$Junk"), SPAN("a") };

	(void)state;
	write_flags(&b, 0, NULL, 0);
	write_flags(&b, FLAG_SEEN, NULL, 0);
	write_flags(&b, 0, keywords, 1);
	write_flags(&b, FLAGS_SYSTEM | FLAG_RECENT, keywords, 2);
	assert_span(buf_span(&b),
	    "()(\\Seen)($Junk)(\\Answered \\Flagged \\Deleted \\Seen \\Draft "
	    "\\Recent $Junk a)");
}

/* Pitfall 49: the day is padded with a space, the zone is kept. */
static const struct {
	struct datetime d;
	const char *want;
} dates[] = {
	{ { 0, 0 }, "\" 1-Jan-1970 00:00:00 +0000\"" },
	{ { 760686745, -28800 }, "\" 7-Feb-1994 21:52:25 -0800\"" },
	{ { 837596665, -25200 }, "\"17-Jul-1996 02:44:25 -0700\"" },
	{ { 0, 20700 }, "\" 1-Jan-1970 05:45:00 +0545\"" },
	{ { 0, -1800 }, "\"31-Dec-1969 23:30:00 -0030\"" },
	{ { INT64_C(253402300799), 0 }, "\"31-Dec-9999 23:59:59 +0000\"" },
	{ { INT64_C(253402300799), 3600 }, "\" 1-Jan-1970 00:00:00 +0100\"" },
	{ { INT64_C(-99999999999999), 0 }, "\" 1-Jan-1970 00:00:00 +0000\"" },
};

static void
an_internal_date_keeps_its_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dates); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		write_internaldate(&b, &dates[i].d);
		buf_byte(&b, 0);
		assert_string_equal((const char *)b.p, dates[i].want);
	}
}

/* Pitfalls 14 and 15 */
static void
a_condition_is_never_without_text(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	write_condition(&b, SPAN("a1"), COND_OK, SPAN("READ-WRITE"),
	    SPAN("Selected"), false);
	write_condition(&b, SPAN(""), COND_OK, SPAN("UIDNEXT 5"), SPAN(""),
	    false);
	write_condition(&b, SPAN("a2"), COND_NO, SPAN(""), SPAN(""), false);
	write_condition(&b, SPAN("*"), COND_BAD, SPAN(""), SPAN(""), false);
	write_condition(&b, SPAN("*"), COND_BYE, SPAN(""), SPAN(""), false);
	write_condition(&b, SPAN(""), COND_PREAUTH, SPAN(""), SPAN("Hi"),
	    false);
	assert_span(buf_span(&b),
	    "a1 OK [READ-WRITE] Selected\r\n* OK [UIDNEXT 5] Done\r\n"
	    "a2 NO Not done\r\n* BAD Not understood\r\n* BYE Goodbye\r\n"
	    "* PREAUTH Hi\r\n");
}

static void
a_text_can_not_end_its_line(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	write_condition(&b, SPAN("a"), COND_NO, SPAN("X y\r\nz"),
	    SPAN("No \xc3\xa9\r\n* BYE \0"), false);
	write_condition(&b, SPAN("a"), COND_NO, SPAN(""), SPAN("\xc3\xa9\n"),
	    true);
	write_condition(&b, SPAN("a"), COND_NO, SPAN(""), SPAN("\xc3(\n"),
	    true);
	assert_span(buf_span(&b),
	    "a NO [X y??z] No ????* BYE ?\r\na NO \xc3\xa9?\r\n"
	    "a NO ?(?\r\n");
}

/* Pitfall 13 */
static void
a_continuation_has_its_space(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	write_continue(&b, SPAN("idling"));
	write_continue(&b, SPAN(""));
	assert_span(buf_span(&b), "+ idling\r\n+ \r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_take_the_form_that_holds_them),
		cmocka_unit_test(long_strings_are_literals),
		cmocka_unit_test(literals_announce_their_size),
		cmocka_unit_test(mailbox_names_follow_the_session),
		cmocka_unit_test(flag_lists_have_single_spaces),
		cmocka_unit_test(an_internal_date_keeps_its_zone),
		cmocka_unit_test(a_condition_is_never_without_text),
		cmocka_unit_test(a_text_can_not_end_its_line),
		cmocka_unit_test(a_continuation_has_its_space),
	};

	return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
