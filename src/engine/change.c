#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/change_in.h"
#include "engine/checkpoint.h"
#include "engine/committer.h"
#include "engine/indexer.h"
#include "engine/mailbox.h"
#include "engine/message_thread.h"
#include "engine/record_paging.h"
#include "engine/share.h"
#include "engine/version_edit.h"
#include "store/store.h"

/* A submitted change; the committer's job is the first thing in it. */
struct flight {
	struct commit_job job;
	struct change *change;
};

enum status
change_begin(struct account *a, struct change **out)
{
	struct change *c;

	if (a->failing)
		return ST_AGAIN;
	c = MEM_NEW(struct change);
	c->account = a;
	c->state = a->head;
	c->modseq = a->head.modseq + 1;
	c->batch = batch_new(a->id, a->head.version);
	*out = c;
	return ST_OK;
}

struct account *
change_account(const struct change *c)
{
	return c->account;
}

uint64_t
change_modseq(const struct change *c)
{
	return c->modseq;
}

struct batch *
change_batch(struct change *c)
{
	c->writes = true;
	return c->batch;
}

const struct mbox_list *
change_list(const struct change *c)
{
	return c->list != NULL ? c->list : c->account->list_head;
}

enum status
change_look(struct change *c, struct mailbox *mb, struct touched **out)
{
	struct touched *t = c->touched;

	while (t != NULL && t->mailbox != mb)
		t = t->next;
	if (t == NULL) {
		if (mb->head == NULL || mb->deleting)
			return ST_NOTFOUND;
		t = MEM_NEW(struct touched);
		t->mailbox = mb;
		t->edit = version_edit(mb->head, c->modseq);
		t->next = c->touched;
		c->touched = t;
	}
	if (t->deleted)
		return ST_NOTFOUND;
	*out = t;
	return ST_OK;
}

void
change_mark(struct change *c, struct touched *t)
{
	t->changed = true;
	c->writes = true;
	c->counts = true;
}

enum status
change_touch(struct change *c, struct mailbox *mb, struct touched **out)
{
	enum status st = change_look(c, mb, out);

	if (st == ST_OK)
		change_mark(c, *out);
	return st;
}

struct version *
change_version(struct change *c, struct mailbox *mb)
{
	for (struct touched *t = c->touched; t != NULL; t = t->next)
		if (t->mailbox == mb)
			return t->edit;
	return mb->head;
}

static void
touched_free(struct touched *t)
{
	version_unref(&t->edit);
	buf_clear(&t->op);
	uidset_clear(&t->gone);
	free(t);
}

static void
change_free(struct change *c)
{
	while (c->touched != NULL) {
		struct touched *t = c->touched;

		c->touched = t->next;
		touched_free(t);
	}
	mbox_list_unref(&c->list);
	uint64_list_clear(&c->garbage);
	uint64_list_clear(&c->shared);
	uint64_list_clear(&c->unshared);
	batch_free(&c->batch);
	free(c);
}

/* A mailbox whose creation never happened. */
static void
forget_mailbox(struct account *a, struct mailbox *mb)
{
	struct mailbox **at = &a->mailboxes;

	while (*at != mb)
		at = &(*at)->next;
	*at = mb->next;
	mailbox_free(&mb);
}

/* Counts of shares are changed in memory as a change is made. */
static void
undo_shares(struct change *c)
{
	bool last;
	enum status st = ST_OK;

	for (size_t i = 0; i < c->shared.n && st == ST_OK; i++)
		st = share_drop(c->account, c->shared.v[i], &last);
	for (size_t i = 0; i < c->unshared.n && st == ST_OK; i++)
		st = share_add(c->account, c->unshared.v[i]);
	assert(st == ST_OK); /* their pages are in memory */
}

void
change_abort(struct change **cp)
{
	struct change *c = TAKE(*cp);
	struct account *a;

	if (c == NULL)
		return;
	a = c->account;
	for (struct touched *t = c->touched; t != NULL; t = t->next)
		if (t->created)
			forget_mailbox(a, t->mailbox);
	undo_shares(c);
	change_free(c);
}

/*
 * Head goes back to what is on disk, once nothing is in flight that was
 * built on what the disk refused.
 */
static void
roll_back(struct account *a)
{
	struct mailbox *next;

	for (struct mailbox *mb = a->mailboxes; mb != NULL; mb = next) {
		next = mb->next;
		if (mb->current == NULL) {
			forget_mailbox(a, mb);
			continue;
		}
		version_unref(&mb->head);
		mb->head = version_ref(mb->current);
		mb->deleting = mb->gone;
	}
	mbox_list_unref(&a->list_head);
	a->list_head = mbox_list_ref(a->list);
	a->head = a->current;
	a->went_back++;
	a->failing = false;
}

static void
publish_mailbox(struct touched *t)
{
	struct mailbox *mb = t->mailbox;

	if (t->deleted) {
		mb->gone = true;
		return;
	}
	version_unref(&mb->current);
	mb->current = TAKE(t->edit);
	mb->ops += t->op.n > 0;
	mb->op_bytes += t->op.n;
	checkpoint_if_due(mb);
}

