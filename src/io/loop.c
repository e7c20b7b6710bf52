#include "io/loop.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/* How long loop_soon() tasks may take before descriptors have their turn. */
#define SOON_US 4000

/* Descriptors that have their turn before timers have theirs. */
#define READY_A_TURN 256

/* What is kept of the buffers that were given back. */
#define SPARE_BUFS  16
#define SPARE_BYTES 65536

struct post {
	void (*fn)(void *arg);
	void *arg;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t before_wait;
	uv_check_t after_wait;
	uv_idle_t no_wait; /* active while `soon` holds anything */
	uv_poll_t watches; /* of the descriptor that stands for them all */
	int epoll;
	struct loop_watch wake; /* an eventfd: something was posted */
	struct epoll_event ready[READY_A_TURN];
	int ready_count; /* while their turn is */
	struct loop_task soon;
	struct loop_task last;
	unsigned char *scratch;
	struct buf spare[SPARE_BUFS];
	size_t spare_count;

	pthread_mutex_t lock; /* guards what follows */
	uint32_t waking;      /* threads that are about to write to wake.fd */
	struct post *posts;
	size_t post_count;
	size_t post_cap;

	struct post *running; /* the posts that are being called */
	size_t running_cap;
};

static void
queue_init(struct loop_task *head)
{
	head->prev = head;
	head->next = head;
}

static void
queue_add(struct loop_task *head, struct loop_task *t)
{
	t->prev = head->prev;
	t->next = head;
	head->prev->next = t;
	head->prev = t;
}

void
loop_cancel(struct loop_task *t)
{
	if (t->next == NULL)
		return;
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->prev = NULL;
	t->next = NULL;
}

static void
run_first(struct loop_task *head)
{
	struct loop_task *t = head->next;

	loop_cancel(t);
	t->fn(t->arg);
}

/* What is queued meanwhile runs too: after this the loop waits. */
static void
run_last(struct loop *l)
{
	while (l->last.next != &l->last)
		run_first(&l->last);
}

static void
on_before_wait(uv_prepare_t *handle)
{
	struct loop *l = handle->data;

	run_last(l);
}

/* Puts all of one queue behind the other's. */
static void
queue_move(struct loop_task *from, struct loop_task *to)
{
	if (from->next == from)
		return;
	from->next->prev = to->prev;
	from->prev->next = to;
	to->prev->next = from->next;
	to->prev = from->prev;
	queue_init(from);
}

/* What is queued meanwhile is for the next turn, behind what time is up for. */
static void
on_after_wait(uv_check_t *handle)
{
	struct loop *l = handle->data;
	struct loop_task now;
	int64_t began_us;

	if (l->soon.next != &l->soon) {
		began_us = clock_now_us();
		queue_init(&now);
		queue_move(&l->soon, &now);
		while (now.next != &now) {
			run_first(&now);
			if (clock_now_us() - began_us >= SOON_US)
				break;
		}
		queue_move(&l->soon, &now);
		queue_move(&now, &l->soon);
	}
	if (l->soon.next == &l->soon)
		uv_idle_stop(&l->no_wait);
}

static void
on_no_wait(uv_idle_t *handle)
{
	(void)handle;
}

/* The two arrays change places, so that posting in fn() takes no lock long. */
static void
on_wake(void *arg, uint32_t events)
{
	struct loop *l = arg;
	struct post *batch;
	size_t cap;
	size_t n;

	(void)events;
	pthread_mutex_lock(&l->lock);
	batch = l->posts;
	cap = l->post_cap;
	n = l->post_count;
	l->posts = l->running;
	l->post_cap = l->running_cap;
	l->post_count = 0;
	l->running = batch;
	l->running_cap = cap;
	pthread_mutex_unlock(&l->lock);

	for (size_t i = 0; i < n; i++)
		batch[i].fn(batch[i].arg);
}

/*
 * This is a set of its own in libuv's, because libuv begins and ends each
 * descriptor with calls that only make sure.
 */
static void
on_watches(uv_poll_t *handle, int status, int events)
{
	struct loop *l = handle->data;
	struct loop_watch *w;

	(void)status;
	(void)events;
	l->ready_count = epoll_wait(l->epoll, l->ready, READY_A_TURN, 0);
	for (int i = 0; i < l->ready_count; i++) {
		w = l->ready[i].data.ptr;
		if (w != NULL)
			w->fn(w->arg, l->ready[i].events);
	}
	l->ready_count = 0;
}

static void
must(int err)
{
	if (err == 0)
		return;
	log_event(NULL, LEVEL_ERROR, "loop.open.failed",
	    LF_STR("reason", uv_strerror(err)));
	exit(EX_OSERR);
}

/*
 * uv_async_t would do, but there a loop waits for the thread that wakes it,
 * which may have lost its processor to the loop by just that and be behind all
 * others (base/thread.h).  Each write is an edge, so nobody need read it.
 */
static void
watch_posts(struct loop *l)
{
	l->wake.fn = on_wake;
	l->wake.arg = l;
	l->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	must(l->wake.fd == -1 ? -errno : 0);
	loop_watch(l, &l->wake, EPOLLIN | EPOLLET);
}

