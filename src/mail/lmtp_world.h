#ifndef MAIL_LMTP_WORLD_H
#define MAIL_LMTP_WORLD_H

#include "base/test.h"

#include <pthread.h>

#include "mail/lookup.h"
#include "mail/worker.h"
#include "store/driver.h"

/*
 * Two workers over a store in memory, with an auth that knows a few users,
 * for tests.  Accounts of odd numbers belong to the second worker.
 */
#define WORKERS 2

struct world {
	struct driver driver; /* the memory driver's, with a commit of ours */
	struct engine engine;
	const struct config *defaults;
	struct config config;
	struct mail mail;
	struct worker *worker[WORKERS];
	struct loop *main;
	bool stopping[WORKERS];
	size_t stopped;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool disk_fails;
	bool disk_full; /* fails for that */
	bool hold_disk; /* commits wait */
	size_t held;    /* commits that do */
	bool hold_auth; /* lookups wait, too */
	struct asked {
		struct loop *loop;
		struct lookup_answer answer;
		lookup_fn *fn;
		void *ctx;
	} * asked;
};

extern struct world world;

/* As cmocka wants them. */
int world_setup(void **state);
int world_teardown(void **state);

void world_set(bool *flag, bool to);
/* Waits until a commit or a lookup is held. */
void world_wait_held(void);
/* Answers the lookup that is held. */
void world_answer(void);

/* Tells the workers to stop, as teardown does too, which waits for it. */
void world_stop(void);
void world_stop_one(size_t worker);

/* The client's end of a connection of this worker. */
int world_connect(size_t worker);
void world_send(int fd, struct span octets);
/* Receives as many octets as are wanted, and compares them. */
void world_expect(int fd, const char *want);
void world_expect_end(int fd);
/* LHLO up to DATA; rcpt is "RCPT TO:<...>\r\n", perhaps several. */
void world_begin(int fd, const char *rcpt, size_t n);

/* A mailbox of an account; NULL is all of them. */
struct seen {
	bool exists;
	bool subscribed;
	uint32_t messages;
	uint32_t contents; /* that are different */
	uint64_t content;  /* of the last message */
};
struct seen world_see(uint64_t account, const char *mailbox);
/* The bytes of the last message of a mailbox. */
void world_read(uint64_t account, const char *mailbox, struct buf *out);

#endif
