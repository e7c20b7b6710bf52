#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "base/defs.h"

/*
 * Work that would hold up a loop, in threads that all accounts share.
 *
 * Accounts take turns, and none has all threads at a time: so no user keeps
 * them from the others, however much he asks for.
 *
 * Ownership  A work is embedded in what it is for, and that is its owner's
 *            again when done() is called.  Until then it holds a reference to
 *            its account.
 * Threads    run() is called in one of the threads, which give way to loops and
 *            to the committer; all else on the account's loop.
 */
enum work_kind {
	/*
	 * What may take much longer, as the summary of a large message does.
	 * An account has one at a time, and half of the threads do these.
	 */
	WORK_LONG,
	/* Some milliseconds, as to read what lies together.  An account has
	   at most half of the threads. */
	WORK_SHORT,
	WORK_KINDS,
};

struct account;

struct work {
	void (*run)(struct work *w);
	void (*done)(struct work *w);

	/* What follows is its own. */
	struct account *account;
	enum work_kind kind;
	struct work *next;
};

/* What waits of one account; embedded there, { 0 } is empty. */
struct work_line {
	struct work *first;
	struct work *last;
	uint32_t running;
	bool in_turn;
	struct work_line *next;
};

void work_start(struct account *a, enum work_kind kind, struct work *w);

/* The threads of a process; at least two. */
struct work_pool;
struct work_pool *work_pool_new(uint32_t threads);
/* All works must have come back. */
void work_pool_free(struct work_pool **p);

#endif
