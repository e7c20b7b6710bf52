#include "engine/list_line.h"
#include "engine/object_id.h"
#include "imap/args_mailbox.h"

/*
 * SELECT and EXAMINE: RFC 9051 section 6.3.2, RFC 7162 section 3.2.5.
 * Nothing is waited for but output: a mailbox opens in one step.
 */

static void
write_ok(struct session *s, const char *code, uint64_t n, const char *text)
{
	struct buf *b = session_out(s);

	BUF_LIT(b, "* OK [");
	buf_str(b, code);
	buf_byte(b, ' ');
	buf_u64(b, n);
	BUF_LIT(b, "] ");
	buf_str(b, text);
	BUF_LIT(b, "\r\n");
}

static void
write_unseen(struct session *s)
{
	uint32_t first = version_first_unseen(s->version);

	/* RFC 9051 has it no more. */
	if (first > 0 && !session_rev2(s))
		write_ok(s, "UNSEEN", first, "The first unseen message");
}

/* RFC 9051 section 6.3.2: the name as it is now, and as it was given. */
static void
write_list(struct session *s, const struct mbox *m, struct span given)
{
	struct buf *b = session_out(s);
	struct list_line line = { .list = s->account->list,
		.name = m->name,
		.mbox = m,
		.subscribed = true };

	if (!session_rev2(s))
		return;
	list_line_write(s, &line);
	if (!span_eq(m->name, given)) {
		BUF_LIT(b, " (\"OLDNAME\" (");
		write_mailbox(b, given, true);
		BUF_LIT(b, "))");
	}
	BUF_LIT(b, "\r\n");
}

/* The numbers of a set, one by one. */
struct numbers {
	const struct uidset *set;
	size_t range;
	uint32_t last; /* 0 before the first of a range */
};

static bool
next_number(struct numbers *n)
{
	if (n->last != 0 && n->last == n->set->r[n->range].hi) {
		n->range++;
		n->last = 0;
	}
	if (n->range == n->set->n)
		return false;
	n->last = n->last == 0 ? n->set->r[n->range].lo : n->last + 1;
	return true;
}

/*
 * Where the client's idea of a number's UID is still right (RFC 7162 section
 * 3.2.5.2), the client knows of everything before it.
 */
static uint32_t
known_right_up_to(struct session *s, const struct qresync_args *q)
{
	CLEANUP(uidset_clear) struct uidset seqs = { 0 };
	CLEANUP(uidset_clear) struct uidset uids = { 0 };
	struct numbers seq = { .set = &seqs };
	struct numbers uid = { .set = &uids };
	uint32_t right = 0;
	struct row row;

	seq_set_resolve(&q->match_seqs, 0, &seqs);
	seq_set_resolve(&q->match_uids, 0, &uids);
	while (next_number(&seq) && next_number(&uid)) {
		if (version_find(s->version, uid.last, &row) != ST_OK ||
		    row.seq != seq.last)
			break;
		right = uid.last;
	}
	return right;
}

static enum status
write_vanished(struct session *s, const struct qresync_args *q)
{
	CLEANUP(uidset_clear) struct uidset known = { 0 };
	CLEANUP(uidset_clear) struct uidset gone = { 0 };
	const struct version *v = s->version;
	struct buf *b = session_out(s);
	uint32_t right;
	enum status st;

	if (q->known_uids.n > 0)
		seq_set_resolve(&q->known_uids, v->uidnext - 1, &known);
	else if (v->uidnext > 1)
		uidset_add_range(&known, 1, v->uidnext - 1);
	/* Only if what went can't be told exactly are the pairs of use. */
	if (q->modseq < s->mailbox->gone_floor && q->match_seqs.n > 0) {
		right = known_right_up_to(s, q);
		if (right > 0)
			uidset_remove_range(&known, 1, right);
	}
	st = mailbox_vanished(s->mailbox, q->modseq, v, &known, &gone);
	if (st != ST_OK || uidset_empty(&gone))
		return st;
	BUF_LIT(b, "* VANISHED (EARLIER) ");
	uidset_write(b, &gone);
	BUF_LIT(b, "\r\n");
	return ST_OK;
}

struct progress {
	struct rows changed;
	struct uidset known;
};

static enum step
finish_select(struct cmd *c)
{
	if (c->session->read_only)
		return cmd_finish_code(c, SPAN("READ-ONLY"), "Selected");
	return cmd_finish_code(c, SPAN("READ-WRITE"), "Selected");
}

