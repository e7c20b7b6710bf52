#include "mail/worker.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "io/loop.h"

#define TICK_MS 1000

/* How long clients that don't read may hold up the end. */
#define STOP_MS 5000

struct worker {
	const struct mail *mail;
	struct loop *loop;
	struct accounts *accounts;
	pthread_t thread;
	uv_timer_t timer;
	struct worker_conn *conns;
	size_t busy;       /* worker_enter() less worker_leave() */
	_Atomic bool idle; /* stopping, and there was nothing to do */

	bool stopping;
	int64_t stop_ms; /* when to be polite no longer */
	struct loop *stop_loop;
	void (*stopped)(void *ctx);
	void *stop_ctx;
};

struct loop *
worker_loop(struct worker *w)
{
	return w->loop;
}

struct accounts *
worker_accounts(struct worker *w)
{
	return w->accounts;
}

const struct mail *
worker_mail(struct worker *w)
{
	return w->mail;
}

struct worker *
mail_worker(const struct mail *m, uint64_t account)
{
	return m->worker[account % m->workers];
}

void
worker_enter(struct worker *w)
{
	w->busy++;
	w->idle = false;
}

static bool
nothing_to_do(const struct worker *w)
{
	return w->stopping && w->busy == 0 && w->conns == NULL &&
	       accounts_in_flight(w->accounts) == 0;
}

static void
end_thread(void *arg)
{
	struct worker *w = arg;

	if (uv_is_closing((uv_handle_t *)&w->timer))
		return;
	if (!nothing_to_do(w)) {
		w->idle = false;
		return;
	}
	uv_close((uv_handle_t *)&w->timer, NULL);
	loop_stop(w->loop);
}

/*
 * Workers end together: what one still has to do may be for an account of
 * another, and comes back from there.
 */
static void
stop_if_done(struct worker *w)
{
	const struct mail *m = w->mail;

	if (!nothing_to_do(w))
		return;
	w->idle = true;
	for (size_t i = 0; i < m->workers; i++)
		if (!m->worker[i]->idle)
			return;
	for (size_t i = 0; i < m->workers; i++)
		loop_post(m->worker[i]->loop, end_thread, m->worker[i]);
}

void
worker_leave(struct worker *w)
{
	assert(w->busy > 0);
	w->busy--;
	stop_if_done(w);
}

bool
worker_stopping(const struct worker *w)
{
	return w->stopping;
}

void
worker_add(struct worker *w, struct worker_conn *c)
{
	c->next = w->conns;
	if (c->next != NULL)
		c->next->link = &c->next;
	c->link = &w->conns;
	w->conns = c;
}

void
worker_remove(struct worker *w, struct worker_conn *c)
{
	if (c->link == NULL)
		return;
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	c->link = NULL;
	stop_if_done(w);
}

/* Any of them may go while it is told. */
static void
end_all(struct worker *w, uint64_t account, const char *why)
{
	struct worker_conn *next;

	for (struct worker_conn *c = w->conns; c != NULL; c = next) {
		next = c->next;
		if (account == 0 || c->account == account)
			c->end(c->ctx, why);
	}
}

static void
on_tick(uv_timer_t *timer)
{
	struct worker *w = timer->data;
	int64_t now = loop_now_ms(w->loop);
	struct worker_conn *next;

	for (struct worker_conn *c = w->conns; c != NULL; c = next) {
		next = c->next;
		c->tick(c->ctx, now);
	}
	if (w->stopping && now >= w->stop_ms)
		end_all(w, 0, "The server is shutting down");
	stop_if_done(w);
}

static void *
run(void *arg)
{
	struct worker *w = arg;

	thread_be_prompt();
	loop_run(w->loop);
	loop_post(w->stop_loop, w->stopped, w->stop_ctx);
	return NULL;
}

struct worker *
worker_new(const struct mail *m)
{
	struct worker *w = MEM_NEW(struct worker);
	int failed;

	w->mail = m;
	w->loop = loop_new();
	w->accounts = accounts_new(m->engine, w->loop);
	w->timer.data = w;
	uv_timer_init(loop_uv(w->loop), &w->timer);
	uv_timer_start(&w->timer, on_tick, TICK_MS, TICK_MS);
	failed = pthread_create(&w->thread, NULL, run, w);
	assert(failed == 0);
	return w;
}

void
worker_free(struct worker **wp)
{
	struct worker *w = TAKE(*wp);

	if (w == NULL)
		return;
	pthread_join(w->thread, NULL);
	accounts_free(&w->accounts);
	loop_free(&w->loop);
	free(w);
}

static void
begin_stop(void *arg)
{
	struct worker *w = arg;

	w->stopping = true;
	w->stop_ms = loop_now_ms(w->loop) + STOP_MS;
	end_all(w, 0, "The server is shutting down");
	stop_if_done(w);
}

void
worker_stop(struct worker *w, struct loop *main, void (*done)(void *ctx),
    void *ctx)
{
	w->stop_loop = main;
	w->stopped = done;
	w->stop_ctx = ctx;
	loop_post(w->loop, begin_stop, w);
}

/* A call to another thread with an argument of its own. */
struct call {
	struct worker *worker;
	const struct mail *mail;
	uint64_t account;
	const char *why;
	struct msg_account_limits limits;
};

static void
take_settings(void *arg)
{
	struct call *c = arg;

	c->worker->mail = c->mail;
	free(c);
}

void
worker_settings(struct worker *w, const struct mail *m)
{
	struct call *c = MEM_NEW(struct call);

	*c = (struct call){ .worker = w, .mail = m };
	loop_post(w->loop, take_settings, c);
}

static void
set_quota(void *arg)
{
	struct call *c = arg;

	account_set_quota(c->worker->accounts, c->limits.account,
	    c->limits.quota_bytes, c->limits.quota_messages);
	free(c);
}

void
worker_set_quota(struct worker *w, const struct msg_account_limits *m)
{
	struct call *c = MEM_NEW(struct call);

	*c = (struct call){ .worker = w, .limits = *m };
	loop_post(w->loop, set_quota, c);
}

static void
end_account(void *arg)
{
	struct call *c = arg;

	end_all(c->worker, c->account, c->why);
	free(c);
}

void
worker_end_account(struct worker *w, uint64_t account, const char *why)
{
	struct call *c = MEM_NEW(struct call);

	*c = (struct call){ .worker = w, .account = account, .why = why };
	loop_post(w->loop, end_account, c);
}
