#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include "mime/decode.h"

/*
 * The length of the longest prefix of s that is valid UTF-8, NULs included.
 */
size_t utf8_run(struct span s);

/* Adds one code point. */
void utf8_put(struct buf *out, uint32_t code);

/*
 * Adds text of which nobody knows the charset: what is UTF-8 as it is, every
 * other byte as one of windows-1252.  That is decided for each character, as
 * broken programs mix both in one text.
 */
void charset_guess(struct span s, struct buf *out);

/* A byte of windows-1252 from 0x80 to 0x9f; U+FFFD if it has none. */
uint32_t charset_cp1252(unsigned char c);

/* Without a part of a character at its end, at most n bytes of s. */
struct span utf8_head(struct span s, size_t n);

#define CHARSET_HELD 1024

/*
 * Text of one charset in pieces: start, feed them, end; clear if the end may
 * not have come.  Starts as { 0 }, and can be started again.
 *
 * However the input is cut into pieces, the output is the same, and each
 * piece of it is of whole characters.
 *
 * Some charsets have a state that an iconv_t keeps.  A reader has one of its
 * own from start to end, so that others may be at work in between; it is taken
 * from those that the thread keeps, and given back.
 */
struct charset;
struct charset_reader {
	const struct charset *charset;
	void *iconv; /* or NULL */
	bool marked; /* a byte order mark may come first */
	size_t held_n;
	unsigned char held[CHARSET_HELD]; /* what isn't converted yet */
};

/*
 * An empty name is always known: charset_guess() says what becomes of it.
 * ST_NOTFOUND: the charset isn't known, and nothing was started.
 */
enum status charset_start(struct charset_reader *r, struct span charset);
void charset_feed(struct charset_reader *r, struct span in, struct buf *out);
void charset_end(struct charset_reader *r, struct buf *out);
void charset_clear(struct charset_reader *r);

#endif
