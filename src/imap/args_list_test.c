#include "imap/args_list.h"
#include "imap/args_mailbox.h"
#include "imap/args_test.h"

static void
show(struct buf *b, const void *p)
{
	const struct list_args *args = p;

	if (args->root)
		BUF_LIT(b, "root ");
	if (args->extended)
		buf_printf(b, "select %x ret %x status %x", args->select,
		    args->ret, args->status_items);
	else
		BUF_LIT(b, "basic");
	for (size_t i = 0; i < args->n; i++)
		buf_printf(b, " <%.*s>%s", SPAN_ARG(args->patterns[i].text),
		    args->patterns[i].never ? "never" : "");
}

#define NO_MORE   "BAD Expected a space and one more argument"
#define NO_OPTION "BAD There is no such option of LIST"

static const struct parse_case lists[] = {
	{ " \"\" \"\"", "root basic" }, /* pitfall 27 */
	{ " #news.comp.mail.misc \"\"", "root basic" },
	{ " \"\" *", "basic <*>" },
	{ " \"\" %", "basic <%>" },
	{ " /usr/staff/jones \"\"", "root basic" },
	{ " ~/Mail/ %", "basic <~/Mail/%>" },
	{ " \"\" \"a b/%\"", "basic <a b/%>" },
	{ " \"\" Drafts/", "basic <Drafts>" },
	{ " \"\" inbox/%", "basic <INBOX/%>" },
	{ " \"\" {3}\r\na b", "basic <a b>" },
	{ " \"\" &", "basic <>never" },
	/* RFC 9051 section 6.3.9.5 and 6.3.9.6, RFC 5258 section 5 */
	{ " () \"\" \"*\" RETURN (CHILDREN)", "select 0 ret 2 status 0 <*>" },
	{ " (SUBSCRIBED) \"\" \"*\"", "select 1 ret 1 status 0 <*>" },
	{ " (REMOTE) \"\" \"%\" RETURN (CHILDREN SUBSCRIBED)",
	    "select 2 ret 3 status 0 <%>" },
	{ " (REMOTE SUBSCRIBED) \"\" \"*\"", "select 3 ret 1 status 0 <*>" },
	{ " (SUBSCRIBED RECURSIVEMATCH) \"\" \"%\"",
	    "select 5 ret 1 status 0 <%>" },
	{ " \"\" (\"INBOX\" \"Drafts\" \"Sent/%\")",
	    "select 0 ret 0 status 0 <INBOX> <Drafts> <Sent/%>" },
	{ " \"\" % RETURN (STATUS (MESSAGES UNSEEN))",
	    "select 0 ret 8 status 11 <%>" }, /* RFC 5819 section 2 */
	{ " (SUBSCRIBED RECURSIVEMATCH) \"\" % RETURN (STATUS (MESSAGES))",
	    "select 5 ret 9 status 1 <%>" },
	/* RFC 6154 section 5.2, pitfall 28 */
	{ " \"\" \"%\" RETURN (SPECIAL-USE)", "select 0 ret 4 status 0 <%>" },
	{ " (SPECIAL-USE) \"\" \"*\"", "select 8 ret 4 status 0 <*>" },
	/* As imapflow asks */
	{ " \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN "
	  "HIGHESTMODSEQ) SPECIAL-USE CHILDREN SUBSCRIBED)",
	    "select 0 ret f status 9d <*>" },
	{ " () foo \"\"", "select 0 ret 0 status 0" },
	{ " \"\" \"\" RETURN ()", "select 0 ret 0 status 0" },
	{ " foo (\"\" /a)", "select 0 ret 0 status 0 <foo/a>" },

	{ " (RECURSIVEMATCH) \"\" *",
	    "BAD RECURSIVEMATCH needs one more option" },
	{ " (RECURSIVEMATCH REMOTE) \"\" *",
	    "BAD RECURSIVEMATCH needs one more option" },
	{ " (SPECIAL-USE RECURSIVEMATCH) \"\" *",
	    "BAD RECURSIVEMATCH needs one more option" },
	{ " (X) \"\" *", NO_OPTION },
	{ " \"\" * RETURN (X)", NO_OPTION },
	{ " \"\" * RETURN (STATUS)", NO_MORE },
	{ " \"\" * RETURN (STATUS ())", "BAD Expected an item of STATUS" },
	{ " \"\" * RETURN", NO_MORE },
	{ " \"\" * (CHILDREN)", "BAD Expected RETURN" },
	{ " \"\" ()", "BAD Expected a mailbox pattern" },
	{ " \"\"", NO_MORE },
	{ "", NO_MORE },
};

static const struct parse_case lsubs[] = {
	{ " \"#news.\" \"comp.mail.*\"", "basic <#news.comp.mail.*>" },
	{ " \"\" \"\"", "root basic" },
	{ " \"\" (a b)", "BAD LSUB takes one pattern" },
	{ " \"\" * RETURN (CHILDREN)",
	    "BAD Unexpected text behind the arguments" },
};

static const struct parse_case utf8_lists[] = {
	{ " \"\" \"\xc3\xa9&%\"", "basic <\xc3\xa9&%>" },
};

static void
list_and_lsub_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_list, show, lists);
	CHECK_CASES(parse_lsub, show, lsubs);
	CHECK_CASES_UTF8(parse_list, show, utf8_lists);
}

static void
any_of_the_patterns_may_match(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tokens t =
	    tok_over(SPAN(" \"\" (inbox \"Sent/%\")"), &grammar_default, a);
	const void *out = NULL;

	(void)state;
	assert_ok(parse_list(&t, a, &out));
	assert_true(list_args_match(out, SPAN("INBOX")));
	assert_true(list_args_match(out, SPAN("Sent/2024")));
	assert_false(list_args_match(out, SPAN("Sent")));
}

static void
patterns_are_bounded(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	BUF_LIT(&b, " \"\" (a");
	for (int i = 0; i < 64; i++)
		BUF_LIT(&b, " a");
	BUF_LIT(&b, ")");
	check_span(parse_list, show, buf_span(&b),
	    "NO [LIMIT] There are too many patterns", false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_and_lsub_are_read),
		cmocka_unit_test(any_of_the_patterns_may_match),
		cmocka_unit_test(patterns_are_bounded),
	};

	return cmocka_run_group_tests_name("args_list", tests, NULL, NULL);
}
