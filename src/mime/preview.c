#include "mime/preview.h"

#include <utf8proc.h>

#include "base/limits.h"
#include "mime/text.h"

#define STEP      1024 /* bytes of a part that are read at once */
#define PARTS_MAX 8    /* text parts that are tried */

#define ZWNJ 0x200c
#define ZWJ  0x200d

enum shows { SHOWS, SHOWS_BLANK, SHOWS_NOTHING };

/*
 * What a character looks like.  Newsletters pad what they want previews to
 * show with characters that can't be seen, and so do forgers.
 */
static enum shows
how_shows(utf8proc_int32_t c, bool after_blank)
{
	int category = utf8proc_category(c);

	if (category == UTF8PROC_CATEGORY_ZS ||
	    category == UTF8PROC_CATEGORY_ZL ||
	    category == UTF8PROC_CATEGORY_ZP ||
	    category == UTF8PROC_CATEGORY_CC)
		return SHOWS_BLANK;
	/* Within words and emoji these two have a meaning. */
	if ((c == ZWJ || c == ZWNJ) && !after_blank)
		return SHOWS;
	if (category == UTF8PROC_CATEGORY_CF)
		return SHOWS_NOTHING;
	if (c == 0x2800 || c == 0x3164) /* a Braille and a Hangul blank */
		return SHOWS_BLANK;
	return c == 0x34f ? SHOWS_NOTHING : SHOWS;
}

/* What is seen of a text that comes in pieces. */
struct view {
	struct buf *out;
	size_t count; /* of characters */
	bool in_text; /* the last that was seen was no blank */
};

static bool
is_full(const struct view *v)
{
	return v->count == LIMIT_PREVIEW;
}

/* Adds the next piece, of whole characters, as far as there is room. */
static void
add_visible(struct view *v, struct span s)
{
	while (s.n > 0 && !is_full(v)) {
		utf8proc_int32_t c = s.p[0];
		utf8proc_ssize_t n = 1;
		enum shows shows;

		if (c >= 0x80)
			n = utf8proc_iterate(s.p, (utf8proc_ssize_t)s.n, &c);
		if (n <= 0)
			return;
		shows = SHOWS;
		if (c <= ' ' || c >= 0x7f)
			shows = how_shows(c, !v->in_text);
		if (shows == SHOWS_BLANK && v->in_text) {
			buf_byte(v->out, ' ');
			v->count++;
		}
		if (shows == SHOWS) {
			buf_add(v->out, span_head(s, (size_t)n));
			v->count++;
		}
		if (shows != SHOWS_NOTHING)
			v->in_text = shows == SHOWS;
		s = span_from(s, (size_t)n);
	}
}

/* From as little of the part as will do. */
static void
preview_part(const struct mime_part *part, struct span message, struct buf *out)
{
	CLEANUP(text_clear) struct text_reader r = { 0 };
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct span body = span_of(message.p + part->body,
	    MIN(part->body_bytes, (uint64_t)LIMIT_PREVIEW_SOURCE));
	struct view v = { .out = out };

	buf_reset(out);
	text_start(&r, part);
	for (; body.n > 0 && !is_full(&v); body = span_from(body, STEP)) {
		buf_reset(&text);
		text_feed(&r, span_head(body, STEP), &text);
		add_visible(&v, buf_span(&text));
	}
	/* What the bound has cut off has no end to look at. */
	if (part->body_bytes <= LIMIT_PREVIEW_SOURCE) {
		buf_reset(&text);
		text_end(&r, &text);
		add_visible(&v, buf_span(&text));
	}
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
}

/* Text that a person is meant to read. */
static bool
is_readable(const struct mime_part *part)
{
	static const char *const data[] = { "calendar", "css", "csv",
		"directory", "javascript", "rfc822-headers", "vcard", "x-vcard",
		"xml" };

	if (!part->is_text || part->is_attachment || part->body_bytes == 0)
		return false;
	for (size_t i = 0; i < COUNT(data); i++)
		if (span_eq(part->subtype, span_str(data[i])))
			return false;
	return true;
}

/* The text/plain beside a part in its multipart/alternative, or itself. */
static uint32_t
plain_beside(const struct mime_tree *t, uint32_t i)
{
	uint32_t parent = t->parts[i].parent;
	uint32_t at;

	if (parent == MIME_NONE ||
	    !span_eq(t->parts[parent].subtype, SPAN("alternative")))
		return i;
	for (at = t->parts[parent].first_child; at != MIME_NONE;
	     at = t->parts[at].next)
		if (span_eq(t->parts[at].subtype, SPAN("plain")) &&
		    is_readable(&t->parts[at]))
			return at;
	return i;
}

void
preview_write(const struct mime_tree *t, struct span message, struct buf *out)
{
	CLEANUP(buf_clear) struct buf found = { 0 };
	uint32_t tried = 0;

	for (uint32_t i = 0; i < t->n && tried < PARTS_MAX; i++) {
		uint32_t first;

		if (!is_readable(&t->parts[i]))
			continue;
		tried++;
		first = plain_beside(t, i);
		preview_part(&t->parts[first], message, &found);
		if (found.n == 0 && first != i)
			preview_part(&t->parts[i], message, &found);
		if (found.n > 0)
			break;
	}
	buf_add(out, buf_span(&found));
}
