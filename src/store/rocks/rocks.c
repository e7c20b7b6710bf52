#include "store/rocks/rocks.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/rocks/wal.h"

/*
 * Whether the disk has recovered is looked at no more often than this; and
 * when it seemed so but the database still could not be written, later.
 */
#define RETRY_MS  1000
#define REOPEN_MS 10000

/* A start writes what is in the logs to tables, and needs some room more. */
#define ROOM_BYTES 16777216

enum status
rocks_error(const struct rocks *r, const char *event, char *error)
{
	enum status st = ST_IO;

	if (error == NULL)
		return ST_OK;
	/* The C interface has no codes, but the text begins with their name. */
	if (span_starts(span_str(error), SPAN("Corruption")))
		st = ST_CORRUPT;
	else if (strstr(error, "No space left on device") != NULL)
		st = ST_FULL;
	log_event(r->log, LEVEL_ERROR, event, LF_STR("error", error));
	rocksdb_free(error);
	return st;
}

static enum status
open_db(struct rocks *r, bool writable)
{
	struct tuning *t = r->tuning;
	const rocksdb_options_t *const *families =
	    (const rocksdb_options_t *const *)t->families;
	char *error = NULL;

	r->db =
	    writable
		? rocksdb_open_column_families(t->db, r->home.db, FAMILIES,
		      t->names, families, r->families, &error)
		: rocksdb_open_for_read_only_column_families(t->db, r->home.db,
		      FAMILIES, t->names, families, r->families, 0, &error);
	if (r->db == NULL)
		return rocks_error(r, "store.open.failed", error);
	r->writable = writable;
	r->acked = rocksdb_get_latest_sequence_number(r->db);
	return ST_OK;
}

static void
close_db(struct rocks *r)
{
	if (r->db == NULL)
		return;
	for (int i = 0; i < FAMILIES; i++)
		rocksdb_column_family_handle_destroy(r->families[i]);
	rocksdb_close(r->db);
	r->db = NULL;
	r->writable = false;
}

/* Without room to open it for writing, it can still be read. */
static enum status
open_best(struct rocks *r)
{
	enum status st;

	if (!r->read_only) {
		st = open_db(r, true);
		if (st == ST_OK)
			return ST_OK;
		r->full = st == ST_FULL;
		r->retry_ms = clock_now_ms() + REOPEN_MS;
	}
	st = open_db(r, false);
	if (st == ST_OK && !r->read_only)
		log_event(r->log, LEVEL_ERROR, "store.writes.refused",
		    LF_STR("path", r->home.db));
	return st;
}

void
rocks_fail(struct rocks *r)
{
	r->writable = false;
	r->era++;
	r->uncut = wal_cut(r->home.db, r->acked, r->log) != ST_OK;
	r->retry_ms = clock_now_ms() + RETRY_MS;
	versions_clear(&r->versions);
}

/* Said once, however often it is tried. */
static bool
has_room(struct rocks *r)
{
	uint64_t bytes = home_bytes(&r->home, ".log") + ROOM_BYTES;
	bool has = home_has_room(&r->home, bytes);

	if (!has && !r->waiting)
		log_event(r->log, LEVEL_WARN, "store.room.missing",
		    LF_STR("path", r->home.db), LF_U64("bytes", bytes));
	r->waiting = !has;
	return has;
}

static bool
may_retry(struct rocks *r)
{
	int64_t now = clock_now_ms();

	if (r->read_only || now < r->retry_ms)
		return false;
	r->retry_ms = now + RETRY_MS;
	/* Opened before the cut, the database would show the refused group. */
	if (r->uncut)
		r->uncut = wal_cut(r->home.db, r->acked, r->log) != ST_OK;
	return !r->uncut && has_room(r);
}

enum status
rocks_recover(struct rocks *r)
{
	if (!may_retry(r))
		return ST_IO;
	pthread_rwlock_wrlock(&r->lock);
	close_db(r);
	(void)open_best(r);
	pthread_rwlock_unlock(&r->lock);
	if (!r->writable)
		return ST_IO;
	log_event(r->log, LEVEL_INFO, "store.writes.resumed",
	    LF_STR("path", r->home.db));
	return ST_OK;
}

enum status
rocks_refresh(struct rocks *r)
{
	enum status st;

	pthread_rwlock_wrlock(&r->lock);
	close_db(r);
	st = open_db(r, false);
	pthread_rwlock_unlock(&r->lock);
	return st;
}

bool
rocks_enter(struct rocks *r)
{
	rocks_count_nothing();
	pthread_rwlock_rdlock(&r->lock);
	if (r->db != NULL)
		return true;
	pthread_rwlock_unlock(&r->lock);
	return false;
}

void
rocks_leave(struct rocks *r)
{
	pthread_rwlock_unlock(&r->lock);
}

/* So that a stream of reads can't hold up a recovery. */
static void
init_lock(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr,
	    PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attr);
	pthread_rwlockattr_destroy(&attr);
}

static void
rocks_close(struct store *s)
{
	struct rocks *r = rocks_of(s);

	close_db(r);
	if (r->uncut)
		(void)wal_cut(r->home.db, r->acked, r->log);
	if (r->group != NULL)
		rocksdb_writebatch_destroy(r->group);
	versions_clear(&r->versions);
	tuning_free(&r->tuning);
	home_close(&r->home);
	pthread_rwlock_destroy(&r->lock);
	mem_free(&r);
}

static enum status
rocks_open(const struct store_options *o, struct store **out)
{
	struct rocks *r;
	struct home home;
	enum status st = home_open(o, &home);

	if (st != ST_OK)
		return st;
	r = MEM_NEW(struct rocks);
	r->store.driver = &rocks_driver;
	r->log = o->log;
	r->read_only = o->read_only;
	r->home = home;
	r->era = 1;
	r->tuning = tuning_new(o->cache_bytes);
	init_lock(&r->lock);
	st = open_best(r);
	if (st != ST_OK)
		rocks_close(&r->store);
	else
		*out = &r->store;
	return st;
}

static uint64_t
rocks_disk_bytes(struct store *s)
{
	return home_bytes(&rocks_of(s)->home, "");
}

const struct driver rocks_driver = {
	.name = "rocks",
	.open = rocks_open,
	.close = rocks_close,
	.version = rocks_version,
	.read = rocks_read,
	.get = rocks_get,
	.body = rocks_body,
	.bodies = rocks_bodies,
	.accounts = rocks_accounts,
	.prepare = rocks_prepare,
	.commit = rocks_commit,
	.check = rocks_check,
	.disk_bytes = rocks_disk_bytes,
};
