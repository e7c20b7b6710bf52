#ifndef ENGINE_RECORD_PAGE_H
#define ENGINE_RECORD_PAGE_H

#include "base/buf.h"
#include "base/refs.h"
#include "engine/format.h"

/*
 * One column of the records of contents that follow one another, as they were
 * read from the store together; and a cache of such pages for all accounts, as
 * the store takes ten times as long to go from one record to the next.
 *
 * A record never changes and an id is never given to another content, so what
 * a page has is right for ever.  It may lack what came after it was read.
 *
 * Memory     record_cache_new()'s bytes and a chunk; and chunks with a page
 *            in use.
 * Threads    Pages are read by any thread, and so is the cache.
 */
#define PAGE_RECORDS 128
#define PAGE_BYTES   ((size_t)256 * 1024) /* with more there is none */

struct record_name {
	uint64_t account;
	uint64_t number; /* of the first content, divided by PAGE_RECORDS */
	enum record_column column;
};

/* A page that is being made; buf_clear(&d->bytes) is its end. */
struct record_draft {
	struct record_name name;
	struct buf bytes;           /* that were added */
	struct span all;            /* the records, at the end; borrowed */
	uint32_t end[PAGE_RECORDS]; /* of each; empty: it has no record */
	bool too_large;             /* what came last was not added */
};

/* Begins one, whatever was in it. */
void record_draft_begin(struct record_draft *d, const struct record_name *name);
/* Adds a record, in the order of contents, unless it would be too much. */
void record_draft_add(struct record_draft *d, uint64_t content, struct span r);
/* No more will come. */
void record_draft_end(struct record_draft *d);
/* How many records it has. */
size_t record_draft_count(const struct record_draft *d);

/*
 * KEY_PAGE, of one that was ended.  To unpack is to begin one and to end it;
 * it borrows from the value.  ST_BAD, ST_CORRUPT.
 */
void record_draft_pack(struct buf *b, const struct record_draft *d);
enum status record_draft_unpack(struct record_draft *d,
    const struct record_name *name, struct span value);

struct record_page;
void record_page_unref(struct record_page **p);
/* Empty if it has none. */
struct span record_page_get(const struct record_page *p, uint64_t content);

struct record_cache;
struct record_cache *record_cache_new(size_t bytes);
void record_cache_free(struct record_cache **c);

/*
 * With a reference for the caller; NULL: it isn't there.  What was put in last
 * stays longest.
 */
struct record_page *record_cache_find(struct record_cache *c,
    const struct record_name *name);
/* The draft as a page, which takes the place of an older one of that name. */
struct record_page *record_cache_put(struct record_cache *c,
    const struct record_draft *d);

/*
 * Remembers that a page had to be put together, for who may store it; the last
 * RECORD_WORN of them.  Taking gives one of an account and forgets it.
 */
#define RECORD_WORN 64
void record_cache_worn(struct record_cache *c, const struct record_name *name);
bool record_cache_take_worn(struct record_cache *c, uint64_t account,
    uint64_t *out_number);

#endif
