#ifndef ENGINE_RADIX_H
#define ENGINE_RADIX_H

#include "base/defs.h"

/*
 * A stable sort of 64-bit keys that can be interrupted: a radix sort which
 * passes over the digits that all keys share, and over what is in order
 * already.
 *
 * Units      Work is counted in items that are looked at; looking at 100,000
 *            takes well below a millisecond.
 * Ownership  Both arrays are borrowed.
 */
struct radix_item {
	uint64_t key;
	uint32_t index; /* the caller's: what this is the key of */
};

struct radix {
	struct radix_item *items;
	struct radix_item *spare;
	uint32_t n;
	enum {
		RADIX_LOOK,   /* which bits differ, and whether it is sorted */
		RADIX_COUNT,  /* how often each value of the digit occurs */
		RADIX_SPREAD, /* from items to spare, which then swap */
		RADIX_RETURN, /* to where the caller's items were */
		RADIX_DONE,
	} state;
	uint32_t at; /* the next item */
	unsigned shift;
	unsigned moves; /* how often items and spare have swapped */
	bool sorted;
	uint64_t differ;
	uint32_t place[1024];
};

/* The order of numbers, as that of keys. */
static inline uint64_t
radix_key(int64_t number)
{
	return (uint64_t)number ^ (uint64_t)1 << 63;
}

/* spare has room for n items too; what is in it is lost. */
void radix_start(struct radix *r, struct radix_item *items,
    struct radix_item *spare, uint32_t n);

/*
 * Does up to *work of it and takes that off.  True when the items are
 * sorted; false when there was too little work.
 */
bool radix_step(struct radix *r, size_t *work);

#endif
