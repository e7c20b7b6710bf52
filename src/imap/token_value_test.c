#include "imap/args_test.h"

#include "base/limits.h"

/* Parsers of one value each, for the tables. */
static enum status
parse_flags(struct tokens *t, struct arena *a, const void **out)
{
	struct flag_list *f = ARENA_NEW(a, struct flag_list);

	*f = tok_at(t, '(') ? tok_flag_list(t) : tok_bare_flags(t);
	if (tok_end(t) == ST_OK)
		*out = f;
	return t->st;
}

static void
show_flags(struct buf *b, const void *args)
{
	describe_flags(b, args);
}

static const struct parse_case flags[] = {
	{ "()", "()" },
	{ "(\\Seen)", "(\\Seen)" },
	{ "(\\seen $Junk \\DRAFT)", "(\\Seen \\Draft $Junk)" },
	{ "(\\Seen \\Seen)", "(\\Seen)" },
	{ "($NotJunk NotJunk NonJunk)", "($NotJunk NotJunk NonJunk)" },
	{ "(Work work WORK)", "(Work)" },
	/* RFC 9051 has no \Recent: old clients may send it along. */
	{ "(\\Recent \\Seen)", "(\\Seen)" },
	{ "\\Seen", "(\\Seen)" },
	{ "\\Seen a b", "(\\Seen a b)" },
	{ "(\\Foo)", "BAD There is no such system flag" },
	{ "(\\*)", "BAD Expected an atom" },
	{ "(\\)", "BAD Expected an atom" },
	{ "(a]b)", "BAD Expected a space and one more argument" },
	{ "(\"a\")", "BAD Expected an atom" },
	{ "(", "BAD Expected an atom" },
	{ "", "BAD Expected an atom" },
	{ "\\Seen ", "BAD Expected an atom" },
};

static void
flag_lists_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_flags, show_flags, flags);
}

static void
keywords_have_bounds(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	buf_byte(&b, '(');
	for (int i = 0; i <= LIMIT_KEYWORDS; i++)
		buf_printf(&b, "%sk%d", i == 0 ? "" : " ", i);
	buf_byte(&b, ')');
	check_span(parse_flags, show_flags, buf_span(&b),
	    "NO [LIMIT] There are too many keywords", false);

	buf_reset(&b);
	while (b.n <= LIMIT_KEYWORD)
		buf_byte(&b, 'k');
	check_span(parse_flags, show_flags, buf_span(&b),
	    "NO [LIMIT] A keyword is too long", false);
}

static enum status
parse_date(struct tokens *t, struct arena *a, const void **out)
{
	int64_t *day = ARENA_NEW(a, int64_t);

	*day = tok_date(t);
	if (tok_end(t) == ST_OK)
		*out = day;
	return t->st;
}

static void
show_date(struct buf *b, const void *args)
{
	buf_printf(b, "%lld", (long long)*(const int64_t *)args);
}

#define MALFORMED "BAD A date or time is malformed"

static const struct parse_case dates[] = {
	{ "1-Jan-1970", "0" },
	{ "01-Jan-1970", "0" },
	{ "2-jan-1970", "1" },
	{ "\"31-DEC-1969\"", "-1" },
	{ "1-Feb-1994", "8797" },
	{ "29-Feb-2000", "11016" },
	{ "31-Dec-9999", "2932896" },
	{ "29-Feb-1900", "BAD There is no such day" },
	{ "31-Apr-2000", "BAD There is no such day" },
	{ "0-Jan-2000", "BAD There is no such day" },
	{ "32-Dec-2000", "BAD There is no such day" },
	{ " 1-Jan-1970", MALFORMED },
	{ "-Jan-1970", MALFORMED },
	{ "1-Jan-70", MALFORMED },
	{ "1-Jan-70x0", MALFORMED },
	{ "1-January-1970", "BAD Unexpected character" },
	{ "1-01-1970", "BAD A date has no month" },
	{ "\"1-Jan-1970", "BAD Unexpected character" },
	{ "1-Jan-1970\"", "BAD Unexpected text behind the arguments" },
	{ "001-Jan-1970", "BAD Unexpected character" },
	{ "", MALFORMED },
};

static enum status
parse_date_time(struct tokens *t, struct arena *a, const void **out)
{
	struct datetime *d = ARENA_NEW(a, struct datetime);

	*d = tok_date_time(t);
	if (tok_end(t) == ST_OK)
		*out = d;
	return t->st;
}

static void
show_date_time(struct buf *b, const void *args)
{
	const struct datetime *d = args;

	buf_printf(b, "%lld %d", (long long)d->wall, (int)d->zone_secs);
}

