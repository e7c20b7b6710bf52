#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include <uv.h>

/*
 * Work for an account that takes long, as the summary of a large message
 * does, in one of libuv's few threads.  Each account has one at a time and
 * the others wait for it, so that no user keeps the threads from all others.
 *
 * Ownership  Embedded; who starts one has the account until done() is called.
 * Threads    run() is called in another thread, all else on the account's
 *            loop.
 */
struct account;

struct work {
	void (*run)(struct work *w);
	void (*done)(struct work *w);

	/* What follows is its own. */
	struct account *account;
	uv_work_t uv;
	struct work *next;
};

void work_start(struct account *a, struct work *w);

#endif
