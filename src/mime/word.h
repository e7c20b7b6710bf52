#ifndef MIME_WORD_H
#define MIME_WORD_H

#include "base/buf.h"

/*
 * Encoded words: RFC 2047, with the language of RFC 2231 section 5.
 */
struct encoded_word {
	struct span charset;    /* without the language */
	unsigned char encoding; /* 'b' or 'q' */
	struct span text;
	size_t length; /* of all of it */
};

/*
 * Whether s begins with an encoded word.  Blanks in its text are let pass,
 * though RFC 2047 section 2 doesn't: mail has them.
 */
bool word_parse(struct span s, struct encoded_word *out);

/*
 * Adds text, which is UTF-8, in ASCII: words with 8-bit characters become
 * encoded words, each at most 75 long, and ASCII words stay as they are.
 */
void word_encode(struct span text, struct buf *out);

#endif
