#ifndef ENGINE_THREAD_KEYS_H
#define ENGINE_THREAD_KEYS_H

#include "engine/account.h"
#include "engine/leaf.h"
#include "engine/thread.h"

/*
 * What THREAD asks of a message.  It never changes, so the first THREAD
 * leaves it with the facts of the leaf that it read it for, as long as these
 * are in memory: some 40 bytes for each message, 152 at most on average.
 */
struct thread_keys;

void thread_keys_free(struct thread_keys **k);

/* Fills in messages for rows of a version, leaf by leaf. */
struct thread_loader {
	struct account *account;
	const struct version *version;
	struct thread_keys *own; /* of those that no leaf keeps */
};

/*
 * All but the ids of the messages; *out_done says how many of the n, which is
 * one at least.  What they point to is the loader's and the version's.
 * ST_IO, ST_CORRUPT.
 */
enum status thread_load(struct thread_loader *l, const struct row *rows,
    struct thread_message *m, size_t n, size_t *out_done);
void thread_loader_clear(struct thread_loader *l);

#endif
