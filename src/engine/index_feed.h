#ifndef ENGINE_INDEX_FEED_H
#define ENGINE_INDEX_FEED_H

#include "search/index.h"

/*
 * Feeds contents of an account into its search index.
 *
 * Memory  Where a message's parts are and one step of its bytes, whatever it
 *         holds, and what index_document() needs; small ones are read many
 *         at a time.
 */
struct log;
struct store;

/*
 * Adds some of the contents from *next on, which it advances, but none from
 * `end` on; what was deleted is passed over.  What is damaged is logged and may
 * have anything.  The caller commits.  ST_IO: the store can't be read.
 */
enum status index_feed(struct index *ix, struct store *s, uint64_t account,
    uint64_t *next, uint64_t end, const struct log *log);

#endif
