#ifndef SEARCH_INDEX_INSIDE_H
#define SEARCH_INDEX_INSIDE_H

#include "database/database.h"
#include "search/block.h"
#include "search/gram.h"
#include "search/index.h"
#include "search/pairs.h"

/* What the files of the index share. */
#define FANOUT 10

enum index_sql {
	SQL_SERVING,    /* generation and its state */
	SQL_GENERATION, /* makes one: covered, documents, version = 0 */
	SQL_STATE,      /* sets a generation's state */
	SQL_SERVE,
	SQL_SEGMENTS, /* of a generation, in the order of their documents */
	SQL_SEGMENT_ADD,
	SQL_SEGMENT_SET, /* its last document and first gram */
	SQL_SEGMENT_DROP,
	SQL_FENCE_ADD,
	SQL_FENCE_FIND, /* of a segment: the last at or before a gram */
	SQL_FENCE_NEXT, /* the first behind a gram */
	SQL_FENCE_DROP,
	SQL_BLOCK_ADD,
	SQL_BLOCK_GET,
	SQL_BLOCK_DROP,
	SQL_OTHERS, /* segments of other generations */
	SQL_OTHERS_DROP,
	SQL_COUNT
};

extern const struct database_format index_format;
extern const char *const index_statements[SQL_COUNT];

struct segment {
	uint64_t id;
	uint64_t first; /* documents */
	uint64_t last;
	uint64_t gram; /* the first */
	uint32_t level;
};

struct index {
	struct database db;
	const struct log *log;
	uint64_t generation;
	struct index_state state;
	uint64_t sum;             /* as it was read */
	struct segment *segments; /* of the generation, in order */
	size_t segment_n;
	size_t segment_cap;

	/* Of what is being added. */
	struct pairs pairs;
	struct gram_run run;
	struct block_writer writer;
	struct database_tx tx; /* from the first segment to the commit */
	uint64_t added;        /* documents since the commit */
	uint64_t next_block;   /* of the segment that is being written */
	enum status st;        /* the first error */
};

/* A segment's rows.  The first gram is the fence's. */
struct fence {
	uint64_t gram;
	uint64_t block;
	size_t bytes;
};

/* The block that a gram would be in, or the segment's first. */
enum status fence_find(struct index *ix, const struct segment *seg,
    uint64_t gram, struct fence *out);
/* The one behind.  ST_NOTFOUND. */
enum status fence_next(struct index *ix, uint64_t segment, uint64_t gram,
    struct fence *out);
/* Adds the block's bytes to out, whatever they are. */
enum status fence_block(struct index *ix, const struct fence *f,
    struct buf *out);

/* Writes a segment: begin, rows (block_add), end.  In a transaction. */
enum status segment_begin(struct index *ix, uint64_t first, uint32_t level,
    struct segment *out);
enum status segment_row(struct index *ix, struct segment *s, uint64_t gram,
    uint64_t doc);
enum status segment_end(struct index *ix, struct segment *s);
enum status segment_drop(struct index *ix, uint64_t id);

/* Merges what is due. */
enum status index_merge(struct index *ix);

#endif
