#ifndef STORE_ROCKS_PLACE_H
#define STORE_ROCKS_PLACE_H

#include "base/buf.h"
#include "base/hash.h"

/* A place in the journal (journal.h): where a record begins, or the next one.
 */
struct place {
	uint64_t pass;
	uint64_t offset;
	uint64_t sequence;
	struct hash_key key[2]; /* of this pass and of the next */
};

/* Before the first record of all, with new keys. */
struct place place_first(void);

/* The beginning of the next pass, with a new key for the one after it. */
struct place place_next_pass(const struct place *p);

/* Records begin at multiples of this. */
#define PLACE_UNIT ((size_t)512)

void place_pack(const struct place *p, struct buf *out);
bool place_unpack(struct span s, struct place *out);

bool place_is_before(const struct place *a, const struct place *b);

/* In the same pass, with the same keys. */
bool place_same_pass(const struct place *a, const struct place *b);

#endif
