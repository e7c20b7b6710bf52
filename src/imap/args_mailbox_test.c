#include "imap/args_mailbox.h"
#include "imap/args_test.h"

#define NO_MORE   "BAD Expected a space and one more argument"
#define NO_STRING "BAD Expected a string"

static void
show_mailbox(struct buf *b, const void *p)
{
	const struct mailbox_args *args = p;

	buf_add(b, args->name);
}

static const struct parse_case mailboxes[] = {
	{ " blurdybloop", "blurdybloop" },
	{ " inbox ", "INBOX" },
	{ " \"Entw&APw-rfe\"", "Entw\xc3\xbcrfe" },
	{ " a b", "BAD Unexpected text behind the arguments" },
	{ "", NO_MORE },
	{ " ", NO_STRING },
	{ " &", "NO [NONEXISTENT] The mailbox name is not valid modified "
		"UTF-7" },
};

static void
show_select(struct buf *b, const void *p)
{
	const struct select_args *args = p;

	buf_add(b, args->name);
	if (args->condstore)
		BUF_LIT(b, " CONDSTORE");
	if (args->objectid)
		buf_printf(b, " OBJECTID <%.*s> <%.*s>",
		    SPAN_ARG(args->mailbox_id), SPAN_ARG(args->account_id));
	if (args->qresync == NULL)
		return;
	buf_printf(b, " QRESYNC %u %llu ", args->qresync->uidvalidity,
	    (unsigned long long)args->qresync->modseq);
	describe_set(b, &args->qresync->known_uids);
	BUF_LIT(b, " ");
	describe_set(b, &args->qresync->match_seqs);
	BUF_LIT(b, " ");
	describe_set(b, &args->qresync->match_uids);
}

static const struct parse_case selects[] = {
	{ " INBOX", "INBOX" },
	{ " INBOX (CONDSTORE)", "INBOX CONDSTORE" },
	{ " INBOX (condstore) ", "INBOX CONDSTORE" },
	{ " INBOX ()", "INBOX" },
	/* RFC 7162 section 3.2.5; pitfall 19: no UIDs known */
	{ " INBOX (QRESYNC (67890007 20050715194045000 41,43:211,214:541))",
	    "INBOX QRESYNC 67890007 20050715194045000 41,43:211,214:541  " },
	{ " INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))",
	    "INBOX QRESYNC 67890007 90060115194045000 41:211,214:541  " },
	{ " INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541 "
	  "(1,3,5 41,45,49)))",
	    "INBOX QRESYNC 67890007 90060115194045000 41:211,214:541 1,3,5 "
	    "41,45,49" },
	{ " INBOX (QRESYNC (1 5))", "INBOX QRESYNC 1 5   " },
	{ " INBOX (QRESYNC (1 5 (1 1)))", "INBOX QRESYNC 1 5  1 1" },
	{ " INBOX (QRESYNC (0 0))", "INBOX QRESYNC 0 0   " },
	{ " INBOX (CONDSTORE QRESYNC (1 5 1:9))",
	    "INBOX CONDSTORE QRESYNC 1 5 1:9  " },
	{ " INBOX (QRESYNC (1 5 1:*))", "BAD \"*\" can't be used here" },
	{ " INBOX (QRESYNC (1 5 $))", "BAD \"$\" can't be used here" },
	{ " INBOX (QRESYNC (1 5 1 (1 *)))", "BAD \"*\" can't be used here" },
	{ " INBOX (QRESYNC (1 9223372036854775808))",
	    "BAD A number is too large" },
	{ " INBOX (QRESYNC (1))", NO_MORE },
	{ " INBOX (QRESYNC 1 2)", "BAD Expected \"(\"" },
	{ " INBOX (QRESYNC (1 5 1 (1 1) x))", "BAD Expected \")\"" },
	{ " INBOX (QRESYNC)", NO_MORE },
	{ " INBOX (ANNOTATE)", "BAD There is no such parameter of SELECT" },
	{ " INBOX CONDSTORE", "BAD Expected \"(\"" },
	/* OBJECTID+ draft, section 7.1 */
	{ " \"foo\" (OBJECTID)", "foo OBJECTID <> <>" },
	{ " \"foo\" (OBJECTID (MAILBOXID F2212ea87-6097-4256-9d51-71338625 "
	  "ACCOUNTID u1a48e8e3))",
	    "foo OBJECTID <F2212ea87-6097-4256-9d51-71338625> <u1a48e8e3>" },
	{ " foo (OBJECTID (X y ACCOUNTID z) CONDSTORE)",
	    "foo CONDSTORE OBJECTID <> <z>" },
	{ " foo (OBJECTID (MAILBOXID))", NO_MORE },
	{ " foo (OBJECTID CONDSTORE)", "foo CONDSTORE OBJECTID <> <>" },
};

