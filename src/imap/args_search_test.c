#include "imap/args_search.h"
#include "imap/args_test.h"

static void
show(struct buf *b, const void *p)
{
	const struct search_args *args = p;

	buf_str(b, args->uid ? "uid " : "");
	if (args->esearch)
		buf_printf(b, "return %x ", args->ret);
	if ((args->ret & RETURN_PARTIAL) != 0)
		buf_printf(b, "%s%u:%u ", args->partial.from_end ? "-" : "",
		    args->partial.from, args->partial.to);
	if (args->program.charset.n > 0)
		buf_printf(b, "in %.*s ", SPAN_ARG(args->program.charset));
	buf_printf(b, "%u keys", args->program.n);
}

#define NO_MORE "BAD Expected a space and one more argument"
#define NO_KEY  "BAD There is no such search key"

static const struct parse_case searches[] = {
	{ " FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"", "5 keys" },
	{ " TEXT \"string not in mailbox\"", "2 keys" },
	{ " CHARSET UTF-8 TEXT {6}\r\n\xd0\xb4\xd0\xb0\xd0\xb0",
	    "in UTF-8 2 keys" },
	{ " charset \"iso-8859-1\" ALL", "in iso-8859-1 2 keys" },
	{ " 1:*", "2 keys" },
	{ " ALL ", "2 keys" },
	/* RFC 9051 section 6.4.4, RFC 4731, 5182, 9394 */
	{ " RETURN (MIN COUNT) FLAGGED", "return 9 2 keys" },
	{ " RETURN () ALL", "return 4 2 keys" },
	{ " RETURN (SAVE) ALL", "return 10 2 keys" },
	{ " return (save min max all count) all", "return 1f 2 keys" },
	{ " RETURN (PARTIAL -1:-100) UNDELETED", "return 20 -1:100 2 keys" },
	{ " RETURN (PARTIAL 500:400 COUNT) ALL", "return 28 500:400 2 keys" },
	{ " RETURN (COUNT) CHARSET UTF-8 ALL", "return 8 in UTF-8 2 keys" },
	{ " RETURN (PARTIAL 1:2 ALL) ALL",
	    "BAD PARTIAL and ALL can't be combined" },
	{ " RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL",
	    "BAD PARTIAL can be given once" },
	/* RFC 6203 */
	{ " RETURN (RELEVANCY ALL) FUZZY TEXT \"Helo\"", "return 44 3 keys" },
	{ " RETURN (relevancy partial 1:9) NOT FUZZY TEXT a",
	    "return 60 1:9 4 keys" },
	{ " RETURN (RELEVANCY) TEXT \"Helo\"",
	    "BAD RELEVANCY needs a FUZZY search key" },
	{ " RETURN (X) ALL", "BAD There is no such return option" },
	{ " RETURN (MIN)", NO_MORE },
	{ " RETURN MIN ALL", "BAD Expected \"(\"" },
	{ " CHARSET UTF-8", NO_MORE },
	{ " CHARSET UTF-8 ", "BAD Expected a name" },
	{ " ALL CHARSET UTF-8", NO_KEY },
	{ "", NO_MORE },
	{ " ", "BAD Expected a name" },
};

static const struct parse_case uid_searches[] = {
	{ " RETURN (MAX) 1 UID 5:*", "uid return 2 3 keys" },
};

static void
search_is_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_search, show, searches);
	CHECK_CASES(parse_uid_search, show, uid_searches);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(search_is_read),
	};

	return cmocka_run_group_tests_name("args_search", tests, NULL, NULL);
}
