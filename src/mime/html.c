#include "mime/html.h"

#include <stdlib.h>

#include "mime/charset.h"
#include "mime/lex.h"

enum tag_kind {
	TAG_INLINE,
	TAG_BLOCK,  /* a line end where it begins and ends */
	TAG_CELL,   /* a blank */
	TAG_HEAD,   /* hidden until it ends or the body begins */
	TAG_HIDDEN, /* what is up to its end tag isn't even HTML */
};

/* In the order of their names. */
static const struct tag {
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

static bool
is_letter(unsigned char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool
is_blank(unsigned char c)
{
	return lex_is_space(c) || c == '\f';
}

/* False if there is no room. */
static bool
hold(struct html_reader *h, unsigned char c)
{
	if (h->held_n == HTML_HELD)
		return false;
	h->held[h->held_n++] = c;
	return true;
}

static struct span
held(const struct html_reader *h)
{
	return span_of(h->held, h->held_n);
}

static void
go(struct html_reader *h, enum html_state state)
{
	h->state = state;
	h->held_n = 0;
	h->matched = 0;
}

/* Writes the blank or line end that is due; there is none at the start. */
static void
due(struct html_reader *h)
{
	if ((h->line || h->blank) && h->any)
		buf_byte(h->out, h->line ? '\n' : ' ');
	h->line = h->blank = false;
	h->any = true;
}

static void
put(struct html_reader *h, struct span s)
{
	if (h->in_head || s.n == 0)
		return;
	due(h);
	buf_add(h->out, s);
}

/* Text up to the next tag or entity, its blanks collapsed. */
static struct span
in_text(struct html_reader *h, struct span in)
{
	size_t from = 0;
	size_t i;

	for (i = 0; i < in.n; i++) {
		unsigned char c = in.p[i];

		if (c == '<' || c == '&')
			break;
		if (is_blank(c)) {
			put(h, span_of(in.p + from, i - from));
			h->blank = true;
			from = i + 1;
		}
	}
	put(h, span_of(in.p + from, i - from));
	if (i == in.n)
		return span_from(in, i);
	go(h, in.p[i] == '<' ? HTML_OPEN : HTML_ENTITY);
	return span_from(in, i + 1);
}

static void
put_character(struct html_reader *h, uint32_t code)
{
	if (code == 0xa0) {
		h->blank = true;
	} else if (!h->in_head) {
		due(h);
		utf8_put(h->out, code);
	}
}

/* Some entities are known without their semicolon, as the start of a word. */
static void
put_bare_entity(struct html_reader *h)
{
	static const char *const bare[] = { "amp", "lt", "gt", "quot", "nbsp" };

	for (size_t i = 0; i < COUNT(bare); i++) {
		struct span name = span_str(bare[i]);

		if (span_starts(held(h), name)) {
			put_character(h, html_entity(name));
			put(h, span_from(held(h), name.n));
			return;
		}
	}
	put(h, SPAN("&"));
	put(h, held(h));
}

static struct span
in_entity(struct html_reader *h, struct span in)
{
	unsigned char c = in.p[0];
	uint32_t code;

	if ((is_letter(c) || ascii_digit(c) || c == '#') && hold(h, c))
		return span_from(in, 1);
	code = c == ';' && h->held_n < HTML_HELD ? html_entity(held(h)) : 0;
	if (code != 0)
		put_character(h, code);
	else
		put_bare_entity(h);
	go(h, HTML_TEXT);
	return span_from(in, code != 0 ? 1 : 0);
}

static int
by_name(const void *key, const void *elem)
{
	const struct tag *t = elem;

	return span_cmp(*(const struct span *)key, span_str(t->name));
}

/* What the tag whose name is held means for the text around it. */
static void
apply_tag(struct html_reader *h)
{
	struct span name = held(h);
	const struct tag *t =
	    bsearch(&name, tags, COUNT(tags), sizeof(tags[0]), by_name);
	enum tag_kind kind = t != NULL ? t->kind : TAG_INLINE;

	if (kind == TAG_BLOCK)
		h->line = true;
	if (kind == TAG_CELL)
		h->blank = true;
	if (kind == TAG_HEAD)
		h->in_head = !h->end_tag;
	if (span_eq(name, SPAN("body")))
		h->in_head = false;
	h->hidden = kind == TAG_HIDDEN && !h->end_tag ? t->name : NULL;
}

/* Behind "<!" or "<!-": <!--> is a whole comment. */
static struct span
in_bang(struct html_reader *h, struct span in)
{
	if (in.p[0] != '-') {
		go(h, HTML_MARKUP);
		return in;
	}
	if (h->held_n == 1) {
		(void)hold(h, '-');
	} else {
		go(h, HTML_COMMENT);
		h->matched = 2;
	}
	return span_from(in, 1);
}

/* What begins with a < is known by the next three bytes at most. */
static struct span
in_open(struct html_reader *h, struct span in)
{
	bool end = h->held_n > 0 && h->held[0] == '/';
	unsigned char c = in.p[0];

	if (h->held_n > 0 && !end)
		return in_bang(h, in);
	if (!end && (c == '/' || c == '!')) {
		(void)hold(h, c);
		return span_from(in, 1);
	}
	if (is_letter(c)) {
		go(h, HTML_NAME);
		h->end_tag = end;
	} else if (c == '?' || c == '!') {
		go(h, HTML_MARKUP);
	} else { /* a < that begins no tag */
		put(h, SPAN("<"));
		put(h, held(h));
		go(h, HTML_TEXT);
	}
	return in;
}

/* Of a name that is too long for any tag, the start is kept. */
static struct span
in_name(struct html_reader *h, struct span in)
{
	size_t i;

	for (i = 0; i < in.n; i++) {
		unsigned char c = in.p[i];

		if (!is_letter(c) && !ascii_digit(c) && c != ':' && c != '-') {
			apply_tag(h);
			go(h, HTML_TAG);
			h->quote = h->last = 0;
			break;
		}
		(void)hold(h, ascii_lower(c));
	}
	return span_from(in, i);
}

/* To the end of a tag, with quoted attributes that may hold a >. */
static struct span
in_tag(struct html_reader *h, struct span in)
{
	size_t i;

	for (i = 0; i < in.n; i++) {
		unsigned char c = in.p[i];

		if (h->quote != 0) {
			i += span_find(span_from(in, i), h->quote);
			if (i == in.n)
				break;
			c = h->quote;
			h->quote = 0;
		} else if (c == '>') {
			go(h, h->hidden != NULL ? HTML_HIDDEN : HTML_TEXT);
			return span_from(in, i + 1);
		} else if ((c == '"' || c == '\'') && h->last == '=') {
			h->quote = c;
		}
		h->last = c;
	}
	return span_from(in, i);
}

static struct span
in_markup(struct html_reader *h, struct span in)
{
	size_t n = span_find(in, '>');

	if (n < in.n)
		go(h, HTML_TEXT);
	return span_from(in, n + 1);
}

static struct span
in_comment(struct html_reader *h, struct span in)
{
	unsigned char c;

	if (h->matched == 0)
		in = span_from(in, span_find(in, '-'));
	if (in.n == 0)
		return in;
	c = in.p[0];
	if (c == '>' && h->matched == 2)
		go(h, HTML_TEXT);
	else if (c == '-')
		h->matched = MIN(h->matched + 1, (size_t)2);
	else
		h->matched = 0;
	return span_from(in, 1);
}

/* "</" and the name: what follows belongs to an end tag. */
static struct span
in_hidden(struct html_reader *h, struct span in)
{
	unsigned char want;
	unsigned char c;

	if (h->matched == 0)
		in = span_from(in, span_find(in, '<'));
	if (in.n == 0)
		return in;
	c = ascii_lower(in.p[0]);
	want = (unsigned char)(h->matched < 2 ? "</"[h->matched]
					      : h->hidden[h->matched - 2]);
	if (c == want)
		h->matched++;
	else
		h->matched = c == '<' ? 1 : 0;
	if (h->matched > 2 && h->hidden[h->matched - 2] == '\0') {
		go(h, HTML_NAME);
		for (const char *p = h->hidden; *p != '\0'; p++)
			(void)hold(h, (unsigned char)*p);
		h->end_tag = true;
	}
	return span_from(in, 1);
}

void
html_feed(struct html_reader *h, struct span in, struct buf *out)
{
	static struct span (*const steps[])(struct html_reader * h,
	    struct span in) = {
		[HTML_TEXT] = in_text,
		[HTML_ENTITY] = in_entity,
		[HTML_OPEN] = in_open,
		[HTML_NAME] = in_name,
		[HTML_TAG] = in_tag,
		[HTML_MARKUP] = in_markup,
		[HTML_COMMENT] = in_comment,
		[HTML_HIDDEN] = in_hidden,
	};

	h->out = out;
	while (in.n > 0)
		in = steps[h->state](h, in);
}

void
html_end(struct html_reader *h, struct buf *out)
{
	h->out = out;
	if (h->state == HTML_ENTITY)
		put_bare_entity(h);
	if (h->state == HTML_OPEN && (h->held_n == 0 || h->held[0] == '/')) {
		put(h, SPAN("<"));
		put(h, held(h));
	}
	*h = (struct html_reader){ 0 };
}
