/*
 * What messages cost that are made to cost much: prints the milliseconds of
 * the processor that a summary takes for each MB of them.  The program takes
 * the size of each in MB (8), and names of some of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "engine/message.h"

/* Text that comes again and again, with a number for each #. */
static void
repeat(struct buf *b, size_t end, const char *text)
{
	for (unsigned i = 0; b->n < end; i++) {
		struct span rest = span_str(text);
		size_t n;

		while ((n = span_find(rest, '#')) < rest.n) {
			buf_add(b, span_head(rest, n));
			buf_u64(b, i);
			rest = span_from(rest, n + 1);
		}
		buf_add(b, rest);
	}
}

static void
make_params(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: text/plain");
	repeat(b, end, "; a#=#");
}

static void
make_params_without_names(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: text/plain");
	repeat(b, end, ";=");
}

static void
make_params_without_values(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: text/plain");
	repeat(b, end, ";a ");
}

static void
make_params_of_blanks(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: text/plain; a=");
	repeat(b, end, "b ");
}

static void
make_params_folded(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: text/plain");
	repeat(b, end, ";\r\n a#=#");
}

static void
make_continuations(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: text/plain");
	repeat(b, end, "; a*#*=iso-2022-jp''%ff#");
}

/* In as many parts as there may be. */
static void
make_continuations_in_parts(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	while (b->n < end) {
		buf_str(b, "--b\r\nContent-Type: a/b");
		for (int i = 99; i >= 0; i--)
			buf_printf(b, ";a*%d=", i);
		buf_str(b, "\r\n\r\n");
	}
}

static void
make_same_params_in_parts(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	while (b->n < end) {
		buf_str(b, "--b\r\nContent-Type: a/b");
		for (int i = 99; i >= 0; i--)
			buf_printf(b, ";x%d=", i);
		buf_str(b, "\r\n\r\n");
	}
}

static void
make_types(struct buf *b, size_t end)
{
	repeat(b, end, "Content-Type: x;a=b\r\n");
}

static void
make_references(struct buf *b, size_t end)
{
	buf_str(b, "References:");
	repeat(b, end, " <#@a>");
}

static void
make_references_fields(struct buf *b, size_t end)
{
	repeat(b, end, "References: <#@a>\r\n");
}

static void
make_reference_comments(struct buf *b, size_t end)
{
	buf_str(b, "References:");
	repeat(b, end, " <(");
}

static void
make_words(struct buf *b, size_t end)
{
	buf_str(b, "Subject:");
	repeat(b, end, " =?utf-8?q?=C3=A4?=");
}

static void
make_words_of_charsets(struct buf *b, size_t end)
{
	buf_str(b, "Subject:");
	repeat(b, end, " =?gb18030?q?=ff?= =?iso-2022-jp?q?=ff?=");
}

static void
make_empty_words(struct buf *b, size_t end)
{
	buf_str(b, "Subject:");
	repeat(b, end, "=?gb18030?q?\?= =?euc-jp?q?\?=");
}

static void
make_half_words(struct buf *b, size_t end)
{
	buf_str(b, "Subject:");
	repeat(b, end, " =?a?q");
}

static void
make_8bit(struct buf *b, size_t end)
{
	buf_str(b, "Subject:");
	repeat(b, end, " \xc3\xa4 =?a?q?b?=");
}

static void
make_8bit_bad(struct buf *b, size_t end)
{
	buf_str(b, "Subject: =?utf-8?q?");
	repeat(b, end, "\xff");
	buf_str(b, "?=");
}

static void
make_addresses(struct buf *b, size_t end)
{
	buf_str(b, "To: a@b");
	repeat(b, end, ",\"\xc3\xa4\" <a#@b#>");
}

static void
make_address_fields(struct buf *b, size_t end)
{
	repeat(b, end, "To: a\r\n");
}

static void
make_long_address(struct buf *b, size_t end)
{
	buf_str(b, "From: ");
	repeat(b, end, "@a");
}

static void
make_routes(struct buf *b, size_t end)
{
	buf_str(b, "From: <");
	repeat(b, end, "@a,");
}

static void
make_groups(struct buf *b, size_t end)
{
	buf_str(b, "From: ");
	repeat(b, end, "a:");
}

static void
make_literals(struct buf *b, size_t end)
{
	buf_str(b, "From: a");
	repeat(b, end, "@[");
}

static void
make_open_comments(struct buf *b, size_t end)
{
	buf_str(b, "From: ");
	repeat(b, end, "(");
}

