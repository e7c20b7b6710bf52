#include "auth/workers.h"

#include <assert.h>
#include <uv.h>

#include "base/limits.h"
#include "base/mem.h"
#include "io/loop.h"

struct worker {
	uv_work_t request;
	struct workers *all;
	struct directory *directory;
	struct work *work; /* NULL while it is idle */
};

struct workers {
	struct loop *loop;
	struct secret_costs costs;
	struct worker *worker;
	size_t n;
	size_t running;
	size_t waiting;
	struct work *first; /* that waits */
	struct work *last;
};

enum status
workers_new(struct loop *l, size_t threads, const struct directory_options *o,
    struct workers **out)
{
	struct workers *w = MEM_NEW(struct workers);
	enum status st = ST_OK;

	w->loop = l;
	w->costs = o->costs;
	w->worker = mem_array(threads, sizeof(*w->worker));
	for (size_t i = 0; i < threads && st == ST_OK; i++) {
		w->worker[i].all = w;
		st = directory_open(o, &w->worker[i].directory);
		w->n += st == ST_OK;
	}
	if (st != ST_OK) {
		workers_free(&w);
		return st;
	}
	*out = w;
	return ST_OK;
}

static struct work *
take_waiting(struct workers *w)
{
	struct work *work = w->first;

	if (work == NULL)
		return NULL;
	w->first = work->next;
	if (w->first == NULL)
		w->last = NULL;
	w->waiting--;
	return work;
}

static void
run(uv_work_t *request)
{
	struct worker *r = request->data;

	r->work->run(r->work, r->directory);
}

static void begin(struct worker *r, struct work *work);

static void
done(uv_work_t *request, int status)
{
	struct worker *r = request->data;
	struct work *work = r->work, *next;

	assert(status == 0); /* nothing is cancelled */
	r->work = NULL;
	r->all->running--;
	next = take_waiting(r->all);
	if (next != NULL)
		begin(r, next);
	work->done(work);
}

static void
begin(struct worker *r, struct work *work)
{
	int rc;

	r->work = work;
	r->request.data = r;
	r->all->running++;
	directory_set_costs(r->directory, &r->all->costs);
	rc = uv_queue_work(loop_uv(r->all->loop), &r->request, run, done);
	assert(rc == 0);
}

static struct worker *
idle_worker(struct workers *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->worker[i].work == NULL)
			return &w->worker[i];
	return NULL;
}

enum status
workers_add(struct workers *w, struct work *work)
{
	struct worker *idle = idle_worker(w);

	if (idle != NULL) {
		begin(idle, work);
		return ST_OK;
	}
	if (w->waiting >= LIMIT_CHECKS)
		return ST_LIMIT;
	work->next = NULL;
	if (w->last != NULL)
		w->last->next = work;
	else
		w->first = work;
	w->last = work;
	w->waiting++;
	return ST_OK;
}

void
workers_set_costs(struct workers *w, const struct secret_costs *c)
{
	w->costs = *c;
}

void
workers_free(struct workers **w)
{
	struct work *work;

	if (*w == NULL)
		return;
	while ((work = take_waiting(*w)) != NULL)
		work->done(work);
	while ((*w)->running > 0)
		uv_run(loop_uv((*w)->loop), UV_RUN_ONCE);
	for (size_t i = 0; i < (*w)->n; i++)
		directory_close(&(*w)->worker[i].directory);
	mem_free(&(*w)->worker);
	mem_free(w);
}
