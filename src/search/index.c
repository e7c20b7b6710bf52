#include "search/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pack.h"
#include "search/index_inside.h"

/* Of the state and the list of segments; 0 of a generation that has none. */
static uint64_t
checksum(const struct index *ix, const struct index_state *state)
{
	static const struct hash_key key = { UINT64_C(0x6e6577656c2d6978),
		UINT64_C(0x7374617465303031) };
	struct buf b = { 0 };
	uint64_t sum;

	pack_u64(&b, state->covered);
	pack_u64(&b, state->documents);
	pack_u64(&b, state->version);
	for (size_t i = 0; i < ix->segment_n; i++) {
		pack_u64(&b, ix->segments[i].id);
		pack_u64(&b, ix->segments[i].first);
		pack_u64(&b, ix->segments[i].last);
		pack_u64(&b, ix->segments[i].gram);
	}
	sum = hash_sip(&key, buf_span(&b));
	buf_clear(&b);
	return state->covered == 0 ? 0 : sum;
}

static enum status
read_serving(struct index *ix)
{
	CLEANUP(database_reset)
	sqlite3_stmt *s = database_statement(&ix->db, SQL_SERVING);
	enum status st = database_row(&ix->db, s);

	if (st != ST_OK)
		return st == ST_NOTFOUND ? ST_CORRUPT : st;
	ix->generation = database_column_u64(s, 0);
	ix->state = (struct index_state){
		.covered = database_column_u64(s, 1),
		.documents = database_column_u64(s, 2),
		.version = database_column_u64(s, 3),
	};
	ix->sum = database_column_u64(s, 4);
	return ST_OK;
}

