#include "mime/params.h"

#include "base/limits.h"
#include "mime/charset.h"

#define WHOLE       (-1) /* a parameter that isn't a piece of one */
#define SECTION_MAX 9999

/* What is written, before pieces are put together. */
struct piece {
	struct span name;
	uint32_t hash; /* of the name: most names differ */
	struct span value;
	int section; /* of "name*3", or WHOLE */
	bool extended;
	bool used;
};

struct pieces {
	struct piece p[LIMIT_MIME_PARAMS];
	size_t n;
	size_t bytes;
};

static bool
same_name(const struct piece *a, const struct piece *b)
{
	return a->hash == b->hash && span_eq(a->name, b->name);
}

static bool
is_token_char(unsigned char c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

static struct span
lower(struct arena *a, struct span s)
{
	unsigned char *to;
	size_t i = 0;

	while (i < s.n && (s.p[i] < 'A' || s.p[i] > 'Z'))
		i++;
	if (i == s.n)
		return s;
	to = arena_alloc(a, s.n);
	for (i = 0; i < s.n; i++)
		to[i] = ascii_lower(s.p[i]);
	return span_of(to, s.n);
}

struct span
params_token(struct arena *a, struct lex *l)
{
	struct span s;
	size_t n = 0;

	(void)lex_cfws(l, NULL);
	while (n < l->rest.n && is_token_char(l->rest.p[n]))
		n++;
	s = span_head(l->rest, n);
	lex_skip(l, n);
	return lower(a, s);
}

/* Whether a parameter begins at s: a missing semicolon, not a blank. */
static bool
begins_param(struct span s)
{
	size_t n = 0;

	while (n < s.n && is_token_char(s.p[n]))
		n++;
	return n > 0 && n < s.n && s.p[n] == '=';
}

/*
 * A value without quotes.  Programs that forget them also leave blanks and
 * specials in.
 */
static struct span
read_bare(struct lex *l)
{
	struct span s = l->rest;
	size_t n = 0;
	size_t end;

	for (;;) {
		while (n < s.n && s.p[n] != ';' && !lex_is_space(s.p[n]))
			n++;
		end = n;
		while (n < s.n && lex_is_space(s.p[n]))
			n++;
		if (n == s.n || s.p[n] == ';' || s.p[n] == '(' ||
		    begins_param(span_from(s, n)))
			break;
	}
	lex_skip(l, n);
	return span_head(s, end);
}

static struct span
read_value(struct arena *a, struct lex *l, struct buf *scratch)
{
	(void)lex_cfws(l, NULL);
	buf_reset(scratch);
	if (lex_quoted(l, scratch))
		return arena_dup(a, buf_span(scratch));
	return read_bare(l);
}

/* "name*0*" is name, 0 and extended; other stars are part of the name. */
static void
split_name(struct piece *p)
{
	size_t star = span_find(p->name, '*');
	struct span after = span_from(p->name, star + 1);
	uint64_t section;

	p->section = WHOLE;
	if (star == p->name.n || star == 0)
		return;
	if (after.n > 0 && after.p[after.n - 1] == '*') {
		p->extended = true;
		after.n--;
	}
	if (after.n == 0 && !p->extended)
		p->extended = true;
	else if (span_u64(after, SECTION_MAX, &section))
		p->section = (int)section;
	else {
		p->extended = false;
		return;
	}
	p->name = span_head(p->name, star);
}

/* Reads one; false at the end. */
static bool
read_piece(struct arena *a, struct lex *l, struct buf *scratch,
    struct pieces *ps)
{
	struct piece *p = &ps->p[ps->n];

	while (lex_cfws(l, NULL) || lex_peek(l) == ';')
		if (lex_peek(l) == ';')
			lex_skip(l, 1);
	if (l->rest.n == 0)
		return false;

	*p = (struct piece){ .name = params_token(a, l) };
	(void)lex_cfws(l, NULL);
	if (lex_peek(l) != '=') {
		if (p->name.n == 0)
			lex_skip(l, 1);
		return true;
	}
	lex_skip(l, 1);
	p->value = read_value(a, l, scratch);
	p->value = span_head(p->value, LIMIT_MIME_PARAM_BYTES - ps->bytes);
	if (p->name.n == 0)
		return true;
	ps->bytes += p->value.n;
	split_name(p);
	p->hash = lex_hash(p->name);
	ps->n++;
	return true;
}

static int
hex_at(struct span s, size_t i)
{
	unsigned char c = i < s.n ? ascii_lower(s.p[i]) : 0;

	if (ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
add_percent(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' ? hex_at(s, i + 1) : -1;
		int low = high >= 0 ? hex_at(s, i + 2) : -1;

		if (low >= 0) {
			buf_byte(out, (unsigned char)(high << 4 | low));
			i += 2;
		} else {
			buf_byte(out, s.p[i]);
		}
	}
}

/* Takes the charset and the language off the value: utf-8'en'text. */
static struct span
take_charset(struct span *value)
{
	size_t first = span_find(*value, '\'');
	size_t second =
	    first + 1 + span_find(span_from(*value, first + 1), '\'');
	struct span charset = span_head(*value, first);

	if (second >= value->n)
		return span_of(value->p, 0);
	*value = span_from(*value, second + 1);
	return charset;
}

/* The sections of a parameter in their order; uses them up. */
static size_t
take_sections(struct pieces *ps, const struct piece *of,
    struct piece *out[LIMIT_MIME_PARAMS])
{
	size_t n = 0;

	for (size_t i = 0; i < ps->n; i++) {
		struct piece *p = &ps->p[i];
		size_t at = n;

		if (p->used || p->section == WHOLE || !same_name(p, of))
			continue;
		p->used = true;
		for (; at > 0 && out[at - 1]->section > p->section; at--)
			out[at] = out[at - 1];
		out[at] = p;
		n++;
	}
	return n;
}

static void
add_value(struct piece *p, struct span *charset, bool *extended,
    struct buf *out)
{
	struct span value = p->value;

	p->used = true;
	if (!p->extended) {
		buf_add(out, value);
		return;
	}
	if (!*extended)
		*charset = take_charset(&value);
	*extended = true;
	add_percent(value, out);
}

/*
 * The sections in a row from the first on; later ones are of no use, nor is
 * one that is there again.
 */
static void
add_sections(struct pieces *ps, const struct piece *of, struct span *charset,
    bool *extended, struct buf *out)
{
	struct piece *sections[LIMIT_MIME_PARAMS];
	size_t n = take_sections(ps, of, sections);
	int next = n > 0 ? sections[0]->section : 0;

	for (size_t i = 0; i < n && sections[i]->section <= next; i++) {
		if (sections[i]->section < next)
			continue;
		add_value(sections[i], charset, extended, out);
		next++;
	}
}

/* Puts together the parameter that a piece belongs to; uses up its pieces. */
static struct param
join(struct arena *a, struct pieces *ps, struct piece *p)
{
	CLEANUP(buf_clear) struct buf bytes = { 0 };
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct param out = { .name = p->name, .value = p->value };
	struct span charset = { 0 };

	if (p->section == WHOLE && !p->extended)
		return out;
	if (p->section == WHOLE)
		add_value(p, &charset, &out.extended, &bytes);
	else
		add_sections(ps, p, &charset, &out.extended, &bytes);

	if (!out.extended)
		buf_add(&text, buf_span(&bytes));
	else if (mime_to_utf8(charset, buf_span(&bytes), &text) != ST_OK)
		charset_guess(buf_span(&bytes), &text);
	out.value = arena_dup(a, buf_span(&text));
	return out;
}

struct params
params_parse(struct arena *a, struct lex *l)
{
	CLEANUP(buf_clear) struct buf scratch = { 0 };
	const struct piece *from[LIMIT_MIME_PARAMS]; /* of each in out */
	struct pieces ps;
	struct param *out;
	size_t tries = 0;
	size_t n = 0;

	ps.n = 0;
	ps.bytes = 0;
	while (ps.n < COUNT(ps.p) && tries < LIMIT_MIME_PARAM_TRIES &&
	       read_piece(a, l, &scratch, &ps))
		tries++;

	out = ARENA_ARRAY(a, ps.n, struct param);
	for (size_t i = 0; i < ps.n; i++) {
		bool seen = false;

		if (ps.p[i].used)
			continue;
		from[n] = &ps.p[i];
		out[n] = join(a, &ps, &ps.p[i]);
		for (size_t j = 0; j < n && !seen; j++)
			seen = same_name(from[j], from[n]) &&
			       out[j].extended == out[n].extended;
		n += seen ? 0 : 1;
	}
	return (struct params){ out, n };
}

struct span
params_find(const struct params *ps, struct span name)
{
	struct span found = { 0 };

	for (size_t i = 0; i < ps->n; i++)
		if (span_eq(ps->p[i].name, name) &&
		    (found.n == 0 || ps->p[i].extended))
			found = ps->p[i].value;
	return found;
}
