#include "mime/preview.h"

#include <utf8proc.h>

#include "base/limits.h"
#include "mime/charset.h"
#include "mime/text.h"

#define FIRST_SOURCE 1024 /* looked at first; four times more each time */
#define TEXT_MAX     ((size_t)8 * LIMIT_PREVIEW)
#define UNSURE       32 /* bytes at a cut that more source may change */
#define PARTS_MAX    8  /* text parts that are tried */

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

/* Adds at most LIMIT_PREVIEW characters of s; true if there were as many. */
static bool
add_visible(struct span s, struct buf *out)
{
	size_t count = 0;
	bool blank = true; /* none is wanted at the start */

	while (s.n > 0 && count < LIMIT_PREVIEW) {
		utf8proc_int32_t c = s.p[0];
		utf8proc_ssize_t n = 1;
		enum shows shows;

		if (c >= 0x80)
			n = utf8proc_iterate(s.p, (utf8proc_ssize_t)s.n, &c);
		if (n <= 0)
			return false;
		shows = c > ' ' && c < 0x7f ? SHOWS : how_shows(c, blank);
		if (shows == SHOWS_BLANK && !blank) {
			buf_byte(out, ' ');
			count++;
		}
		if (shows == SHOWS) {
			buf_add(out, span_head(s, (size_t)n));
			count++;
		}
		if (shows != SHOWS_NOTHING)
			blank = shows == SHOWS_BLANK;
		s = span_from(s, (size_t)n);
	}
	return count == LIMIT_PREVIEW;
}

/* From as little of the part as will do. */
static void
preview_part(const struct mime_part *part, struct span message, struct buf *out)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	const size_t most = LIMIT_PREVIEW_SOURCE;
	size_t source = FIRST_SOURCE;
	bool all;

	do {
		struct span s;

		buf_reset(&text);
		buf_reset(out);
		all = text_read(part, message, MIN(source, most), TEXT_MAX,
		    &text);
		s = buf_span(&text);
		if (!all)
			s = utf8_head(s, MAX(s.n, (size_t)UNSURE) - UNSURE);
		all = add_visible(s, out) || all;
		source *= 4;
	} while (!all && source < 4 * most);
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
