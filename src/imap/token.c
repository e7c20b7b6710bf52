#include "imap/token.h"

#include "base/limits.h"
#include "imap/chars.h"
#include "imap/mutf7.h"

const struct grammar grammar_default = {
	.search_nesting = LIMIT_SEARCH_NESTING,
	.names = { LIMIT_MAILBOX_NAME, LIMIT_MAILBOX_DEPTH },
};

struct tokens
tok_over(struct span text, const struct grammar *g, struct arena *a)
{
	return (struct tokens){ .rest = text, .st = ST_OK, .g = g, .arena = a };
}

void
tok_fail(struct tokens *t, enum status st, const char *code, const char *why)
{
	t->rest = span_of(t->rest.p, 0);
	if (tok_failed(t))
		return;
	t->st = st;
	t->code = code;
	t->why = why;
}

void
tok_bad(struct tokens *t, const char *why)
{
	tok_fail(t, ST_BAD, NULL, why);
}

void
tok_limit(struct tokens *t, const char *why)
{
	tok_fail(t, ST_LIMIT, "LIMIT", why);
}

enum status
tok_end(struct tokens *t)
{
	(void)tok_accept(t, ' ');
	if (!tok_at_end(t))
		tok_bad(t, "Unexpected text behind the arguments");
	return t->st;
}

/* The next n bytes, which are there. */
static struct span
take(struct tokens *t, size_t n)
{
	struct span s = span_head(t->rest, n);

	t->rest = span_from(t->rest, n);
	return s;
}

/* As many bytes of a class as there are, at least one. */
static struct span
take_class(struct tokens *t, bool (*is)(unsigned char c), const char *why)
{
	size_t n = 0;

	while (n < t->rest.n && is(t->rest.p[n]))
		n++;
	if (n == 0)
		tok_bad(t, why);
	return take(t, n);
}

void
tok_space(struct tokens *t)
{
	if (!tok_accept(t, ' '))
		tok_bad(t, "Expected a space and one more argument");
}

void
tok_byte(struct tokens *t, unsigned char c)
{
	if (tok_accept(t, c))
		return;
	switch (c) {
	case '(':
		tok_bad(t, "Expected \"(\"");
		break;
	case ')':
		tok_bad(t, "Expected \")\"");
		break;
	default:
		tok_bad(t, "Unexpected character");
		break;
	}
}

bool
tok_accept(struct tokens *t, unsigned char c)
{
	if (!tok_at(t, c))
		return false;
	(void)take(t, 1);
	return true;
}

bool
tok_accept_word(struct tokens *t, struct span word)
{
	if (!span_starts_nocase(t->rest, word))
		return false;
	if (t->rest.n > word.n && chars_is_atom(t->rest.p[word.n]))
		return false;
	(void)take(t, word.n);
	return true;
}

bool
tok_list_more(struct tokens *t, size_t n)
{
	if (n == 0)
		tok_byte(t, '(');
	if (tok_accept(t, ')'))
		return false;
	if (n > 0)
		tok_space(t);
	return !tok_failed(t);
}

struct span
tok_atom(struct tokens *t)
{
	return take_class(t, chars_is_atom, "Expected an atom");
}

struct span
tok_word(struct tokens *t)
{
	return take_class(t, chars_is_word, "Expected a name");
}

/* What is between the quotes, without its escapes. */
static struct span
unescape(struct arena *a, struct span s)
{
	unsigned char *p = arena_alloc(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		p[n++] = s.p[i];
	}
	return span_of(p, n);
}

/* The offset of the closing quote, or s.n. */
static size_t
find_quote(struct span s, bool *escapes)
{
	size_t i = 0;

	*escapes = false;
	while (i < s.n && s.p[i] != '"') {
		if (s.p[i] == '\r' || s.p[i] == '\n')
			return s.n;
		if (s.p[i] == '\\') {
			*escapes = true;
			i++;
			if (i < s.n && s.p[i] != '"' && s.p[i] != '\\')
				return s.n;
		}
		i++;
	}
	return MIN(i, s.n);
}

