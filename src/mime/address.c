#include "mime/header.h"
#include "mime/lex.h"
#include "mime/word.h"

#define LITERAL_MAX 256 /* of a domain in brackets */

/*
 * One list.  words and local hold what was read since the last separator:
 * as a phrase, with a blank where there was one, and as a local part.
 */
struct reader {
	struct arena *arena;
	struct lex l;
	struct buf words;
	struct buf local;
	struct buf host;
	size_t word_count;
	struct span comment;
	bool in_group;
	bool fresh; /* nothing but a separator came before */
	struct address *out;
	size_t n;
	size_t cap;
	size_t max;
};

static struct address *
add(struct reader *r, enum address_kind kind)
{
	struct address *grown;

	if (r->n == r->cap) {
		r->cap = MAX(r->cap * 2, (size_t)4);
		grown = ARENA_ARRAY(r->arena, r->cap, struct address);
		if (r->n > 0)
			memcpy(grown, r->out, r->n * sizeof(*grown));
		r->out = grown;
	}
	r->out[r->n].kind = kind;
	return &r->out[r->n++];
}

static void
forget(struct reader *r)
{
	buf_reset(&r->words);
	buf_reset(&r->local);
	buf_reset(&r->host);
	r->word_count = 0;
	r->comment = (struct span){ 0 };
}

static bool
is_atom_char(const struct lex *l, unsigned char c)
{
	if (lex_is_space(c) || strchr("<>@,;:", c) != NULL)
		return false;
	return (c != '(' || l->no_comments) && (c != '"' || l->no_quotes);
}

/* An atom with its dots; an encoded word may hold what an atom may not. */
static struct span
read_atom(struct lex *l)
{
	struct encoded_word w;
	struct span s = l->rest;
	size_t n = 0;

	if (word_parse(s, &w))
		n = w.length;
	while (n < s.n && is_atom_char(l, s.p[n]))
		n++;
	lex_skip(l, n);
	return span_head(s, n);
}

static void
add_word(struct reader *r, struct span s, bool gap)
{
	if (gap && r->words.n > 0)
		buf_byte(&r->words, ' ');
	header_unfold(s, &r->words);
	header_unfold(s, &r->local);
	r->word_count++;
}

/* Reads words up to a special character; returns it, or -1 at the end. */
static int
read_words(struct reader *r)
{
	CLEANUP(buf_clear) struct buf quoted = { 0 };

	for (;;) {
		bool gap = lex_cfws(&r->l, &r->comment);
		int c = lex_peek(&r->l);

		if (c == -1 || strchr("<>@,;:", c) != NULL)
			return c;
		buf_reset(&quoted);
		if (lex_quoted(&r->l, &quoted))
			add_word(r, buf_span(&quoted), gap);
		else
			add_word(r, read_atom(&r->l), gap);
	}
}

/* "[1.2.3.4]", which may hold specials; false if it isn't that. */
static bool
read_literal(struct reader *r)
{
	struct span s = span_head(r->l.rest, LITERAL_MAX);
	size_t n = span_find(s, ']');

	if (lex_peek(&r->l) != '[' || n == s.n)
		return false;
	header_unfold(span_head(r->l.rest, n + 1), &r->host);
	lex_skip(&r->l, n + 1);
	return true;
}

/* Behind an @; blanks around dots are obsolete, but let pass. */
static void
read_domain(struct reader *r)
{
	(void)lex_cfws(&r->l, &r->comment);
	if (read_literal(r))
		return;
	for (;;) {
		header_unfold(read_atom(&r->l), &r->host);
		(void)lex_cfws(&r->l, &r->comment);
		if (lex_peek(&r->l) != '.' &&
		    (r->host.n == 0 || r->host.p[r->host.n - 1] != '.' ||
			lex_peek(&r->l) == -1 ||
			!is_atom_char(&r->l, r->l.rest.p[0])))
			return;
	}
}

/* @domain, for as often as it comes: only the last is the domain. */
static void
read_domains(struct reader *r)
{
	while (lex_peek(&r->l) == '@') {
		if (r->host.n > 0) {
			buf_byte(&r->local, '@');
			buf_add(&r->local, buf_span(&r->host));
			buf_reset(&r->host);
		}
		lex_skip(&r->l, 1);
		read_domain(r);
	}
}

