#include "imap/token.h"
#include "imap/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name goes to the client and comes back the same. */
static void
there_and_back(struct span name, bool utf8, struct arena *a)
{
	CLEANUP(buf_clear) struct buf wire = { 0 };
	struct grammar g = grammar_default;
	struct tokens t;
	struct span again;

	write_mailbox(&wire, name, utf8);
	g.utf8 = utf8;
	t = tok_over(buf_span(&wire), &g, a);
	again = tok_mailbox(&t);
	if (tok_end(&t) != ST_OK || !span_eq(name, again))
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct span name;

	if (size < 1)
		return 0;
	if (mailbox_name_parse(span_of(data + 1, size - 1), data[0] % 2 == 1,
		&grammar_default.names, a, &name) != NULL)
		return 0;
	if (mailbox_name_is_below(name, name))
		__builtin_trap();
	if (!mailbox_name_is_below(name, mailbox_name_parent(name)))
		__builtin_trap();
	there_and_back(name, false, a);
	there_and_back(name, true, a);
	return 0;
}
