#include "engine/change.h"
#include "engine/session.h"
#include "imap/args_store.h"

/*
 * COPY and MOVE with their UID forms: RFC 9051 sections 6.4.7 and 6.4.8,
 * RFC 4315, RFC 6851.  What is gone already is passed over.
 */
struct progress {
	struct uidset from;
	struct uidset to;
	uint32_t uidvalidity;
	bool missing;
};

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	uidset_clear(&p->from);
	uidset_clear(&p->to);
}

static enum status
make_change(struct cmd *c, struct change *ch, bool move)
{
	CLEANUP(uidset_clear) struct uidset uids = { 0 };
	const struct copy_args *args = c->args;
	struct session *s = c->session;
	struct progress *p = c->progress;
	const struct mbox *m = mbox_find(s->account->list, args->mailbox);
	struct mailbox *to;
	enum status st;

	if (m == NULL || !m->exists)
		return ST_NOTFOUND;
	st = mailbox_open(s->account, m->id, &to);
	if (st == ST_OK)
		st = session_resolve(s, &args->set, args->uid, &uids);
	if (st == ST_OK)
		st = (move ? change_move : change_copy)(ch, s->mailbox, &uids,
		    to, &p->from, &p->to);
	if (st != ST_OK)
		return st;
	p->uidvalidity = to->current->uidvalidity;
	p->missing = uidset_count(&p->from) < uidset_count(&uids);
	return ST_OK;
}

/* Also not if it is being deleted at this moment. */
static bool
is_there(const struct account *a, struct span name)
{
	const struct mbox *m = mbox_find(a->list, name);
	const struct mbox *head = mbox_find(a->list_head, name);

	return m != NULL && m->exists && head != NULL && head->id == m->id &&
	       head->exists;
}

static enum step
begin(struct cmd *c, bool move)
{
	const struct copy_args *args = c->args;
	struct session *s = c->session;
	struct change *ch = NULL;
	enum status st;

	if (session_load(s, &args->set, args->uid))
		return STEP_MORE;
	/* The target is looked at first: the code says what to do about it. */
	c->progress = ARENA_NEW(c->arena, struct progress);
	c->cleanup = clear_progress;
	st = change_begin(s->account, &ch);
	if (st == ST_OK)
		st = make_change(c, ch, move);
	if (st == ST_OK)
		return cmd_submit(c, &ch);
	change_abort(&ch);
	if (st == ST_BAD)
		return cmd_bad(c, "There is no message of that number");
	if (st == ST_NOTFOUND && !is_there(s->account, args->mailbox))
		return cmd_trycreate(c);
	return cmd_finish(c, st, "");
}

static struct span
copyuid(struct cmd *c)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const struct progress *p = c->progress;

	buf_printf(&b, "COPYUID %u ", p->uidvalidity);
	uidset_write(&b, &p->from);
	buf_byte(&b, ' ');
	uidset_write(&b, &p->to);
	return arena_dup(c->arena, buf_span(&b));
}

enum step
run_copy(struct cmd *c)
{
	const struct progress *p = c->progress;

	if (p == NULL)
		return begin(c, false);
	if (c->st != ST_OK)
		return cmd_finish(c, c->st, "");
	if (!uidset_empty(&p->to))
		return cmd_finish_code(c, copyuid(c), "Copied");
	if (p->missing)
		return cmd_finish_code(c, SPAN("EXPUNGEISSUED"),
		    "All of these are gone");
	return cmd_finish(c, ST_OK, "There was nothing to copy");
}

/* RFC 6851 section 4.3: COPYUID comes before the EXPUNGEs. */
enum step
run_move(struct cmd *c)
{
	const struct progress *p = c->progress;
	struct session *s = c->session;

	if (p == NULL)
		return begin(c, true);
	if (c->st != ST_OK)
		return cmd_finish(c, c->st, "");
	if (uidset_empty(&p->to))
		return cmd_finish(c, ST_OK, "There was nothing to move");
	write_condition(session_out(s), (struct span){ 0 }, COND_OK, copyuid(c),
	    SPAN("Moved"), session_utf8(s));
	/* RFC 7162 section 3.2.8: as with EXPUNGE. */
	if (session_condstore(s))
		return cmd_finish_code(c,
		    arena_printf(c->arena, "HIGHESTMODSEQ %llu",
			(unsigned long long)s->mailbox->current->modseq),
		    "Moved");
	return cmd_finish(c, ST_OK, "Moved");
}
