#ifndef SEARCH_INDEX_H
#define SEARCH_INDEX_H

#include "base/span.h"
#include "base/status.h"

/*
 * The search index of one account, an SQLite file: which documents have which
 * grams (search/gram.h).  It narrows a search to few documents; whether they
 * have what is looked for their text decides.
 *
 * Documents are numbered and come by ascending numbers; what has been added
 * up to a number is known by index_state.  Each commit adds a segment,
 * sorted by grams; FANOUT segments of a level become one of the next.  What
 * was deleted stays until the index is built anew, behind the one that
 * serves meanwhile (INDEX_REBUILD).
 *
 * Durability  Nothing waits for the disk: after a crash the last commits may
 *             be missing, whole, which index_state then says.
 * Bounds      Adding takes about 24 bytes for each of at most PAIRS_MAX pairs
 *             (search/pairs.h), finding 8 bytes for each document that has
 *             the rarest gram.
 * Errors      ST_CORRUPT  damaged: remove it and build it anew.
 *             ST_IO       the system refused.  Both are logged.
 * Threads     An index is used by one at a time.  Others may have the same
 *             file open: one to write and any number to read.
 */
struct index;
struct log;

enum index_use {
	INDEX_READ,    /* ST_NOTFOUND: there is none */
	INDEX_WRITE,   /* made if there is none */
	INDEX_REBUILD, /* begins anew, beside what serves until index_serve() */
};

enum status index_open(const char *path, enum index_use use,
    const struct log *log, struct index **out);
void index_close(struct index **ix);

/*
 * One that reads sees a single moment: it rests between uses, and then sees
 * what is new.  ST_CORRUPT, ST_IO: close it.
 */
void index_rest(struct index *ix);
enum status index_resume(struct index *ix);

/* Removes an index that nobody has open. */
void index_remove(const char *path);

struct index_state {
	uint64_t covered;   /* all documents up to this are in it */
	uint64_t documents; /* that were added, deleted ones too */
	uint64_t version;   /* of the account when that was so */
};
struct index_state index_state(const struct index *ix);

/*
 * Adds a document, whose number is above all others': begin, and then its
 * texts, in pieces that aren't cut within a character.  Errors come at the
 * commit, which says up to where all documents are now in the index.
 */
void index_document(struct index *ix, uint64_t doc);
void index_text(struct index *ix, struct span key);
void index_text_end(struct index *ix);
/* It can't be read: it may have anything. */
void index_unknown(struct index *ix);
enum status index_commit(struct index *ix, uint64_t covered, uint64_t version);

/*
 * Moves what was committed from the log into the file itself, on the disk, if
 * the log has so many bytes, and if nobody is searching: who opens the file
 * next has to read all of the log.
 */
enum status index_checkpoint(struct index *ix, uint64_t bytes);

/* What was rebuilt takes the place of what served before. */
enum status index_serve(struct index *ix);

/* Documents by ascending numbers. */
struct documents {
	bool all; /* nothing is known: it may be any */
	uint64_t *p;
	size_t n;
};
void documents_clear(struct documents *d);
bool documents_have(const struct documents *d, uint64_t doc);
/* The same for who goes up: where it is begins with 0. */
bool documents_have_next(const struct documents *d, size_t *at, uint64_t doc);
/* Any from low to high. */
bool documents_between(const struct documents *d, uint64_t low, uint64_t high);

/*
 * Those up to index_state.covered that may have a needle, a collation key, in
 * one of their texts: all that do and few others.  Documents that were
 * deleted may be among them.
 */
enum status index_find(struct index *ix, struct span key,
    struct documents *out);

/* The same for fuzzy search (search/fuzzy.h), with two lists more in memory. */
struct fuzzy;
enum status index_find_fuzzy(struct index *ix, const struct fuzzy *f,
    struct documents *out);

/* What is looked for: a collation key, or, if it isn't NULL, a fuzzy needle. */
struct index_needle {
	struct span key;
	const struct fuzzy *fuzzy;
};

#endif
