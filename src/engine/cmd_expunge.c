#include "engine/change.h"
#include "engine/session.h"
#include "imap/args_store.h"

/*
 * EXPUNGE, UID EXPUNGE and CLOSE: RFC 9051 sections 6.4.1, 6.4.3, 6.4.9.
 *
 * What others have marked \Deleted since the session last looked goes too, as
 * the messages meant are those of now.  The client is told by the sync.
 */
static enum status
find_deleted(const struct version *v, const struct uidset *among,
    struct uidset *out)
{
	struct rows rows = rows_of(v, among, true);
	struct row row;
	enum status st;

	if (v->totals.deleted == 0)
		return ST_OK;
	rows_only_deleted(&rows);
	while ((st = rows_next(&rows, &row)) == ST_OK)
		if ((row.state->flags.w[0] & FLAG_DELETED) != 0)
			uidset_add(out, row.state->uid);
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Expunges those of `among` (NULL: of all) that are \Deleted. */
static enum step
expunge(struct cmd *c, const struct uidset *among)
{
	CLEANUP(uidset_clear) struct uidset deleted = { 0 };
	struct session *s = c->session;
	struct change *ch = NULL;
	enum status st = change_begin(s->account, &ch);

	c->progress = c; /* begun */
	if (st == ST_OK)
		st = find_deleted(change_version(ch, s->mailbox), among,
		    &deleted);
	if (st == ST_OK && !uidset_empty(&deleted))
		st = change_expunge(ch, s->mailbox, &deleted, NULL);
	if (st == ST_OK)
		return cmd_submit(c, &ch);
	change_abort(&ch);
	return cmd_finish(c, st, "");
}

/* RFC 7162 section 3.2.7: with QRESYNC the client gets to know how far. */
static enum step
finish_expunge(struct cmd *c)
{
	struct session *s = c->session;

	if (c->st != ST_OK || !session_condstore(s))
		return cmd_finish(c, c->st, "Expunged");
	return cmd_finish_code(c,
	    arena_printf(c->arena, "HIGHESTMODSEQ %llu",
		(unsigned long long)s->mailbox->current->modseq),
	    "Expunged");
}

enum step
run_expunge(struct cmd *c)
{
	return c->progress == NULL ? expunge(c, NULL) : finish_expunge(c);
}

enum step
run_uid_expunge(struct cmd *c)
{
	CLEANUP(uidset_clear) struct uidset uids = { 0 };
	const struct expunge_args *args = c->args;
	enum status st;

	if (c->progress != NULL)
		return finish_expunge(c);
	if (session_load(c->session, &args->set, true))
		return STEP_MORE;
	st = session_resolve(c->session, &args->set, true, &uids);
	return st == ST_OK ? expunge(c, &uids) : cmd_finish(c, st, "");
}

enum step
run_close(struct cmd *c)
{
	struct session *s = c->session;

	/* What others have deleted altogether has nothing to expunge. */
	if (c->progress == NULL && !s->read_only && !s->mailbox->gone)
		return expunge(c, NULL);
	if (c->progress != NULL && c->st != ST_OK)
		return cmd_finish(c, c->st, "");
	session_unselect(s);
	return cmd_finish(c, ST_OK, "Closed");
}
