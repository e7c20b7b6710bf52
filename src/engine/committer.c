#include "engine/committer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/loop.h"
#include "store/store.h"

/* The most changesets, and about the most bytes, in one group. */
#define GROUP_JOBS  1024
#define GROUP_BYTES ((size_t)16 * 1024 * 1024)

struct committer {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct commit_job *first; /* waiting, in order */
	struct commit_job **last;
	bool ending;
	struct committer_counts counts;
};

/* Jobs of one loop go back to it together. */
struct delivery {
	struct commit_job *first;
	struct commit_job **last;
};

struct group {
	size_t n;
	struct commit_job *job[GROUP_JOBS];
	struct batch *batch[GROUP_JOBS];
	enum status result[GROUP_JOBS];
};

static void
deliver(void *arg)
{
	struct delivery *d = arg;
	struct commit_job *job = d->first;

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
send_back(struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct loop *loop;
		struct delivery *d;

		if (g->job[i] == NULL)
			continue;
		loop = g->job[i]->loop;
		d = MEM_NEW(struct delivery);
		d->last = &d->first;
		for (size_t k = i; k < g->n; k++) {
			struct commit_job *job = g->job[k];

			if (job == NULL || job->loop != loop)
				continue;
			job->st = g->result[k];
			job->next = NULL;
			*d->last = job;
			d->last = &job->next;
			g->job[k] = NULL;
		}
		loop_post(loop, deliver, d);
	}
}

/* Waits for work and takes a group of it; false at the end. */
static bool
gather(struct committer *c, struct group *g)
{
	size_t bytes = 0;

	g->n = 0;
	pthread_mutex_lock(&c->lock);
	while (c->first == NULL && !c->ending)
		pthread_cond_wait(&c->wake, &c->lock);
	while (c->first != NULL && g->n < GROUP_JOBS && bytes < GROUP_BYTES) {
		struct commit_job *job = c->first;

		c->first = job->next;
		bytes += batch_bytes(job->batch);
		g->job[g->n] = job;
		g->batch[g->n++] = job->batch;
	}
	if (c->first == NULL)
		c->last = &c->first;
	if (g->n > 0) {
		c->counts.groups++;
		c->counts.jobs += g->n;
	}
	pthread_mutex_unlock(&c->lock);
	return g->n > 0;
}

static void *
run(void *arg)
{
	struct committer *c = arg;
	struct group *g = MEM_NEW(struct group);

	while (gather(c, g)) {
		store_commit(c->store, g->batch, g->n, g->result);
		send_back(g);
	}
	free(g);
	return NULL;
}

struct committer *
committer_new(struct store *s)
{
	struct committer *c = MEM_NEW(struct committer);
	int failed;

	c->store = s;
	c->last = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	failed = pthread_create(&c->thread, NULL, run, c);
	assert(failed == 0);
	return c;
}

void
committer_free(struct committer **cp)
{
	struct committer *c = TAKE(*cp);

	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->ending = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->wake);
	free(c);
}

void
committer_submit(struct committer *c, struct commit_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&c->lock);
	*c->last = job;
	c->last = &job->next;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
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
