#ifndef SEARCH_GRAM_H
#define SEARCH_GRAM_H

#include "base/span.h"

/*
 * Grams: what a text is looked up by.
 *
 * Text here is a collation key (i;unicode-casemap, RFC 5051), in UTF-8.  Its
 * letters are ASCII letters and digits and all that isn't ASCII; everything
 * else stands between words.  At each letter of a word begins a gram: that
 * letter and the next three of the word, or fewer at its end.
 *
 * So every text that has a needle as a substring has all grams of the needle
 * that don't depend on how the text goes on behind it; and for a needle's
 * last letters, if they are fewer than four, one of the grams that begin with
 * them.  That is what makes terms of one or two letters findable.
 *
 * A gram is 60 bits, 15 for a letter, the first the highest, 0 for none.
 * Letters may share a number: an index narrows, the text decides.
 */
static inline bool
gram_is_letter(unsigned char c)
{
	return c >= 0x80 || ascii_digit(c) || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* A letter off the front of a word: its character, or a stray octet. */
uint32_t gram_take_letter(struct span *word);

#define GRAM_LETTERS 4
#define GRAM_BITS    15
#define GRAM_END     (UINT64_C(1) << (GRAM_LETTERS * GRAM_BITS))

/* The letters at the end of what has been read of a text. */
struct gram_run {
	uint64_t gram;
	unsigned letters; /* of this word, up to GRAM_LETTERS */
};

/* No text has it: of documents that nothing is known of. */
#define GRAM_UNKNOWN UINT64_C(1)

typedef void gram_fn(void *ctx, uint64_t gram);

/*
 * Reads a piece of a text, which is not cut within a character, and calls fn
 * for each gram that it completes; then the end of the text.  A text begins
 * with { 0 }.
 */
void gram_read(struct gram_run *r, struct span key, gram_fn *fn, void *ctx);
void gram_end(struct gram_run *r, gram_fn *fn, void *ctx);

/* Grams from first to last: a text with the needle has one of them. */
struct gram_range {
	uint64_t first;
	uint64_t last;
};

#define GRAM_RANGES 24 /* as many of a needle are looked up at most */

/*
 * The ranges of a needle; none if nothing can be said of it (it has no
 * letter, or octets that are no character).  Ranges of one gram come first.
 */
size_t gram_ranges(struct span key, struct gram_range out[GRAM_RANGES]);

#endif
