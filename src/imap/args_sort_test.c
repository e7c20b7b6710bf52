#include "imap/args_sort.h"
#include "imap/args_test.h"

#define NO_MORE "BAD Expected a space and one more argument"

static void
show_sort(struct buf *b, const void *p)
{
	const struct sort_args *args = p;

	buf_str(b, args->uid ? "uid" : "");
	for (size_t i = 0; i < args->n; i++)
		buf_printf(b, " %s%d", args->keys[i].reverse ? "-" : "",
		    (int)args->keys[i].by);
	buf_printf(b, " in %.*s %u keys", SPAN_ARG(args->program.charset),
	    args->program.n);
}

static const struct parse_case sorts[] = {
	/* RFC 5256 section 3 */
	{ " (SUBJECT) UTF-8 SINCE 1-Feb-1994", " 8 in UTF-8 2 keys" },
	{ " (SUBJECT REVERSE DATE) UTF-8 ALL", " 8 -2 in UTF-8 2 keys" },
	{ " (SUBJECT) US-ASCII TEXT \"not in mailbox\"",
	    " 8 in US-ASCII 2 keys" },
	{ " (arrival cc date displayfrom displayto from size subject to) "
	  "\"utf-8\" NOT 1",
	    " 0 1 2 3 4 5 7 8 9 in utf-8 3 keys" },
	/* RFC 6203 section 6 */
	{ " (RELEVANCY) UTF-8 FUZZY SUBJECT \"Helo\"", " 6 in UTF-8 3 keys" },
	{ " (SIZE REVERSE RELEVANCY) UTF-8 OR ALL FUZZY ALL",
	    " 7 -6 in UTF-8 5 keys" },
	{ " (SIZE RELEVANCY) UTF-8 SUBJECT \"Helo\"",
	    "BAD RELEVANCY needs a FUZZY search key" },
	{ " (REVERSE REVERSE) UTF-8 ALL",
	    "BAD There is no such sort criterion" },
	{ " (X) UTF-8 ALL", "BAD There is no such sort criterion" },
	{ " () UTF-8 ALL", "BAD Expected a sort criterion" },
	{ " SUBJECT UTF-8 ALL", "BAD Expected \"(\"" },
	{ " (SUBJECT) UTF-8", NO_MORE },
	{ " (SUBJECT)", NO_MORE },
	{ " (TO TO TO TO TO TO TO TO TO TO TO TO TO TO TO TO TO TO TO TO TO) "
	  "UTF-8 ALL",
	    "NO [LIMIT] There are too many sort criteria" },
};

static const struct parse_case uid_sorts[] = {
	{ " (SIZE) UTF-8 1:3", "uid 7 in UTF-8 2 keys" },
};

static void
show_thread(struct buf *b, const void *p)
{
	const struct thread_args *args = p;

	buf_printf(b, "%s%d in %.*s %u keys", args->uid ? "uid " : "",
	    (int)args->by, SPAN_ARG(args->program.charset), args->program.n);
}

static const struct parse_case threads[] = {
	{ " ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000", "0 in UTF-8 2 keys" },
	{ " references US-ASCII TEXT \"gewp\"", "1 in US-ASCII 2 keys" },
	{ " REFS UTF-8 ALL", "2 in UTF-8 2 keys" },
	{ " X UTF-8 ALL", "BAD There is no such threading algorithm" },
	{ " REFS UTF-8", NO_MORE },
	{ "", NO_MORE },
};

static const struct parse_case uid_threads[] = {
	{ " REFS UTF-8 UID 1:*", "uid 2 in UTF-8 2 keys" },
};

static void
sort_and_thread_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_sort, show_sort, sorts);
	CHECK_CASES(parse_uid_sort, show_sort, uid_sorts);
	CHECK_CASES(parse_thread, show_thread, threads);
	CHECK_CASES(parse_uid_thread, show_thread, uid_threads);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sort_and_thread_are_read),
	};

	return cmocka_run_group_tests_name("args_sort", tests, NULL, NULL);
}
