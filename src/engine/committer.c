#include "engine/committer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/thread.h"
#include "io/loop.h"
#include "store/store.h"

/* The most changesets, and about the most bytes, in one group. */
#define GROUP_JOBS  1024
#define GROUP_BYTES ((size_t)16 * 1024 * 1024)

/* How often a store that has failed is asked, if nobody else does. */
#define LOOK_SECONDS 1

/* Jobs in order. */
struct queue {
	struct commit_job *first;
	struct commit_job **last;
};

struct committer {
	struct store *store;
	pthread_t thread;
	pthread_t preparer;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;  /* there is something to commit, or it ends */
	pthread_cond_t wake_preparer;
	struct queue ready;
	/* Large ones, the first of which is being prepared, and what came
	   behind them for the same accounts. */
	struct queue large;
	bool ending_preparer;
	bool ending;
	struct committer_counts counts;
};

/* Jobs of one loop go back to it together. */
struct delivery {
	struct queue jobs;
};

struct group {
	size_t n;
	struct commit_job *job[GROUP_JOBS];
	struct batch *batch[GROUP_JOBS];
	enum status result[GROUP_JOBS];
};

static void
queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void
queue_add(struct queue *q, struct commit_job *job)
{
	job->next = NULL;
	*q->last = job;
	q->last = &job->next;
}

static struct commit_job *
queue_take(struct queue *q)
{
	struct commit_job *job = q->first;

	q->first = job->next;
	if (q->first == NULL)
		q->last = &q->first;
	return job;
}

static void
deliver(void *arg)
{
	struct delivery *d = arg;
	struct commit_job *job = d->jobs.first;

	free(d);
	while (job != NULL) {
		struct commit_job *next = job->next;

		job->next = NULL;
		job->done(job, job->st);
		job = next;
	}
}

/* One post for each loop that has jobs in the group, in their order. */
static void
send_back(void *arg)
{
	struct group *g = arg;

	for (size_t i = 0; i < g->n; i++) {
		struct loop *loop;
		struct delivery *d;

		if (g->job[i] == NULL)
			continue;
		loop = g->job[i]->loop;
		d = MEM_NEW(struct delivery);
		queue_init(&d->jobs);
		for (size_t k = i; k < g->n; k++) {
			struct commit_job *job = g->job[k];

			if (job == NULL || job->loop != loop)
				continue;
			job->st = g->result[k];
			queue_add(&d->jobs, job);
			g->job[k] = NULL;
		}
		loop_post(loop, deliver, d);
	}
}

/* A store that has failed is to see by itself when it can go on. */
static void
wait_for_jobs(struct committer *c)
{
	bool is_well = store_is_well(c->store);
	struct timespec until = { 0 };
	int st = 0;

	if (!is_well)
		(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LOOK_SECONDS;
	while (c->ready.first == NULL && !c->ending && st == 0)
		st = is_well
		         ? pthread_cond_wait(&c->wake, &c->lock)
		         : pthread_cond_timedwait(&c->wake, &c->lock, &until);
}

/*
 * Waits for work and takes a group of it, which is empty if the store is only
 * to be asked; false at the end.
 */
static bool
gather(struct committer *c, struct group *g)
{
	size_t bytes = 0;
	bool goes_on;

	g->n = 0;
	pthread_mutex_lock(&c->lock);
	wait_for_jobs(c);
	while (c->ready.first != NULL && g->n < GROUP_JOBS &&
	       bytes < GROUP_BYTES) {
		struct commit_job *job = queue_take(&c->ready);

		bytes += batch_bytes(job->batch);
		g->job[g->n] = job;
		g->batch[g->n++] = job->batch;
	}
	if (g->n > 0) {
		c->counts.groups++;
		c->counts.jobs += g->n;
	}
	goes_on = g->n > 0 || !c->ending;
	pthread_mutex_unlock(&c->lock);
	return goes_on;
}

static void *
run(void *arg)
{
	struct committer *c = arg;
	struct group *g = MEM_NEW(struct group);

	thread_be_prompt();
	while (gather(c, g))
		store_commit_telling(c->store, g->batch, g->n, g->result,
		    send_back, g);
	free(g);
	return NULL;
}

/* The next of those that wait for it, which stays there; NULL at the end. */
static struct commit_job *
next_large(struct committer *c)
{
	struct commit_job *job;

	pthread_mutex_lock(&c->lock);
	while (c->large.first == NULL && !c->ending_preparer)
		pthread_cond_wait(&c->wake_preparer, &c->lock);
	job = c->large.first;
	pthread_mutex_unlock(&c->lock);
	return job;
}

static void *
run_preparer(void *arg)
{
	struct committer *c = arg;
	struct commit_job *job;

	while ((job = next_large(c)) != NULL) {
		store_prepare(c->store, job->batch);
		pthread_mutex_lock(&c->lock);
		queue_add(&c->ready, queue_take(&c->large));
		pthread_mutex_unlock(&c->lock);
		pthread_cond_signal(&c->wake);
	}
	return NULL;
}

struct committer *
committer_new(struct store *s)
{
	struct committer *c = MEM_NEW(struct committer);
	int failed;

	c->store = s;
	queue_init(&c->ready);
	queue_init(&c->large);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	pthread_cond_init(&c->wake_preparer, NULL);
	failed = pthread_create(&c->thread, NULL, run, c);
	assert(failed == 0);
	failed = pthread_create(&c->preparer, NULL, run_preparer, c);
	assert(failed == 0);
	return c;
}

/* A thread does what was submitted, and then ends. */
static void
end(struct committer *c, bool *ending, pthread_cond_t *wake, pthread_t thread)
{
	pthread_mutex_lock(&c->lock);
	*ending = true;
	pthread_cond_signal(wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(thread, NULL);
	pthread_cond_destroy(wake);
}

void
committer_free(struct committer **cp)
{
	struct committer *c = TAKE(*cp);

	if (c == NULL)
		return;
	end(c, &c->ending_preparer, &c->wake_preparer, c->preparer);
	end(c, &c->ending, &c->wake, c->thread);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* Changes of one account are committed in their order. */
static bool
must_wait(const struct committer *c, const struct commit_job *job)
{
	const struct commit_job *j = c->large.first;

	while (
	    j != NULL && batch_account(j->batch) != batch_account(job->batch))
		j = j->next;
	return j != NULL;
}

void
committer_submit(struct committer *c, struct commit_job *job)
{
	bool large;

	pthread_mutex_lock(&c->lock);
	large = batch_is_large(job->batch) || must_wait(c, job);
	queue_add(large ? &c->large : &c->ready, job);
	pthread_mutex_unlock(&c->lock);
	pthread_cond_signal(large ? &c->wake_preparer : &c->wake);
}

struct committer_counts
committer_counts(struct committer *c)
{
	struct committer_counts counts;

	pthread_mutex_lock(&c->lock);
	counts = c->counts;
	pthread_mutex_unlock(&c->lock);
	return counts;
}
