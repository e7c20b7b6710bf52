#ifndef SEARCH_PAIRS_H
#define SEARCH_PAIRS_H

#include "base/defs.h"

/*
 * Which document has which gram, gathered in memory: documents come one after
 * the other, by ascending numbers, and are sorted by grams at the end.
 *
 * Most grams have letters of ASCII alone; those need less memory and time.
 *
 * Bounds  PAIRS_MAX pairs and as much again to sort them, which is 24 bytes
 *         for each at most, whatever a document holds.
 */
#define PAIRS_MAX ((size_t)1536 * 1024)

struct wide_pair {
	uint32_t high; /* the gram's first letters */
	uint32_t low;  /* and its others */
	uint32_t doc;  /* less the first document's number */
};

struct pairs {
	uint64_t
	    *narrow; /* 6 bits of each letter, 8 of nothing, the document */
	size_t narrow_n;
	size_t narrow_cap;
	struct wide_pair *wide;
	size_t wide_n;
	size_t wide_cap;
	uint64_t first; /* documents */
	uint64_t last;
	uint64_t
	    *seen;    /* grams that were added lately, and of which document */
	uint64_t tag; /* the document's there */
};

void pairs_clear(struct pairs *s);

/* Less than UINT32_MAX above the first. */
void pairs_document(struct pairs *s, uint64_t doc);

/*
 * Adds a gram of the document that was begun last.  Most of those that it has
 * already are left out; others come twice, one behind the other.
 */
void pairs_add(struct pairs *s, uint64_t gram);

static inline size_t
pairs_count(const struct pairs *s)
{
	return s->narrow_n + s->wide_n;
}

/* By gram, then by document. */
void pairs_sort(struct pairs *s);

/* Goes through what is sorted; starts as { pairs }. */
struct pairs_iter {
	const struct pairs *pairs;
	size_t narrow;
	size_t wide;
};
bool pairs_next(struct pairs_iter *it, uint64_t *gram, uint64_t *doc);

/* No pairs; the document at hand goes on. */
void pairs_reset(struct pairs *s);

#endif
