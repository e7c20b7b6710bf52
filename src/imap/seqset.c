#include "imap/seqset.h"

#include <stdlib.h>

#include "base/mem.h"

/* nz-number or "*"; what was read is taken off the front of *s. */
static bool
parse_number(struct span *s, uint32_t *out)
{
	uint64_t v = 0;
	size_t n = 0;

	if (s->n > 0 && s->p[0] == '*') {
		*s = span_from(*s, 1);
		*out = SEQ_STAR;
		return true;
	}
	if (s->n == 0 || s->p[0] == '0')
		return false;
	while (n < s->n && ascii_digit(s->p[n]) && v <= UINT32_MAX)
		v = v * 10 + (s->p[n++] - '0');
	if (n == 0 || v > UINT32_MAX)
		return false;
	*s = span_from(*s, n);
	*out = (uint32_t)v;
	return true;
}

static bool
parse_range(struct span *s, struct seq_range *out)
{
	if (!parse_number(s, &out->from))
		return false;
	out->to = out->from;
	if (s->n == 0 || s->p[0] != ':')
		return true;
	*s = span_from(*s, 1);
	return parse_number(s, &out->to);
}

bool
seq_set_parse(struct span s, struct arena *a, struct seq_set *out)
{
	struct seq_range *r;
	size_t count = 1;
	size_t n = 0;

	if (span_eq(s, SPAN("$"))) {
		*out = (struct seq_set){ .saved = true };
		return true;
	}
	for (size_t i = 0; i < s.n; i++)
		count += s.p[i] == ',';
	r = ARENA_ARRAY(a, count, struct seq_range);
	for (;;) {
		if (!parse_range(&s, &r[n]))
			return false;
		n++;
		if (s.n == 0)
			break;
		if (s.p[0] != ',')
			return false;
		s = span_from(s, 1);
	}
	*out = (struct seq_set){ .r = r, .n = n };
	return true;
}

/* False if it means nothing: a "*" in an empty mailbox. */
static bool
resolve_range(struct seq_range r, uint32_t max, struct uidrange *out)
{
	uint32_t from = r.from == SEQ_STAR ? max : r.from;
	uint32_t to = r.to == SEQ_STAR ? max : r.to;

	if (from == 0 || to == 0)
		return false;
	*out = (struct uidrange){ MIN(from, to), MAX(from, to) };
	return true;
}

static int
by_lo(const void *a, const void *b)
{
	const struct uidrange *x = a;
	const struct uidrange *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* Adding out of order would cost O(n) for each range. */
static void
resolve_sorted(const struct seq_set *s, uint32_t max, struct uidset *out)
{
	struct uidrange *r = mem_array(s->n, sizeof(*r));
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (resolve_range(s->r[i], max, &r[n]))
			n++;
	qsort(r, n, sizeof(*r), by_lo);
	for (size_t i = 0; i < n; i++)
		uidset_add_range(out, r[i].lo, r[i].hi);
	mem_free(&r);
}

void
seq_set_resolve(const struct seq_set *s, uint32_t max, struct uidset *out)
{
	struct uidrange r;
	uint32_t last = 0;

	uidset_reset(out);
	for (size_t i = 0; i < s->n; i++) {
		if (!resolve_range(s->r[i], max, &r))
			continue;
		if (r.lo < last) {
			uidset_reset(out);
			resolve_sorted(s, max, out);
			return;
		}
		uidset_add_range(out, r.lo, r.hi);
		last = r.lo;
	}
}

uint32_t
seq_set_top(const struct seq_set *s)
{
	uint32_t top = 0;

	for (size_t i = 0; i < s->n; i++)
		top = MAX(top, MAX(s->r[i].from, s->r[i].to));
	return top;
}