/* Adds the address whose local part and host were read. */
static void
add_mailbox(struct reader *r, struct span name, struct span route)
{
	CLEANUP(buf_clear) struct buf comment = { 0 };
	struct address *a = add(r, ADDRESS_MAILBOX);

	if (name.n == 0 && r->comment.n > 0) {
		lex_unescape(r->comment, &comment);
		name = arena_dup(r->arena, buf_span(&comment));
	}
	a->name = name;
	a->route = route;
	a->mailbox = arena_dup(r->arena, buf_span(&r->local));
	a->host = arena_dup(r->arena, buf_span(&r->host));
	r->fresh = false;
	forget(r);
}

/* The obsolete route, "@a,@b:"; without the colon it was a domain. */
static struct span
read_route(struct reader *r)
{
	CLEANUP(buf_clear) struct buf route = { 0 };

	while (lex_peek(&r->l) == '@') {
		lex_skip(&r->l, 1);
		buf_reset(&r->host);
		read_domain(r);
		buf_byte(&route, '@');
		buf_add(&route, buf_span(&r->host));
		while (lex_peek(&r->l) == ',') {
			lex_skip(&r->l, 1);
			(void)lex_cfws(&r->l, NULL);
			if (lex_peek(&r->l) == '@')
				buf_byte(&route, ',');
		}
	}
	if (lex_peek(&r->l) != ':')
		return (struct span){ 0 };
	lex_skip(&r->l, 1);
	buf_reset(&r->host);
	return arena_dup(r->arena, buf_span(&route));
}

/* Behind a <; the words before it are the name. */
static void
read_angle(struct reader *r)
{
	struct span name = arena_dup(r->arena, buf_span(&r->words));
	struct span route;
	int c;

	buf_reset(&r->local);
	(void)lex_cfws(&r->l, NULL);
	route = read_route(r);
	while ((c = read_words(r)) == ':' || c == ';' || c == '<') {
		if (c != '<')
			buf_byte(&r->local, (unsigned char)c);
		lex_skip(&r->l, 1);
	}
	read_domains(r);
	while (
	    r->l.rest.n > 0 && lex_peek(&r->l) != '>' && lex_peek(&r->l) != ',')
		lex_skip(&r->l, 1);
	if (lex_peek(&r->l) == '>')
		lex_skip(&r->l, 1);
	(void)lex_cfws(&r->l, &r->comment);
	add_mailbox(r, name, route);
}

/* At an @: an address without < >, unless it turns out to be a name. */
static void
read_bare_address(struct reader *r)
{
	read_domains(r);
	if (lex_peek(&r->l) != '<') {
		add_mailbox(r, (struct span){ 0 }, (struct span){ 0 });
		return;
	}
	buf_reset(&r->words);
	buf_add(&r->words, buf_span(&r->local));
	buf_byte(&r->words, '@');
	buf_add(&r->words, buf_span(&r->host));
	buf_reset(&r->host);
	lex_skip(&r->l, 1);
	read_angle(r);
}

/*
 * Words without an address: one is a local part, several are a name.  What
 * follows an address without a comma is dropped.
 */
static void
end_words(struct reader *r)
{
	struct span name = { 0 };

	if (r->word_count > 1) {
		name = arena_dup(r->arena, buf_span(&r->words));
		buf_reset(&r->local);
	}
	if (r->word_count > 0 && r->fresh)
		add_mailbox(r, name, (struct span){ 0 });
	forget(r);
}

static void
end_group(struct reader *r)
{
	if (r->in_group)
		(void)add(r, ADDRESS_GROUP_END);
	r->in_group = false;
}

static void
begin_group(struct reader *r)
{
	if (!r->in_group && r->word_count > 0) {
		add(r, ADDRESS_GROUP)->name =
		    arena_dup(r->arena, buf_span(&r->words));
		r->in_group = true;
	}
	forget(r);
	r->fresh = true;
}

static void
read_list(struct reader *r)
{
	/* Room for the one that the loop adds, and for the group's end. */
	while (r->n + 2 <= r->max) {
		int c = read_words(r);

		if (c == '@') {
			read_bare_address(r);
			continue;
		}
		lex_skip(&r->l, 1);
		if (c == '<') {
			read_angle(r);
		} else if (c == ':') {
			begin_group(r);
		} else if (c != '>') {
			end_words(r);
			r->fresh = true;
		}
		if (c == ';')
			end_group(r);
		if (c == -1)
			break;
	}
	end_group(r);
}

struct address_list
address_parse(struct arena *a, struct span value, size_t max)
{
	struct reader r = { .arena = a,
		.l = { .rest = value },
		.max = max,
		.fresh = true };

	read_list(&r);
	buf_clear(&r.words);
	buf_clear(&r.local);
	buf_clear(&r.host);
	return (struct address_list){ r.out, r.n };
}
