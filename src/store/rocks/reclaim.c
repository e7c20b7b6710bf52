/*
 * The room that dropped bodies took.  RocksDB gives a blob file back when none
 * of it lives, or moves what lives elsewhere: but then, whenever it merges
 * tables, all that lives in the older half of the files, whether that is worth
 * it or not.  With many bodies and few that were dropped it would write the
 * store anew, again and again.  So it may only while much is garbage.
 */
#include "base/log.h"
#include "store/rocks/rocks.h"

/* From one part of so many on, until it is less than one of so many. */
#define MUCH   4
#define LITTLE 8

static bool
is_worth_it(uint64_t bytes, uint64_t garbage, bool already)
{
	return garbage > bytes / (already ? LITTLE : MUCH);
}

static bool
property(const struct rocks *r, const char *name, uint64_t *out)
{
	return rocksdb_property_int_cf(r->db, r->families[BODIES], name, out) ==
	       0;
}

void
rocks_reclaim(struct rocks *r)
{
	const char *key = "enable_blob_garbage_collection";
	const char *value = r->reclaims ? "false" : "true";
	uint64_t bytes, garbage;
	char *error = NULL;

	if (!property(r, "rocksdb.live-blob-file-size", &bytes) ||
	    !property(r, "rocksdb.live-blob-file-garbage-size", &garbage) ||
	    is_worth_it(bytes, garbage, r->reclaims) == r->reclaims)
		return;
	rocksdb_set_options_cf(r->db, r->families[BODIES], 1, &key, &value,
	    &error);
	if (rocks_error(r, "store.reclaim.failed", error) == ST_OK)
		r->reclaims = !r->reclaims;
}
