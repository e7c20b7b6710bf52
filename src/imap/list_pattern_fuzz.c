#include "imap/list_pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The definition, as plainly as it can be said; for short patterns. */
static bool
matches(struct span p, struct span s)
{
	bool wild = p.n > 0 && (p.p[0] == '*' || p.p[0] == '%');

	if (p.n == 0)
		return s.n == 0;
	if (wild && matches(span_from(p, 1), s))
		return true;
	if (s.n == 0)
		return false;
	if (wild)
		return (p.p[0] == '*' || s.p[0] != '/') &&
		       matches(p, span_from(s, 1));
	return p.p[0] == s.p[0] && matches(span_from(p, 1), span_from(s, 1));
}

/* The pattern up to the first line end, the name behind it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct span in = span_of(data, size);
	size_t end = span_find(in, '\n');
	struct span name = span_from(in, end + 1);
	struct list_pattern p =
	    list_pattern_parse(SPAN(""), span_head(in, end), true, a);
	bool match = list_pattern_match(&p, name);

	if (p.text.n > 10 || name.n > 20 || p.never ||
	    span_starts(name, SPAN("INBOX")))
		return 0;
	if (match != matches(p.text, name))
		__builtin_trap();
	return 0;
}
