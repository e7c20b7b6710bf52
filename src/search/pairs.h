#ifndef SEARCH_PAIRS_H
#define SEARCH_PAIRS_H

#include "base/defs.h"

/*
 * Which document has which gram, gathered in memory: documents come one after
 * the other, by ascending numbers, and are sorted by grams at the end.
 *
 * Bounds  PAIRS_MAX pairs and as much again to sort them, which is 24 bytes
 *         for each, whatever a document holds.
 */
#define PAIRS_MAX ((size_t)1536 * 1024)

struct pair {
	uint32_t high; /* the gram's first letters */
	uint32_t low;  /* and its others */
	uint32_t doc;  /* less the first document's number */
};

struct pairs {
	struct pair *p;
	struct pair *spare;
	size_t n;
	size_t cap;
	uint64_t first; /* documents */
	uint64_t last;
	uint64_t *seen; /* grams of this document, a hash table; 0: none */
	size_t seen_n;
	size_t seen_cap;
};

static inline uint64_t
pair_gram(const struct pair *p)
{
	return (uint64_t)p->high << 30 | p->low;
}

void pairs_clear(struct pairs *s);

/* Less than UINT32_MAX above the first. */
void pairs_document(struct pairs *s, uint64_t doc);

/*
 * Adds a gram of the document that was begun last, unless it has it already;
 * what a very large one has may be added twice.
 */
void pairs_add(struct pairs *s, uint64_t gram);

static inline bool
pairs_full(const struct pairs *s)
{
	return s->n >= PAIRS_MAX;
}

/* By gram, then by document. */
void pairs_sort(struct pairs *s);

/* No pairs; the document at hand goes on. */
void pairs_reset(struct pairs *s);

#endif
