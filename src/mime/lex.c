#include "mime/lex.h"

size_t
lex_line(struct span s)
{
	size_t n = span_find(s, '\n');

	return n < s.n ? n + 1 : n;
}

bool
lex_line_empty(struct span s)
{
	return (s.n > 0 && s.p[0] == '\n') ||
	       (s.n > 1 && s.p[0] == '\r' && s.p[1] == '\n');
}

size_t
lex_field_name(struct span s, size_t *out_colon)
{
	size_t n = 0;
	size_t colon;

	while (n < s.n && s.p[n] > ' ' && s.p[n] < 0x7f && s.p[n] != ':')
		n++;
	colon = n;
	while (colon < s.n && lex_is_blank(s.p[colon]))
		colon++;
	if (n == 0 || colon == s.n || s.p[colon] != ':')
		return 0;
	*out_colon = colon;
	return n;
}

bool
lex_begins_header(struct span s)
{
	size_t colon;

	return lex_line_empty(s) || lex_field_name(s, &colon) > 0 ||
	       span_starts(s, SPAN("From ")) || span_starts(s, SPAN(">From "));
}

uint32_t
lex_hash(struct span s)
{
	uint32_t h = 2166136261; /* FNV-1a */

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 16777619;
	return h;
}

struct span
lex_trim(struct span s)
{
	while (s.n > 0 && lex_is_space(s.p[0]))
		s = span_from(s, 1);
	while (s.n > 0 && lex_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The length of the comment that s begins with, or 0. */
static size_t
comment_length(struct span s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return 0;
}

static bool
skip_comment(struct lex *l, struct span *comment)
{
	struct span inside;
	size_t n = 0;

	if (lex_peek(l) == '(' && !l->no_comments) {
		n = comment_length(l->rest);
		l->no_comments = n == 0;
	}
	if (n == 0)
		return false;

	inside = lex_trim(span_of(l->rest.p + 1, n - 2));
	if (comment != NULL && inside.n > 0)
		*comment = inside;
	lex_skip(l, n);
	return true;
}

bool
lex_cfws(struct lex *l, struct span *comment)
{
	size_t before = l->rest.n;

	do {
		size_t n = 0;

		while (n < l->rest.n && lex_is_space(l->rest.p[n]))
			n++;
		lex_skip(l, n);
	} while (skip_comment(l, comment));
	return l->rest.n < before;
}

void
lex_unescape(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		if (s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0')
			buf_byte(out, s.p[i]);
	}
}

bool
lex_quoted(struct lex *l, struct buf *out)
{
	size_t n = 1;

	if (lex_peek(l) != '"' || l->no_quotes)
		return false;
	while (n < l->rest.n && l->rest.p[n] != '"')
		n += l->rest.p[n] == '\\' ? 2 : 1;
	if (n >= l->rest.n) {
		l->no_quotes = true;
		return false;
	}
	lex_unescape(span_of(l->rest.p + 1, n - 1), out);
	lex_skip(l, n + 1);
	return true;
}
