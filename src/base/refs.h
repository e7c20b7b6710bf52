#ifndef BASE_REFS_H
#define BASE_REFS_H

#include "base/defs.h"

/*
 * How many hold something that is shared and never changed; a reference may
 * be given up in any thread.  Embedded.
 */
struct refs {
	uint32_t n;
};

#define REFS_ONE ((struct refs){ 1 })

static inline void
refs_add(struct refs *r)
{
	__atomic_add_fetch(&r->n, 1, __ATOMIC_RELAXED);
}

/* True if that was the last: then it is the caller's to free. */
static inline bool
refs_drop(struct refs *r)
{
	return __atomic_sub_fetch(&r->n, 1, __ATOMIC_ACQ_REL) == 0;
}

/* Nobody else can see it, so it may be changed in place. */
static inline bool
refs_only_one(const struct refs *r)
{
	return __atomic_load_n(&r->n, __ATOMIC_ACQUIRE) == 1;
}

#endif
