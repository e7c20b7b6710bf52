#include "imap/args_fetch.h"
#include "imap/args_test.h"

#define NO_MORE "BAD Expected a space and one more argument"
#define NO_ITEM "BAD There is no such item to fetch"

static void
show_item(struct buf *b, const struct fetch_item *item)
{
	buf_printf(b, " %.*s", SPAN_ARG(item->label));
	if (item->what >= FETCH_SECTION) {
		BUF_LIT(b, "{");
		section_write(b, &item->section);
		BUF_LIT(b, "}");
	}
	if (item->partial)
		buf_printf(b, "<%llu.%llu>", (unsigned long long)item->offset,
		    (unsigned long long)item->count);
	if (item->lazy)
		BUF_LIT(b, " lazily");
	if (!item->peek)
		BUF_LIT(b, "!");
}

static void
show(struct buf *b, const void *p)
{
	const struct fetch_args *args = p;
	unsigned what = 0;
	bool marks = false;

	buf_str(b, args->uid ? "uid " : "");
	describe_set(b, &args->set);
	for (size_t i = 0; i < args->n; i++) {
		show_item(b, &args->items[i]);
		what |= 1U << args->items[i].what;
		marks |= !args->items[i].peek;
	}
	assert_int_equal(args->what, what);
	assert_int_equal(args->marks_seen, marks);
	if (args->changed)
		buf_printf(b, " since %llu",
		    (unsigned long long)args->changed_since);
	if (args->vanished)
		BUF_LIT(b, " vanished");
	if (args->has_range)
		buf_printf(b, " range %s%u:%u", args->range.from_end ? "-" : "",
		    args->range.from, args->range.to);
}

static const struct parse_case fetches[] = {
	{ " 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])",
	    "2:4 FLAGS BODY[HEADER.FIELDS (DATE FROM)]"
	    "{[HEADER.FIELDS (DATE FROM)]}!" },
	{ " 1 FLAGS", "1 FLAGS" },
	{ " 1 ALL", "1 FLAGS INTERNALDATE RFC822.SIZE ENVELOPE" },
	{ " 1 fast", "1 FLAGS INTERNALDATE RFC822.SIZE" },
	{ " 1 FULL", "1 FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY" },
	/* Pitfall 17: UID first, then as asked; nothing twice. */
	{ " 1:* (FLAGS BODYSTRUCTURE UID flags Envelope)",
	    "1:* UID FLAGS BODYSTRUCTURE ENVELOPE" },
	{ " $ (modseq emailid threadid savedate internaldate rfc822.size "
	  "body objectid)",
	    "$ MODSEQ EMAILID THREADID SAVEDATE INTERNALDATE RFC822.SIZE "
	    "BODY OBJECTID" },
	{ " 1 RFC822", "1 RFC822{[]}!" },
	{ " 1 (rfc822.header RFC822.TEXT)",
	    "1 RFC822.HEADER{[HEADER]} RFC822.TEXT{[TEXT]}!" },

	/* Sections */
	{ " 1 BODY[]", "1 BODY[]{[]}!" },
	{ " 1 body.peek[]", "1 BODY[]{[]}" },
	{ " 1 BODY[1.2.3]", "1 BODY[1.2.3]{[1.2.3]}!" },
	{ " 1 BODY[4.1.mime]", "1 BODY[4.1.MIME]{[4.1.MIME]}!" },
	{ " 1 BODY[TEXT]<0.2048>", "1 BODY[TEXT]<0>{[TEXT]}<0.2048>!" },
	{ " 1 BODY.PEEK[2.HEADER]<7.1>", "1 BODY[2.HEADER]<7>{[2.HEADER]}"
					 "<7.1>" },
	{ " 1 BODY.PEEK[HEADER.FIELDS.NOT (To \"a b\" {2}\r\nCC)]",
	    "1 BODY[HEADER.FIELDS.NOT (To \"a b\" CC)]"
	    "{[HEADER.FIELDS.NOT (To \"a b\" CC)]}" },
	{ " 1 (BODY[1] BODY[1])", "1 BODY[1]{[1]}! BODY[1]{[1]}!" },
	{ " 1 BINARY[1]", "1 BINARY[1]{[1]}!" },
	{ " 1 (BINARY.PEEK[]<0.10> BINARY.SIZE[1.2])",
	    "1 BINARY[]<0>{[]}<0.10> BINARY.SIZE[1.2]{[1.2]}" },
	{ " 1 BODY[]<0.9223372036854775807>",
	    "1 BODY[]<0>{[]}<0.9223372036854775807>!" },
	{ " 1 BODY[MIME]", "BAD MIME needs a part number" },
	{ " 1 BODY[0]", "BAD Expected a number above 0" },
	{ " 1 BODY[1.]", "BAD Expected a name" },
	{ " 1 BODY[1.0]", "BAD Expected a number above 0" },
	{ " 1 BODY[.1]", "BAD There is no such section of a message" },
	{ " 1 BODY[1..2]", "BAD There is no such section of a message" },
	{ " 1 BODY[1TEXT]", "BAD Unexpected character" },
	{ " 1 BODY[X]", "BAD There is no such section of a message" },
	{ " 1 BODY[HEADER.FIELDS]", NO_MORE },
	{ " 1 BODY[HEADER.FIELDS ()]",
	    "BAD Expected the name of a header field" },
	{ " 1 BODY[TEXT", "BAD Unexpected character" },
	{ " 1 BODY[", "BAD Expected a name" },
	{ " 1 BINARY[1.TEXT]",
	    "BAD BINARY needs a part number and nothing else" },
	{ " 1 BINARY[TEXT]", "BAD Unexpected character" },
	{ " 1 BINARY.SIZE[1]<0.1>",
	    "BAD Unexpected text behind the arguments" },
	{ " 1 BINARY", NO_ITEM },
	{ " 1 BODY.PEEK", NO_ITEM },
	{ " 1 FLAGS[1]", NO_ITEM },
	{ " 1 BODY[]<0.0>", "BAD A partial fetch needs a count above 0" },
	{ " 1 BODY[]<0>", "BAD Unexpected character" },
	{ " 1 BODY[]<-1.5>", "BAD Expected a number" },
	{ " 1 BODY[]<0.9223372036854775808>", "BAD A number is too large" },

	/* RFC 8970 */
	{ " 1 (PREVIEW)", "1 PREVIEW" },
	{ " 1 (UID PREVIEW (LAZY) FLAGS)", "1 UID PREVIEW lazily FLAGS" },
	{ " 1 preview (lazy)", "1 PREVIEW lazily" },
	{ " 1 PREVIEW (CHANGEDSINCE 5)", "1 PREVIEW MODSEQ since 5" },
	{ " 1 PREVIEW (LAZY) (CHANGEDSINCE 5)",
	    "1 PREVIEW lazily MODSEQ since 5" },
	{ " 1 (PREVIEW (EAGER))", "BAD Expected a name" },

	/* RFC 7162; pitfall 22: 0 */
	{ " 1:* (FLAGS) (CHANGEDSINCE 12345)", "1:* FLAGS MODSEQ since 12345" },
	{ " 1:* FLAGS (CHANGEDSINCE 0)", "1:* FLAGS MODSEQ since 0" },
	{ " 1 (MODSEQ) (CHANGEDSINCE 1) ", "1 MODSEQ since 1" },
	{ " 1 FLAGS (VANISHED)",
	    "BAD VANISHED needs UID FETCH and CHANGEDSINCE" },
	{ " 1 FLAGS (CHANGEDSINCE 1 VANISHED)",
	    "BAD VANISHED needs UID FETCH and CHANGEDSINCE" },
	{ " 1 FLAGS (PARTIAL 1:5)", "BAD PARTIAL needs UID FETCH" },
	{ " 1 FLAGS (X)", "BAD There is no such modifier of FETCH" },
	{ " 1 FLAGS (CHANGEDSINCE)", NO_MORE },

	{ " 1 (ALL)", NO_ITEM },
	{ " 1 (FLAGS ALL)", NO_ITEM },
	{ " 1 ()", "BAD Expected an item to fetch" },
	{ " 1 (FLAGS", NO_MORE },
	{ " 1 FLAGS UID", "BAD Expected \"(\"" },
	{ " 1 X", NO_ITEM },
	{ " 1", NO_MORE },
	{ " 1 ", "BAD Expected a name" },
	{ " FLAGS", "BAD Expected a set of message numbers" },
	{ "", NO_MORE },
};

