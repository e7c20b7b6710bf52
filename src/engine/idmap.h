#ifndef ENGINE_IDMAP_H
#define ENGINE_IDMAP_H

#include "base/defs.h"

/*
 * From 64-bit hashes of names to 32-bit numbers.
 *
 * It grows a part at a time, so that no call takes long.  Its own hashing
 * has a random key: a peer that can choose the ids can't make them collide.
 */
#define IDMAP_NEW   UINT32_MAX
#define IDMAP_PARTS 64

struct idmap {
	uint64_t multiplier;
	struct idmap_part {
		struct idmap_slot *slot;
		unsigned bits; /* there are 1 << bits slots, if any */
		uint32_t n;
	} part[IDMAP_PARTS];
};

void idmap_init(struct idmap *m);
void idmap_clear(struct idmap *m);

/*
 * The number of id, which must not be 0.  If id is new, it is IDMAP_NEW and
 * is to be set.  The pointer is good until the next call.
 */
uint32_t *idmap_at(struct idmap *m, uint64_t id);

/* Says that id will be asked for soon. */
void idmap_expect(const struct idmap *m, uint64_t id);

/* The number of id, or IDMAP_NEW: then it isn't added. */
uint32_t idmap_find(const struct idmap *m, uint64_t id);

#endif
