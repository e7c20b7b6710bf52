#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include "engine/account.h"

/*
 * Reads one column of the records of many contents: by pages that are kept in
 * memory (record_page.h) where they lie close together, as the messages of a
 * mailbox mostly do, and one by one where they don't.
 */
#define RECORDS_MAX 2048

/*
 * i is the index in contents; the value is empty if the record is damaged.
 * False ends it early.
 */
typedef bool record_fn(void *ctx, size_t i, struct span value);

/*
 * At most RECORDS_MAX contents, in any order; each that has a record is
 * visited once.  ST_IO, ST_CORRUPT.
 */
enum status records_read(struct account *a, enum record_column column,
    const uint64_t *contents, size_t n, record_fn *fn, void *ctx);

/* Of one content; out is added to.  ST_NOTFOUND, ST_IO, ST_CORRUPT. */
enum status record_read(struct account *a, enum record_column column,
    uint64_t content, struct buf *out);

/*
 * Puts pages of some columns together from the records, all of contents that
 * are those of the first draft; names and drafts were begun.  Drafts may turn
 * out too_large.  ST_IO, ST_CORRUPT.
 */
struct record_draft;
enum status records_gather(struct account *a, struct record_draft *draft,
    size_t n);

/* Whether all are in memory, in pages. */
bool records_cached(struct account *a, enum record_column column,
    const uint64_t *contents, size_t n);

/* The page that a content belongs to, with a reference; NULL: it isn't there.
 */
struct record_page;
struct record_page *record_page_of(struct account *a, enum record_column column,
    uint64_t content);

/* The same of their bodies, if no longer than STORE_BODY_STEP. */
enum status bodies_read(struct account *a, const uint64_t *contents, size_t n,
    record_fn *fn, void *ctx);

#endif
