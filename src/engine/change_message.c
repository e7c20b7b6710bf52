#include <stdlib.h>

#include "base/mem.h"
#include "engine/change_in.h"
#include "engine/mailbox.h"
#include "engine/message.h"
#include "engine/message_thread.h"
#include "engine/share.h"
#include "engine/version_edit.h"
#include "store/store.h"

enum status
change_keyword(struct change *c, struct mailbox *mb, struct span name,
    unsigned *out_bit)
{
	const struct keywords *more;
	struct touched *t;
	enum status st = change_look(c, mb, &t);

	if (st != ST_OK)
		return st;
	if (keywords_bit(t->edit->keywords, name, out_bit))
		return ST_OK;
	st = keywords_with(t->edit->keywords, name, &more);
	if (st != ST_OK)
		return st;
	change_mark(c, t);
	*out_bit = FLAG_SYSTEM_COUNT + keywords_count(t->edit->keywords);
	version_set_keywords(t->edit, more);
	op_keyword(&t->op, name);
	return ST_OK;
}

static enum status
share(struct change *c, uint64_t content)
{
	enum status st = share_add(c->account, content);

	if (st == ST_OK)
		uint64_list_add(&c->shared, content);
	return st;
}

/* One message less has the content; the last one leaves it to be collected. */
static enum status
unshare(struct change *c, uint64_t content)
{
	bool last;
	enum status st = share_drop(c->account, content, &last);

	if (st == ST_OK)
		uint64_list_add(last ? &c->garbage : &c->unshared, content);
	return st;
}

/* Room for so much more? */
static enum status
take_quota(struct change *c, uint64_t bytes, uint64_t messages)
{
	const struct account *a = c->account;

	if ((a->quota_bytes > 0 && c->state.bytes + bytes > a->quota_bytes) ||
	    (a->quota_messages > 0 &&
		c->state.messages + messages > a->quota_messages))
		return ST_QUOTA;
	c->state.bytes += bytes;
	c->state.messages += messages;
	return ST_OK;
}

/* The content that the message gets. */
static uint64_t
write_content(struct change *c, const struct message *m)
{
	uint64_t content = c->state.content++;
	struct key key = key_of1(KEY_RECORD, content);

	batch_put(c->batch, key_span(&key), buf_span(&m->record));
	if (m->packed.n > 0)
		batch_packed_body(c->batch, content, buf_span(&m->packed));
	else
		batch_body(c->batch, content, m->bytes);
	return content;
}

uint64_t
change_deposit(struct change *c, const struct message *m)
{
	uint64_t content = write_content(c, m);

	uint64_list_add(&c->garbage, content);
	c->deposits = true;
	c->counts = true;
	c->writes = true;
	return content;
}

static enum status
add_row(struct touched *t, struct msg_state *s, const struct msg_facts *f)
{
	enum status st;

	if (s->uid == 0)
		s->uid = t->edit->uidnext;
	if (s->uid < t->edit->uidnext || s->uid == UINT32_MAX)
		return ST_LIMIT;
	st = version_append(t->edit, s, f);
	if (st == ST_OK)
		op_append(&t->op, s, f);
	return st;
}

enum status
change_append(struct change *c, struct mailbox *mb, struct arrival *a,
    uint32_t *out_uid)
{
	const struct message *m = a->message;
	struct msg_state s = { a->uid, c->modseq, a->flags };
	struct msg_facts f = {
		.internal_wall = a->internal.wall,
		.internal_zone_min = (int16_t)(a->internal.zone_secs / 60),
		.saved_wall = clock_wall(),
		.sent_wall = m->has_date ? m->sent.wall : a->internal.wall,
		.sent_zone_min =
		    (int16_t)((m->has_date ? m->sent.zone_secs
					   : a->internal.zone_secs) /
			      60),
		.size = (uint32_t)m->size,
	};
	struct touched *t;
	enum status st = change_touch(c, mb, &t);

	if (st == ST_OK && m->size > UINT32_MAX)
		st = ST_LIMIT;
	if (st == ST_OK)
		st = take_quota(c, m->size, 1);
	if (st != ST_OK)
		return st;
	if (a->content == 0) {
		a->content =
		    a->deposited != 0 ? a->deposited : write_content(c, m);
		f.email = a->content;
		st = message_thread(c, m, a->content, &a->thread);
	} else {
		f.email = c->state.content++;
		st = share(c, a->content);
	}
	f.content = a->content;
	f.thread = a->thread;
	if (st == ST_OK)
		st = add_row(t, &s, &f);
	if (st == ST_OK)
		*out_uid = s.uid;
	return st;
}

