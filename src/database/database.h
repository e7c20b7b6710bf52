#ifndef DATABASE_DATABASE_H
#define DATABASE_DATABASE_H

#include <sqlite3.h>

#include "base/span.h"
#include "base/status.h"

/*
 * An SQLite database with a format version, and statements that are compiled
 * once.
 *
 * Errors     ST_EXISTS for what must be unique, ST_CORRUPT and ST_IO as in
 *            base/status.h: logged here, with what the database said.
 */
struct log;

struct database {
	sqlite3 *db;
	const char *const *sql; /* text of the statements, borrowed */
	sqlite3_stmt **made;    /* or NULL, until one is used */
	size_t n;
	const struct log *log;
};

/*
 * The format of the file is the number of steps that made it, in its
 * user_version: those that an older file lacks are taken, all or none.
 */
struct database_format {
	const char *pragmas;      /* for each connection: how safe, how large */
	const char *const *steps; /* SQL */
	int n;
	uint32_t application_id;
	bool steady; /* others come first at the disk: steady.h */
};

/*
 * ST_BAD: written by a newer program.  ST_NOTFOUND: not there, and !create.
 * sql are n statements, named by their place.
 */
enum status database_open(struct database *b, const char *path, bool create,
    const struct database_format *f);
void database_statements(struct database *b, const char *const *sql, size_t n);
void database_close(struct database *b);

/* Statement i, ready for binding; NULL (logged) if it can't be compiled. */
sqlite3_stmt *database_statement(struct database *b, size_t i);

/* The next row: ST_OK, ST_NOTFOUND at the end, which resets s (NULL: ST_IO). */
enum status database_row(struct database *b, sqlite3_stmt *s);

/* Runs a statement that gives no rows, and resets it. */
enum status database_run(struct database *b, sqlite3_stmt *s);

/* Ends the reading of rows early; serves as CLEANUP(database_reset). */
void database_reset(sqlite3_stmt **s);

/* Bindings; a text must live until the statement has run. */
void database_bind_u64(sqlite3_stmt *s, int at, uint64_t v);
void database_bind_text(sqlite3_stmt *s, int at, struct span v);
void database_bind_blob(sqlite3_stmt *s, int at, const void *p, size_t n);

/* Columns; borrowed until the next row. */
struct span database_column(sqlite3_stmt *s, int at);
uint64_t database_column_u64(sqlite3_stmt *s, int at);

/*
 * A transaction: { 0 } is none.  One that writes holds the database's only
 * right to do so from its begin on, and is undone if it ends without a
 * commit; one that reads sees a single moment.
 */
struct database_tx {
	struct database *b;
};

enum status database_begin(struct database_tx *tx, struct database *b);
enum status database_begin_read(struct database_tx *tx, struct database *b);
enum status database_commit(struct database_tx *tx);
void database_rollback(struct database_tx *tx); /* serves as CLEANUP() */

#endif
