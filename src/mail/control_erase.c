#include <stdlib.h>

#include "base/mem.h"
#include "engine/collect.h"
#include "engine/committer.h"
#include "engine/indexer.h"
#include "mail/control_inside.h"
#include "store/store.h"

/*
 * Erases all of an account's mail: ends whatever else uses the account, waits
 * until that has let go, and then takes everything out of the store.
 */
#define TICKS_MAX 20

struct erasing {
	struct commit_job job; /* first, so that it can be found from that */
	struct batch *batch;
	struct control *control;
};

static void
erased(struct commit_job *job, enum status st)
{
	struct erasing *e = (struct erasing *)job;
	struct control *c = e->control;
	struct accounts *set = worker_accounts(c->worker);
	uint64_t id = c->account->id;

	batch_free(&e->batch);
	free(e);
	c->erasing = false;
	if (st == ST_OK) {
		log_event(NULL, LEVEL_INFO, "control.account.erased",
		    LF_U64("account", id));
		collect_free(c->account); /* what it lists is gone too */
		if (c->account->engine->indexer != NULL)
			indexer_forget(c->account->engine->indexer, id);
		account_release(&c->account);
		account_forget(set, id);
	}
	c->ending = true; /* there is no account any more */
	control_finish(c, st);
}

static void
erase(struct control *c)
{
	struct erasing *e = MEM_NEW(struct erasing);
	struct account *a = c->account;

	e->control = c;
	e->batch = batch_new(a->id, a->head.version);
	batch_erase(e->batch);
	e->job = (struct commit_job){ .batch = e->batch,
		.loop = worker_loop(c->worker),
		.done = erased };
	c->ticks = 0;
	committer_submit(a->engine->committer, &e->job);
}

void
control_erase(struct control *c)
{
	c->erasing = true;
	if (c->account->users == 1) {
		erase(c);
		return;
	}
	c->ticks = TICKS_MAX;
	worker_end_account(c->worker, c->account->id,
	    "Your account is deleted");
}

void
control_erase_tick(struct control *c)
{
	if (c->ticks == 0)
		return; /* it is under way */
	if (c->account->users == 1) {
		erase(c);
	} else if (--c->ticks == 0 || worker_stopping(c->worker)) {
		c->erasing = false;
		control_finish_text(c, ST_AGAIN,
		    "someone still uses the mail; try again");
	}
}
