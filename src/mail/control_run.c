#include "engine/indexer.h"
#include "imap/mailbox_name.h"
#include "mail/control_inside.h"
#include "store/store.h"

/* What the command line asks for, besides messages to import. */

static enum status
count_mailbox(struct account *a, struct control_mailbox *m)
{
	struct mailbox *mb;
	enum status st = mailbox_open(a, m->id, &mb);

	if (st != ST_OK)
		return st;
	m->uidnext = mb->current->uidnext;
	m->messages = mb->current->totals.count;
	m->unseen = mb->current->totals.unseen;
	m->bytes = mb->current->totals.bytes;
	return ST_OK;
}

static void
on_mailboxes(struct control *c)
{
	CLEANUP(buf_clear) struct buf list = { 0 };
	const struct mbox_list *l = c->account->list;
	size_t begun;
	struct buf *b;

	for (size_t i = 0; i < l->n; i++) {
		const struct mbox *from = l->item[i];
		struct control_mailbox m = { .id = from->id,
			.name = from->name,
			.exists = from->exists,
			.subscribed = from->subscribed,
			.use = from->use,
			.uidvalidity = from->uidvalidity };
		enum status st = ST_OK;

		if (m.exists)
			st = count_mailbox(c->account, &m);
		if (st != ST_OK) {
			control_finish(c, st);
			return;
		}
		control_mailbox_pack(&list, &m);
	}
	b = control_answer(c, &begun);
	buf_add(b, buf_span(&list));
	control_answered(c, begun);
}

static void
on_usage(struct control *c)
{
	size_t begun;
	struct buf *b = control_answer(c, &begun);

	pack_u64(b, c->account->current.bytes);
	pack_u64(b, c->account->current.messages);
	control_answered(c, begun);
}

static void
on_create(struct control *c)
{
	struct change *ch = NULL;
	struct span name;
	enum status st;

	if (!control_name(c, c->request.name, &name))
		return;
	st = change_begin(c->account, &ch);
	if (st == ST_OK)
		st = change_create(ch, name, 0, NULL);
	if (st == ST_OK)
		st = change_subscribe(ch, name, true);
	control_submit(c, &ch, st);
}

static void
on_delete(struct control *c)
{
	struct change *ch = NULL;
	struct span name;
	enum status st;

	if (!control_name(c, c->request.name, &name))
		return;
	if (mailbox_name_is_inbox(name)) {
		control_finish_text(c, ST_DENIED, "INBOX can't be deleted");
		return;
	}
	st = change_begin(c->account, &ch);
	if (st == ST_OK)
		st = change_delete(ch, name);
	if (st == ST_OK)
		st = change_subscribe(ch, name, false);
	control_submit(c, &ch, st);
}

static void
on_rename(struct control *c)
{
	struct change *ch = NULL;
	struct span from;
	struct span to;
	enum status st;

	if (!control_name(c, c->request.name, &from) ||
	    !control_name(c, c->request.to, &to))
		return;
	if (mailbox_name_is_below(to, from)) {
		control_finish_text(c, ST_DENIED, "it can't go below itself");
		return;
	}
	st = change_begin(c->account, &ch);
	if (st == ST_OK)
		st = mailbox_name_is_inbox(from) ? change_rename_inbox(ch, to)
		                                 : change_rename(ch, from, to);
	control_submit(c, &ch, st);
}

static void
on_uidnext(struct control *c)
{
	struct change *ch = NULL;
	struct mailbox *mb;
	enum status st = mailbox_open(c->account, c->request.mailbox, &mb);

	if (st == ST_OK)
		st = change_begin(c->account, &ch);
	if (st == ST_OK)
		st = change_uidnext(ch, mb, c->request.uid);
	control_submit(c, &ch, st);
}

static void
pack_row_of(struct buf *b, const struct version *v, const struct row *row)
{
	CLEANUP(buf_clear) struct buf keywords = { 0 };
	struct control_row r = { .uid = row->state->uid,
		.flags = (unsigned)(row->state->flags.w[0] & FLAGS_SYSTEM),
		.date = { row->facts->internal_wall,
		    row->facts->internal_zone_min * 60 },
		.size = row->facts->size,
		.content = row->facts->content };

	for (unsigned i = 0; i < keywords_count(v->keywords); i++)
		if (flags_bit(row->state->flags, FLAG_SYSTEM_COUNT + i))
			pack_span(&keywords, keywords_name(v->keywords, i));
	r.keywords = buf_span(&keywords);
	control_row_pack(b, &r);
}

static void
on_rows(struct control *c)
{
	CLEANUP(buf_clear) struct buf list = { 0 };
	struct uidrange from = { MAX(c->request.uid, 1), UINT32_MAX };
	struct uidset set = { &from, 1, 1 };
	struct mailbox *mb;
	struct rows rows;
	struct row row;
	struct buf *b;
	size_t begun;
	size_t n = 0;
	enum status st = mailbox_open(c->account, c->request.mailbox, &mb);

	if (st == ST_OK) {
		rows = rows_of(mb->current, &set, true);
		while (n < LIMIT_CONTROL_ROWS &&
		       (st = rows_next(&rows, &row)) == ST_OK) {
			pack_row_of(&list, mb->current, &row);
			n++;
		}
		if (st == ST_NOTFOUND)
			st = ST_OK;
	}
	if (st != ST_OK) {
		control_finish(c, st);
		return;
	}
	b = control_answer(c, &begun);
	pack_u64(b, n == LIMIT_CONTROL_ROWS);
	buf_add(b, buf_span(&list));
	control_answered(c, begun);
}

