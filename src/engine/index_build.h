#ifndef ENGINE_INDEX_BUILD_H
#define ENGINE_INDEX_BUILD_H

#include "engine/format.h"
#include "search/index.h"

/*
 * Brings the search index of one account up to date, in steps: each adds up
 * to BUILD_STEP contents and commits them, so that accounts can take turns
 * and no end of the program costs more than a step.
 */
#define BUILD_STEP 1024

struct indexer;
struct log;
struct store;

enum build_work {
	BUILD_UPDATE,
	BUILD_ANEW,   /* beside what serves */
	BUILD_REPAIR, /* of what serves nothing is left */
	BUILD_FORGET, /* the account is gone */
};

/* Embedded; what borrows must outlive it. */
struct build {
	struct store *store;
	const struct log *log;
	struct indexer *indexer; /* for indexer_remove() */
	uint64_t account;
	const char *path;
	enum build_work work;

	/* What follows is its own. */
	struct index *ix;
	struct account_state state; /* of the account */
	const char *why;            /* it is built anew; NULL: it isn't */
	int64_t began_ms;
	bool repaired;
};

/* ST_AGAIN: there is more to do.  Else it has ended; failures are logged. */
enum status build_step(struct build *b);
void build_clear(struct build *b);

/* How many contents are in the index, and how many there are. */
void build_progress(const struct build *b, uint64_t *done, uint64_t *all);

#endif