static enum status
read_segments(struct index *ix)
{
	CLEANUP(database_reset)
	sqlite3_stmt *s = database_statement(&ix->db, SQL_SEGMENTS);
	enum status st;

	database_bind_u64(s, 1, ix->generation);
	while ((st = database_row(&ix->db, s)) == ST_OK) {
		ix->segments = mem_grow(ix->segments, ix->segment_n,
		    &ix->segment_cap, sizeof(*ix->segments));
		ix->segments[ix->segment_n++] = (struct segment){
			.id = database_column_u64(s, 0),
			.first = database_column_u64(s, 1),
			.last = database_column_u64(s, 2),
			.level = (uint32_t)database_column_u64(s, 3),
			.gram = database_column_u64(s, 4),
		};
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Removes the segments of all generations but this one. */
static enum status
drop_others(struct index *ix, uint64_t generation)
{
	sqlite3_stmt *s;
	enum status st;

	for (;;) {
		uint64_t id;

		s = database_statement(&ix->db, SQL_OTHERS);
		database_bind_u64(s, 1, generation);
		st = database_row(&ix->db, s);
		if (st != ST_OK)
			break;
		id = database_column_u64(s, 0);
		database_reset(&s);
		st = segment_drop(ix, id);
		if (st != ST_OK)
			return st;
	}
	if (st != ST_NOTFOUND)
		return st;
	s = database_statement(&ix->db, SQL_OTHERS_DROP);
	database_bind_u64(s, 1, generation);
	return database_run(&ix->db, s);
}

/* What an earlier attempt has left is removed first. */
static enum status
begin_generation(struct index *ix)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	enum status st = database_begin(&tx, &ix->db);
	sqlite3_stmt *s;

	if (st == ST_OK)
		st = drop_others(ix, ix->generation);
	if (st != ST_OK)
		return st;
	s = database_statement(&ix->db, SQL_GENERATION);
	st = database_row(&ix->db, s);
	if (st != ST_OK)
		return st;
	ix->generation = database_column_u64(s, 0);
	ix->state = (struct index_state){ 0 };
	ix->sum = 0;
	database_reset(&s);
	return database_commit(&tx);
}

static enum status
read_all(struct index *ix)
{
	enum status st = read_serving(ix);

	ix->segment_n = 0;
	if (st == ST_OK)
		st = read_segments(ix);
	if (st == ST_OK && ix->sum != checksum(ix, &ix->state))
		st = ST_CORRUPT;
	return st;
}

void
index_rest(struct index *ix)
{
	database_rollback(&ix->tx);
}

enum status
index_resume(struct index *ix)
{
	enum status st = database_begin_read(&ix->tx, &ix->db);

	return st == ST_OK ? read_all(ix) : st;
}

static enum status
begin_use(struct index *ix, enum index_use use)
{
	enum status st;

	sqlite3_db_config(ix->db.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (use == INDEX_READ)
		return index_resume(ix);
	st = read_all(ix);
	if (st == ST_OK && use == INDEX_REBUILD) {
		ix->segment_n = 0;
		st = begin_generation(ix);
	}
	return st;
}

enum status
index_open(const char *path, enum index_use use, const struct log *log,
    struct index **out)
{
	struct index *ix = MEM_NEW(struct index);
	enum status st;

	ix->log = log;
	ix->db.log = log;
	st = database_open(&ix->db, path, use != INDEX_READ, &index_format);
	if (st == ST_OK) {
		database_statements(&ix->db, index_statements, SQL_COUNT);
		st = begin_use(ix, use);
	}
	if (st == ST_OK)
		*out = ix;
	else
		index_close(&ix);
	return st;
}

void
index_close(struct index **ixp)
{
	struct index *ix = TAKE(*ixp);

	if (ix == NULL)
		return;
	if (ix->db.db != NULL) {
		database_rollback(&ix->tx);
		database_close(&ix->db);
	}
	pairs_clear(&ix->pairs);
	block_clear(&ix->writer);
	free(ix->segments);
	free(ix);
}

void
index_remove(const char *path)
{
	static const char *const endings[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < COUNT(endings); i++) {
		struct buf name = { 0 };

		buf_printf(&name, "%s%s", path, endings[i]);
		buf_byte(&name, '\0');
		(void)unlink((const char *)name.p);
		buf_clear(&name);
	}
}

struct index_state
index_state(const struct index *ix)
{
	return ix->state;
}

/* --- Adding ------------------------------------------------------------- */

/* Writes the pairs that have gathered as a segment of its own. */
static enum status
write_pairs(struct index *ix)
{
	struct pairs_iter it = { .pairs = &ix->pairs };
	struct segment seg;
	uint64_t gram;
	uint64_t doc;
	enum status st = ST_OK;

	if (pairs_count(&ix->pairs) == 0)
		return ST_OK;
	if (ix->tx.b == NULL)
		st = database_begin(&ix->tx, &ix->db);
	if (st == ST_OK)
		st = segment_begin(ix, ix->pairs.first, 0, &seg);
	if (st != ST_OK)
		return st;
	pairs_sort(&ix->pairs);
	while (st == ST_OK && pairs_next(&it, &gram, &doc))
		st = segment_row(ix, &seg, gram, doc);
	pairs_reset(&ix->pairs);
	if (st == ST_OK)
		st = segment_end(ix, &seg);
	if (st != ST_OK)
		return st;
	ix->segments = mem_grow(ix->segments, ix->segment_n, &ix->segment_cap,
	    sizeof(*ix->segments));
	ix->segments[ix->segment_n++] = seg;
	return ST_OK;
}

static void
add_gram(void *ctx, uint64_t gram)
{
	struct index *ix = ctx;

	if (pairs_count(&ix->pairs) >= PAIRS_MAX && ix->st == ST_OK)
		ix->st = write_pairs(ix);
	if (ix->st == ST_OK)
		pairs_add(&ix->pairs, gram);
}

void
index_document(struct index *ix, uint64_t doc)
{
	if (pairs_count(&ix->pairs) > 0 &&
	    doc - ix->pairs.first >= UINT32_MAX && ix->st == ST_OK)
		ix->st = write_pairs(ix);
	pairs_document(&ix->pairs, doc);
	ix->added++;
}

void
index_text(struct index *ix, struct span key)
{
	gram_read(&ix->run, key, add_gram, ix);
}

void
index_text_end(struct index *ix)
{
	gram_end(&ix->run, add_gram, ix);
}

void
index_unknown(struct index *ix)
{
	add_gram(ix, GRAM_UNKNOWN);
}

static enum status
write_state(struct index *ix, const struct index_state *state)
{
	sqlite3_stmt *s = database_statement(&ix->db, SQL_STATE);

	database_bind_u64(s, 1, ix->generation);
	database_bind_u64(s, 2, state->covered);
	database_bind_u64(s, 3, state->documents);
	database_bind_u64(s, 4, state->version);
	database_bind_u64(s, 5, checksum(ix, state));
	return database_run(&ix->db, s);
}

enum status
index_commit(struct index *ix, uint64_t covered, uint64_t version)
{
	struct index_state state = { .covered = covered,
		.documents = ix->state.documents + ix->added,
		.version = version };
	enum status st = ix->st;

	if (st == ST_OK)
		st = write_pairs(ix);
	if (st == ST_OK && ix->tx.b == NULL)
		st = database_begin(&ix->tx, &ix->db);
	if (st == ST_OK)
		st = index_merge(ix);
	if (st == ST_OK)
		st = write_state(ix, &state);
	if (st == ST_OK)
		st = database_commit(&ix->tx);
	ix->st = st; /* after an error the index is to be opened again */
	if (st != ST_OK)
		return st;
	ix->state = state;
	ix->added = 0;
	return ST_OK;
}

enum status
index_checkpoint(struct index *ix, uint64_t bytes)
{
	sqlite3_file *log = NULL;
	sqlite3_int64 size = 0;
	int rc = sqlite3_file_control(ix->db.db, NULL,
	    SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);

	if (rc == SQLITE_OK && log != NULL && log->pMethods != NULL)
		rc = log->pMethods->xFileSize(log, &size);
	if (rc == SQLITE_OK && (uint64_t)size >= bytes)
		rc = sqlite3_wal_checkpoint_v2(ix->db.db, NULL,
		    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return rc == SQLITE_OK || rc == SQLITE_BUSY ? ST_OK : ST_IO;
}

enum status
index_serve(struct index *ix)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	enum status st = database_begin(&tx, &ix->db);
	sqlite3_stmt *s;

	if (st == ST_OK)
		st = drop_others(ix, ix->generation);
	if (st != ST_OK)
		return st;
	s = database_statement(&ix->db, SQL_SERVE);
	database_bind_u64(s, 1, ix->generation);
	st = database_run(&ix->db, s);
	return st == ST_OK ? database_commit(&tx) : st;
}
