#include "base/log.h"
#include "store/rocks/rocks.h"

/*
 * The families get a new place when the journal has so much more.  What has no
 * place behind it is applied once more by a start.
 *
 * That a family has more than its place says does no harm: a start applies all
 * from there on, to the end.  That it has less than its place says must not be,
 * so a record that is applied again brings its own.
 */
#define PLACE_BYTES 1048576

/* RocksDB's kPersistedTier: what is in tables, and in no memory. */
#define IN_TABLES 2

/* --- Places -------------------------------------------------------------- */

/* Behind all accounts. */
static struct key
place_key(void)
{
	return key_account(UINT64_MAX);
}

/* ST_NOTFOUND  the family has none. */
static enum status
read_place(const struct rocks *r, const rocksdb_readoptions_t *options,
    enum family family, struct place *out)
{
	struct key k = place_key();
	char *error = NULL;
	rocksdb_pinnableslice_t *p = rocksdb_get_pinned_cf(r->db, options,
	    r->families[family], (const char *)k.p, k.n, &error);
	bool good;

	if (error != NULL)
		return rocks_error(r, "store.read.failed", error);
	if (p == NULL)
		return ST_NOTFOUND;
	good = place_unpack(rocks_pinned(p), out);
	rocksdb_pinnableslice_destroy(p);
	if (good)
		return ST_OK;
	log_event(r->log, LEVEL_ERROR, "store.value.malformed",
	    LF_U64("account", UINT64_MAX), LF_STR("what", "place"));
	return ST_CORRUPT;
}

/*
 * The first of the families' places, and whether all know the same pass.
 * ST_NOTFOUND  not all families have one: no record was ever taken.
 */
static enum status
first_place(const struct rocks *r, struct place *out, bool *same)
{
	struct place p;

	*same = true;
	for (enum family f = 0; f < FAMILIES; f++) {
		enum status st = read_place(r, r->tuning->get, f, &p);

		if (st != ST_OK)
			return st;
		if (f > 0 && !place_same_pass(&p, out))
			*same = false;
		if (f == 0 || place_is_before(&p, out))
			*out = p;
	}
	return ST_OK;
}

/* Whether all families have the place that is due in their tables. */
static bool
is_written_out(const struct rocks *r, const struct place *due)
{
	rocksdb_readoptions_t *options = rocksdb_readoptions_create();
	bool all = true;

	rocksdb_readoptions_set_read_tier(options, IN_TABLES);
	for (enum family f = 0; f < FAMILIES; f++) {
		struct place p;

		all = all && read_place(r, options, f, &p) == ST_OK &&
		      place_same_pass(&p, due);
	}
	rocksdb_readoptions_destroy(options);
	return all;
}

/* --- The keeper's thread ------------------------------------------------- */

static enum status
write_out(struct rocks *r, const struct place *due)
{
	rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
	char *error = NULL;

	for (enum family f = 0; f < FAMILIES && error == NULL; f++)
		rocksdb_flush_cf(r->db, options, r->families[f], &error);
	rocksdb_flushoptions_destroy(options);
	if (error != NULL)
		return rocks_error(r, "store.flush.failed", error);
	if (is_written_out(r, due))
		return ST_OK;
	log_event(r->log, LEVEL_ERROR, "store.flush.failed",
	    LF_STR("error", "a family is behind"));
	return ST_IO;
}

/* One step at a time, so that it can be stopped. */
static void
grow(struct writer *w)
{
	uint64_t pass = w->pass;
	uint64_t bytes;

	w->grown += JOURNAL_STEP;
	bytes = MIN(w->grown, w->wanted);
	pthread_mutex_unlock(&w->lock);
	/* A writer that needs the room tries again, and says so. */
	(void)!journal_grow(w->journal, pass, bytes);
	pthread_mutex_lock(&w->lock);
}

static void
catch_up(struct rocks *r)
{
	struct writer *w = &r->writer;
	struct place due = w->due;
	enum status st;

	pthread_mutex_unlock(&w->lock);
	st = write_out(r, &due);
	rocks_reclaim(r);
	pthread_mutex_lock(&w->lock);
	if (st == ST_OK)
		w->behind = false;
	else
		w->failed = st;
	pthread_cond_broadcast(&w->changed);
}

