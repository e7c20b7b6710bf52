#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include "engine/account.h"

/*
 * Reads one kind of record of many contents: by pages that are kept in memory
 * (record_page.h) where they lie close together, as the messages of a mailbox
 * mostly do, and one by one where they don't.
 */
#define RECORDS_MAX 256

/* What there is of a content beside its body. */
#define RECORD_KINDS 3
extern const enum key_kind record_kinds[RECORD_KINDS];

/* i is the index in contents; false ends it early. */
typedef bool record_fn(void *ctx, size_t i, struct span value);

/*
 * At most RECORDS_MAX contents, in any order; each that has a record is
 * visited once.  ST_IO, ST_CORRUPT.
 */
enum status records_read(struct account *a, enum key_kind kind,
    const uint64_t *contents, size_t n, record_fn *fn, void *ctx);

/*
 * Puts a page together from the records' own keys.  ST_LIMIT: it would be too
 * large; ST_IO, ST_CORRUPT.
 */
struct record_draft;
struct record_name;
enum status records_gather(struct account *a, const struct record_name *name,
    struct record_draft *out);

/* Whether all are in memory: reading them takes no longer than copying. */
bool records_cached(struct account *a, enum key_kind kind,
    const uint64_t *contents, size_t n);

/* The same of their bodies, if no longer than STORE_BODY_STEP. */
enum status bodies_read(struct account *a, const uint64_t *contents, size_t n,
    record_fn *fn, void *ctx);

#endif
