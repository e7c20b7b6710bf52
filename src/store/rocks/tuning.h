#ifndef STORE_ROCKS_TUNING_H
#define STORE_ROCKS_TUNING_H

#include <rocksdb/c.h>

#include "base/defs.h"

/*
 * How RocksDB is set for our use.
 *
 * Memory     cache_bytes for blocks, indexes, filters and blobs together,
 *            and about 100 MiB, at most 200, of what is not yet in a table.
 * Threads    One that flushes, one that merges.
 */

/* Column families, in the order in which they are opened. */
enum family { RECORDS, VERSIONS, BODIES, FAMILIES };

struct tuning {
	const char *names[FAMILIES];
	rocksdb_options_t *families[FAMILIES];
	rocksdb_options_t *db;
	rocksdb_readoptions_t *get;
	rocksdb_readoptions_t *get_once; /* leaves the cache as it is */
	rocksdb_readoptions_t *get_body; /* that is checked in store/body.h */
	rocksdb_writeoptions_t *write;   /* into memory only */
	rocksdb_cache_t *cache;
};

struct tuning *tuning_new(size_t cache_bytes);
void tuning_free(struct tuning **t);

#endif