static const struct parse_case uid_fetches[] = {
	{ " 4827313:4828442 FLAGS", "uid 4827313:4828442 UID FLAGS" },
	{ " 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)",
	    "uid 300:500 UID FLAGS MODSEQ since 12345 vanished" },
	{ " 1 (FLAGS UID)", "uid 1 UID FLAGS" },
	/* RFC 9394 section 3.3 and 3.4 */
	{ " 25900:26600 (UID FLAGS) (PARTIAL -1:-3)",
	    "uid 25900:26600 UID FLAGS range -1:3" },
	{ " 25900:26600 (UID FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 98305)",
	    "uid 25900:26600 UID FLAGS MODSEQ since 98305 range -1:30" },
	{ " 1 FLAGS (VANISHED)",
	    "BAD VANISHED needs UID FETCH and CHANGEDSINCE" },
	{ " 1 FLAGS (PARTIAL 1:-3)", "BAD Expected a number" },
	{ " 1 FLAGS (PARTIAL -1:3)",
	    "BAD Both ends of a range count from the same side" },
	{ " 1 FLAGS (PARTIAL 0:3)", "BAD Expected a number above 0" },
	{ " 1 FLAGS (PARTIAL 1)", "BAD Unexpected character" },
};

static void
fetch_is_read(void **state)
{
	(void)state;
	CHECK_CASES(parse_fetch, show, fetches);
	CHECK_CASES(parse_uid_fetch, show, uid_fetches);
}

static void
repeat(struct buf *b, const char *start, const char *item, int times,
    const char *end)
{
	buf_reset(b);
	buf_str(b, start);
	for (int i = 0; i < times; i++)
		buf_str(b, item);
	buf_str(b, end);
}

static void
items_fields_and_parts_are_bounded(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	repeat(&b, " 1 (UID", " BODY[1]", 200, ")");
	check_span(parse_fetch, show, buf_span(&b),
	    "NO [LIMIT] There are too many items to fetch", false);
	repeat(&b, " 1 BODY[HEADER.FIELDS (a", " a", 200, ")]");
	check_span(parse_fetch, show, buf_span(&b),
	    "NO [LIMIT] There are too many header fields", false);
	repeat(&b, " 1 BODY[1", ".1", 100, "]");
	check_span(parse_fetch, show, buf_span(&b),
	    "NO [LIMIT] A part number is too deep", false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetch_is_read),
		cmocka_unit_test(items_fields_and_parts_are_bounded),
	};

	return cmocka_run_group_tests_name("args_fetch", tests, NULL, NULL);
}
