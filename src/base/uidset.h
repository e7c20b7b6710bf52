#ifndef BASE_UIDSET_H
#define BASE_UIDSET_H

#include "base/buf.h"

/*
 * A set of UIDs or sequence numbers as ascending ranges that neither touch
 * nor overlap.  Embedded: { 0 } is the empty set.  Adding in ascending order
 * is O(1), in any other order O(ranges).
 */
struct uidrange {
	uint32_t lo;
	uint32_t hi; /* included */
};

struct uidset {
	struct uidrange *r;
	size_t n;
	size_t cap;
};

void uidset_clear(struct uidset *s);
void uidset_reset(struct uidset *s); /* empty, keeping the memory */
void uidset_add(struct uidset *s, uint32_t uid);
void uidset_add_range(struct uidset *s, uint32_t lo, uint32_t hi);
void uidset_add_set(struct uidset *s, const struct uidset *more);
void uidset_remove_range(struct uidset *s, uint32_t lo, uint32_t hi);

bool uidset_has(const struct uidset *s, uint32_t uid);
uint64_t uidset_count(const struct uidset *s);

static inline bool
uidset_empty(const struct uidset *s)
{
	return s->n == 0;
}

/*
 * Adds to out those of s from `from` on, but at most so many (more than none).
 * Where the others begin, or 0 if there are none.
 */
uint32_t uidset_part(const struct uidset *s, uint32_t from, uint32_t most,
    struct uidset *out);

/* Moves s into *to, whose old content is freed; s is left empty. */
void uidset_move(struct uidset *to, struct uidset *s);

/* "1:3,5": the sequence-set of RFC 9051; the empty set writes nothing. */
void uidset_write(struct buf *b, const struct uidset *s);

#endif
