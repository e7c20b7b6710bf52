#ifndef MAIL_WORKER_H
#define MAIL_WORKER_H

#include "config/config.h"
#include "engine/account.h"
#include "engine/session.h"
#include "service/msg_login.h"

/*
 * The threads of the mail process: each has a loop and the accounts that
 * belong to it, by the number of the account.
 *
 * The main thread has the channels to the other processes and the listening
 * sockets; it hands connections to workers with loop_post() and asks auth for
 * them (lookup.h).
 */
struct counters;
struct lookups;
struct worker;

/*
 * What all workers share, never changed: after new settings there is a new
 * one for what begins from then on, with the engine as it was.
 */
struct mail {
	const struct engine *engine;
	struct session_config session;
	const struct config *config;
	struct counters *counters;
	struct lookups *lookups;
	struct worker **worker;
	size_t workers;
};

struct worker *worker_new(const struct mail *m);
/* Once its thread runs; after worker_stop() has called back. */
void worker_free(struct worker **w);

struct loop *worker_loop(struct worker *w);
struct accounts *worker_accounts(struct worker *w);
/* The newest; a pointer to it is good as long as the process. */
const struct mail *worker_mail(struct worker *w);
/* From any thread. */
void worker_settings(struct worker *w, const struct mail *m);

/* The worker that an account belongs to. */
struct worker *mail_worker(const struct mail *m, uint64_t account);

/*
 * Says goodbye to all clients, lets what is in flight come back, ends the
 * thread, and then posts done to the main loop.  All workers of a process are
 * to be stopped: their threads end once none has anything to do, as one may
 * wait for another.
 */
void worker_stop(struct worker *w, struct loop *main, void (*done)(void *ctx),
    void *ctx);

/* Work of a worker that must end before it stops; on its thread. */
void worker_enter(struct worker *w);
void worker_leave(struct worker *w);
/* No new work: what connects is told to come back later. */
bool worker_stopping(const struct worker *w);

/*
 * The connections of a worker, by what is to be called: once a second, when
 * an account may no longer be used, and when the worker stops.  Embedded.
 */
struct worker_conn {
	uint64_t account; /* 0: none */
	void (*tick)(void *ctx, int64_t now_ms);
	/* Politely; called again after some seconds it means at once. */
	void (*end)(void *ctx, const char *why);
	void *ctx;
	struct worker_conn *next;
	struct worker_conn **link;
};
void worker_add(struct worker *w, struct worker_conn *c);
void worker_remove(struct worker *w, struct worker_conn *c);

/* Sets the quota of an account in use; from any thread. */
void worker_set_quota(struct worker *w, const struct msg_account_limits *m);

/* Ends all that uses an account; from any thread. */
void worker_end_account(struct worker *w, uint64_t account, const char *why);

#endif
