#include "engine/work.h"

#include "engine/account.h"
#include "io/loop.h"

static void
run(uv_work_t *uv)
{
	struct work *w = uv->data;

	w->run(w);
}

static void done(uv_work_t *uv, int status);

static void
start_first(struct account *a)
{
	struct work *w = a->work;

	w->uv.data = w;
	uv_queue_work(loop_uv(a->loop), &w->uv, run, done);
}

static void
done(uv_work_t *uv, int status)
{
	struct work *w = uv->data;
	struct account *a = w->account;

	(void)status; /* nobody cancels it */
	a->work = w->next;
	if (a->work != NULL)
		start_first(a);
	w->done(w);
}

void
work_start(struct account *a, struct work *w)
{
	struct work **at = &a->work;

	w->account = a;
	w->next = NULL;
	while (*at != NULL)
		at = &(*at)->next;
	*at = w;
	if (a->work == w)
		start_first(a);
}
