#include "imap/args_append.h"
#include "imap/args_test.h"

static void
show_message(struct buf *b, const struct append_message *m)
{
	describe_flags(b, &m->flags);
	if (m->has_date)
		buf_printf(b, " %lld%+d", (long long)m->date.wall,
		    (int)m->date.zone_secs);
	if (m->utf8)
		BUF_LIT(b, " utf8");
}

static void
show(struct buf *b, const void *p)
{
	const struct append_args *args = p;

	buf_add(b, args->mailbox);
	for (size_t i = 0; i < args->n; i++) {
		const struct append_message *m = &args->messages[i];

		BUF_LIT(b, " ");
		show_message(b, m);
		if (m->body.outside)
			buf_printf(b, " #%u:%llu", m->body.index,
			    (unsigned long long)m->body.size);
		else
			buf_printf(b, " <%.*s>", SPAN_ARG(m->body.bytes));
		if (m->body.literal8)
			BUF_LIT(b, "8");
	}
}

#define NO_MORE "BAD Expected a space and one more argument"
#define NO_BODY "BAD Expected a message"

static const struct parse_case appends[] = {
	{ " saved-messages (\\Seen) {326}\n",
	    "saved-messages (\\Seen) #0:326" },
	{ " INBOX {3}\r\nabc", "INBOX () <abc>" },
	{ " INBOX {3+}\r\nabc ", "INBOX () <abc>" },
	{ " {5}\r\ninbox {3}\n", "INBOX () #0:3" },
	{ " a () {3}\n", "a () #0:3" },
	{ " a \" 7-Feb-1994 21:52:25 -0800\" {3}\n",
	    "a () 760686745-28800 #0:3" },
	/* RFC 3502 section 6.3.11 */
	{ " saved-messages (\\Seen) {329}\n (\\Seen) \" 7-Feb-1994 22:43:04 "
	  "-0800\" {295}\n",
	    "saved-messages (\\Seen) #0:329 (\\Seen) 760689784-28800 "
	    "#1:295" },
	/* RFC 3516 */
	{ " a ~{3}\n", "a () #0:38" },
	/* RFC 6855 section 4; pitfall 24: with flags and date, and {n+} */
	{ " a UTF8 (~{3}\n)", "a () utf8 #0:38" },
	{ " a (\\Draft x) \" 7-Feb-1994 21:52:25 -0800\" UTF8 (~{3+}\n)",
	    "a (\\Draft x) 760686745-28800 utf8 #0:38" },
	{ " a utf8 (~{3+}\n) (\\Seen) utf8 (~{4}\n) {9}\n",
	    "a () utf8 #0:38 (\\Seen) utf8 #1:48 () #2:9" },
	{ " a UTF8 ({3}\n)", "BAD A message in UTF-8 is a binary literal" },
	{ " a UTF8 (~{3}\n", "BAD Expected \")\"" },
	{ " a UTF8 ~{3}\n", "BAD Expected \"(\"" },
	{ " a (~{3}\n)", NO_MORE },
	{ " a {0}\n", "NO A message has no bytes" },
	{ " a {0}\r\n", "NO A message has no bytes" },
	{ " a {3}\n {0}\n", "NO A message has no bytes" },
	{ " a", NO_MORE },
	{ " a ", NO_BODY },
	{ " a (\\Seen)", NO_MORE },
	{ " a \"text\"", "BAD A date or time is malformed" },
	{ " a text", NO_BODY },
	{ " a {3}\nx", "BAD Unexpected text behind the arguments" },
	{ " a {3}\n x", NO_BODY },
	{ " a (\\Nope) {3}\n", "BAD There is no such system flag" },
	{ " a \"29-Feb-1999 00:00:00 +0000\" {3}\n",
	    "BAD There is no such day" },
	{ " & {3}\n", "NO [NONEXISTENT] The mailbox name is not valid modified "
		      "UTF-7" },
};

static void
append_is_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_append, show, appends);
}