static struct span
quoted(struct tokens *t)
{
	struct span s = span_from(t->rest, 1);
	bool escapes;
	size_t end = find_quote(s, &escapes);

	if (end == s.n) {
		tok_bad(t, "A quoted string is not closed or badly escaped");
		return t->rest;
	}
	t->rest = span_from(s, end + 1);
	s = span_head(s, end);
	if (!utf8_valid(s)) {
		tok_bad(t, "A quoted string is not valid UTF-8");
		return t->rest;
	}
	return escapes ? unescape(t->arena, s) : s;
}

bool
tok_at_literal(const struct tokens *t)
{
	return tok_at(t, '{') ||
	       (tok_at(t, '~') && t->rest.n > 1 && t->rest.p[1] == '{');
}

/* "{5}" or "{5+}". */
static uint64_t
literal_size(struct tokens *t)
{
	uint64_t size;

	tok_byte(t, '{');
	size = tok_number64(t);
	(void)tok_accept(t, '+');
	tok_byte(t, '}');
	return size;
}

struct tok_literal
tok_literal(struct tokens *t, bool literal8_allowed)
{
	struct tok_literal lit = { .literal8 = tok_accept(t, '~') };

	lit.size = literal_size(t);
	lit.outside = tok_accept(t, '\n');
	if (!lit.outside) {
		tok_byte(t, '\r');
		tok_byte(t, '\n');
		if (lit.size > t->rest.n)
			tok_bad(t, "A literal is cut short");
		lit.bytes = take(t, (size_t)MIN(lit.size, t->rest.n));
	}
	if (lit.literal8 && !literal8_allowed)
		tok_bad(t, "A binary literal can't be used here");
	if (!lit.literal8 && span_find(lit.bytes, 0) < lit.bytes.n)
		tok_bad(t, "A literal has a NUL");
	if (tok_failed(t))
		return (struct tok_literal){ 0 };
	if (lit.outside)
		lit.index = t->outside++;
	return lit;
}

struct span
tok_string(struct tokens *t)
{
	struct tok_literal lit;

	if (tok_at(t, '"'))
		return quoted(t);
	if (!tok_at_literal(t)) {
		tok_bad(t, "Expected a string");
		return t->rest;
	}
	lit = tok_literal(t, false);
	if (lit.outside)
		tok_bad(t, "A literal this large can't be used here");
	return tok_failed(t) ? t->rest : lit.bytes;
}

struct span
tok_astring(struct tokens *t)
{
	if (tok_at(t, '"') || tok_at_literal(t))
		return tok_string(t);
	return take_class(t, chars_is_astring, "Expected a string");
}

struct span
tok_nstring(struct tokens *t)
{
	if (tok_accept_word(t, SPAN("NIL")))
		return (struct span){ 0 };
	return tok_string(t);
}

struct span
tok_list_mailbox(struct tokens *t)
{
	if (tok_at(t, '"') || tok_at_literal(t))
		return tok_string(t);
	return take_class(t, chars_is_list, "Expected a mailbox pattern");
}

static uint64_t
number(struct tokens *t, uint64_t max)
{
	size_t n = 0;
	uint64_t v;

	while (n < t->rest.n && ascii_digit(t->rest.p[n]))
		n++;
	if (n == 0) {
		tok_bad(t, "Expected a number");
		return 0;
	}
	if (!span_u64(take(t, n), max, &v)) {
		tok_bad(t, "A number is too large");
		return 0;
	}
	return v;
}

uint32_t
tok_number(struct tokens *t)
{
	return (uint32_t)number(t, UINT32_MAX);
}

uint32_t
tok_nz_number(struct tokens *t)
{
	uint32_t v = tok_number(t);

	if (v == 0)
		tok_bad(t, "Expected a number above 0");
	return v;
}

uint64_t
tok_number64(struct tokens *t)
{
	return number(t, INT64_MAX);
}
