#include "engine/work.h"

#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "engine/mailbox.h"
#include "io/loop.h"

/* Accounts with work of one kind, in the order of their turns. */
struct turns {
	struct work_line *first;
	struct work_line *last;
	uint32_t running;
	uint32_t most;    /* that may run at a time, of all accounts */
	uint32_t of_each; /* and of one */
};

/*
 * A loop must never wait for a thread that gives way: so what it is told goes
 * out when the lock is free again, as the loop may take the processor at once,
 * and a semaphore wakes threads, as pthread_cond_signal() may wait until those
 * that were woken before have run.
 */
struct work_pool {
	sem_t wake;
	pthread_mutex_t lock; /* guards what follows, and all lines */
	uint32_t idle;        /* threads that wait and that nobody has woken */
	struct turns turns[WORK_KINDS];
	bool ending;
	uint32_t n;
	pthread_t thread[];
};

static void
wait_for_turn(struct turns *t, struct work_line *l)
{
	l->in_turn = l->first != NULL && l->running < t->of_each;
	if (!l->in_turn)
		return;
	l->next = NULL;
	if (t->first == NULL)
		t->first = l;
	else
		t->last->next = l;
	t->last = l;
}

/* The first work of the line whose turn it is. */
static struct work *
take_turn(struct turns *t)
{
	struct work_line *l = t->first;
	struct work *w = l->first;

	t->first = l->next;
	l->first = w->next;
	t->running++;
	l->running++;
	wait_for_turn(t, l);
	return w;
}

/* NULL: there is none that may be done now. */
static struct work *
take(struct work_pool *p)
{
	for (size_t kind = 0; kind < WORK_KINDS; kind++) {
		struct turns *t = &p->turns[kind];

		if (t->first != NULL && t->running < t->most)
			return take_turn(t);
	}
	return NULL;
}

static void
end_turn(struct work_pool *p, const struct work *w)
{
	struct turns *t = &p->turns[w->kind];
	struct work_line *l = &w->account->work[w->kind];

	pthread_mutex_lock(&p->lock);
	t->running--;
	l->running--;
	if (!l->in_turn)
		wait_for_turn(t, l);
	pthread_mutex_unlock(&p->lock);
}

/* NULL at the end. */
static struct work *
wait_for_work(struct work_pool *p)
{
	struct work *w = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->ending && (w = take(p)) == NULL) {
		p->idle++;
		pthread_mutex_unlock(&p->lock);
		while (sem_wait(&p->wake) != 0)
			continue; /* a signal came */
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return w;
}

static void
came_back(void *arg)
{
	struct work *w = arg;
	struct account *a = w->account;

	w->done(w);
	account_leave_work(a);
}

static void *
run(void *arg)
{
	struct work_pool *p = arg;
	struct work *w;

	thread_give_way();
	while ((w = wait_for_work(p)) != NULL) {
		w->run(w);
		end_turn(p, w);
		loop_post(w->account->loop, came_back, w);
	}
	return NULL;
}

void
work_start(struct account *a, enum work_kind kind, struct work *w)
{
	struct work_pool *p = a->engine->pool;
	struct work_line *l = &a->work[kind];
	bool wake;

	account_enter_work(a);
	w->account = a;
	w->kind = kind;
	w->next = NULL;
	pthread_mutex_lock(&p->lock);
	if (l->first == NULL)
		l->first = w;
	else
		l->last->next = w;
	l->last = w;
	if (!l->in_turn)
		wait_for_turn(&p->turns[kind], l);
	/* Whoever ends a work looks for the next one by himself. */
	wake = p->idle > 0;
	p->idle -= wake;
	pthread_mutex_unlock(&p->lock);
	if (wake)
		sem_post(&p->wake);
}

struct work_pool *
work_pool_new(uint32_t threads)
{
	struct work_pool *p =
	    mem_alloc(sizeof(*p) + threads * sizeof(p->thread[0]));
	uint32_t half = threads / 2;

	assert(threads >= 2);
	p->turns[WORK_LONG].most = half;
	p->turns[WORK_LONG].of_each = 1;
	p->turns[WORK_SHORT].most = threads;
	p->turns[WORK_SHORT].of_each = half;
	pthread_mutex_init(&p->lock, NULL);
	sem_init(&p->wake, 0, 0);
	for (p->n = 0; p->n < threads; p->n++) {
		int failed = pthread_create(&p->thread[p->n], NULL, run, p);

		assert(failed == 0);
	}
	return p;
}

void
work_pool_free(struct work_pool **pp)
{
	struct work_pool *p = TAKE(*pp);

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_mutex_unlock(&p->lock);
	for (uint32_t i = 0; i < p->n; i++)
		sem_post(&p->wake);
	for (uint32_t i = 0; i < p->n; i++)
		pthread_join(p->thread[i], NULL);
	sem_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
