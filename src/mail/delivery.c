#include "mail/delivery.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "engine/upload.h"
#include "io/loop.h"

/* The part of an account; the deposit is the first thing in it. */
struct part {
	struct deposit deposit;
	struct delivery *delivery;
	enum lmtp_verdict verdict;
	struct deposit_to *to;
	uint32_t *recipient; /* of each, its number */
	size_t to_cap;
	size_t recipient_cap;
	struct part *next;
};

struct delivery {
	struct worker *worker;
	const struct mail *mail;
	struct arena *arena;
	struct upload *upload;
	struct delivery_way way;
	struct part *parts;
	uint32_t recipients;
	size_t running;      /* parts */
	delivery_fn *answer; /* NULL: nobody wants to know */
	void *ctx;
	bool forgotten;
};

struct delivery *
delivery_new(struct worker *w, const struct mail *m)
{
	struct delivery *d = MEM_NEW(struct delivery);

	d->worker = w;
	d->mail = m;
	d->arena = arena_new();
	d->upload = upload_new(m->session.spool_folder, &m->engine->log);
	return d;
}

static void
delivery_free(struct delivery *d)
{
	while (d->parts != NULL) {
		struct part *p = d->parts;

		d->parts = p->next;
		free(p->to);
		free(p->recipient);
		free(p);
	}
	upload_free(&d->upload);
	arena_free(&d->arena);
	free(d);
}

void
delivery_forget(struct delivery **dp)
{
	struct delivery *d = TAKE(*dp);

	if (d == NULL)
		return;
	d->answer = NULL;
	d->forgotten = true;
	if (d->running == 0)
		delivery_free(d);
}

static struct part *
part_of(struct delivery *d, const struct lookup_answer *who)
{
	struct part *p = d->parts;

	while (p != NULL && p->deposit.account != who->account)
		p = p->next;
	if (p != NULL)
		return p;
	p = MEM_NEW(struct part);
	p->delivery = d;
	p->deposit.mail = d->mail;
	p->deposit.account = who->account;
	p->deposit.quota_bytes = who->quota_bytes;
	p->deposit.quota_messages = who->quota_messages;
	p->deposit.quota_ms = who->known_ms;
	p->next = d->parts;
	d->parts = p;
	return p;
}

void
delivery_add(struct delivery *d, const struct lookup_answer *who,
    const struct deposit_to *to)
{
	struct part *p = part_of(d, who);
	size_t n = p->deposit.n++;

	p->to = mem_grow(p->to, n, &p->to_cap, sizeof(*p->to));
	p->to[n].address = arena_dup(d->arena, to->address);
	p->to[n].folder = arena_dup(d->arena, to->folder);
	p->recipient =
	    mem_grow(p->recipient, n, &p->recipient_cap, sizeof(*p->recipient));
	p->recipient[n] = d->recipients++;
}

enum status
delivery_data(struct delivery *d, struct span octets)
{
	return upload_add(d->upload, octets);
}

/* On the thread that started it. */
static void
come_back(void *arg)
{
	struct part *p = arg;
	struct delivery *d = p->delivery;
	struct worker *w = d->worker;

	for (size_t i = 0; i < p->deposit.n && d->answer != NULL; i++)
		d->answer(d->ctx, p->recipient[i], p->verdict);
	if (--d->running == 0 && d->forgotten)
		delivery_free(d);
	worker_leave(w);
}

static void
deposited(struct deposit *deposit, enum lmtp_verdict v)
{
	struct part *p = (struct part *)deposit;

	p->verdict = v;
	loop_post(worker_loop(p->delivery->worker), come_back, p);
}

static void
run_part(void *arg)
{
	struct part *p = arg;

	deposit_start(&p->deposit);
}

static void
start_part(struct delivery *d, struct part *p, const struct span *body)
{
	struct worker *to = mail_worker(d->mail, p->deposit.account);

	d->running++;
	worker_enter(d->worker);
	if (body == NULL) {
		p->verdict = LMTP_NO_SPACE;
		loop_post(worker_loop(d->worker), come_back, p);
		return;
	}
	p->deposit.way = &d->way;
	p->deposit.body = *body;
	p->deposit.to = p->to;
	p->deposit.done = deposited;
	loop_post(worker_loop(to), run_part, p);
}

void
delivery_start(struct delivery *d, const struct delivery_way *way,
    delivery_fn *answer, void *ctx)
{
	struct span body;
	bool whole;

	d->answer = answer;
	d->ctx = ctx;
	d->way = *way;
	d->way.from = arena_dup(d->arena, way->from);
	d->way.client = arena_dup(d->arena, way->client);
	d->way.address = arena_dup(d->arena, way->address);
	d->way.id = arena_dup(d->arena, way->id);
	upload_end_message(d->upload);
	whole = upload_message(d->upload, 0, &body) == ST_OK;
	for (struct part *p = d->parts; p != NULL; p = p->next)
		start_part(d, p, whole ? &body : NULL);
}