static void
show_create(struct buf *b, const void *p)
{
	const struct create_args *args = p;

	buf_printf(b, "%.*s %x", SPAN_ARG(args->name), args->special_use);
}

static const struct parse_case creates[] = {
	{ " owatagusiam/", "owatagusiam 0" },
	{ " owatagusiam/blurdybloop", "owatagusiam/blurdybloop 0" },
	{ " MyDrafts (USE (\\Drafts))", "MyDrafts 4" },
	{ " SentDrafts (USE (\\Drafts \\sent))", "SentDrafts 44" },
	{ " a (USE ())", "a 0" },
	{ " a ()", "a 0" },
	{ " a (USE (\\Snoozed))",
	    "NO [USEATTR] This special use is not supported" },
	{ " a (USE (Drafts))", "BAD Unexpected character" },
	{ " a (USE)", NO_MORE },
	{ " a (X)", "BAD There is no such parameter of CREATE" },
	{ " //", "NO [CANNOT] The mailbox name has an empty part beside a "
		 "\"/\"" },
	{ "", NO_MORE },
};

static void
show_rename(struct buf *b, const void *p)
{
	const struct rename_args *args = p;

	buf_printf(b, "%.*s > %.*s", SPAN_ARG(args->from), SPAN_ARG(args->to));
}

static const struct parse_case renames[] = {
	{ " blurdybloop sarasoop", "blurdybloop > sarasoop" },
	{ " inbox Inbox/old", "INBOX > INBOX/old" },
	{ " a b/", "a > b" },
	{ " a/ b", "NO [NONEXISTENT] The mailbox name has an empty part "
		   "beside a \"/\"" },
	{ " a \"\"", "NO [CANNOT] The mailbox name is empty" },
	{ " a", NO_MORE },
};

static void
show_status(struct buf *b, const void *p)
{
	const struct status_args *args = p;

	buf_printf(b, "%.*s %x", SPAN_ARG(args->name), args->items);
}

static const struct parse_case statuses[] = {
	{ " blurdybloop (UIDNEXT MESSAGES)", "blurdybloop 5" },
	{ " \"a b\" (messages recent uidnext uidvalidity unseen deleted size "
	  "highestmodseq appendlimit mailboxid deleted-storage objectid)",
	    "a b fff" },
	{ " a (MESSAGES MESSAGES)", "a 1" },
	{ " a ()", "BAD Expected an item of STATUS" },
	{ " a (X-GUID)", "BAD There is no such item of STATUS" },
	{ " a MESSAGES", "BAD Expected \"(\"" },
	{ " a", NO_MORE },
};

static void
show_quota(struct buf *b, const void *p)
{
	const struct quota_args *args = p;

	buf_printf(b, "<%.*s>", SPAN_ARG(args->root));
	for (size_t i = 0; i < args->n; i++)
		buf_printf(b, " %.*s=%llu", SPAN_ARG(args->limits[i].resource),
		    (unsigned long long)args->limits[i].limit);
}

static const struct parse_case getquotas[] = {
	{ " \"!partition/sda4\"", "<!partition/sda4>" },
	{ " \"\"", "<>" }, /* pitfall 50 */
	{ "", NO_MORE },
};

static const struct parse_case setquotas[] = {
	{ " \"#user/alice\" (STORAGE 512)", "<#user/alice> STORAGE=512" },
	{ " \"\" (STORAGE 510 MESSAGE 9223372036854775807)",
	    "<> STORAGE=510 MESSAGE=9223372036854775807" },
	{ " \"\" ()", "<>" },
	{ " \"\" (STORAGE)", NO_MORE },
	{ " \"\" (STORAGE -1)", "BAD Expected a number" },
	{ " \"\" (a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 a 1 "
	  "a 1 a 1)",
	    "NO [LIMIT] There are too many resources" },
};

static void
mailbox_commands_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_mailbox, show_mailbox, mailboxes);
	CHECK_CASES(parse_select, show_select, selects);
	CHECK_CASES(parse_create, show_create, creates);
	CHECK_CASES(parse_rename, show_rename, renames);
	CHECK_CASES(parse_status, show_status, statuses);
	CHECK_CASES(parse_getquota, show_quota, getquotas);
	CHECK_CASES(parse_setquota, show_quota, setquotas);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mailbox_commands_are_read),
	};

	return cmocka_run_group_tests_name("args_mailbox", tests, NULL, NULL);
}
