#ifndef STORE_ROCKS_VERSIONS_H
#define STORE_ROCKS_VERSIONS_H

#include "base/defs.h"

/*
 * The versions of the accounts that were committed to of late, so that a
 * commit need not read them: a hash table.  Embedded: { 0 } is empty.
 */
struct versions {
	struct version_slot *slots;
	size_t n;
	size_t cap; /* a power of two, or 0 */
};

void versions_clear(struct versions *v);

/* Forgets all of them if there are more than is worth the memory. */
void versions_trim(struct versions *v);

bool versions_get(const struct versions *v, uint64_t account, uint64_t *out);
void versions_set(struct versions *v, uint64_t account, uint64_t version);

#endif
