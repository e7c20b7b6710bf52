#include "load/wire.h"

void
wire_clear(struct wire *w)
{
	buf_clear(&w->part);
	buf_clear(&w->head);
	*w = (struct wire){ 0 };
}

/* Text for people may end in braces without announcing a literal. */
static bool
is_text(struct span line)
{
	static const struct span words[] = { SPAN_INIT("OK "), SPAN_INIT("NO "),
		SPAN_INIT("BAD "), SPAN_INIT("BYE "), SPAN_INIT("PREAUTH ") };
	struct span rest = span_from(line, span_find(line, ' ') + 1);

	if (span_starts(line, SPAN("+")))
		return true;
	for (size_t i = 0; i < COUNT(words); i++)
		if (span_starts_nocase(rest, words[i]))
			return true;
	return false;
}

/* Whether the line ends by announcing a literal, and how long that is. */
static bool
announces(struct span line, uint64_t *out)
{
	size_t at = line.n;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return false;
	while (at > 0 && line.p[at - 1] != '{')
		at--;
	return at > 0 &&
	       span_u64(span_of(line.p + at, line.n - 1 - at), UINT32_MAX, out);
}

static void
line_done(struct wire *w, struct span line, wire_fn fn, void *user)
{
	uint64_t literal;

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (announces(line, &literal) && (w->inside || !is_text(line))) {
		w->literal = literal;
		if (!w->inside)
			buf_add(&w->head, span_head(line, WIRE_HEAD));
		w->inside = true;
		return;
	}
	fn(user, w->inside ? buf_span(&w->head) : line);
	w->inside = false;
	buf_reset(&w->head);
}

void
wire_feed(struct wire *w, struct span in, wire_fn fn, void *user)
{
	size_t n;

	while (in.n > 0) {
		n = (size_t)MIN(w->literal, (uint64_t)in.n);
		w->literal -= n;
		in = span_from(in, n);

		n = span_find(in, '\n');
		if (n == in.n) {
			buf_add(&w->part, in);
			return;
		}
		if (w->part.n == 0) {
			line_done(w, span_head(in, n), fn, user);
		} else {
			buf_add(&w->part, span_head(in, n));
			line_done(w, buf_span(&w->part), fn, user);
			buf_reset(&w->part);
		}
		in = span_from(in, n + 1);
	}
}
