#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <sys/epoll.h>
#include <uv.h>

#include "base/buf.h"

/*
 * One libuv loop for one thread, and what libuv doesn't have: calls from
 * other threads, work at set points of a turn, and descriptors that cost two
 * system calls from the first to the last (libuv's cost six).  For timers and
 * signals use libuv itself on loop_uv().
 *
 * A turn: timers, then loop_last() tasks, then waiting for descriptors and
 * their callbacks, then loop_soon() tasks.
 *
 * Threads   A loop belongs to the thread that runs it; loop_post() and
 *           loop_stop() may be called from any thread.
 */
struct loop;

struct loop *loop_new(void);

/*
 * Closes the loop; every handle on it must have been closed before, their
 * close callbacks and loop_last() tasks are run here.  What was posted and not
 * run is dropped.
 */
void loop_free(struct loop **l);

uv_loop_t *loop_uv(struct loop *l);

/* Runs until loop_stop(), even with no handle open. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* Monotonic milliseconds as of the start of this turn; costs nothing. */
int64_t loop_now_ms(struct loop *l);

/* Calls fn(arg) on the loop's thread, in the order of the posts. */
void loop_post(struct loop *l, void (*fn)(void *arg), void *arg);

/*
 * A descriptor that is watched.  Embedded by whoever wants it; fn, arg and fd
 * are set once, the rest is 0.
 */
struct loop_watch {
	/* May change, or end, any watch. */
	void (*fn)(void *arg, uint32_t events);
	void *arg;
	int fd;
	uint32_t events;
};

/*
 * Has fn called while any of events (EPOLLIN and so on) is there; EPOLLERR and
 * EPOLLHUP always are among them.  With no events it ends, which must come
 * before fd is closed or given away.  If the kernel has no room for it the
 * process logs and exits.
 */
void loop_watch(struct loop *l, struct loop_watch *w, uint32_t events);

/*
 * Work for later in this thread, queued at most once at a time.  Embedded by
 * whoever wants it; fn and arg are set once, the rest is 0.  It may be queued
 * again from within fn.
 */
struct loop_task {
	void (*fn)(void *arg);
	void *arg;
	struct loop_task *prev;
	struct loop_task *next; /* NULL while it isn't queued */
};

/*
 * Runs it once, after descriptors have had their turn: for work in steps.  If
 * those that are queued before it take some milliseconds, it is run in the
 * turn after that.
 */
void loop_soon(struct loop *l, struct loop_task *t);

/* Runs it before the loop waits again: for work that gathers in a turn. */
void loop_last(struct loop *l, struct loop_task *t);

/* Takes it off its queue; nothing happens if it isn't queued. */
void loop_cancel(struct loop_task *t);

/*
 * A buffer that all who receive on this loop share, for as long as one
 * descriptor's callback runs.  So what a callback is given may lie in it, and
 * only code that the loop itself calls may write to it.
 */
#define LOOP_SCRATCH 131072 /* one LIMIT_MESSAGE */
unsigned char *loop_scratch(struct loop *l);

/*
 * Buffers for output, which mostly live for one turn: taken empty, and given
 * back (and cleared) when what they held has gone.
 */
struct buf loop_take_buf(struct loop *l);
void loop_give_buf(struct loop *l, struct buf *b);

#endif