static const struct parse_case date_times[] = {
	{ "\"01-Jan-1970 00:00:00 +0000\"", "0 0" },
	/* RFC 9051 section 6.3.12 and pitfall 49 */
	{ "\" 7-Feb-1994 21:52:25 -0800\"", "760686745 -28800" },
	{ "\"07-Feb-1994 21:52:25 -0800\"", "760686745 -28800" },
	{ "\"7-Feb-1994 21:52:25 -0800\"", "760686745 -28800" },
	{ "\"17-Jul-1996 02:44:25 -0700\"", "837596665 -25200" },
	{ "\"01-Jan-1970 05:45:00 +0545\"", "0 20700" },
	{ "\"30-Jun-1972 23:59:60 +0000\"", "78796800 0" },
	{ "\"01-Jan-1970 24:00:00 +0000\"", "BAD There is no such time" },
	{ "\"01-Jan-1970 00:60:00 +0000\"", "BAD There is no such time" },
	{ "\"01-Jan-1970 00:00:61 +0000\"", "BAD There is no such time" },
	{ "\"01-Jan-1970 00:00:00 +2400\"", "BAD There is no such time zone" },
	{ "\"01-Jan-1970 00:00:00 +0060\"", "BAD There is no such time zone" },
	{ "\"01-Jan-1970 00:00:00 GMT\"", "BAD A time has no zone" },
	{ "\"01-Jan-1970 00:00:00\"",
	    "BAD Expected a space and one more argument" },
	{ "\"01-Jan-1970 0:00:00 +0000\"", MALFORMED },
	{ "01-Jan-1970 00:00:00 +0000", "BAD Unexpected character" },
	{ "\"30-Feb-1970 00:00:00 +0000\"", "BAD There is no such day" },
};

static void
dates_and_times_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_date, show_date, dates);
	CHECK_CASES(parse_date_time, show_date_time, date_times);
}

static enum status
parse_set(struct tokens *t, struct arena *a, const void **out)
{
	struct seq_set *s = ARENA_NEW(a, struct seq_set);

	*s = tok_seq_set(t);
	if (tok_end(t) == ST_OK)
		*out = s;
	return t->st;
}

static void
show_set(struct buf *b, const void *args)
{
	describe_set(b, args);
}

#define NO_SET "BAD Expected a set of message numbers"

static const struct parse_case sets[] = {
	{ "1:*,5", "1:*,5" },
	{ "$", "$" },
	{ "", NO_SET },
	{ "a", NO_SET },
	{ "0", NO_SET },
	{ "1,$", NO_SET },
	{ "1a", "BAD Unexpected text behind the arguments" },
};

static void
sequence_sets_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_set, show_set, sets);
}

static enum status
parse_old(struct tokens *t, struct arena *a, const void **out)
{
	struct span *s = ARENA_NEW(a, struct span);

	*s = tok_mailbox(t);
	if (tok_end(t) == ST_OK)
		*out = s;
	return t->st;
}

static enum status
parse_new(struct tokens *t, struct arena *a, const void **out)
{
	struct span *s = ARENA_NEW(a, struct span);

	*s = tok_new_mailbox(t);
	if (tok_end(t) == ST_OK)
		*out = s;
	return t->st;
}

static void
show_span(struct buf *b, const void *args)
{
	buf_add(b, *(const struct span *)args);
}

#define EMPTY_PART "The mailbox name has an empty part beside a \"/\""

static const struct parse_case mailboxes[] = {
	{ "inbox", "INBOX" },
	{ "\"inbox/a b\"", "INBOX/a b" },
	{ "{5}\r\n&AOk-", "\xc3\xa9" },
	{ "a]", "a]" },
	{ "a&b",
	    "NO [NONEXISTENT] The mailbox name is not valid modified UTF-7" },
	{ "\"\"", "NO [NONEXISTENT] The mailbox name is empty" },
	{ "a/", "NO [NONEXISTENT] " EMPTY_PART },
	{ "a%", "BAD Unexpected text behind the arguments" },
	{ "", "BAD Expected a string" },
};

static const struct parse_case new_mailboxes[] = {
	{ "a/", "a" },
	{ "a/b/", "a/b" },
	{ "a//", "NO [CANNOT] " EMPTY_PART },
	{ "/", "NO [CANNOT] " EMPTY_PART },
	{ "/a", "NO [CANNOT] " EMPTY_PART },
};

static const struct parse_case utf8_mailboxes[] = {
	{ "\"\xc3\xa9&\"", "\xc3\xa9&" },
	{ "{4}\r\n\xc3\xa9&a", "\xc3\xa9&a" },
	{ "{2}\r\n\xc3\x28",
	    "NO [NONEXISTENT] The mailbox name is not valid UTF-8" },
};

static void
mailbox_names_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_old, show_span, mailboxes);
	CHECK_CASES(parse_new, show_span, new_mailboxes);
	CHECK_CASES_UTF8(parse_old, show_span, utf8_mailboxes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flag_lists_are_read),
		cmocka_unit_test(keywords_have_bounds),
		cmocka_unit_test(dates_and_times_are_read),
		cmocka_unit_test(sequence_sets_are_read),
		cmocka_unit_test(mailbox_names_are_read),
	};

	return cmocka_run_group_tests_name("token_value", tests, NULL, NULL);
}