enum status
change_flags(struct change *c, struct mailbox *mb, const struct uidset *uids,
    enum flag_op op, struct flags mask, struct uidset *changed)
{
	CLEANUP(uidset_clear) struct uidset mine = { 0 };
	struct touched *t;
	enum status st = change_look(c, mb, &t);

	if (st == ST_OK)
		st = version_set_flags(t->edit, uids, op, mask, &mine);
	if (st != ST_OK || uidset_empty(&mine))
		return st;
	change_mark(c, t);
	op_flags(&t->op, op, mask, &mine);
	if (changed != NULL)
		uidset_add_set(changed, &mine);
	return ST_OK;
}

static void
give_quota_back(struct change *c, uint64_t bytes, uint64_t messages)
{
	c->state.bytes -= MIN(c->state.bytes, bytes);
	c->state.messages -= MIN(c->state.messages, messages);
}

struct expunging {
	struct change *change;
	struct touched *touched;
	struct uidset gone;
	bool moved; /* their contents are somewhere else already */
	enum status st;
};

static void
take_gone(void *ctx, const struct row *row)
{
	struct expunging *e = ctx;

	uidset_add(&e->gone, row->state->uid);
	give_quota_back(e->change, row->facts->size, 1);
	if (!e->moved && e->st == ST_OK)
		e->st = unshare(e->change, row->facts->content);
}

static enum status
expunge(struct change *c, struct mailbox *mb, const struct uidset *uids,
    bool moved, struct uidset *gone)
{
	struct expunging e = { .change = c, .moved = moved };
	enum status st = change_look(c, mb, &e.touched);

	if (st == ST_OK)
		st = version_expunge(e.touched->edit, uids, take_gone, &e);
	if (st == ST_OK)
		st = e.st;
	if (st == ST_OK && !uidset_empty(&e.gone)) {
		change_mark(c, e.touched);
		op_expunge(&e.touched->op, &e.gone);
		uidset_add_set(&e.touched->gone, &e.gone);
		if (gone != NULL)
			uidset_add_set(gone, &e.gone);
	}
	uidset_clear(&e.gone);
	return st;
}

enum status
change_expunge(struct change *c, struct mailbox *mb, const struct uidset *uids,
    struct uidset *gone)
{
	return expunge(c, mb, uids, false, gone);
}

