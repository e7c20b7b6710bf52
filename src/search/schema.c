#include "search/index_inside.h"

/*
 * A block's number is its segment's times 2^32, plus its place in it.  Fences
 * are apart from blocks so that the tree that is searched is small.
 */
static const char *const steps[] = {
	/* 1 */
	"CREATE TABLE generation ("
	" id INTEGER PRIMARY KEY,"
	" serving INTEGER NOT NULL,"
	" covered INTEGER NOT NULL,"
	" documents INTEGER NOT NULL,"
	" version INTEGER NOT NULL,"
	" sum INTEGER NOT NULL"
	") STRICT;"
	"CREATE TABLE segment ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" generation INTEGER NOT NULL,"
	" first INTEGER NOT NULL,"
	" last INTEGER NOT NULL,"
	" level INTEGER NOT NULL,"
	" gram INTEGER NOT NULL"
	") STRICT;"
	"CREATE TABLE fence ("
	" segment INTEGER NOT NULL,"
	" gram INTEGER NOT NULL,"
	" block INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL,"
	" PRIMARY KEY (segment, gram)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE block (id INTEGER PRIMARY KEY, data BLOB NOT NULL) "
	"STRICT;"
	"INSERT INTO generation VALUES (1, 1, 0, 0, 0, 0);",
};

/* A commit that is lost in a crash is made again: nothing waits for it. */
const struct database_format index_format = {
	.pragmas = "PRAGMA page_size=8192; PRAGMA journal_mode=WAL;"
		   "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-2000;"
		   "PRAGMA journal_size_limit=4194304",
	.steps = steps,
	.n = COUNT(steps),
	.application_id = 0x4e774978, /* for file(1): NwIx */
	.steady = true,
};

const char *const index_statements[SQL_COUNT] = {
	[SQL_SERVING] = "SELECT id, covered, documents, version, sum"
			" FROM generation WHERE serving = 1",
	[SQL_GENERATION] =
	    "INSERT INTO generation (serving, covered, documents, version, sum)"
	    " VALUES (0, 0, 0, 0, 0) RETURNING id",
	[SQL_STATE] = "UPDATE generation SET covered = ?2, documents = ?3,"
		      " version = ?4, sum = ?5 WHERE id = ?1",
	[SQL_SERVE] = "UPDATE generation SET serving = 1 WHERE id = ?1",
	[SQL_SEGMENTS] = "SELECT id, first, last, level, gram FROM segment"
			 " WHERE generation = ?1 ORDER BY first, last",
	[SQL_SEGMENT_ADD] =
	    "INSERT INTO segment (generation, first, last, level, gram)"
	    " VALUES (?1, ?2, ?2, ?3, 0) RETURNING id",
	[SQL_SEGMENT_SET] =
	    "UPDATE segment SET last = ?2, gram = ?3 WHERE id = ?1",
	[SQL_SEGMENT_DROP] = "DELETE FROM segment WHERE id = ?1",
	[SQL_FENCE_ADD] = "INSERT INTO fence VALUES (?1, ?2, ?3, ?4)",
	[SQL_FENCE_FIND] =
	    "SELECT gram, block, bytes FROM fence WHERE segment = ?1"
	    " AND gram <= ?2 ORDER BY gram DESC LIMIT 1",
	[SQL_FENCE_NEXT] =
	    "SELECT gram, block, bytes FROM fence WHERE segment = ?1"
	    " AND gram > ?2 ORDER BY gram LIMIT 1",
	[SQL_FENCE_DROP] = "DELETE FROM fence WHERE segment = ?1",
	[SQL_BLOCK_ADD] = "INSERT INTO block VALUES (?1, ?2)",
	[SQL_BLOCK_GET] = "SELECT data FROM block WHERE id = ?1",
	[SQL_BLOCK_DROP] = "DELETE FROM block WHERE id >= ?1 << 32"
			   " AND id < (?1 + 1) << 32",
	[SQL_OTHERS] = "SELECT id FROM segment WHERE generation <> ?1 LIMIT 1",
	[SQL_OTHERS_DROP] = "DELETE FROM generation WHERE id <> ?1",
};
