#ifndef MIME_TEXT_H
#define MIME_TEXT_H

#include "mime/charset.h"
#include "mime/html.h"

/*
 * The text of a text part as UTF-8, for search and previews: decoded,
 * converted (an unknown charset is taken as none), of HTML what a reader
 * would see.  The part comes in pieces and so does its text.
 *
 * However the part is cut into pieces, the text is the same, and each piece
 * of it is of whole characters.
 *
 * Memory     Less than TEXT_READER_MAX, whatever is in the mail.  A piece of
 *            text is at most TEXT_GROWTH times as long as what was fed, and
 *            what was held back of earlier pieces: CHARSET_HELD bytes or so.
 * Ownership  Nothing of a piece is borrowed once it has been fed.
 */
struct text_reader {
	struct mime_decoder transfer;
	struct charset_reader charset;
	struct html_reader html;
	bool is_html;
	struct buf decoded;
	struct buf utf8; /* with HTML's tags */
};

#define TEXT_READER_MAX 131072
#define TEXT_GROWTH     4

/*
 * The reader is { 0 } or was used before, which saves memory from being taken
 * again.  Keeps nothing of part.
 */
void text_start(struct text_reader *r, const struct mime_part *part);
/* in is of the part's body as it is in the message. */
void text_feed(struct text_reader *r, struct span in, struct buf *out);
void text_end(struct text_reader *r, struct buf *out);
void text_clear(struct text_reader *r);

#endif
