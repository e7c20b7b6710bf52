/*
 * What is long of bodies is written before its commit, by another thread than
 * the committer, so that the commit of a large message holds nobody up.
 *
 * RocksDB has one log and one memory for all: so it goes there in small steps
 * that are flushed, or the next commit would have to flush all of it, and no
 * faster than tables are written, or RocksDB would stop every writer.
 */
#include <time.h>

#include "base/clock.h"
#include "store/batch.h"
#include "store/rocks/rocks.h"

/* Pieces between two flushes. */
#define STEP_PIECES 4

/* How long a step waits for tables at most, and how often it looks. */
#define WAIT_MS 5000
#define LOOK_MS 5

enum status
rocks_put_piece(struct rocks *r, const struct key *k, struct span bytes,
    bool sync)
{
	const struct tuning *t = r->tuning;
	char *error = NULL;

	rocksdb_put_cf(r->db, sync ? t->synced : t->unsynced,
	    r->families[BODIES], (const char *)k->p, k->n,
	    (const char *)bytes.p, bytes.n, &error);
	return rocks_error(r, "store.commit.failed", error);
}

/* Whether a full buffer of bodies is still being written to a table. */
static bool
tables_are_behind(struct rocks *r)
{
	uint64_t waiting = 0;
	bool known = false;

	if (!rocks_enter(r))
		return false;
	known = rocksdb_property_int_cf(r->db, r->families[BODIES],
		    "rocksdb.num-immutable-mem-table", &waiting) == 0;
	rocks_leave(r);
	return known && waiting > 0;
}

static void
wait_for_tables(struct rocks *r)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * 1000000L };
	int64_t end = clock_now_ms() + WAIT_MS;

	while (tables_are_behind(r) && clock_now_ms() < end)
		(void)nanosleep(&look, NULL);
}

static bool
put_ahead(struct rocks *r, const struct key *k, struct span bytes, bool sync)
{
	bool ok = false;

	if (!rocks_enter(r))
		return false;
	if (r->writable)
		ok = rocks_put_piece(r, k, bytes, sync) == ST_OK;
	rocks_leave(r);
	return ok;
}

static bool
put_pieces(struct rocks *r, uint64_t account, const struct batch_op *op)
{
	struct span rest = op->value;

	for (uint32_t piece = 1; rest.n > 0; piece++) {
		struct key k = key_body(account, op->body, piece);

		if (piece % STEP_PIECES == 1)
			wait_for_tables(r);
		if (!put_ahead(r, &k, span_head(rest, PIECE_BYTES),
			piece % STEP_PIECES == 0))
			return false;
		rest = span_from(rest, PIECE_BYTES);
	}
	return true;
}

/* If anything takes pieces away before the end, the commit sees it. */
void
rocks_prepare(struct store *s, struct batch *b)
{
	struct rocks *r = rocks_of(s);
	uint64_t era = r->era;

	for (size_t i = 0; i < b->n; i++)
		if (b->ops[i].kind == BATCH_BODY &&
		    b->ops[i].value.n > PIECE_BYTES &&
		    !put_pieces(r, b->account, &b->ops[i]))
			return;
	b->ahead = era;
}
