#ifndef ENGINE_COMMITTER_H
#define ENGINE_COMMITTER_H

#include "base/defs.h"
#include "base/status.h"

/*
 * The one writer: takes the changesets of all loops and commits them to the
 * store in groups, one flush for each, in the order in which they came.
 *
 * While a group is being flushed the next one gathers; so the more there is
 * to do, the less each change costs.  Large bodies are written ahead of their
 * group in a second thread; meanwhile only changes to the same account wait.
 *
 * Threads  committer_submit() may be called from any thread; done() is called
 *          on the loop that the job names.
 */
struct batch;
struct committer;
struct loop;
struct store;

struct commit_job {
	struct batch *batch; /* borrowed until done */
	struct loop *loop;
	void (*done)(struct commit_job *job, enum status st);
	enum status st;
	struct commit_job *next;
};

struct committer *committer_new(struct store *s);

/* Finishes what was submitted, then ends the thread. */
void committer_free(struct committer **c);

void committer_submit(struct committer *c, struct commit_job *job);

/* Groups and jobs since the start. */
struct committer_counts {
	uint64_t groups;
	uint64_t jobs;
};
struct committer_counts committer_counts(struct committer *c);

#endif
