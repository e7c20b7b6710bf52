#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include "mime/decode.h"

/*
 * The length of the longest prefix of s that is valid UTF-8, NULs included.
 */
size_t utf8_run(struct span s);

/* Adds one code point. */
void utf8_put(struct buf *out, uint32_t code);

/* Adds s as it is if it is UTF-8, else converted from windows-1252. */
void charset_guess(struct span s, struct buf *out);

/* A byte of windows-1252 from 0x80 to 0x9f; U+FFFD if it has none. */
uint32_t charset_cp1252(unsigned char c);

/* Without a part of a character at its end, at most n bytes of s. */
struct span utf8_head(struct span s, size_t n);

#endif
