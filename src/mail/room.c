#include "mail/room.h"

#include <stdlib.h>

#include "base/mem.h"
#include "io/loop.h"

struct question {
	struct worker *from;
	struct worker *to; /* of the account */
	uint64_t account;
	uint64_t quota_bytes;
	uint64_t quota_messages;
	uint64_t size;
	bool has_room;
	room_fn *fn;
	void *ctx;
};

bool
room_is_bounded(const struct lookup_answer *who)
{
	return who->quota_bytes > 0 || who->quota_messages > 0;
}

static bool
fits(uint64_t used, uint64_t more, uint64_t quota)
{
	return quota == 0 || (used <= quota && more <= quota - used);
}

static void
tell(void *arg)
{
	struct question *q = arg;

	q->fn(q->ctx, q->has_room);
	free(q);
}

static void
opened(void *ctx, enum status st, struct account *a)
{
	struct question *q = ctx;
	struct worker *w = q->to;

	q->has_room = st != ST_OK ||
	              (fits(a->head.bytes, MAX(q->size, 1), q->quota_bytes) &&
			  fits(a->head.messages, 1, q->quota_messages));
	account_release(&a);
	loop_post(worker_loop(q->from), tell, q);
	worker_leave(w);
}

static void
look(void *arg)
{
	struct question *q = arg;

	worker_enter(q->to);
	account_open(worker_accounts(q->to), q->account, opened, q);
}

void
room_ask(struct worker *w, const struct mail *m,
    const struct lookup_answer *who, uint64_t size, room_fn *fn, void *ctx)
{
	struct question *q = MEM_NEW(struct question);

	*q = (struct question){
		.from = w,
		.to = mail_worker(m, who->account),
		.account = who->account,
		.quota_bytes = who->quota_bytes,
		.quota_messages = who->quota_messages,
		.size = size,
		.fn = fn,
		.ctx = ctx,
	};
	loop_post(worker_loop(q->to), look, q);
}
