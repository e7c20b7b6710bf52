#include "mail/lookup.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/loop.h"
#include "service/service.h"

#define BUCKETS 256

struct question {
	struct lookups *lookups;
	uint64_t id;
	struct loop *loop; /* where the answer is wanted */
	lookup_fn *fn;
	void *ctx;
	bool ticket;
	struct lookup_answer answer;
	struct question *next;
	size_t n; /* of what is asked */
	unsigned char text[];
};

struct lookups {
	struct loop *main;
	struct peer *auth; /* NULL while there is none */
	uint64_t last_id;
	struct question *bucket[BUCKETS];
};

struct lookups *
lookups_new(struct loop *main)
{
	struct lookups *l = MEM_NEW(struct lookups);

	l->main = main;
	return l;
}

void
lookups_free(struct lookups **lp)
{
	struct lookups *l = TAKE(*lp);

	if (l == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (l->bucket[i] != NULL) {
			struct question *q = l->bucket[i];

			l->bucket[i] = q->next;
			free(q);
		}
	}
	free(l);
}

static void
tell(void *arg)
{
	struct question *q = arg;

	q->fn(q->ctx, &q->answer);
	free(q);
}

static void
answer_unavailable(struct question *q)
{
	q->answer.result = ACCOUNT_UNAVAILABLE;
	loop_post(q->loop, tell, q);
}

/* On the main thread, where auth's channel is. */
static void
ask(void *arg)
{
	struct question *q = arg;
	struct lookups *l = q->lookups;
	struct span text = span_of(q->text, q->n);
	struct message m = { .type = MSG_LOOKUP };

	q->id = ++l->last_id;
	if (q->ticket) {
		m.type = MSG_REDEEM;
		m.redeem = (struct msg_redeem){ q->id, text };
	} else {
		m.lookup = (struct msg_lookup){ q->id, text };
	}
	if (l->auth == NULL || peer_send(l->auth, &m, -1) != ST_OK) {
		answer_unavailable(q);
		return;
	}
	q->next = l->bucket[q->id % BUCKETS];
	l->bucket[q->id % BUCKETS] = q;
}

static void
lookup(struct lookups *l, struct loop *loop, struct span text, bool ticket,
    lookup_fn *fn, void *ctx)
{
	struct question *q = mem_alloc(sizeof(*q) + text.n);

	q->lookups = l;
	q->loop = loop;
	q->fn = fn;
	q->ctx = ctx;
	q->ticket = ticket;
	q->n = text.n;
	if (text.n > 0)
		memcpy(q->text, text.p, text.n);
	if (loop == l->main)
		ask(q);
	else
		loop_post(l->main, ask, q);
}

void
lookup_user(struct lookups *l, struct loop *loop, struct span user,
    lookup_fn *fn, void *ctx)
{
	lookup(l, loop, user, false, fn, ctx);
}

void
lookup_ticket(struct lookups *l, struct loop *loop, struct span ticket,
    lookup_fn *fn, void *ctx)
{
	lookup(l, loop, ticket, true, fn, ctx);
}

void
lookups_peer(struct lookups *l, struct peer *auth)
{
	l->auth = auth;
	if (auth != NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (l->bucket[i] != NULL) {
			struct question *q = l->bucket[i];

			l->bucket[i] = q->next;
			answer_unavailable(q);
		}
	}
}

bool
lookups_answer(struct lookups *l, const struct msg_account *m)
{
	struct question **at = &l->bucket[m->id % BUCKETS];
	struct question *q;
	size_t n = MIN(m->name.n, sizeof(q->answer.name) - 1);

	while (*at != NULL && (*at)->id != m->id)
		at = &(*at)->next;
	q = *at;
	if (q == NULL)
		return false;
	*at = q->next;
	q->answer.result = m->result;
	q->answer.account = m->account;
	q->answer.quota_bytes = m->quota_bytes;
	q->answer.quota_messages = m->quota_messages;
	q->answer.known_ms = clock_now_ms();
	if (n > 0)
		memcpy(q->answer.name, m->name.p, n);
	q->answer.name[n] = '\0';
	if (q->loop == l->main)
		tell(q);
	else
		loop_post(q->loop, tell, q);
	return true;
}
