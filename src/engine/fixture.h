#ifndef ENGINE_FIXTURE_H
#define ENGINE_FIXTURE_H

#include "base/test.h"

#include "engine/change.h"
#include "engine/message.h"

/*
 * An engine in memory, with one loop, for tests.  Waiting turns the loop.
 */
#define FIXTURE_THREADS 4 /* for work */

struct fixture {
	struct store *store;
	struct engine engine;
	struct loop *loop;
	struct accounts *accounts;
	struct account *account; /* of id 1, ready */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* As a restart would: everything in memory goes, and is read again. */
void fixture_reopen(struct fixture *f);

/* Submits a change and waits until it is on disk, or was refused. */
enum status fixture_commit(struct fixture *f, struct change **c);

/*
 * What is made on the head as it is now is refused, as if the disk were full
 * for a moment: others have been there first, and more than it makes ahead.
 */
void fixture_refuse(struct fixture *f);

/* Waits until nothing is in flight. */
void fixture_settle(struct fixture *f);

struct mailbox *fixture_mailbox(struct fixture *f, const char *name);

/* The number of keys of this kind in the store. */
size_t fixture_keys(struct fixture *f, enum key_kind kind);

/* Adds a small message with this subject; its UID. */
uint32_t fixture_append(struct fixture *f, const char *mailbox,
    const char *subject);

/* The same of n messages with the subjects 0, 1, 2... */
void fixture_append_numbered(struct fixture *f, size_t n);

/* Adds many messages of the same content to INBOX, in one change. */
void fixture_append_many(struct fixture *f, uint32_t n);

#endif
