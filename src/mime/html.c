#include "mime/html.h"

#include "mime/charset.h"
#include "mime/lex.h"

#define ENTITY_MAX 32 /* bytes looked at for its semicolon */

enum tag_kind {
	TAG_INLINE,
	TAG_BLOCK,  /* a line end where it begins and ends */
	TAG_CELL,   /* a blank */
	TAG_HEAD,   /* hidden until it ends or the body begins */
	TAG_HIDDEN, /* what is up to its end tag isn't even HTML */
};

struct html {
	struct span rest;
	struct buf *out;
	size_t start; /* where the text begins in out */
	bool blank;   /* a blank is due before the next character */
	bool line;    /* a line end is */
	bool in_head;
};

static const struct {
	const char *name;
	enum tag_kind kind;
} tags[] = {
	{ "address", TAG_BLOCK },
	{ "article", TAG_BLOCK },
	{ "aside", TAG_BLOCK },
	{ "blockquote", TAG_BLOCK },
	{ "body", TAG_BLOCK },
	{ "br", TAG_BLOCK },
	{ "center", TAG_BLOCK },
	{ "dd", TAG_BLOCK },
	{ "div", TAG_BLOCK },
	{ "dl", TAG_BLOCK },
	{ "dt", TAG_BLOCK },
	{ "footer", TAG_BLOCK },
	{ "form", TAG_BLOCK },
	{ "h1", TAG_BLOCK },
	{ "h2", TAG_BLOCK },
	{ "h3", TAG_BLOCK },
	{ "h4", TAG_BLOCK },
	{ "h5", TAG_BLOCK },
	{ "h6", TAG_BLOCK },
	{ "head", TAG_HEAD },
	{ "header", TAG_BLOCK },
	{ "hr", TAG_BLOCK },
	{ "li", TAG_BLOCK },
	{ "main", TAG_BLOCK },
	{ "nav", TAG_BLOCK },
	{ "ol", TAG_BLOCK },
	{ "option", TAG_BLOCK },
	{ "p", TAG_BLOCK },
	{ "pre", TAG_BLOCK },
	{ "script", TAG_HIDDEN },
	{ "section", TAG_BLOCK },
	{ "style", TAG_HIDDEN },
	{ "table", TAG_BLOCK },
	{ "td", TAG_CELL },
	{ "th", TAG_CELL },
	{ "title", TAG_HIDDEN },
	{ "tr", TAG_BLOCK },
	{ "ul", TAG_BLOCK },
};

static enum tag_kind
kind_of(struct span name)
{
	for (size_t i = 0; i < COUNT(tags); i++)
		if (span_eq_nocase(name, span_str(tags[i].name)))
			return tags[i].kind;
	return TAG_INLINE;
}

static void
skip(struct html *h, size_t n)
{
	h->rest = span_from(h->rest, n);
}

/* Writes the blank or line end that is due; there is none at the start. */
static void
due(struct html *h)
{
	if ((h->line || h->blank) && h->out->n > h->start)
		buf_byte(h->out, h->line ? '\n' : ' ');
	h->line = h->blank = false;
}

static void
put(struct html *h, struct span s)
{
	if (h->in_head || s.n == 0)
		return;
	due(h);
	buf_add(h->out, s);
}

/* Text up to the next tag or entity, its blanks collapsed. */
static void
read_text(struct html *h)
{
	size_t from = 0;
	size_t i;

	for (i = 0; i < h->rest.n; i++) {
		unsigned char c = h->rest.p[i];

		if (c == '<' || c == '&')
			break;
		if (lex_is_space(c) || c == '\f') {
			put(h, span_of(h->rest.p + from, i - from));
			h->blank = true;
			from = i + 1;
		}
	}
	put(h, span_of(h->rest.p + from, i - from));
	skip(h, i);
}

