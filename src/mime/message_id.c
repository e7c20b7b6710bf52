#include "base/limits.h"
#include "mime/header.h"
#include "mime/lex.h"

/*
 * Reads up to the @ or the > (at_end says which): words and quoted strings,
 * without what may stand between them.  False if there is neither.
 */
static bool
read_half(struct lex *l, int stop, struct buf *out)
{
	for (;;) {
		int c;

		(void)lex_cfws(l, NULL);
		c = lex_peek(l);
		if (c == stop)
			return true;
		if (c == -1 || c == '<' || c == '>' ||
		    out->n > LIMIT_MESSAGE_ID)
			return false;
		if (!lex_quoted(l, out)) {
			buf_byte(out, (unsigned char)c);
			lex_skip(l, 1);
		}
	}
}

/* Behind a <. */
static bool
read_id(struct lex *l, struct buf *out)
{
	size_t local;

	if (!read_half(l, '@', out) || out->n == 0)
		return false;
	buf_byte(out, '@');
	lex_skip(l, 1);
	local = out->n;
	if (!read_half(l, '>', out) || out->n == local ||
	    out->n > LIMIT_MESSAGE_ID)
		return false;
	lex_skip(l, 1);
	return true;
}

/* Room for another id, with the oldest going when there are max. */
static void
make_room(struct arena *a, struct span **ids, size_t n, size_t max)
{
	size_t cap = MIN(MAX(n * 2, (size_t)4), max);
	struct span *grown;

	if (n == max) {
		memmove(*ids, *ids + 1, (n - 1) * sizeof(**ids));
	} else if (n == 0 || (n >= 4 && (n & (n - 1)) == 0)) {
		grown = ARENA_ARRAY(a, cap, struct span);
		if (n > 0)
			memcpy(grown, *ids, n * sizeof(**ids));
		*ids = grown;
	}
}

struct message_ids
message_ids_parse(struct arena *a, struct span value, size_t max)
{
	CLEANUP(buf_clear) struct buf id = { 0 };
	struct lex l = { .rest = value };
	struct span *ids = NULL;
	size_t n = 0;

	while (l.rest.n > 0 && max > 0) {
		lex_skip(&l, span_find(l.rest, '<') + 1);
		buf_reset(&id);
		if (l.rest.n == 0 || !read_id(&l, &id))
			continue;
		make_room(a, &ids, n, max);
		n -= n == max ? 1 : 0;
		ids[n++] = arena_dup(a, buf_span(&id));
	}
	return (struct message_ids){ ids, n };
}
