#ifndef ENGINE_RECORD_PAGE_H
#define ENGINE_RECORD_PAGE_H

#include "base/buf.h"
#include "base/refs.h"
#include "engine/format.h"

/*
 * Records of contents that follow one another, as they were read from the
 * store together; and a cache of such pages for all accounts, as the store
 * takes ten times as long to go from one record to the next.
 *
 * A record never changes and an id is never given to another content, so what
 * a page has is right for ever.  It may lack what came after it was read.
 *
 * Memory     record_cache_new()'s bytes, less a page; and pages in use.
 * Threads    Pages are read by any thread, and so is the cache.
 */
#define PAGE_RECORDS 128
#define PAGE_BYTES   ((size_t)256 * 1024) /* with more it isn't kept */

struct record_name {
	uint64_t account;
	uint64_t number; /* of the first content, divided by PAGE_RECORDS */
	enum key_kind kind;
};

struct record_page {
	struct refs refs;
	struct record_name name;
	struct buf bytes;
	uint32_t from;              /* where the first record begins */
	uint32_t end[PAGE_RECORDS]; /* of each; empty: it has no record */

	/* What follows is the cache's. */
	struct record_page *chain;
	struct record_page *newer;
	struct record_page *older;
};

/* An empty one, with one reference. */
struct record_page *record_page_new(const struct record_name *name);
void record_page_unref(struct record_page **p);

/* Adds a record, in the order of contents; false: it would be too much. */
bool record_page_add(struct record_page *p, uint64_t content, struct span r);
/* No more will come. */
void record_page_end(struct record_page *p);

/*
 * KEY_PAGE.  A value becomes a page as it is: it is to be in bytes, and the
 * page is ended by that.  ST_BAD, ST_CORRUPT.
 */
void record_page_pack(struct buf *b, const struct record_page *p);
enum status record_page_unpack(struct record_page *p);

/* How many records it has. */
size_t record_page_count(const struct record_page *p);
/* Empty if it has none. */
struct span record_page_get(const struct record_page *p, uint64_t content);

struct record_cache;
struct record_cache *record_cache_new(size_t bytes);
void record_cache_free(struct record_cache **c);

/* With a reference for the caller; NULL: it isn't there. */
struct record_page *record_cache_find(struct record_cache *c,
    const struct record_name *name);
/* Takes the place of an older one of that name. */
void record_cache_put(struct record_cache *c, struct record_page *p);

/*
 * Remembers that a page had to be put together, for who may store it; the last
 * RECORD_WORN of them.  Taking gives one of an account and forgets it.
 */
#define RECORD_WORN 64
void record_cache_worn(struct record_cache *c, const struct record_name *name);
bool record_cache_take_worn(struct record_cache *c, uint64_t account,
    uint64_t *out_number);

#endif
