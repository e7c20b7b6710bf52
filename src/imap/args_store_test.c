#include "imap/args_store.h"
#include "imap/args_test.h"

#define NO_MORE "BAD Expected a space and one more argument"

static void
show_store(struct buf *b, const void *p)
{
	const struct store_args *args = p;

	buf_str(b, args->uid ? "uid " : "");
	describe_set(b, &args->set);
	if (args->conditional)
		buf_printf(b, " since %llu",
		    (unsigned long long)args->unchanged_since);
	buf_printf(b, " %c%s ", "=+-"[args->how],
	    args -> silent ? " silent" : "");
	describe_flags(b, &args->flags);
}

static const struct parse_case stores[] = {
	{ " 2:4 +FLAGS (\\Deleted)", "2:4 + (\\Deleted)" },
	{ " 1 FLAGS ()", "1 = ()" }, /* pitfall 35 */
	{ " 1 -flags.silent $Junk \\Seen", "1 - silent (\\Seen $Junk)" },
	{ " $ +FLAGS \\Seen", "$ + (\\Seen)" },
	{ " * FLAGS.SILENT (a) ", "* = silent (a)" },
	/* RFC 7162 section 3.1.3 */
	{ " 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)",
	    "6,4,8 since 12121230045 + silent (\\Deleted)" },
	{ " 1 (UNCHANGEDSINCE 0) FLAGS (\\Seen)", "1 since 0 = (\\Seen)" },
	{ " 1 () +FLAGS ()", "1 + ()" },
	{ " 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 2) FLAGS ()",
	    "BAD There is no such modifier of STORE" },
	{ " 1 (X 1) FLAGS ()", "BAD There is no such modifier of STORE" },
	{ " 1 (UNCHANGEDSINCE) FLAGS ()", NO_MORE },
	{ " 1 FLAGS", NO_MORE },
	{ " 1 *FLAGS ()", "BAD STORE changes FLAGS" },
	{ " 1 FLAGS.LOUD ()", "BAD STORE changes FLAGS" },
	{ " 1 X ()", "BAD STORE changes FLAGS" },
	{ " 1 FLAGS (\\Seen", NO_MORE },
	{ " 0 FLAGS ()", "BAD Expected a set of message numbers" },
	{ " FLAGS ()", "BAD Expected a set of message numbers" },
	{ "", NO_MORE },
};

static const struct parse_case uid_stores[] = {
	{ " 25:* +FLAGS (\\Seen)", "uid 25:* + (\\Seen)" },
};

static void
show_copy(struct buf *b, const void *p)
{
	const struct copy_args *args = p;

	buf_str(b, args->uid ? "uid " : "");
	describe_set(b, &args->set);
	buf_printf(b, " to %.*s", SPAN_ARG(args->mailbox));
}

static const struct parse_case copies[] = {
	{ " 2:4 MEETING", "2:4 to MEETING" },
	{ " $ inbox", "$ to INBOX" },
	{ " 2:4", NO_MORE },
	{ " 2:4 a b", "BAD Unexpected text behind the arguments" },
	{ " 2:4 a//b", "NO [NONEXISTENT] The mailbox name has an empty part "
		       "beside a \"/\"" },
};

static const struct parse_case uid_copies[] = {
	{ " 42:69 foo", "uid 42:69 to foo" }, /* RFC 6851 section 3.3 */
};

static void
show_expunge(struct buf *b, const void *p)
{
	const struct expunge_args *args = p;

	describe_set(b, &args->set);
}

static const struct parse_case expunges[] = {
	{ " 3000:3002", "3000:3002" },
	{ " $", "$" },
	{ "", NO_MORE },
	{ " x", "BAD Expected a set of message numbers" },
};

static void
commands_on_messages_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_store, show_store, stores);
	CHECK_CASES(parse_uid_store, show_store, uid_stores);
	CHECK_CASES(parse_copy, show_copy, copies);
	CHECK_CASES(parse_uid_copy, show_copy, uid_copies);
	CHECK_CASES(parse_uid_expunge, show_expunge, expunges);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_on_messages_are_read),
	};

	return cmocka_run_group_tests_name("args_store", tests, NULL, NULL);
}
