#include "imap/args_append.h"
#include "imap/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decides each literal as the engine does. */
static void
decide(struct reader *r, struct append_scan *s, struct arena *a)
{
	struct reader_literal lit = reader_literal(r);
	struct tokens t = tok_over(lit.text, &grammar_default, a);
	struct append_message m;
	enum status st = append_scan(s, &t, &m);

	if (st == ST_OK)
		reader_outside(r);
	else if (st == ST_AGAIN && lit.fits)
		reader_inline(r);
	else
		reader_refuse(r);
}

/* Of a good command, the scan has announced every message and no more. */
static void
check(struct span text, const struct append_scan *s, struct arena *a)
{
	struct tokens t = tok_over(text, &grammar_default, a);
	const struct append_args *args;
	const void *out = NULL;

	if (parse_append(&t, a, &out) != ST_OK)
		return;
	args = out;
	if (args->n != s->n || !span_eq(args->mailbox, s->mailbox))
		__builtin_trap();
	for (size_t i = 0; i < args->n; i++)
		if (!args->messages[i].body.outside ||
		    args->messages[i].body.index != i)
			__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 1000, .inline_max = 100 };
	struct append_scan s = { 0 };
	struct span in = span_of(data, size);
	struct span bytes;
	enum reader_event ev;

	while ((ev = reader_next(&r, &in, &bytes)) != READER_MORE) {
		if (ev == READER_LITERAL)
			decide(&r, &s, a);
		if (ev == READER_COMMAND)
			check(reader_text(&r), &s, a);
		if (ev == READER_COMMAND || ev == READER_FAILED)
			s = (struct append_scan){ 0 };
	}
	return 0;
}
