#include "imap/token.h"
#include "imap/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
same_but_nuls(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i] && !(a.p[i] == 0 && b.p[i] == ' '))
			return false;
	return true;
}

/* Our own tokens read back what was written. */
static void
strings(struct span s, bool utf8, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct tokens t;

	write_astring(&b, s, utf8);
	BUF_LIT(&b, " ");
	write_string(&b, s, utf8);
	t = tok_over(buf_span(&b), &grammar_default, a);
	if (!same_but_nuls(s, tok_astring(&t)))
		__builtin_trap();
	tok_space(&t);
	if (!same_but_nuls(s, tok_string(&t)) || tok_end(&t) != ST_OK)
		__builtin_trap();
}

static void
lines(struct span s, bool utf8)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span out;

	write_condition(&b, SPAN("a"), COND_NO, span_head(s, 3), s, utf8);
	out = buf_span(&b);
	if (span_find(out, '\n') != out.n - 1 ||
	    span_find(out, '\r') != out.n - 2 || span_find(out, 0) != out.n)
		__builtin_trap();
}

static void
date(struct span s, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct tokens t = tok_over(s, &grammar_default, a);
	struct datetime d = tok_date_time(&t);
	struct datetime again;

	if (tok_end(&t) != ST_OK)
		return;
	write_internaldate(&b, &d);
	t = tok_over(buf_span(&b), &grammar_default, a);
	again = tok_date_time(&t);
	/* Only a leap second at the very end has no way back. */
	if (tok_end(&t) != ST_OK || again.zone_secs != d.zone_secs)
		__builtin_trap();
	if (again.wall != d.wall && d.wall + d.zone_secs < 253402300800)
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct span s = span_of(data, size);

	strings(s, false, a);
	strings(s, true, a);
	lines(s, false);
	lines(s, true);
	date(s, a);
	return 0;
}