static void
messages_are_bounded(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	BUF_LIT(&b, " a");
	for (int i = 0; i < 10001; i++)
		BUF_LIT(&b, " {9}\n");
	check_span(parse_append, show, buf_span(&b),
	    "NO [LIMIT] There are too many messages", false);
}

/*
 * What the scan says of each literal of a command, whose bytes are left out:
 * the text is cut before each "{" or "~{".
 */
static void
scan_all(struct span text, struct arena *a, struct buf *b)
{
	struct append_scan s = { 0 };

	for (size_t i = 0; i < text.n; i++) {
		struct append_message m;
		struct tokens t;
		enum status st;

		if (text.p[i] != '~' &&
		    (text.p[i] != '{' || (i > 0 && text.p[i - 1] == '~')))
			continue;
		t = tok_over(span_head(text, i), &grammar_default, a);
		st = append_scan(&s, &t, &m);
		if (st == ST_OK) {
			buf_printf(b, "%zu in %.*s ", s.n, SPAN_ARG(s.mailbox));
			show_message(b, &m);
			BUF_LIT(b, "; ");
		} else if (st == ST_AGAIN) {
			BUF_LIT(b, "inline; ");
		} else {
			describe_error(b, &t);
			return;
		}
	}
}

static const struct parse_case scans[] = {
	{ " INBOX {3}\n", "1 in INBOX (); " },
	{ " {5}\r\ninbox (\\Seen) {3}\n", "inline; 1 in INBOX (\\Seen); " },
	{ " a (\\Seen x) \" 7-Feb-1994 21:52:25 -0800\" ~{3}\n",
	    "1 in a (\\Seen x) 760686745-28800; " },
	{ " a {1}\n (\\Draft) {2}\n {3}\n",
	    "1 in a (); 2 in a (\\Draft); 3 in a (); " },
	{ " a UTF8 (~{1}\n) UTF8 (~{2}\n) {3}\n",
	    "1 in a () utf8; 2 in a () utf8; 3 in a (); " },
	{ "{3}\n", NO_MORE },
	{ " a{3}\n", NO_MORE },
	{ " a (\\Seen){3}\n", NO_MORE },
	{ " a ({3}\n)", "BAD Expected an atom" },
	{ " a (\\Seen {3}\n)", "BAD Expected an atom" },
	{ " a x {3}\n", NO_BODY },
	{ " a  {3}\n", NO_BODY },
	{ " a UTF8 {3}\n", "BAD Expected \"(\"" },
	{ " a {1}\n{2}\n", "1 in a (); " NO_MORE },
	{ " a {1}\n) {2}\n", "1 in a (); " NO_MORE },
	{ " a UTF8 (~{1}\n {2}\n", "1 in a () utf8; BAD Expected \")\"" },
	{ " a {0}\n {2}\n", "1 in a (); NO A message has no bytes" },
	{ " & {3}\n", "NO [NONEXISTENT] The mailbox name is not valid modified "
		      "UTF-7" },
};

static void
a_scan_tells_messages_from_other_literals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scans); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf b = { 0 };

		scan_all(span_str(scans[i].text), a, &b);
		buf_byte(&b, 0);
		assert_string_equal((const char *)b.p, scans[i].want);
	}
}

/* The work of a scan is the new text, however many messages came before. */
static void
many_messages_are_scanned_in_little_memory(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct append_scan s = { 0 };
	struct append_message m;
	struct tokens t;

	(void)state;
	BUF_LIT(&text, " a ");
	for (int i = 0; i < 10000; i++) {
		t = tok_over(buf_span(&text), &grammar_default, a);
		assert_ok(append_scan(&s, &t, &m));
		BUF_LIT(&text, "{9}\n ");
	}
	t = tok_over(buf_span(&text), &grammar_default, a);
	assert_int_equal(append_scan(&s, &t, &m), ST_LIMIT);
	assert_true(arena_used(a) < 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(append_is_read),
		cmocka_unit_test(messages_are_bounded),
		cmocka_unit_test(a_scan_tells_messages_from_other_literals),
		cmocka_unit_test(many_messages_are_scanned_in_little_memory),
	};

	return cmocka_run_group_tests_name("args_append", tests, NULL, NULL);
}
