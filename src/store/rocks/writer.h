#ifndef STORE_ROCKS_WRITER_H
#define STORE_ROCKS_WRITER_H

#include <pthread.h>
#include <rocksdb/c.h>

#include "store/rocks/journal.h"

/*
 * How a write batch gets to disk.  RocksDB's own log is not used: what it has
 * not yet written to tables is in the journal.
 *
 *  1. The batch is a record of the journal, and flushed.
 *  2. It goes into RocksDB's memory: from here on it is seen.  Now and then
 *     the journal's place behind it goes along, once in each family, because
 *     each is written to tables by itself.
 *  3. When a pass of the journal is full, the next one begins, and a thread
 *     has RocksDB write out all that it has in memory.  Only when each family
 *     has the new place on disk, and so all that the old pass holds, may the
 *     old file be written again.  Until then a full journal makes writers
 *     wait.
 *
 * A start goes back to the first of the families' places and applies all
 * records from there on again, to all families, with their places.  At the
 * end what a family had already is as it was, as a record says what is written
 * and not how it came about; a start that is cut short is begun again.
 *
 * Threads    writer_write(), and the two steps of it, may be called by any;
 *            they need the database to stay open.  All else is the
 *            committer's, or for an open.
 */
struct rocks;

struct writer {
	uint64_t pass_bytes;

	/* Held from the journal to RocksDB: both have the same order. */
	pthread_mutex_t order;
	struct journal *journal; /* NULL while the database can't be written */
	struct place placed;     /* what the families were given last */

	/* Of what follows. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t keeper;
	bool runs;
	bool stops;
	uint64_t pass; /* whose file grows, how far it is */
	uint64_t grown;
	uint64_t wanted;    /* and how far it should be */
	bool behind;        /* the pass before is not yet in tables */
	struct place due;   /* behind: what the families must have */
	enum status failed; /* of RocksDB: until it is opened anew */
};

/* 0 bytes: as many as is usual. */
void writer_init(struct writer *w, size_t journal_bytes);
void writer_clear(struct writer *w);

/*
 * For a database that was just opened for reading only.  ST_AGAIN  the
 * journal has records that it lacks; ST_CORRUPT.
 */
enum status writer_look(struct rocks *r);

/* For one that was just opened for writing: applies what it lacks. */
enum status writer_start(struct rocks *r);

/* Ends the thread.  Who waits in writer_write() is refused. */
void writer_stop(struct rocks *r);

/* ST_OK  no refused batch is left in the journal, whatever failed before. */
enum status writer_cut(struct writer *w);

/*
 * Before the database is closed: if all is well, a start has nothing to apply.
 */
void writer_rest(struct rocks *r);

/* When it was stopped and nobody is in writer_write(). */
void writer_end(struct writer *w);

/* ST_IO, ST_FULL  refused, and will not be seen. */
enum status writer_write(struct rocks *r, rocksdb_writebatch_t *wb);

/*
 * The same in two steps.  When it was added it is on disk, and nobody else
 * writes until it was applied.  If what was not told can't be applied, it is
 * refused; if what was told can't, then the database lacks it until it is
 * opened anew.
 */
enum status writer_add(struct rocks *r, rocksdb_writebatch_t *wb);
enum status writer_apply(struct rocks *r, rocksdb_writebatch_t *wb, bool told);

/* Whether writers may soon have to wait. */
bool writer_is_behind(struct writer *w);

/* ST_OK, or how RocksDB itself has failed: until it is opened anew. */
enum status writer_state(struct writer *w);

/* What a start would have to write to tables. */
uint64_t writer_bytes(struct writer *w);

#endif