static void
on_body(struct control *c)
{
	CLEANUP(buf_clear) struct buf bytes = { 0 };
	struct account *a = c->account;
	struct buf *b;
	size_t begun;
	enum status st;

	st = store_body(a->engine->store, a->id, c->request.content,
	    c->request.offset, LIMIT_CONTROL_BODY, &bytes);
	if (st != ST_OK) {
		control_finish(c, st);
		return;
	}
	b = control_answer(c, &begun);
	pack_span(b, buf_span(&bytes));
	control_answered(c, begun);
}

static void
on_reindex(struct control *c)
{
	struct account *a = c->account;

	if (a->engine->indexer == NULL) {
		control_finish_text(c, ST_IO, "there is no search index");
		return;
	}
	indexer_rebuild(a->engine->indexer, a->id);
	control_finish(c, ST_OK);
}

static void
on_indexing(struct control *c)
{
	struct account *a = c->account;
	enum status st = ST_NOTFOUND;
	uint64_t done;
	uint64_t all;
	struct buf *b;
	size_t begun;

	if (a->engine->indexer != NULL)
		st = indexer_progress(a->engine->indexer, a->id, &done, &all);
	if (st != ST_OK && st != ST_AGAIN) {
		control_finish(c, st);
		return;
	}
	b = control_answer(c, &begun);
	pack_u64(b, st == ST_OK);
	pack_u64(b, done);
	pack_u64(b, all);
	control_answered(c, begun);
}

/* PREPARE, in two changes: the mailbox is there before it is changed. */

/* A use that a mailbox without messages has is free for this one. */
static enum status
take_use(struct change *ch, struct span name, unsigned use)
{
	struct account *a = change_account(ch);
	const struct mbox *mine = mbox_find(a->list, name);
	const struct mbox *other = mbox_by_use(a->list, use);
	struct mailbox *mb;
	enum status st = ST_OK;

	if (use == 0 || mine->use != 0 || other == mine)
		return ST_OK;
	if (other != NULL) {
		st = mailbox_open(a, other->id, &mb);
		if (st != ST_OK || mb->current->uidnext != 1)
			return st;
		st = change_use(ch, other->name, other->use & ~use);
	}
	return st == ST_OK ? change_use(ch, name, use) : st;
}

static void
answer_target(struct control *c, const struct mbox *m)
{
	struct control_target t = { .mailbox = m->id };
	struct mailbox *mb;
	size_t begun;
	enum status st = mailbox_open(c->account, m->id, &mb);

	if (st != ST_OK) {
		control_finish(c, st);
		return;
	}
	t.uidvalidity = mb->current->uidvalidity;
	t.uidnext = mb->current->uidnext;
	control_target_pack(control_answer(c, &begun), &t);
	control_answered(c, begun);
}

static void
prepared(void *ctx, enum status st)
{
	struct control *c = ctx;
	const struct mbox *m = mbox_find(c->account->list, c->request.name);

	if (st == ST_OK && (m == NULL || !m->exists))
		st = ST_NOTFOUND;
	if (st == ST_OK)
		answer_target(c, m);
	else
		control_finish(c, st);
}

static enum status
adjust(struct control *c, struct change *ch)
{
	const struct control_request *r = &c->request;
	const struct mbox *m = mbox_find(c->account->list, r->name);
	struct mailbox *mb;
	enum status st;

	if (m == NULL || !m->exists)
		return ST_NOTFOUND;
	st = mailbox_open(c->account, m->id, &mb);
	if (st == ST_OK)
		st = take_use(ch, r->name, r->use);
	if (st == ST_OK && r->subscribed)
		st = change_subscribe(ch, r->name, true);
	if (st == ST_OK && r->uidvalidity != 0 && mb->head->uidnext == 1 &&
	    mb->head->uidvalidity != r->uidvalidity)
		st = change_uidvalidity(ch, mb, r->uidvalidity);
	return st;
}

static void
created(void *ctx, enum status st)
{
	struct control *c = ctx;
	struct change *ch = NULL;

	if (st == ST_OK)
		st = change_begin(c->account, &ch);
	if (st == ST_OK)
		st = adjust(c, ch);
	if (st == ST_OK) {
		change_submit(&ch, prepared, c);
		return;
	}
	change_abort(&ch);
	control_finish(c, st);
}

static void
on_prepare(struct control *c)
{
	struct change *ch = NULL;
	const struct mbox *m;
	enum status st;

	if (!control_name(c, c->request.name, &c->request.name))
		return;
	m = mbox_find(c->account->list_head, c->request.name);
	st = change_begin(c->account, &ch);
	if (st == ST_OK && (m == NULL || !m->exists))
		st = change_create(ch, c->request.name, 0, NULL);
	if (st == ST_OK) {
		change_submit(&ch, created, c);
		return;
	}
	change_abort(&ch);
	control_finish(c, st);
}

void
control_run(struct control *c)
{
	static void (*const run[CONTROL_OPS])(struct control * c) = {
		[CONTROL_MAILBOXES] = on_mailboxes,
		[CONTROL_USAGE] = on_usage,
		[CONTROL_CREATE] = on_create,
		[CONTROL_DELETE] = on_delete,
		[CONTROL_RENAME] = on_rename,
		[CONTROL_ERASE] = control_erase,
		[CONTROL_PREPARE] = on_prepare,
		[CONTROL_IMPORT] = control_import,
		[CONTROL_UIDNEXT] = on_uidnext,
		[CONTROL_ROWS] = on_rows,
		[CONTROL_BODY] = on_body,
		[CONTROL_REINDEX] = on_reindex,
		[CONTROL_INDEXING] = on_indexing,
	};

	run[c->request.op](c);
}
