#ifndef AUTH_WORKERS_H
#define AUTH_WORKERS_H

#include "base/status.h"
#include "directory/directory.h"

/*
 * Work on the directory that takes long, on a few threads: each piece of work
 * has a thread and an open directory of its own for as long as it runs.  So
 * the memory that argon2 takes is bounded by the number of threads.
 *
 * Threads    All functions are for the loop's thread, where done() comes too.
 */
struct workers;
struct loop;

/* Embedded by whoever wants it done, who keeps it until done() comes. */
struct work {
	void (*run)(struct work *w, struct directory *d); /* on a thread */
	void (*done)(struct work *w);
	struct work *next; /* that waits */
};

/* Opens the directory once for each thread; see directory_open(). */
enum status workers_new(struct loop *l, size_t threads,
    const struct directory_options *o, struct workers **out);

/* Waits for what runs; what waits is done() without having been run. */
void workers_free(struct workers **w);

/* For what is begun from now on. */
void workers_set_costs(struct workers *w, const struct secret_costs *c);

/* ST_LIMIT: LIMIT_CHECKS wait already. */
enum status workers_add(struct workers *w, struct work *work);

#endif
