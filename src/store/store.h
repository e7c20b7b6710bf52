#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Where accounts are kept: the contract that every driver keeps.
 *
 * An account is a small ordered keyspace with a version number, and bodies:
 * byte strings named by a 64-bit id.  Keys order by their bytes.  Everything
 * a key or a value means is the engine's business (engine/format.h).
 *
 * Units      Sizes and offsets are bytes.  Account ids are below UINT64_MAX,
 *            keys are 1 to STORE_KEY_MAX bytes.
 * Ownership  Spans given to a visitor or a batch are borrowed; a batch copies
 *            keys and values, but borrows the bytes of bodies that are longer
 *            than STORE_BODY_STEP, or packed, until store_commit() has
 *            returned.
 * Errors     ST_IO       the system refused (I/O error): logged.
 *            ST_FULL     a commit found no room on the disk: logged.
 *            ST_CORRUPT  stored bytes fail their checksum: logged.
 * Threads    Reads may come from any thread at any time and see whole groups
 *            (store_commit); each call sees one moment, and waits for what a
 *            commit has told and not yet made readable.  store_commit() is
 *            called by one thread at a time, and so is store_prepare(), which
 *            may be another.
 */
struct store;
struct log;

#define STORE_FORMAT    6 /* of all that is in it */
#define STORE_KEY_MAX   48
#define STORE_BODY_STEP 262144

struct store_options {
	const char *driver;    /* "rocks" or "memory" */
	const char *path;      /* a folder, made if missing; NULL for memory */
	size_t cache_bytes;    /* for what was read, over all accounts */
	size_t journal_bytes;  /* each half of it; 0 but in tests */
	bool read_only;        /* for checks: changes nothing that it says */
	const struct log *log; /* borrowed */
};

/*
 * ST_NOTFOUND  no such driver, or read_only and there is no store;
 * ST_DENIED    another process has it open;
 * ST_CORRUPT   what was acknowledged last is damaged;
 * ST_BAD       written by another version (the log says which format).
 */
enum status store_open(const struct store_options *o, struct store **out);
void store_close(struct store **s);

/* The version of an account: 0 if nothing was ever committed to it. */
enum status store_version(struct store *s, uint64_t account, uint64_t *out);

/*
 * Called in key order; false ends the read early.  The spans are good during
 * the call, which must not use the store itself.
 */
typedef bool store_visit_fn(void *ctx, struct span key, struct span value);

/* Every key from `from` up to but not including `to` (empty: to the end). */
enum status store_read(struct store *s, uint64_t account, struct span from,
    struct span to, store_visit_fn *fn, void *ctx);
/* The same of what the caller keeps: it takes no room in the store's cache. */
enum status store_read_once(struct store *s, uint64_t account, struct span from,
    struct span to, store_visit_fn *fn, void *ctx);

/* Appends the value of one key to out.  ST_NOTFOUND. */
enum status store_get(struct store *s, uint64_t account, struct span key,
    struct buf *out);
/* Called for the value of one key, which takes no room in the cache. */
enum status store_get_once(struct store *s, uint64_t account, struct span key,
    store_visit_fn *fn, void *ctx);

/*
 * Appends up to n bytes of a body from `offset` on; fewer only at its end.
 * Reading on in steps of STORE_BODY_STEP costs least.  ST_NOTFOUND.
 */
enum status store_body(struct store *s, uint64_t account, uint64_t body,
    uint64_t offset, size_t n, struct buf *out);

/*
 * Visits the bodies of ids, which ascend, that are there and no longer than
 * STORE_BODY_STEP: whole, in that order, each once.  What lies close together
 * is read in one go.  The span is good during the call, which must not use
 * the store itself; false ends the read early.
 */
typedef bool store_body_fn(void *ctx, uint64_t body, struct span bytes);
enum status store_bodies(struct store *s, uint64_t account, const uint64_t *ids,
    size_t n, store_body_fn *fn, void *ctx);

/* Every account that has a version, in order of its id. */
typedef bool store_account_fn(void *ctx, uint64_t account);
enum status store_accounts(struct store *s, store_account_fn *fn, void *ctx);

/*
 * What one changeset does to one account: all of it or nothing.  base is the
 * version it was built on; committed, the account is at base + 1.  Within a
 * batch later operations win over earlier ones.
 */
struct batch;

struct batch *batch_new(uint64_t account, uint64_t base);
void batch_free(struct batch **b);
void batch_put(struct batch *b, struct span key, struct span value);
void batch_delete(struct batch *b, struct span key);
/* From `from` up to but not including `to` (empty: to the end). */
void batch_delete_range(struct batch *b, struct span from, struct span to);
/*
 * Bodies are written once: the id must be none that the account has.  That of
 * a refused batch may be used again.
 */
void batch_body(struct batch *b, uint64_t body, struct span bytes);
/* The same of what body_pack() (body.h) made of one that isn't that long. */
void batch_packed_body(struct batch *b, uint64_t body, struct span packed);
void batch_body_drop(struct batch *b, uint64_t body);
/*
 * The account goes with all its keys and bodies; its version is 0 again.  The
 * last operation of its batch.
 */
void batch_erase(struct batch *b);

uint64_t batch_account(const struct batch *b);
/* Bytes that it will write, about. */
size_t batch_bytes(const struct batch *b);
/* It has bodies of more than STORE_BODY_STEP: worth store_prepare(). */
bool batch_is_large(const struct batch *b);

/*
 * Writes what is long of a batch's bodies ahead, where nobody sees it, so
 * that its commit takes no longer than that of any other.  The batch is
 * committed after that or never.  Nothing depends on it: what it could not
 * write, or what did not last until then, the commit writes.
 */
void store_prepare(struct store *s, struct batch *b);

/*
 * Commits a group with one flush.  On return each results[i] is
 *   ST_OK        on disk, readable, and survives a crash from now on,
 *   ST_AGAIN     refused: the account is not at the batch's base version
 *                (also if an earlier batch of the group for it was refused),
 *   ST_IO, ST_FULL  refused by the system: nothing of it will ever be seen.
 *                A later commit, also one of an empty group, tries again
 *                whether the system has recovered.
 *                (A disk that takes neither a commit nor its removal may show
 *                it after the next start; the log says
 *                store.journal.uncut.)
 * Batches of one account come in the order of their versions.  The batches
 * stay the caller's.
 */
void store_commit(struct store *s, struct batch *const *b, size_t n,
    enum status *results);

/*
 * The same, and calls told() once, as soon as the results are final.  Some
 * work may be left then: the caller waits for it, and so does who reads.  The
 * batches are no longer needed.
 */
typedef void store_told_fn(void *ctx);
void store_commit_telling(struct store *s, struct batch *const *b, size_t n,
    enum status *results, store_told_fn *told, void *ctx);

/* false: commits are refused, and maybe reads, until a later one is not. */
bool store_is_well(const struct store *s);

/*
 * Reads everything and verifies the checksums; calls problem() with one line
 * for each fault found.  ST_CORRUPT if there was one.
 */
enum status store_check(struct store *s,
    void (*problem)(void *ctx, const char *line), void *ctx);

/* Bytes on disk, about. */
uint64_t store_disk_bytes(struct store *s);

#endif
