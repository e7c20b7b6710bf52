#include "search/index_inside.h"

static enum status
read_fence(struct index *ix, sqlite3_stmt *made, struct fence *out)
{
	CLEANUP(database_reset) sqlite3_stmt *s = made;
	enum status st = database_row(&ix->db, s);

	if (st != ST_OK)
		return st;
	*out = (struct fence){
		.gram = database_column_u64(s, 0),
		.block = database_column_u64(s, 1),
		.bytes = (size_t)database_column_u64(s, 2),
	};
	return ST_OK;
}

enum status
fence_next(struct index *ix, uint64_t segment, uint64_t gram, struct fence *out)
{
	sqlite3_stmt *s = database_statement(&ix->db, SQL_FENCE_NEXT);

	database_bind_u64(s, 1, segment);
	database_bind_u64(s, 2, gram);
	return read_fence(ix, s, out);
}

enum status
fence_find(struct index *ix, const struct segment *seg, uint64_t gram,
    struct fence *out)
{
	sqlite3_stmt *s = database_statement(&ix->db, SQL_FENCE_FIND);
	enum status st;

	gram = MAX(gram, seg->gram);
	database_bind_u64(s, 1, seg->id);
	database_bind_u64(s, 2, gram);
	st = read_fence(ix, s, out);
	return st == ST_NOTFOUND ? ST_CORRUPT : st;
}

enum status
fence_block(struct index *ix, const struct fence *f, struct buf *out)
{
	CLEANUP(database_reset)
	sqlite3_stmt *s = database_statement(&ix->db, SQL_BLOCK_GET);
	enum status st;

	database_bind_u64(s, 1, f->block);
	st = database_row(&ix->db, s);
	if (st == ST_OK)
		buf_add(out, database_column(s, 0));
	else
		s = NULL; /* it has been reset */
	return st == ST_NOTFOUND ? ST_CORRUPT : st;
}

enum status
segment_begin(struct index *ix, uint64_t first, uint32_t level,
    struct segment *out)
{
	CLEANUP(database_reset)
	sqlite3_stmt *s = database_statement(&ix->db, SQL_SEGMENT_ADD);
	enum status st;

	database_bind_u64(s, 1, ix->generation);
	database_bind_u64(s, 2, first);
	database_bind_u64(s, 3, level);
	st = database_row(&ix->db, s);
	if (st != ST_OK)
		return st;
	*out = (struct segment){ .id = database_column_u64(s, 0),
		.first = first,
		.last = first,
		.level = level };
	ix->next_block = out->id << 32;
	block_start(&ix->writer, first);
	return ST_OK;
}

static enum status
write_block(struct index *ix, struct segment *seg, uint64_t next)
{
	sqlite3_stmt *s = database_statement(&ix->db, SQL_BLOCK_ADD);
	struct span data;
	uint64_t gram;
	enum status st =
	    block_take(&ix->writer, ix->next_block, next, &gram, &data);

	if (st != ST_OK)
		return st == ST_NOTFOUND ? ST_OK : st;
	if (seg->gram == 0)
		seg->gram = gram;
	database_bind_u64(s, 1, ix->next_block);
	database_bind_blob(s, 2, data.p, data.n);
	st = database_run(&ix->db, s);
	if (st != ST_OK)
		return st;
	s = database_statement(&ix->db, SQL_FENCE_ADD);
	database_bind_u64(s, 1, seg->id);
	database_bind_u64(s, 2, gram);
	database_bind_u64(s, 3, ix->next_block++);
	database_bind_u64(s, 4, data.n);
	return database_run(&ix->db, s);
}

enum status
segment_row(struct index *ix, struct segment *s, uint64_t gram, uint64_t doc)
{
	enum status st = ST_OK;

	s->last = MAX(s->last, doc);
	if (!block_add(&ix->writer, gram, doc))
		return ST_OK;
	st = write_block(ix, s, gram);
	if (st == ST_OK)
		(void)block_add(&ix->writer, gram, doc);
	return st;
}

enum status
segment_end(struct index *ix, struct segment *seg)
{
	enum status st = write_block(ix, seg, GRAM_END);
	sqlite3_stmt *s;

	if (st != ST_OK)
		return st;
	s = database_statement(&ix->db, SQL_SEGMENT_SET);
	database_bind_u64(s, 1, seg->id);
	database_bind_u64(s, 2, seg->last);
	database_bind_u64(s, 3, seg->gram);
	return database_run(&ix->db, s);
}

enum status
segment_drop(struct index *ix, uint64_t id)
{
	static const enum index_sql sql[] = { SQL_FENCE_DROP, SQL_BLOCK_DROP,
		SQL_SEGMENT_DROP };
	enum status st = ST_OK;

	for (size_t i = 0; i < COUNT(sql) && st == ST_OK; i++) {
		sqlite3_stmt *s = database_statement(&ix->db, sql[i]);

		database_bind_u64(s, 1, id);
		st = database_run(&ix->db, s);
	}
	return st;
}
