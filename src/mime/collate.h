#ifndef MIME_COLLATE_H
#define MIME_COLLATE_H

#include "base/buf.h"

/*
 * i;unicode-casemap (RFC 5051), the comparator of SEARCH, SORT and THREAD
 * (RFC 5255 section 4.2, RFC 5256 section 7).
 *
 * A key is the text with each character in title case and then decomposed as
 * in Normalization Form KD, in UTF-8.  Keys are compared as octets:
 * span_cmp() of two keys is the order of their texts, span_eq() says whether
 * they are equal, and a text has another as a substring if its key has.
 *
 * Texts need not be valid UTF-8.  An octet that isn't part of a character
 * stands for itself, as in i;octet.  (RFC 5051 section 2, step 1.b leaves the
 * whole text as it is, which would make all of a message's text
 * case-sensitive for one stray octet.)
 */

/* Adds the key of text, which is at most COLLATE_GROWTH times as long. */
void collate_key(struct buf *out, struct span text);

#define COLLATE_GROWTH 11 /* U+FDFA: 3 octets become 33 */

/*
 * The key by i;ascii-casemap (RFC 4790 section 9.2), of the same length: only
 * ASCII letters are alike.  For text that is all ASCII it is the same key.
 */
void collate_key_ascii(struct buf *out, struct span text);

/* The number of octets before the first that is not ASCII, or text.n. */
size_t collate_ascii_run(struct span text);

#endif
