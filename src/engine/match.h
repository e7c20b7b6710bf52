#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include "base/buf.h"

/*
 * Substring search for SEARCH (RFC 9051 section 6.4.4) by i;unicode-casemap,
 * in text that is whole or comes in pieces.
 *
 * A match may begin and end anywhere: inside a word, an address, over the
 * border of two pieces.  An empty needle is in every text, also in an empty
 * one, so that HEADER with an empty string finds all messages that have the
 * field.
 *
 * Units      Text is UTF-8; octets that are not are compared as they are.
 * Ownership  The needle's key is borrowed; nothing of a text is kept but
 *            what a match that goes on in the next piece needs.
 */
struct match {
	struct span needle;
	struct buf window; /* the key of the latest text */
	unsigned char tail[4];
	size_t tail_n; /* the first octets of a character */
	bool found;
};

/*
 * needle is a key of mime/collate.h.  The same needle can search any number
 * of texts, one after the other.
 */
void match_init(struct match *m, struct span needle);
void match_clear(struct match *m);

/* Whether a whole text has the needle. */
bool match_text(struct match *m, struct span text);

/* Pieces: start, add one after the other, end.  True as soon as it is found. */
void match_start(struct match *m);
bool match_add(struct match *m, struct span piece);
bool match_end(struct match *m);

#endif
