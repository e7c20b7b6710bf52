#include <stdlib.h>

#include "base/mem.h"
#include "engine/change_in.h"
#include "engine/checkpoint.h"
#include "engine/mailbox.h"
#include "engine/version_edit.h"
#include "imap/mailbox_name.h"
#include "store/store.h"

static void
set_list(struct change *c, struct mbox_list *l)
{
	mbox_list_unref(&c->list);
	c->list = l;
	c->writes = true;
	c->counts = true;
}

static void
put_entry(struct change *c, const struct mbox *m)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of1(KEY_ENTRY, m->id);

	pack_mbox(&value, m);
	batch_put(c->batch, key_span(&key), buf_span(&value));
	set_list(c, mbox_list_put(change_list(c), m));
}

static void
drop_entry(struct change *c, uint64_t id)
{
	struct key key = key_of1(KEY_ENTRY, id);

	batch_delete(c->batch, key_span(&key));
	set_list(c, mbox_list_drop(change_list(c), id));
}

/* RFC 9051 section 2.3.1.1: higher than that of any mailbox before. */
static uint32_t
next_uidvalidity(struct change *c)
{
	uint32_t now = (uint32_t)clock_wall();

	c->state.uidvalidity = MAX(c->state.uidvalidity + 1, now);
	return c->state.uidvalidity;
}

static void
write_root(struct change *c, struct mailbox *mb, struct version *v)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of1(KEY_ROOT, mb->id);
	struct root root = { .version = v,
		.recent_uid = mb->recent_uid,
		.next_image = mb->next_image,
		.gone_floor = mb->gone_floor };

	pack_root(&value, &root);
	batch_put(c->batch, key_span(&key), buf_span(&value));
}

/* A mailbox without messages, known only to this change yet. */
static struct mailbox *
make_mailbox(struct change *c, uint64_t id, uint32_t uidvalidity)
{
	struct mailbox *mb = mailbox_new(c->account, id);
	struct touched *t = MEM_NEW(struct touched);

	mb->gone_floor = c->modseq - 1;
	t->mailbox = mb;
	t->created = true;
	t->changed = true;
	t->edit = version_new(uidvalidity, c->modseq, &mb->source);
	t->next = c->touched;
	c->touched = t;
	write_root(c, mb, t->edit);
	return mb;
}

static size_t
count_existing(const struct mbox_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->item[i]->exists;
	return n;
}

/* Names that are only subscribed to count as well, but twice as many fit. */
static bool
may_add(const struct change *c)
{
	return change_list(c)->n < c->account->engine->mailboxes_max * 2;
}

static enum status
create_one(struct change *c, struct span name, unsigned use, uint64_t *out_id)
{
	const struct mbox *old = mbox_find(change_list(c), name);
	struct mbox m = { .name = name, .exists = true, .use = use };
	uint64_t old_id = old != NULL ? old->id : 0;

	if (old != NULL && old->exists)
		return ST_EXISTS;
	if (count_existing(change_list(c)) >=
		c->account->engine->mailboxes_max ||
	    (old == NULL && !may_add(c)))
		return ST_LIMIT;
	m.subscribed = old != NULL && old->subscribed;
	if (old != NULL)
		drop_entry(c, old_id); /* a new mailbox, so a new id */
	m.id = c->state.mailbox++;
	m.uidvalidity = next_uidvalidity(c);
	(void)make_mailbox(c, m.id, m.uidvalidity);
	put_entry(c, &m);
	if (out_id != NULL)
		*out_id = m.id;
	return ST_OK;
}

static enum status
create_parents(struct change *c, struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		enum status st;

		if (name.p[i] != MAILBOX_DELIMITER)
			continue;
		st = create_one(c, span_head(name, i), 0, NULL);
		if (st != ST_OK && st != ST_EXISTS)
			return st;
	}
	return ST_OK;
}

enum status
change_create(struct change *c, struct span name, unsigned use,
    uint64_t *out_id)
{
	const struct mbox *old = mbox_find(change_list(c), name);
	enum status st;

	if (old != NULL && old->exists)
		return ST_EXISTS;
	st = create_parents(c, name);
	return st == ST_OK ? create_one(c, name, use, out_id) : st;
}

enum status
change_uidvalidity(struct change *c, struct mailbox *mb, uint32_t uidvalidity)
{
	const struct mbox *old = mbox_by_id(change_list(c), mb->id);
	struct touched *t;
	struct mbox m;
	enum status st = change_touch(c, mb, &t);

	if (st == ST_OK && old == NULL)
		st = ST_NOTFOUND;
	if (st == ST_OK && t->edit->uidnext != 1)
		st = ST_EXISTS;
	if (st != ST_OK)
		return st;
	t->edit->uidvalidity = uidvalidity;
	c->state.uidvalidity = MAX(c->state.uidvalidity, uidvalidity);
	write_root(c, mb, t->edit);
	m = *old;
	m.uidvalidity = uidvalidity;
	put_entry(c, &m);
	return ST_OK;
}

enum status
change_uidnext(struct change *c, struct mailbox *mb, uint32_t uidnext)
{
	struct touched *t;
	enum status st;

	if (uidnext <= change_version(c, mb)->uidnext)
		return ST_OK;
	st = change_touch(c, mb, &t);
	if (st != ST_OK)
		return st;
	t->edit->uidnext = uidnext;
	op_uidnext(&t->op, uidnext);
	return ST_OK;
}

