#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "base/log.h"
#include "config/config.h"
#include "service/message.h"

/*
 * What every child process starts with.
 *
 * The master executes `newel process ROLE INDEX` with a channel to itself as
 * descriptor 3.  service_new() receives SETTINGS and COUNTERS on it and then
 * drops this process's rights by the table in rights.c, so the process's own
 * main begins with no more rights than it will ever have:
 *
 *	int
 *	gate_main(struct service *s)
 *	{
 *		... make what it needs, open what it may open ...
 *		return service_run(s, &ops, ctx);
 *	}
 *
 * service_run() says READY, runs the loop and calls the ops: LISTENs and
 * PEERs come then, in that order.  A process must bear it when a peer goes
 * and comes back, at any time.
 *
 * Signals    SIGTERM, SIGHUP and SIGINT are the master's: a child ignores
 *            them and obeys messages; SIGPIPE is ignored.  When the master
 *            is gone, that is a STOP.
 * Threads    All of this belongs to the thread that made it; other threads
 *            go through loop_post(service_loop(s), ...).
 */
struct service;
struct counters;
struct loop;

/* Another process that this one has a channel to. */
struct peer;

struct service_ops {
	/*
	 * All come on the loop.  A descriptor that is wanted is taken by
	 * setting *fd to -1; else it is closed.
	 */

	/* New settings: service_config() gives them from now on. */
	void (*settings)(void *ctx, const struct msg_settings *m);

	/* A socket to accept from: nonblocking, close-on-exec.  May be NULL */
	void (*listen)(void *ctx, const struct msg_listen *m, int *fd);

	/* p can be sent to, until peer_down(). */
	void (*peer_up)(void *ctx, struct peer *p);

	/* What p was asked will not be answered. */
	void (*peer_down)(void *ctx, struct peer *p);

	/* False if it makes no sense: logged, and p is cut off. */
	bool (*message)(void *ctx, struct peer *p, const struct message *m,
	    int *fd);

	/*
	 * Finish, then call service_exit(); the master waits for 20 seconds.
	 * Gates and mail are told together: a gate goes on pumping until mail
	 * has closed its ends.  auth is told when those are gone.
	 */
	void (*stop)(void *ctx);
};

/* Doesn't return without rights dropped: on failure it logs and exits. */
struct service *service_new(enum role role, uint32_t index);

/* By then all handles on the loop are closed.  Calls no op. */
void service_free(struct service **s);

/* Runs until service_exit(); gives the exit code. */
int service_run(struct service *s, const struct service_ops *ops, void *ctx);
void service_exit(struct service *s);

struct loop *service_loop(const struct service *s);
struct counters *service_counters(const struct service *s);

/* Borrowed until the next settings op; config_ref() keeps it for longer. */
const struct config *service_config(const struct service *s);

/* The SETTINGS that the process was started with; until service_run(). */
const struct msg_settings *service_settings(const struct service *s);

enum role peer_role(const struct peer *p);
uint32_t peer_index(const struct peer *p);

/* NULL while there is none. */
struct peer *service_peer(const struct service *s, enum role role,
    uint32_t index);

/*
 * fd is -1 or a descriptor, which is the channel's in any case.
 * ST_LIMIT  a field is above its bound, or too much waits for p already;
 * ST_IO     p has gone: peer_down() comes.
 */
enum status peer_send(struct peer *p, const struct message *m, int fd);

#endif