/* Now and then; at first too, since what came last time may be waiting. */
static void
tell_indexer(struct account *a)
{
	if (a->engine->indexer == NULL || a->current.content == a->indexed ||
	    (a->indexed > 0 && a->current.content - a->indexed < INDEXER_DUE))
		return;
	a->indexed = a->current.content;
	indexer_kick(a->engine->indexer, a->id, INDEXER_WAIT_MS);
}

/* Makes it current and tells those who watch. */
static void
publish(struct change *c)
{
	struct account *a = c->account;
	struct mailbox *changed[64];
	struct notice n = { .mailbox = changed, .list = c->list != NULL };

	a->current = c->state;
	tell_indexer(a);
	if (c->list != NULL) {
		mbox_list_unref(&a->list);
		a->list = mbox_list_ref(c->list);
	}
	if (c->garbage.n > 0 && !c->deposits)
		collect_add(a, c->modseq, &c->garbage);
	for (struct touched *t = c->touched; t != NULL; t = t->next) {
		if (!t->changed)
			continue;
		publish_mailbox(t);
		if (n.n < COUNT(changed))
			changed[n.n++] = t->mailbox;
		else
			n.all = true;
	}
	if (n.n == 0 && !n.list)
		return;
	for (struct watcher *w = a->watchers; w != NULL; w = w->next)
		w->changed(w->ctx, &n);
}

static void
came_back(struct commit_job *job, enum status st)
{
	struct flight *f = (struct flight *)job;
	struct change *c = f->change;
	struct account *a = c->account;

	if (st == ST_OK) {
		publish(c);
	} else {
		if (!a->failing)
			log_event(&a->engine->log, LEVEL_ERROR,
			    "account.commit.failed", LF_U64("account", a->id),
			    LF_STR("reason", status_name(st)));
		a->failing = true;
		if (st != ST_FULL)
			st = ST_IO;
	}
	if (a->in_flight == 1) {
		thread_memo_reset(a);
		share_free(a);
		if (a->failing)
			roll_back(a);
	}
	if (c->done != NULL)
		c->done(c->ctx, st);
	change_free(c);
	free(f);
	collect_kick(a);
	record_paging_if_due(a);
	account_leave_flight(a);
}

static void
write_gone(struct change *c, const struct touched *t)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of2(KEY_GONE, t->mailbox->id, c->modseq);

	pack_format(&value);
	pack_uidset(&value, &t->gone);
	batch_put(c->batch, key_span(&key), buf_span(&value));
}

/* Makes the versions heads, and writes the operations. */
static void
seal_mailboxes(struct change *c)
{
	for (struct touched *t = c->touched; t != NULL; t = t->next) {
		struct mailbox *mb = t->mailbox;
		struct key key = key_of2(KEY_OP, mb->id, c->modseq);

		if (!t->changed)
			continue;
		if (t->deleted) {
			mb->deleting = true;
			continue;
		}
		version_seal(t->edit);
		version_unref(&mb->head);
		mb->head = version_ref(t->edit);
		if (t->op.n > 0)
			batch_put(c->batch, key_span(&key), buf_span(&t->op));
		if (!uidset_empty(&t->gone))
			write_gone(c, t);
	}
}

static void
write_account(struct change *c)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct account *a = c->account;
	struct key key = key_of(KEY_STATE);

	if (c->garbage.n > 0) {
		CLEANUP(buf_clear) struct buf list = { 0 };
		struct key at = key_of1(KEY_GARBAGE, c->modseq);

		pack_contents(&list, &c->garbage);
		batch_put(c->batch, key_span(&at), buf_span(&list));
	}
	share_write(a, c->batch);
	if (c->counts)
		c->state.modseq = c->modseq;
	c->state.version = a->head.version + 1;
	pack_state(&value, &c->state);
	batch_put(c->batch, key_span(&key), buf_span(&value));
}

void
change_submit(struct change **cp, change_done_fn *done, void *ctx)
{
	struct change *c = TAKE(*cp);
	struct account *a = c->account;
	struct flight *f;

	/*
	 * What it found to be so already may still be on its way to the disk:
	 * then it waits in line, without anything of its own.
	 */
	if (!c->writes && a->in_flight == 0) {
		change_free(c);
		if (done != NULL)
			done(ctx, ST_OK);
		return;
	}
	c->done = done;
	c->ctx = ctx;
	seal_mailboxes(c);
	write_account(c);
	a->head = c->state;
	if (c->list != NULL) {
		mbox_list_unref(&a->list_head);
		a->list_head = mbox_list_ref(c->list);
	}
	f = MEM_NEW(struct flight);
	f->change = c;
	f->job = (struct commit_job){ .batch = c->batch,
		.loop = a->loop,
		.done = came_back };
	account_enter_flight(a);
	committer_submit(a->engine->committer, &f->job);
}