static void
delete_keys(struct change *c, uint64_t id)
{
	static const enum key_kind kinds[] = { KEY_ROOT, KEY_SEGMENT, KEY_LEAF,
		KEY_OP, KEY_GONE, KEY_IMPORT };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct key from = key_of1(kinds[i], id);
		struct key to = key_of1(kinds[i], id + 1);

		batch_delete_range(c->batch, key_span(&from), key_span(&to));
	}
}

enum status
change_delete(struct change *c, struct span name)
{
	const struct mbox *old = mbox_find(change_list(c), name);
	struct mailbox *mb;
	struct touched *t;
	struct mbox m;
	enum status st;

	if (old == NULL || !old->exists)
		return ST_NOTFOUND;
	st = mailbox_open_head(c->account, old->id, &mb);
	if (st == ST_OK)
		st = change_drop_all(c, mb);
	if (st == ST_OK)
		st = change_touch(c, mb, &t);
	if (st != ST_OK)
		return st;

	t->deleted = true;
	m = *old;
	delete_keys(c, m.id);
	m.exists = false;
	m.use = 0;
	if (m.subscribed)
		put_entry(c, &m);
	else
		drop_entry(c, m.id);
	return ST_OK;
}

/*
 * The new name is subscribed to if the old one was, so that it stays in sight;
 * the old one remains in the list of subscriptions, as only the client may
 * take it out (RFC 9051 sections 6.3.6 and 6.3.7, RFC 3501 section 6.3.6).
 */
static enum status
rename_one(struct change *c, const struct mbox *old, struct span name)
{
	const struct mbox *at = mbox_find(change_list(c), name);
	struct mbox m = *old;

	if (at != NULL && at->exists)
		return ST_EXISTS;
	m.name = name;
	if (at != NULL) {
		m.subscribed = m.subscribed || at->subscribed;
		drop_entry(c, at->id);
	}
	put_entry(c, &m);
	return old->subscribed ? change_subscribe(c, old->name, true) : ST_OK;
}

/* A name below `from` as the same below `to`. */
static struct span
moved_name(struct buf *b, struct span name, struct span from, struct span to)
{
	buf_reset(b);
	buf_add(b, to);
	buf_add(b, span_from(name, from.n));
	return buf_span(b);
}

enum status
change_rename(struct change *c, struct span from, struct span to)
{
	CLEANUP(buf_clear) struct buf name = { 0 };
	const struct mbox *old = mbox_find(change_list(c), from);
	struct mbox_list *before;
	enum status st;

	if (old == NULL || !old->exists)
		return ST_NOTFOUND;
	st = create_parents(c, to);
	before = mbox_list_ref(change_list(c));
	for (size_t i = 0; i < before->n && st == ST_OK; i++) {
		const struct mbox *m = before->item[i];

		if (span_eq(m->name, from))
			st = rename_one(c, m, to);
		else if (m->exists && mailbox_name_is_below(m->name, from))
			st = rename_one(c, m,
			    moved_name(&name, m->name, from, to));
	}
	mbox_list_unref(&before);
	return st;
}

enum status
change_rename_inbox(struct change *c, struct span to)
{
	CLEANUP(uidset_clear) struct uidset from_uids = { 0 };
	CLEANUP(uidset_clear) struct uidset to_uids = { 0 };
	const struct mbox *inbox = mbox_find(change_list(c), SPAN("INBOX"));
	struct uidrange all = { 1, UINT32_MAX };
	struct uidset every = { &all, 1, 1 };
	struct mailbox *from;
	struct mailbox *made;
	bool subscribed;
	uint64_t from_id;
	uint64_t id;
	enum status st;

	if (inbox == NULL || !inbox->exists)
		return ST_NOTFOUND;
	from_id = inbox->id;
	subscribed = inbox->subscribed;
	st = change_create(c, to, 0, &id);
	if (st == ST_OK && subscribed)
		st = change_subscribe(c, to, true);
	if (st == ST_OK)
		st = mailbox_open_head(c->account, from_id, &from);
	if (st == ST_OK)
		st = mailbox_open_head(c->account, id, &made);
	if (st != ST_OK)
		return st;
	return change_move(c, from, &every, made, &from_uids, &to_uids);
}

enum status
change_subscribe(struct change *c, struct span name, bool on)
{
	const struct mbox *old = mbox_find(change_list(c), name);
	struct mbox m = { .name = name };

	if (old != NULL)
		m = *old;
	if (m.subscribed == on)
		return ST_OK;
	if (old == NULL) {
		if (!may_add(c))
			return ST_LIMIT;
		m.id = c->state.mailbox++;
	}
	m.subscribed = on;
	if (!m.exists && !on)
		drop_entry(c, m.id);
	else
		put_entry(c, &m);
	return ST_OK;
}

enum status
change_use(struct change *c, struct span name, unsigned use)
{
	const struct mbox *old = mbox_find(change_list(c), name);
	struct mbox m;

	if (old == NULL || !old->exists)
		return ST_NOTFOUND;
	m = *old;
	m.use = use;
	put_entry(c, &m);
	return ST_OK;
}
