#ifndef MIME_HTML_H
#define MIME_HTML_H

#include "base/buf.h"

/*
 * What a reader of HTML would see as plain text: without tags, comments, head,
 * scripts and styles, with entities as the characters they stand for, blanks
 * collapsed, and a line end where a block begins or ends.
 *
 * The HTML is UTF-8 and comes in pieces of whole characters.  However it is
 * cut into them, the text is the same, and so is each piece of it of whole
 * characters.  Nothing is kept of tags, comments and what else isn't shown
 * but the little that is needed to find their end.
 */
enum html_state {
	HTML_TEXT,
	HTML_ENTITY,  /* behind & */
	HTML_OPEN,    /* behind <, </, <! or <!- */
	HTML_NAME,    /* in the name of a tag */
	HTML_TAG,     /* between that and its > */
	HTML_MARKUP,  /* in <!x> or <?x> */
	HTML_COMMENT, /* in front of --> */
	HTML_HIDDEN,  /* in front of the end tag of what isn't even HTML */
};

#define HTML_HELD 32

/* Starts as { 0 }. */
struct html_reader {
	enum html_state state;
	unsigned char held[HTML_HELD]; /* what is behind & or < */
	size_t held_n;
	size_t matched;     /* bytes of what ends a comment or is hidden */
	const char *hidden; /* the tag whose end tag is looked for, or NULL */
	bool end_tag;
	unsigned char quote; /* around the attribute, or 0 */
	unsigned char last;  /* the byte before, in a tag */

	bool any;   /* there was text */
	bool blank; /* a blank is due before the next character */
	bool line;  /* a line end is */
	bool in_head;

	struct buf *out; /* of this call */
};

void html_feed(struct html_reader *h, struct span in, struct buf *out);
void html_end(struct html_reader *h, struct buf *out);

/*
 * What an entity stands for: name is what is between & and ;, without both.
 * 0 if there is no such entity.
 */
uint32_t html_entity(struct span name);

#endif
