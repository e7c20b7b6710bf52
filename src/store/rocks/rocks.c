#include "store/rocks/rocks.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/*
 * Whether the disk has recovered is looked at no more often than this; and
 * when it seemed so but the database still could not be written, later.
 */
#define RETRY_MS  1000
#define REOPEN_MS 10000

/* A start writes what is in the journal to tables, and some more. */
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

static void
close_db(struct rocks *r)
{
	if (r->db == NULL)
		return;
	writer_stop(r);
	writer_rest(r);
	for (int i = 0; i < FAMILIES; i++)
		rocksdb_column_family_handle_destroy(r->families[i]);
	/* This writes out what is in memory. */
	rocksdb_close(r->db);
	writer_end(&r->writer);
	r->db = NULL;
	r->writable = false;
}

/* For reading: ST_AGAIN if there is something that must be applied first. */
static enum status
open_db(struct rocks *r, bool writable)
{
	struct tuning *t = r->tuning;
	const rocksdb_options_t *const *families =
	    (const rocksdb_options_t *const *)t->families;
	char *error = NULL;
	enum status st;

	r->db =
	    writable
		? rocksdb_open_column_families(t->db, r->home.db, FAMILIES,
		      t->names, families, r->families, &error)
		: rocksdb_open_for_read_only_column_families(t->db, r->home.db,
		      FAMILIES, t->names, families, r->families, 0, &error);
	if (r->db == NULL)
		return rocks_error(r, "store.open.failed", error);
	st = writable ? writer_start(r) : writer_look(r);
	if (st != ST_OK)
		close_db(r);
	else
		r->writable = writable;
	return st;
}

/* On a full disk, with what was kept for that. */
static enum status
open_to_write(struct rocks *r)
{
	enum status st = open_db(r, true);

	if (st == ST_FULL && home_give_reserve(&r->home))
		return open_db(r, true);
	if (st == ST_OK)
		home_keep_reserve(&r->home);
	return st;
}

/* If it can't be opened for writing, it may still be read. */
static enum status
open_to_serve(struct rocks *r)
{
	enum status st = open_to_write(r);
	enum status read;

	if (st == ST_OK)
		return st;
	r->full = st == ST_FULL;
	r->retry_ms = clock_now_ms() + REOPEN_MS;
	read = open_db(r, false);
	if (read == ST_AGAIN)
		return st;
	if (read == ST_OK)
		log_event(r->log, LEVEL_ERROR, "store.writes.refused",
		    LF_STR("path", r->home.db));
	return read;
}

/* What a crash left in the journal goes where it belongs first. */
static enum status
open_to_check(struct rocks *r)
{
	enum status st = open_db(r, false);

	if (st != ST_AGAIN)
		return st;
	st = open_db(r, true);
	if (st != ST_OK)
		return st;
	close_db(r);
	st = open_db(r, false);
	return st == ST_AGAIN ? ST_IO : st;
}

void
rocks_fail(struct rocks *r)
{
	r->writable = false;
	r->retry_ms = clock_now_ms() + RETRY_MS;
	versions_clear(&r->versions);
}

/* Said once, however often it is tried. */
static bool
has_room(struct rocks *r)
{
	uint64_t bytes = writer_bytes(&r->writer) + ROOM_BYTES;
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
	return true;
}

/* Opens the database anew, if it can, while nobody reads. */
static void
exchange(struct rocks *r)
{
	pthread_rwlock_wrlock(&r->lock);
	close_db(r);
	(void)!open_to_serve(r);
	pthread_rwlock_unlock(&r->lock);
}

/* Opened with a refused group in the journal, it would show that. */
static enum status
reopen(struct rocks *r)
{
	writer_stop(r);
	if (writer_cut(&r->writer) != ST_OK || !has_room(r))
		return ST_IO;
	exchange(r);
	return r->writable ? ST_OK : ST_IO;
}

/* Nothing is read meanwhile, nor after it if there is no room for it. */
void
rocks_restart(struct rocks *r)
{
	rocks_fail(r);
	writer_stop(r);
	exchange(r);
}

enum status
rocks_recover(struct rocks *r)
{
	bool is_open = r->writer.journal != NULL;

	if (!may_retry(r))
		return ST_IO;
	if (is_open && writer_state(&r->writer) == ST_OK)
		r->writable = writer_cut(&r->writer) == ST_OK &&
		              (!r->full || has_room(r));
	else
		(void)!reopen(r);
	if (!r->writable)
		return ST_IO;
	log_event(r->log, LEVEL_INFO, "store.writes.resumed",
	    LF_STR("path", r->home.db));
	return ST_OK;
}

void
rocks_hold_readers(struct rocks *r, bool on)
{
	pthread_mutex_lock(&r->hold);
	r->holds_readers = on;
	if (!on)
		pthread_cond_broadcast(&r->let_go);
	pthread_mutex_unlock(&r->hold);
}

static void
wait_until_let_go(struct rocks *r)
{
	pthread_mutex_lock(&r->hold);
	while (r->holds_readers)
		pthread_cond_wait(&r->let_go, &r->hold);
	pthread_mutex_unlock(&r->hold);
}

bool
rocks_enter(struct rocks *r)
{
	rocks_count_nothing();
	if (r->holds_readers)
		wait_until_let_go(r);
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

	(void)!writer_cut(&r->writer);
	close_db(r);
	rocksdb_writebatch_destroy(r->nothing);
	if (r->group != NULL)
		rocksdb_writebatch_destroy(r->group);
	versions_clear(&r->versions);
	tuning_free(&r->tuning);
	home_close(&r->home);
	writer_clear(&r->writer);
	pthread_rwlock_destroy(&r->lock);
	pthread_cond_destroy(&r->let_go);
	pthread_mutex_destroy(&r->hold);
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
	r->nothing = rocksdb_writebatch_create();
	init_lock(&r->lock);
	pthread_mutex_init(&r->hold, NULL);
	pthread_cond_init(&r->let_go, NULL);
	writer_init(&r->writer, o->journal_bytes);
	st = o->read_only ? open_to_check(r) : open_to_serve(r);
	if (st != ST_OK)
		rocks_close(&r->store);
	else
		*out = &r->store;
	return st;
}

static bool
rocks_is_well(const struct store *s)
{
	return ((const struct rocks *)s)->writable;
}

static uint64_t
rocks_disk_bytes(struct store *s)
{
	const struct home *h = &rocks_of(s)->home;

	return home_bytes(h, "") + journal_disk_bytes(h->folder);
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
	.is_well = rocks_is_well,
	.check = rocks_check,
	.disk_bytes = rocks_disk_bytes,
};
