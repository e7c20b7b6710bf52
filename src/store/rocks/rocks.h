#ifndef STORE_ROCKS_ROCKS_H
#define STORE_ROCKS_ROCKS_H

#include "store/body.h"
#include "store/driver.h"
#include "store/key.h"
#include "store/rocks/home.h"
#include "store/rocks/tuning.h"
#include "store/rocks/versions.h"
#include "store/rocks/writer.h"

/*
 * The rocks driver: one RocksDB for all accounts (docs/store-format.md).
 *
 * A group that could not be written to the journal (writer.h) is refused, and
 * a later one tried a while after.  When RocksDB could not write its tables,
 * it refuses all further writes while it goes on to serve reads: then the
 * driver opens it anew as soon as a commit finds that there is room again.
 *
 * A small group is told when it is on disk, which is before it can be read:
 * until then who reads waits.  If RocksDB refuses it then, it is opened anew
 * at once, and as long as that can't be, nothing is read.
 */
struct rocks {
	struct store store;
	const struct log *log;
	bool read_only;
	struct home home;
	struct tuning *tuning;

	/* A read holds it shared; who exchanges the database holds it alone. */
	pthread_rwlock_t lock;
	rocksdb_t *db; /* NULL if it could not be opened again */
	rocksdb_column_family_handle_t *families[FAMILIES];

	/* From when a group was told until it can be read. */
	_Atomic bool holds_readers;
	pthread_mutex_t hold;
	pthread_cond_t let_go;

	struct writer writer;
	_Atomic bool writable; /* changed by the committer */
	/* Counts what may take pieces away that were written ahead: from 1. */
	_Atomic uint64_t era;

	bool reclaims; /* the writer's thread's: whether it is on */

	/* What follows is the committer's own. */
	bool waiting;     /* for room, and it was logged */
	bool full;        /* the last failure was for want of room */
	int64_t retry_ms; /* not before this is anything written */
	struct versions versions;
	rocksdb_writebatch_t *nothing; /* an empty one */
	rocksdb_writebatch_t *group;   /* NULL before the first */
	size_t group_bytes;            /* the most that it has held */
};

static inline struct rocks *
rocks_of(struct store *s)
{
	return (struct rocks *)s;
}

/* RocksDB's counters, which are each thread's, are a tenth of a read. */
static inline void
rocks_count_nothing(void)
{
	rocksdb_set_perf_level(rocksdb_disable);
}

/*
 * Logs what RocksDB says and frees it.  NULL is ST_OK; a failed checksum
 * ST_CORRUPT; a full disk ST_FULL; anything else ST_IO.
 */
enum status rocks_error(const struct rocks *r, const char *event, char *error);

/* false, and nothing to leave, if there is no database: a read is ST_IO. */
bool rocks_enter(struct rocks *r);
void rocks_leave(struct rocks *r);

/* A group has failed: lets no other follow for a while. */
void rocks_fail(struct rocks *r);

/* Who enters waits until it is off again. */
void rocks_hold_readers(struct rocks *r, bool on);

/* A group that was told has failed: only another start can show it. */
void rocks_restart(struct rocks *r);

/* Makes it writable again, if it may be tried and if it can. */
enum status rocks_recover(struct rocks *r);

/* Has the garbage among the bodies removed, if it is much. */
void rocks_reclaim(struct rocks *r);

/*
 * A body's head (body.h) is its piece 0, and makes it exist.  Pieces of a long
 * one, from `first` on: into a batch.
 */
void rocks_add_pieces(const struct rocks *r, rocksdb_writebatch_t *wb,
    uint64_t account, uint64_t body, uint32_t first, struct span bytes);

/* STEP_PIECES of them at most, written at once; as writer_write(). */
#define STEP_PIECES 4
#define STEP_BYTES  (STEP_PIECES * (size_t)STORE_BODY_STEP)
enum status rocks_put_pieces(struct rocks *r, uint64_t account, uint64_t body,
    uint32_t first, struct span bytes);

/*
 * For who has entered, and for the committer.  What is pinned is given back
 * with rocksdb_pinnableslice_destroy().  ST_NOTFOUND.
 */
enum status rocks_pin(const struct rocks *r, enum family family,
    const struct key *k, rocksdb_pinnableslice_t **out);
struct span rocks_pinned(const rocksdb_pinnableslice_t *p);
/* The head borrows from what is pinned. */
enum status rocks_get_head(const struct rocks *r, uint64_t account,
    uint64_t body, struct body_head *out, rocksdb_pinnableslice_t **pin);

/* 0 if the account has none. */
enum status rocks_get_version(const struct rocks *r, uint64_t account,
    uint64_t *out);

/* The contract. */
enum status rocks_version(struct store *s, uint64_t account, uint64_t *out);
enum status rocks_read(struct store *s, uint64_t account,
    const struct driver_range *range, store_visit_fn *fn, void *ctx);
enum status rocks_get(struct store *s, uint64_t account, struct span key,
    bool once, store_visit_fn *fn, void *ctx);
enum status rocks_body(struct store *s, uint64_t account, uint64_t body,
    uint64_t offset, size_t n, struct buf *out);
enum status rocks_bodies(struct store *s, uint64_t account, const uint64_t *ids,
    size_t n, store_body_fn *fn, void *ctx);
enum status rocks_accounts(struct store *s, store_account_fn *fn, void *ctx);
void rocks_prepare(struct store *s, struct batch *b);
void rocks_commit(struct store *s, const struct driver_group *of);
enum status rocks_check(struct store *s,
    void (*problem)(void *ctx, const char *line), void *ctx);

#endif
