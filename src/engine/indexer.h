#ifndef ENGINE_INDEXER_H
#define ENGINE_INDEXER_H

#include "base/span.h"
#include "base/status.h"
#include "search/index.h"

/*
 * Keeps a search index for each account (search/index.h), in a thread of its
 * own, behind delivery.
 *
 * An index is never needed for a search to be right: what it doesn't cover
 * yet is searched as if there were none.  So it may be late, it may be
 * removed at any time, and one that is damaged or doesn't fit its account is
 * built anew.
 *
 * Documents are contents (engine/message.h).  An account is looked at when a
 * search has met more than INDEXER_FEW that were not covered, or a while after
 * INDEXER_DUE have come since the last time: an index costs more than all the
 * rest of a delivery, and mail that comes in a burst is to have the processors
 * and the disk for itself.  As long as such bursts follow one another, of any
 * account, it is put off, up to INDEXER_LATE times as long.  It is built anew
 * when most of what is in it has been deleted.  Accounts take turns, some
 * hundred messages each.
 *
 * Threads  indexer_new() and indexer_free() by one, all else by any.
 */
#define INDEXER_DUE     512
#define INDEXER_FEW     32
#define INDEXER_WAIT_MS 2000
#define INDEXER_LATE    10

struct indexer;
struct log;
struct store;

/* folder is made if there is none.  NULL (logged) if it can't be. */
struct indexer *indexer_new(struct store *s, const char *folder,
    const struct log *log);
/* Ends the thread, within some hundred messages. */
void indexer_free(struct indexer **x);

/*
 * There may be something to index, now; or after that time, as much has come
 * and more may follow.
 */
void indexer_kick(struct indexer *x, uint64_t account, int64_t wait_ms);
/* Builds the account's index anew. */
void indexer_rebuild(struct indexer *x, uint64_t account);
/* The account has been erased. */
void indexer_forget(struct indexer *x, uint64_t account);

/*
 * For index_build.c: opens an index, which may make it, and removes one.  No
 * search looks for it meanwhile, which would come in the way of its making.
 */
enum status indexer_open(struct indexer *x, const char *path,
    enum index_use use, struct index **out);
void indexer_remove(struct indexer *x, uint64_t account, const char *path);

/*
 * How far a rebuilding has come: contents and contents in all, both 0 before
 * it begins.  ST_AGAIN: it isn't done; ST_OK: it is; else why it failed.
 */
enum status indexer_progress(struct indexer *x, uint64_t account,
    uint64_t *done, uint64_t *all);

/*
 * What an index knows of needles: for each the contents that may have it, as
 * index_find().  *covered is 0 if nothing is known.
 */
void indexer_find(struct indexer *x, uint64_t account,
    const struct index_needle *needle, size_t n, struct documents *out,
    uint64_t *covered);

#endif
