#include "imap/args_test.h"
#include "imap/section.h"

static enum status
parse(struct tokens *t, struct arena *a, const void **out)
{
	struct section *s = ARENA_NEW(a, struct section);

	*s = tok_section(t, false);
	if (tok_end(t) == ST_OK)
		*out = s;
	return t->st;
}

static void
show(struct buf *b, const void *args)
{
	const struct section *s = args;

	section_write(b, s);
	buf_printf(b, " %u/%d/%zu", s->depth, (int)s->text, s->n);
}

/* What is written is what was read, the names of fields as they were. */
static const struct parse_case cases[] = {
	{ "[]", "[] 0/0/0" },
	{ "[HEADER]", "[HEADER] 0/1/0" },
	{ "[text]", "[TEXT] 0/4/0" },
	{ "[1]", "[1] 1/0/0" },
	{ "[4.2.2.1]", "[4.2.2.1] 4/0/0" },
	{ "[4.2.HEADER]", "[4.2.HEADER] 2/1/0" },
	{ "[4294967295.MIME]", "[4294967295.MIME] 1/5/0" },
	{ "[Header.Fields (Subject x-A]b)]",
	    "[HEADER.FIELDS (Subject \"x-A]b\")] 0/2/2" },
	{ "[1.HEADER.FIELDS.NOT (\"a \\\"b\" NIL)]",
	    "[1.HEADER.FIELDS.NOT (\"a \\\"b\" \"NIL\")] 1/3/2" },
	{ "[HEADER.FIELDS ({2}\r\n\xc3\xa9)]",
	    "[HEADER.FIELDS ({2}\r\n\xc3\xa9)] 0/2/1" },
	{ "[4294967296]", "BAD A number is too large" },
	{ "[HEADER.]", "BAD There is no such section of a message" },
	{ "", "BAD Unexpected character" },
};

static void
sections_are_read_and_written(void **state)
{
	(void)state;
	CHECK_CASES(parse, show, cases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_read_and_written),
	};

	return cmocka_run_group_tests_name("section", tests, NULL, NULL);
}
