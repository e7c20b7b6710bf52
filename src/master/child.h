#ifndef MASTER_CHILD_H
#define MASTER_CHILD_H

#include <uv.h>

#include "master/backoff.h"
#include "service/message.h"

struct channel;
struct loop;

/*
 * One of the processes that the master keeps running: /proc/self/exe with
 * the arguments "process ROLE INDEX", and a channel to it.
 *
 * An end is logged with its cause; unless child_stop() was called, the
 * process is started again after a while (master/backoff.h).
 */
enum child_state {
	CHILD_DOWN,
	CHILD_STARTING, /* not READY yet */
	CHILD_READY,
	CHILD_WAITING, /* to be started again */
};

struct child;

struct child_ops {
	/* It runs and has a channel: it can be told what it needs. */
	void (*started)(void *ctx, struct child *c);
	void (*ready)(void *ctx, struct child *c);
	/* It has ended.  Whether it is to be started again. */
	bool (*ended)(void *ctx, struct child *c);
};

struct child {
	enum role role;
	uint32_t index;
	char name[16]; /* "gate.0" */
	enum child_state state;

	/* The rest is child.c's. */
	struct loop *loop;
	const struct child_ops *ops;
	void *ctx;
	struct channel *channel;
	struct process *process;
	uv_timer_t timer;
	struct backoff backoff;
	int64_t started_ms;
	bool told_to_stop;
};

/* Zeroed before; borrows all.  Nothing is started yet. */
void child_init(struct child *c, struct loop *l, enum role role, uint32_t index,
    const struct child_ops *ops, void *ctx);

/* ST_IO, logged. */
enum status child_start(struct child *c);

/* Not to be started again; if it runs it is told to finish. */
void child_stop(struct child *c);
void child_kill(struct child *c);

/* For when it is down: closes what it has on the loop. */
void child_close(struct child *c);

static inline bool
child_runs(const struct child *c)
{
	return c->state == CHILD_STARTING || c->state == CHILD_READY;
}

/*
 * Nothing happens if it doesn't run.  fd is -1, or a descriptor that is the
 * channel's in any case.
 */
void child_send(struct child *c, const struct message *m, int fd);

#endif