static void *
keep(void *arg)
{
	struct rocks *r = arg;
	struct writer *w = &r->writer;

	rocks_count_nothing();
	r->reclaims = false;
	rocks_reclaim(r);
	pthread_mutex_lock(&w->lock);
	while (!w->stops)
		if (w->grown < w->wanted)
			grow(w);
		else if (w->behind && w->failed == ST_OK)
			catch_up(r);
		else
			pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* What the pass will need; the lock is held. */
static void
want(struct writer *w, uint64_t pass, uint64_t bytes)
{
	if (w->pass != pass)
		w->grown = w->wanted = 0;
	w->pass = pass;
	w->wanted = MAX(w->wanted, bytes);
	pthread_cond_broadcast(&w->changed);
}

/* --- Writing ------------------------------------------------------------- */

static enum status
fail(struct writer *w, enum status st)
{
	pthread_mutex_lock(&w->lock);
	if (w->failed == ST_OK)
		w->failed = st;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return st;
}

static enum status
wait_for_tables(struct writer *w)
{
	enum status st;

	pthread_mutex_lock(&w->lock);
	while (w->behind && w->failed == ST_OK && !w->stops)
		pthread_cond_wait(&w->changed, &w->lock);
	st = w->stops ? ST_IO : w->failed;
	pthread_mutex_unlock(&w->lock);
	return st;
}

/* The journal's, for all families. */
static void
add_place(struct rocks *r, rocksdb_writebatch_t *wb)
{
	CLEANUP(buf_clear) struct buf at = { 0 };
	struct key k = place_key();

	place_pack(journal_at(r->writer.journal), &at);
	for (enum family f = 0; f < FAMILIES; f++)
		rocksdb_writebatch_put_cf(wb, r->families[f], (const char *)k.p,
		    k.n, (const char *)at.p, at.n);
	r->writer.placed = *journal_at(r->writer.journal);
}

/* Into RocksDB's memory. */
static enum status
apply(struct rocks *r, rocksdb_writebatch_t *wb)
{
	char *error = NULL;

	rocksdb_write(r->db, r->tuning->write, wb, &error);
	return rocks_error(r, "store.commit.failed", error);
}

static enum status
put_place(struct rocks *r)
{
	rocksdb_writebatch_t *wb = rocksdb_writebatch_create();
	enum status st;

	add_place(r, wb);
	st = apply(r, wb);
	rocksdb_writebatch_destroy(wb);
	return st;
}

static bool
place_is_due(const struct writer *w)
{
	const struct place *at = journal_at(w->journal);

	return at->pass != w->placed.pass ||
	       at->offset - w->placed.offset >= PLACE_BYTES;
}

/* All families are to get the journal's place, and with it all before it. */
static enum status
fall_behind(struct rocks *r)
{
	struct writer *w = &r->writer;
	enum status st = put_place(r);

	if (st != ST_OK)
		return fail(w, st);
	pthread_mutex_lock(&w->lock);
	w->due = *journal_at(w->journal);
	w->behind = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return ST_OK;
}

/* What filled a whole pass will fill the next: it grows in one go. */
static enum status
make_room(struct rocks *r, size_t n)
{
	struct writer *w = &r->writer;
	enum status st;

	if (!journal_is_full(w->journal, n))
		return ST_OK;
	st = wait_for_tables(w);
	if (st != ST_OK)
		return st;
	journal_turn(w->journal);
	pthread_mutex_lock(&w->lock);
	want(w, journal_at(w->journal)->pass, w->pass_bytes);
	pthread_mutex_unlock(&w->lock);
	return fall_behind(r);
}

/*
 * After a record of n bytes.  In whole steps: on a full disk, not every record
 * is to ask for more.
 */
static void
want_more(struct writer *w, size_t n)
{
	uint64_t bytes = journal_wants(w->journal, n);

	if (bytes == 0)
		return;
	pthread_mutex_lock(&w->lock);
	want(w, journal_at(w->journal)->pass, bytes);
	pthread_mutex_unlock(&w->lock);
}

enum status
writer_add(struct rocks *r, rocksdb_writebatch_t *wb)
{
	struct writer *w = &r->writer;
	size_t n;
	const char *bytes = rocksdb_writebatch_data(wb, &n);
	enum status st;

	pthread_mutex_lock(&w->order);
	st = writer_state(w);
	if (st == ST_OK)
		st = make_room(r, n);
	if (st == ST_OK)
		st = journal_add(w->journal, span_of(bytes, n));
	if (st == ST_OK)
		want_more(w, n);
	else
		pthread_mutex_unlock(&w->order);
	return st;
}

enum status
writer_apply(struct rocks *r, rocksdb_writebatch_t *wb, bool told)
{
	struct writer *w = &r->writer;
	enum status st;

	if (place_is_due(w))
		add_place(r, wb);
	st = apply(r, wb);
	if (st != ST_OK) {
		if (!told)
			journal_undo(w->journal);
		(void)fail(w, st);
	}
	pthread_mutex_unlock(&w->order);
	return st;
}

enum status
writer_write(struct rocks *r, rocksdb_writebatch_t *wb)
{
	enum status st = writer_add(r, wb);

	return st == ST_OK ? writer_apply(r, wb, false) : st;
}

bool
writer_is_behind(struct writer *w)
{
	bool behind;

	pthread_mutex_lock(&w->lock);
	behind = w->behind;
	pthread_mutex_unlock(&w->lock);
	return behind;
}

enum status
writer_state(struct writer *w)
{
	enum status st;

	pthread_mutex_lock(&w->lock);
	st = w->failed;
	pthread_mutex_unlock(&w->lock);
	return st;
}

uint64_t
writer_bytes(struct writer *w)
{
	uint64_t bytes = 0;

	pthread_mutex_lock(&w->order);
	if (w->journal != NULL)
		bytes = journal_at(w->journal)->offset;
	pthread_mutex_unlock(&w->order);
	return writer_is_behind(w) ? bytes + w->pass_bytes : bytes;
}

/* --- Opening and closing ------------------------------------------------- */

void
writer_init(struct writer *w, size_t journal_bytes)
{
	w->pass_bytes = journal_bytes > 0 ? journal_bytes : JOURNAL_BYTES;
	pthread_mutex_init(&w->order, NULL);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
}

void
writer_clear(struct writer *w)
{
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	pthread_mutex_destroy(&w->order);
}

static enum status
open_journal(const struct rocks *r, bool make, const struct place *at,
    struct journal **out)
{
	struct journal_options o = {
		.folder = r->home.folder,
		.make = make,
		.pass_bytes = r->writer.pass_bytes,
		.log = r->log,
	};

	return journal_open(&o, at, out);
}

enum status
writer_look(struct rocks *r)
{
	struct journal *j = NULL;
	struct place at;
	struct span record;
	bool same;
	enum status st = first_place(r, &at, &same);

	if (st == ST_NOTFOUND)
		return ST_OK;
	if (st == ST_OK)
		st = open_journal(r, false, &at, &j);
	if (st != ST_OK)
		return st;
	st = journal_next(j, &record);
	journal_close(&j);
	if (st == ST_OK)
		return ST_AGAIN;
	return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status
replay(struct rocks *r)
{
	struct journal *j = r->writer.journal;
	struct span record;
	uint64_t n = 0;
	enum status st;

	for (st = journal_next(j, &record); st == ST_OK;
	     st = journal_next(j, &record)) {
		rocksdb_writebatch_t *wb =
		    rocksdb_writebatch_create_from((const char *)record.p,
			record.n);

		/* Each with its place: what a family has in tables of later
		   ones is taken back by this. */
		add_place(r, wb);
		st = apply(r, wb);
		rocksdb_writebatch_destroy(wb);
		if (st != ST_OK)
			return fail(&r->writer, st);
		n++;
	}
	if (n > 0)
		log_event(r->log, LEVEL_INFO, "store.journal.replayed",
		    LF_STR("path", r->home.db), LF_U64("records", n));
	return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status
start_keeper(struct rocks *r)
{
	struct writer *w = &r->writer;
	int error = pthread_create(&w->keeper, NULL, keep, r);

	w->runs = error == 0;
	if (w->runs)
		return ST_OK;
	log_event(r->log, LEVEL_ERROR, "store.open.failed",
	    LF_STR("path", r->home.db), LF_STR("what", "thread"),
	    LF_STR("error", strerror(error)));
	return ST_IO;
}

/* The pass that the journal is in may be another than the families know. */
static enum status
settle(struct rocks *r, const struct place *from, bool same, bool begun)
{
	struct writer *w = &r->writer;
	enum status st = ST_OK;

	if (!same || journal_at(w->journal)->pass != from->pass)
		st = fall_behind(r);
	if (st == ST_OK)
		st = start_keeper(r);
	/* No record before its key is on disk. */
	if (st == ST_OK && !begun)
		st = wait_for_tables(w);
	return st;
}

enum status
writer_start(struct rocks *r)
{
	struct writer *w = &r->writer;
	struct place from;
	bool same = false;
	enum status st = first_place(r, &from, &same);
	bool begun = st != ST_NOTFOUND;

	if (!begun) {
		from = place_first();
		same = false;
	} else if (st != ST_OK) {
		return st;
	}
	w->stops = w->behind = false;
	w->failed = ST_OK;
	w->pass = w->grown = w->wanted = 0;
	w->placed = from;
	st = open_journal(r, true, &from, &w->journal);
	if (st == ST_OK)
		st = replay(r);
	if (st == ST_OK) {
		want_more(w, 0);
		st = settle(r, &from, same, begun);
	}
	return st;
}

void
writer_stop(struct rocks *r)
{
	struct writer *w = &r->writer;

	if (!w->runs)
		return;
	pthread_mutex_lock(&w->lock);
	w->stops = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->keeper, NULL);
	w->runs = false;
}

enum status
writer_cut(struct writer *w)
{
	enum status st = ST_OK;

	pthread_mutex_lock(&w->order);
	if (w->journal != NULL)
		st = journal_cut(w->journal);
	pthread_mutex_unlock(&w->order);
	return st;
}

void
writer_rest(struct rocks *r)
{
	struct writer *w = &r->writer;

	if (w->journal != NULL && writer_state(w) == ST_OK &&
	    place_is_before(&w->placed, journal_at(w->journal)))
		(void)!put_place(r);
}

void
writer_end(struct writer *w)
{
	journal_close(&w->journal);
}
