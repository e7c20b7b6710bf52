#include "mime/header.h"

#include "base/limits.h"
#include "mime/lex.h"

size_t
header_length(struct span s)
{
	bool last = !lex_begins_header(s);
	size_t n = 0;

	while (!last && n < s.n && n < LIMIT_HEADER_BYTES) {
		struct span rest = span_from(s, n);

		last = lex_line_empty(rest);
		n += lex_line(rest);
	}
	return n;
}

bool
header_next(struct header_iter *it, struct header_field *out)
{
	struct span s = it->rest;
	size_t n = lex_line(s);
	size_t colon = 0;
	size_t name;

	if (n == 0 || lex_line_empty(s))
		return false;
	while (n < s.n && lex_is_blank(s.p[n]))
		n += lex_line(span_from(s, n));

	it->rest = span_from(s, n);
	out->raw = span_head(s, n);
	name = lex_field_name(out->raw, &colon);
	out->name = span_head(s, name);
	if (name > 0)
		out->value = lex_trim(span_from(out->raw, colon + 1));
	else
		out->value = lex_trim(out->raw);
	return true;
}

void
header_unfold(struct span value, struct buf *out)
{
	bool after_line = false;
	size_t from = 0;

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = value.p[i];

		if (c == '\t' && after_line) {
			buf_byte(out, ' ');
			from = i + 1;
		} else if (c == '\r' || c == '\n' || c == '\0') {
			buf_add(out, span_of(value.p + from, i - from));
			from = i + 1;
		}
		after_line = c == '\n';
	}
	buf_add(out, span_from(value, from));
}