/* The flags that changed while the client was away. */
static enum step
write_changed(struct cmd *c)
{
	struct progress *p = c->progress;
	struct row row;

	while (session_room(c->session) && !cmd_slice_over(c)) {
		if (rows_next(&p->changed, &row) != ST_OK)
			return finish_select(c);
		if (uidset_empty(&p->known) ||
		    uidset_has(&p->known, row.state->uid))
			session_write_flags(c->session, c->session->version,
			    &row);
	}
	return STEP_MORE;
}

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	if (p != NULL)
		uidset_clear(&p->known);
}

static enum step
resync(struct cmd *c, const struct qresync_args *q)
{
	struct session *s = c->session;
	struct progress *p = ARENA_NEW(c->arena, struct progress);
	enum status st;

	if (q->uidvalidity != s->version->uidvalidity)
		return finish_select(c);
	st = write_vanished(s, q);
	if (st != ST_OK) {
		session_unselect(s);
		return cmd_finish(c, st, "");
	}
	c->progress = p;
	c->cleanup = clear_progress;
	p->changed = rows_all(s->version);
	rows_only_above(&p->changed, q->modseq);
	if (q->known_uids.n > 0)
		seq_set_resolve(&q->known_uids, s->version->uidnext - 1,
		    &p->known);
	return write_changed(c);
}

/* OBJECTID+ section 7.1: by its ids, if there is one; else by its name. */
static const struct mbox *
find(const struct session *s, const struct select_args *args)
{
	const struct account *a = s->account;
	uint64_t id = object_id_read(args->mailbox_id, 'M');
	const struct mbox *m = NULL;

	if (id != 0 && (args->account_id.n == 0 ||
			   object_id_read(args->account_id, 'A') == a->id))
		m = mbox_by_id(a->list, id);
	if (m == NULL || !m->exists)
		m = mbox_find(a->list, args->name);
	return m != NULL && m->exists ? m : NULL;
}

static enum status
enter(struct session *s, const struct mbox *m, bool read_only)
{
	struct mailbox *mb;
	enum status st;

	if (m == NULL)
		return ST_NOTFOUND;
	st = mailbox_open(s->account, m->id, &mb);
	if (st != ST_OK)
		return st;
	s->mailbox = mb;
	s->read_only = read_only;
	s->state = STATE_SELECTED;
	sync_claim_recent(s, mb->current);
	s->version = version_ref(mb->current);
	return ST_OK;
}

static enum step
select_mailbox(struct cmd *c, bool read_only)
{
	const struct select_args *args = c->args;
	struct session *s = c->session;
	const struct mbox *m;
	enum status st;

	if (c->progress != NULL)
		return write_changed(c);
	if (args->qresync != NULL && (s->enabled & ENABLED_QRESYNC) == 0)
		return cmd_bad(c, "ENABLE QRESYNC comes first");
	if (args->objectid)
		session_enable_objectid(s);
	if (s->state == STATE_SELECTED) {
		session_unselect(s);
		/* RFC 7162 section 3.2.11, RFC 9051 section 7.1. */
		BUF_LIT(session_out(s),
		    "* OK [CLOSED] The mailbox before is closed\r\n");
	}
	if (args->condstore || args->qresync != NULL)
		session_enable_condstore(s);
	m = find(s, args);
	st = enter(s, m, read_only);
	if (st != ST_OK)
		return cmd_finish(c, st, "");

	sync_write_keywords(s, s->version);
	sync_write_counts(s, s->version);
	write_unseen(s);
	write_ok(s, "UIDVALIDITY", s->version->uidvalidity, "UIDs are valid");
	write_ok(s, "UIDNEXT", s->version->uidnext, "The next UID");
	write_ok(s, "HIGHESTMODSEQ", s->version->modseq, "Highest");
	BUF_LIT(session_out(s), "* OK [");
	object_id_write_code(session_out(s), s, m->id);
	BUF_LIT(session_out(s), "] Its id\r\n");
	write_list(s, m, args->given);
	if (args->qresync != NULL)
		return resync(c, args->qresync);
	return finish_select(c);
}

enum step
run_select(struct cmd *c)
{
	return select_mailbox(c, false);
}

enum step
run_examine(struct cmd *c)
{
	return select_mailbox(c, true);
}

enum step
run_unselect(struct cmd *c)
{
	session_unselect(c->session);
	return cmd_finish(c, ST_OK, "Unselected");
}