enum status
change_drop_all(struct change *c, struct mailbox *mb)
{
	struct touched *t;
	enum status st = change_touch(c, mb, &t);
	struct rows rows;
	struct row row;

	if (st != ST_OK)
		return st;
	give_quota_back(c, t->edit->totals.bytes, t->edit->totals.count);
	rows = rows_all(t->edit);
	while (st == ST_OK) {
		st = rows_next(&rows, &row);
		if (st == ST_OK)
			st = unshare(c, row.facts->content);
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Keywords of one mailbox as those of another. */
static enum status
translate(struct change *c, const struct keywords *from, struct mailbox *to,
    struct flags *f)
{
	struct flags made = { { f->w[0] & FLAGS_SYSTEM, 0 } };

	for (unsigned i = 0; i < keywords_count(from); i++) {
		unsigned bit;
		enum status st;

		if (!flags_bit(*f, FLAG_SYSTEM_COUNT + i))
			continue;
		st = change_keyword(c, to, keywords_name(from, i), &bit);
		if (st == ST_OK)
			flags_set_bit(&made, bit);
		else if (st != ST_LIMIT) /* its table is full: without it */
			return st;
	}
	*f = made;
	return ST_OK;
}

/* The rows of a set, as copies: the mailbox may be the one they go to. */
struct rows_copy {
	struct msg_state *s;
	struct msg_facts *f;
	size_t n;
	size_t s_cap;
	size_t f_cap;
	uint64_t bytes;
};

static enum status
take_rows(const struct version *v, const struct uidset *uids,
    struct rows_copy *out)
{
	struct rows rows = rows_of(v, uids, true);
	struct row row;
	enum status st;

	while ((st = rows_next(&rows, &row)) == ST_OK) {
		out->s = mem_grow(out->s, out->n, &out->s_cap, sizeof(*out->s));
		out->f = mem_grow(out->f, out->n, &out->f_cap, sizeof(*out->f));
		out->s[out->n] = *row.state;
		out->f[out->n++] = *row.facts;
		out->bytes += row.facts->size;
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

static void
rows_copy_clear(struct rows_copy *r)
{
	free(r->s);
	free(r->f);
}

static enum status
copy_rows(struct change *c, const struct keywords *from, struct mailbox *to,
    struct rows_copy *rows, bool move, struct uidset *out_to)
{
	int64_t now = clock_wall();
	struct touched *t;
	enum status st = change_touch(c, to, &t);

	for (size_t i = 0; i < rows->n && st == ST_OK; i++) {
		struct msg_state *s = &rows->s[i];
		struct msg_facts *f = &rows->f[i];

		s->uid = 0;
		s->modseq = c->modseq;
		f->saved_wall = now;
		if (s->flags.w[1] != 0 || s->flags.w[0] > FLAGS_SYSTEM)
			st = translate(c, from, to, &s->flags);
		if (st == ST_OK && !move) {
			f->email = c->state.content++;
			st = share(c, f->content);
		}
		if (st == ST_OK)
			st = add_row(t, s, f);
		if (st == ST_OK)
			uidset_add(out_to, s->uid);
	}
	return st;
}

/* What is to go where, and what became of it. */
struct copying {
	struct mailbox *from;
	const struct uidset *uids;
	struct mailbox *to;
	bool move;
	struct uidset *out_from;
	struct uidset *out_to;
};

static enum status
copy(struct change *c, const struct copying *g)
{
	struct version *v = change_version(c, g->from);
	const struct keywords *k;
	CLEANUP(rows_copy_clear) struct rows_copy rows = { 0 };
	enum status st;

	/* What a deleted mailbox had is garbage, though some still see it. */
	if (v == NULL || g->from->deleting || g->from->gone)
		return ST_NOTFOUND;
	st = take_rows(v, g->uids, &rows);
	if (st != ST_OK || rows.n == 0)
		return st;
	for (size_t i = 0; i < rows.n; i++)
		uidset_add(g->out_from, rows.s[i].uid);
	if (!g->move)
		st = take_quota(c, rows.bytes, rows.n);
	if (st != ST_OK)
		return st;
	k = keywords_ref(v->keywords);
	st = copy_rows(c, k, g->to, &rows, g->move, g->out_to);
	keywords_unref(&k);
	return st;
}

enum status
change_copy(struct change *c, struct mailbox *from, const struct uidset *uids,
    struct mailbox *to, struct uidset *out_from, struct uidset *out_to)
{
	return copy(c,
	    &(struct copying){ from, uids, to, false, out_from, out_to });
}

enum status
change_move(struct change *c, struct mailbox *from, const struct uidset *uids,
    struct mailbox *to, struct uidset *out_from, struct uidset *out_to)
{
	uint64_t bytes = c->state.bytes;
	uint64_t messages = c->state.messages;
	enum status st = copy(c,
	    &(struct copying){ from, uids, to, true, out_from, out_to });

	if (st == ST_OK)
		st = expunge(c, from, out_from, true, NULL);
	c->state.bytes = bytes;
	c->state.messages = messages;
	return st;
}