static void
make_closed_comments(struct buf *b, size_t end)
{
	buf_str(b, "Date: ");
	repeat(b, end, "()");
}

static void
make_open_quotes(struct buf *b, size_t end)
{
	buf_str(b, "From: ");
	repeat(b, end, "\"a\\\"");
}

static void
make_languages(struct buf *b, size_t end)
{
	buf_str(b, "Content-Language: ");
	repeat(b, end, "(a),");
}

static void
make_fields(struct buf *b, size_t end)
{
	repeat(b, end, "a:\r\n");
}

static void
make_field_without_end(struct buf *b, size_t end)
{
	buf_str(b, "Subject: ");
	repeat(b, end, "abc defg ");
}

static void
make_blanks(struct buf *b, size_t end)
{
	buf_str(b, "Subject: ");
	repeat(b, end, " \r\n");
}

static void
make_nested(struct buf *b, size_t end)
{
	for (int i = 0; i < 99; i++)
		buf_printf(b,
		    "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n"
		    "--b%d\r\n",
		    i, i);
	repeat(b, end, "--x\r\n");
}

static void
make_nested_messages(struct buf *b, size_t end)
{
	for (int i = 0; i < 99; i++)
		buf_str(b, "Content-Type: message/rfc822\r\n\r\n");
	repeat(b, end, "--x\r\n");
}

static void
make_parts(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	repeat(b, end, "--b\r\n\r\n");
}

static void
make_messages_in_parts(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: multipart/digest; boundary=b\r\n\r\n");
	repeat(b, end, "--b\r\n\r\nFrom: \xff\r\nSubject: \xff\r\n\r\n");
}

static void
make_lines(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	repeat(b, end, "-\n");
}

/* Text parts in which nothing is to be seen. */
static void
make_unseen(struct buf *b, size_t end)
{
	buf_str(b, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 0; i < 8; i++) {
		size_t stop = b->n + end / 8;

		buf_str(b, "--b\r\nContent-Type: text/html; "
			   "charset=iso-2022-kr\r\n\r\n");
		repeat(b, stop, "<a>\xff<");
		buf_str(b, "\r\n");
	}
}

static void
make_plain(struct buf *b, size_t end)
{
	buf_str(b, "Subject: text\r\n\r\n");
	repeat(b, end, "Some text that does no harm, as most is, line #\r\n");
}

#define KIND(name) \
	{ \
#name, make_##name \
	}

static const struct {
	const char *name;
	void (*make)(struct buf *b, size_t end);
} kinds[] = {
	KIND(plain),
	KIND(params),
	KIND(params_without_names),
	KIND(params_without_values),
	KIND(params_of_blanks),
	KIND(params_folded),
	KIND(continuations),
	KIND(continuations_in_parts),
	KIND(same_params_in_parts),
	KIND(types),
	KIND(references),
	KIND(references_fields),
	KIND(reference_comments),
	KIND(words),
	KIND(words_of_charsets),
	KIND(empty_words),
	KIND(half_words),
	KIND(8bit),
	KIND(8bit_bad),
	KIND(addresses),
	KIND(address_fields),
	KIND(long_address),
	KIND(routes),
	KIND(groups),
	KIND(literals),
	KIND(open_comments),
	KIND(closed_comments),
	KIND(open_quotes),
	KIND(languages),
	KIND(fields),
	KIND(field_without_end),
	KIND(blanks),
	KIND(nested),
	KIND(nested_messages),
	KIND(parts),
	KIND(messages_in_parts),
	KIND(lines),
	KIND(unseen),
};

static void
measure(const char *name, const struct buf *b)
{
	static const struct mime_limits limits = { LIMIT_MIME_DEPTH,
		LIMIT_MIME_PARTS };
	clock_t start = clock();
	struct message *m = message_new(buf_span(b), &limits);
	int64_t ms = (clock() - start) * 1000 / CLOCKS_PER_SEC;

	printf("%-24s %6lld ms %7.1f ms/MB, kept: %zu\n", name, (long long)ms,
	    (double)ms * 1e6 / (double)b->n, m->record.n);
	message_free(&m);
}

int
main(int argc, char **argv)
{
	size_t end = (argc > 1 ? strtoul(argv[1], NULL, 10) : 8) * 1000000;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		bool wanted = argc <= 2;

		for (int j = 2; j < argc; j++)
			wanted = wanted || strcmp(argv[j], kinds[i].name) == 0;
		if (!wanted)
			continue;
		kinds[i].make(&b, end);
		buf_str(&b, "\r\n\r\n");
		measure(kinds[i].name, &b);
	}
	return 0;
}
