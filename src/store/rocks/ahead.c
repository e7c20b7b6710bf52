/*
 * What is long of bodies is written before its commit, by another thread than
 * the committer, so that the commit of a large message holds nobody up.
 *
 * There is one journal and one memory for all: so it goes there in small
 * steps, or the next commit would have to wait for all of it, and no faster
 * than tables are written, or there would be no room for others.
 */
#include <time.h>

#include "base/clock.h"
#include "store/batch.h"
#include "store/rocks/rocks.h"

/* How long a step waits for tables at most, and how often it looks. */
#define WAIT_MS 5000
#define LOOK_MS 5

void
rocks_add_pieces(const struct rocks *r, rocksdb_writebatch_t *wb,
    uint64_t account, uint64_t body, uint32_t first, struct span bytes)
{
	CLEANUP(buf_clear) struct buf packed = { 0 };

	for (uint32_t piece = first; bytes.n > 0; piece++) {
		struct key k = key_body(account, body, piece);

		buf_reset(&packed);
		piece_pack(span_head(bytes, STORE_BODY_STEP), &packed);
		rocksdb_writebatch_put_cf(wb, r->families[BODIES],
		    (const char *)k.p, k.n, (const char *)packed.p, packed.n);
		bytes = span_from(bytes, STORE_BODY_STEP);
	}
}

enum status
rocks_put_pieces(struct rocks *r, uint64_t account, uint64_t body,
    uint32_t first, struct span bytes)
{
	rocksdb_writebatch_t *wb = rocksdb_writebatch_create();
	enum status st;

	rocks_add_pieces(r, wb, account, body, first, bytes);
	st = writer_write(r, wb);
	rocksdb_writebatch_destroy(wb);
	return st;
}

/* Whether what fills the memory or the journal is still being written out. */
static bool
tables_are_behind(struct rocks *r)
{
	uint64_t waiting = 0;
	bool known = false;

	if (writer_is_behind(&r->writer))
		return true;
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
put_ahead(struct rocks *r, uint64_t account, const struct batch_op *op,
    size_t at)
{
	struct span step = span_head(span_from(op->value, at), STEP_BYTES);
	bool ok = false;

	if (!rocks_enter(r))
		return false;
	if (r->writable)
		ok = rocks_put_pieces(r, account, op->body,
			 (uint32_t)(at / STORE_BODY_STEP) + 1, step) == ST_OK;
	rocks_leave(r);
	return ok;
}

static bool
put_body_ahead(struct rocks *r, uint64_t account, const struct batch_op *op)
{
	for (size_t at = 0; at < op->value.n; at += STEP_BYTES) {
		wait_for_tables(r);
		if (!put_ahead(r, account, op, at))
			return false;
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
		if (b->ops[i].kind == BATCH_LONG_BODY &&
		    !put_body_ahead(r, b->account, &b->ops[i]))
			return;
	b->ahead = era;
}