struct loop *
loop_new(void)
{
	struct loop *l = MEM_NEW(struct loop);

	must(uv_loop_init(&l->uv));
	uv_prepare_init(&l->uv, &l->before_wait);
	uv_check_init(&l->uv, &l->after_wait);
	uv_idle_init(&l->uv, &l->no_wait);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	must(l->epoll == -1 ? -errno : 0);
	must(uv_poll_init(&l->uv, &l->watches, l->epoll));
	l->before_wait.data = l;
	l->after_wait.data = l;
	l->watches.data = l;
	uv_prepare_start(&l->before_wait, on_before_wait);
	uv_check_start(&l->after_wait, on_after_wait);
	uv_poll_start(&l->watches, UV_READABLE, on_watches);

	watch_posts(l);
	queue_init(&l->soon);
	queue_init(&l->last);
	pthread_mutex_init(&l->lock, NULL);
	l->scratch = mem_alloc(LOOP_SCRATCH);
	return l;
}

void
loop_free(struct loop **l)
{
	struct loop *gone = TAKE(*l);

	if (gone == NULL)
		return;
	run_last(gone);
	uv_close((uv_handle_t *)&gone->before_wait, NULL);
	uv_close((uv_handle_t *)&gone->after_wait, NULL);
	uv_close((uv_handle_t *)&gone->no_wait, NULL);
	uv_close((uv_handle_t *)&gone->watches, NULL);
	for (int i = 0; i < 100 && uv_run(&gone->uv, UV_RUN_NOWAIT) != 0; i++)
		continue;
	if (uv_loop_close(&gone->uv) != 0)
		abort(); /* a handle is open: its memory would be lost */
	/* What was posted may have been done before its write was. */
	while (__atomic_load_n(&gone->waking, __ATOMIC_ACQUIRE) > 0)
		(void)sched_yield();
	(void)close(gone->wake.fd);
	(void)close(gone->epoll);

	pthread_mutex_destroy(&gone->lock);
	mem_free(&gone->posts);
	mem_free(&gone->running);
	mem_free(&gone->scratch);
	for (size_t i = 0; i < gone->spare_count; i++)
		buf_clear(&gone->spare[i]);
	mem_free(&gone);
}

uv_loop_t *
loop_uv(struct loop *l)
{
	return &l->uv;
}

void
loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
	run_last(l);
}

static void
stop(void *arg)
{
	struct loop *l = arg;

	uv_stop(&l->uv);
}

void
loop_stop(struct loop *l)
{
	loop_post(l, stop, l);
}

int64_t
loop_now_ms(struct loop *l)
{
	return (int64_t)uv_now(&l->uv);
}

void
loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
	static const uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&l->lock);
	l->posts =
	    mem_grow(l->posts, l->post_count, &l->post_cap, sizeof(*l->posts));
	l->posts[l->post_count++] = (struct post){ fn, arg };
	first = l->post_count == 1;
	if (first)
		__atomic_add_fetch(&l->waking, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&l->lock);
	if (!first)
		return;
	(void)!write(l->wake.fd, &one, sizeof(one));
	__atomic_sub_fetch(&l->waking, 1, __ATOMIC_RELEASE);
}

/* What it is said to be ready for was seen before. */
static void
forget_ready(struct loop *l, const struct loop_watch *w)
{
	for (int i = 0; i < l->ready_count; i++)
		if (l->ready[i].data.ptr == w)
			l->ready[i].data.ptr = NULL;
}

void
loop_watch(struct loop *l, struct loop_watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };
	int op = EPOLL_CTL_MOD;

	if (events == w->events)
		return;
	if (w->events == 0)
		op = EPOLL_CTL_ADD;
	else if (events == 0)
		op = EPOLL_CTL_DEL;
	must(epoll_ctl(l->epoll, op, w->fd, &ev) != 0 ? -errno : 0);
	w->events = events;
	if (events == 0)
		forget_ready(l, w);
}

void
loop_soon(struct loop *l, struct loop_task *t)
{
	if (t->next != NULL)
		return;
	if (l->soon.next == &l->soon)
		uv_idle_start(&l->no_wait, on_no_wait);
	queue_add(&l->soon, t);
}

void
loop_last(struct loop *l, struct loop_task *t)
{
	if (t->next == NULL)
		queue_add(&l->last, t);
}

unsigned char *
loop_scratch(struct loop *l)
{
	return l->scratch;
}

struct buf
loop_take_buf(struct loop *l)
{
	if (l->spare_count == 0)
		return (struct buf){ 0 };
	return l->spare[--l->spare_count];
}

void
loop_give_buf(struct loop *l, struct buf *b)
{
	if (b->cap == 0 || b->cap > SPARE_BYTES ||
	    l->spare_count == SPARE_BUFS) {
		buf_clear(b);
		return;
	}
	buf_reset(b);
	l->spare[l->spare_count++] = *b;
	*b = (struct buf){ 0 };
}
