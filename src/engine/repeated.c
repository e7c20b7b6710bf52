#include "engine/repeated.h"

/* How a list of addresses begins, behind what comes before it. */
static const struct span begin = SPAN_INIT(" ((");

/* Where the next list begins, at its parenthesis; n if there is none. */
static size_t
next_list(struct span text, size_t from)
{
	struct span rest = span_from(text, from);
	const unsigned char *at =
	    rest.n == 0 ? NULL : memmem(rest.p, rest.n, begin.p, begin.n);

	return at == NULL ? text.n : (size_t)(at - text.p) + 1;
}

static bool
comes_again(struct span rest, struct span list)
{
	return rest.n > list.n && rest.p[0] == ' ' &&
	       span_eq(span_head(span_from(rest, 1), list.n), list);
}

/*
 * What looks like a list may be within a string, and then it just isn't found
 * again; whatever it is, all together is the text.
 */
static struct repeated
find(struct span text)
{
	size_t from = next_list(text, 0);
	size_t end = next_list(text, from);
	struct repeated r = { .before = text };

	if (end == text.n)
		return r;
	r.before = span_head(text, from);
	r.list = span_head(span_from(text, from), end - 1 - from);
	r.after = span_from(text, end - 1);
	while (r.more < REPEATED_MOST && comes_again(r.after, r.list)) {
		r.more++;
		r.after = span_from(r.after, 1 + r.list.n);
	}
	return r;
}

void
pack_repeated(struct buf *b, struct span text)
{
	struct repeated r = find(text);

	pack_span(b, r.before);
	pack_span(b, r.list);
	pack_u64(b, r.more);
	pack_span(b, r.after);
}

void
unpack_repeated(struct unpack *u, struct repeated *out)
{
	out->before = unpack_span(u);
	out->list = unpack_span(u);
	out->more = unpack_u32(u);
	out->after = unpack_span(u);
	u->bad = u->bad || out->more > REPEATED_MOST;
}

void
repeated_write(struct buf *b, const struct repeated *r)
{
	buf_add(b, r->before);
	buf_add(b, r->list);
	for (uint32_t i = 0; i < r->more; i++) {
		buf_byte(b, ' ');
		buf_add(b, r->list);
	}
	buf_add(b, r->after);
}