static void
read_entity(struct html *h)
{
	static const char *const bare[] = { "amp", "lt", "gt", "quot", "nbsp" };
	struct span s = span_head(span_from(h->rest, 1), ENTITY_MAX);
	size_t n = span_find(s, ';');
	uint32_t code = n < s.n ? html_entity(span_head(s, n)) : 0;

	for (size_t i = 0; code == 0 && i < COUNT(bare); i++) {
		if (span_starts(s, span_str(bare[i]))) {
			n = strlen(bare[i]);
			code = html_entity(span_head(s, n));
			n--; /* no semicolon to skip */
		}
	}
	if (code == 0) {
		put(h, span_head(h->rest, 1));
		skip(h, 1);
		return;
	}
	skip(h, n + 2);
	if (code == 0xa0) {
		h->blank = true;
	} else if (!h->in_head) {
		due(h);
		utf8_put(h->out, code);
	}
}

/* Behind the next `what` in s, or the end. */
static size_t
behind(struct span s, const char *what)
{
	const unsigned char *at =
	    s.n == 0 ? NULL : memmem(s.p, s.n, what, strlen(what));

	return at == NULL ? s.n : (size_t)(at - s.p) + strlen(what);
}

/* Up to the end tag `name`, which is left; the end if there is none. */
static void
skip_hidden(struct html *h, struct span name)
{
	size_t at = 0;

	while (at < h->rest.n) {
		at += behind(span_from(h->rest, at), "</");
		if (span_starts_nocase(span_from(h->rest, at), name)) {
			skip(h, at - strlen("</"));
			return;
		}
	}
	skip(h, at);
}

/* The length of a tag from its name on, with quoted attributes, its > too. */
static size_t
tag_length(struct span s)
{
	unsigned char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if (quote != 0) {
			if (c == quote)
				quote = 0;
		} else if (c == '>') {
			return i + 1;
		} else if ((c == '"' || c == '\'') && s.p[i - 1] == '=') {
			quote = c;
		}
	}
	return s.n;
}

/* What a tag means for the text around it. */
static void
apply_tag(struct html *h, struct span name, bool end)
{
	enum tag_kind kind = kind_of(name);

	if (kind == TAG_BLOCK)
		h->line = true;
	if (kind == TAG_CELL)
		h->blank = true;
	if (kind == TAG_HEAD)
		h->in_head = !end;
	if (span_eq_nocase(name, SPAN("body")))
		h->in_head = false;
	if (kind == TAG_HIDDEN && !end)
		skip_hidden(h, name);
}

static void
read_tag(struct html *h)
{
	bool end = h->rest.n > 1 && h->rest.p[1] == '/';
	struct span s = span_from(h->rest, end ? 2 : 1);
	struct span name;
	size_t n = 0;

	if (!end && span_starts(s, SPAN("!--"))) {
		skip(h, 1 + behind(s, "-->"));
		return;
	}
	if (s.n > 0 && (s.p[0] == '!' || s.p[0] == '?')) {
		skip(h, behind(h->rest, ">"));
		return;
	}
	while (n < s.n &&
	       ((ascii_lower(s.p[n]) >= 'a' && ascii_lower(s.p[n]) <= 'z') ||
		   (n > 0 && (ascii_digit(s.p[n]) || s.p[n] == ':' ||
				 s.p[n] == '-'))))
		n++;
	if (n == 0) { /* a < that begins no tag */
		put(h, span_head(h->rest, 1));
		skip(h, 1);
		return;
	}
	name = span_head(s, n);
	skip(h, (size_t)(s.p - h->rest.p) + tag_length(s));
	apply_tag(h, name, end);
}

void
html_text(struct span in, size_t max, struct buf *out)
{
	struct html h = { .rest = in, .out = out, .start = out->n };

	while (h.rest.n > 0 && out->n - h.start < max) {
		if (h.rest.p[0] == '<')
			read_tag(&h);
		else if (h.rest.p[0] == '&')
			read_entity(&h);
		else
			read_text(&h);
	}
}
