#include "engine/change.h"
#include "engine/session.h"
#include "imap/args_store.h"

/*
 * EXPUNGE, UID EXPUNGE and CLOSE: RFC 9051 sections 6.4.1, 6.4.3, 6.4.9.
 *
 * What others have marked \Deleted since the session last looked goes too, as
 * the messages meant are those of now.  The client is told by the sync.
 */

/* Messages of one change: a millisecond or two. */
#define PART 8192

/* Changes that are made before the disk has the first of them. */
#define AHEAD 16

struct progress {
	struct uidset among; /* UIDs that may go */
	uint32_t rest;       /* of them, from here on; 0: all are done */
	uint32_t parts;      /* made so far */
	uint32_t went_back;  /* the account's, when it began */
};

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	uidset_clear(&p->among);
}

/* The next of those that may go and are \Deleted: not more than a part. */
static enum status
find_deleted(struct cmd *c, const struct version *v, struct uidset *out)
{
	CLEANUP(uidset_clear) struct uidset among = { 0 };
	struct progress *p = c->progress;
	struct rows rows;
	struct row row;
	uint32_t n = 0;
	enum status st;

	(void)uidset_part(&p->among, p->rest, UINT32_MAX, &among);
	p->rest = 0;
	if (v->totals.deleted == 0)
		return ST_OK;
	rows = rows_of(v, &among, true);
	rows_only_deleted(&rows);
	while ((st = rows_next(&rows, &row)) == ST_OK) {
		if (n == PART || cmd_slice_over(c)) {
			p->rest = row.state->uid;
			return ST_OK;
		}
		if ((row.state->flags.w[0] & FLAG_DELETED) != 0) {
			uidset_add(out, row.state->uid);
			n++;
		}
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Not on top of parts that were refused: they would be missing. */
static enum status
begin_part(struct cmd *c, struct change **out)
{
	const struct progress *p = c->progress;
	struct account *a = c->session->account;

	return a->went_back != p->went_back ? ST_AGAIN : change_begin(a, out);
}

/*
 * Where there are very many it is several changes.  One is made while others
 * are on their way to the disk: who waits for the last waits for all, as none
 * is there without those before it.
 */
static enum step
expunge_part(struct cmd *c)
{
	CLEANUP(uidset_clear) struct uidset deleted = { 0 };
	struct progress *p = c->progress;
	struct session *s = c->session;
	struct change *ch = NULL;
	enum status st = begin_part(c, &ch);

	if (st == ST_OK)
		st = find_deleted(c, change_version(ch, s->mailbox), &deleted);
	if (st == ST_OK && uidset_empty(&deleted) && p->rest != 0) {
		change_abort(&ch);
		return STEP_MORE;
	}
	if (st == ST_OK && !uidset_empty(&deleted))
		st = change_expunge(ch, s->mailbox, &deleted, NULL);
	if (st == ST_OK && p->rest != 0 && ++p->parts % AHEAD != 0) {
		change_submit(&ch, NULL, NULL);
		return STEP_MORE;
	}
	if (st == ST_OK)
		return cmd_submit(c, &ch);
	change_abort(&ch);
	return cmd_finish(c, st, "");
}

static struct progress *
begin(struct cmd *c)
{
	struct progress *p = ARENA_NEW(c->arena, struct progress);

	c->progress = p;
	c->cleanup = clear_progress;
	p->rest = 1;
	p->went_back = c->session->account->went_back;
	return p;
}

static void
begin_all(struct cmd *c)
{
	uidset_add_range(&begin(c)->among, 1, UINT32_MAX);
}

/* There is more to expunge, and nothing against it. */
static bool
goes_on(const struct cmd *c)
{
	const struct progress *p = c->progress;

	return p->rest != 0 && c->st == ST_OK;
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
	if (c->progress == NULL)
		begin_all(c);
	return goes_on(c) ? expunge_part(c) : finish_expunge(c);
}

enum step
run_uid_expunge(struct cmd *c)
{
	const struct expunge_args *args = c->args;
	struct session *s = c->session;
	enum status st;

	if (c->progress == NULL) {
		if (session_load(s, &args->set, true))
			return STEP_MORE;
		st = session_resolve(s, &args->set, true, &begin(c)->among);
		if (st != ST_OK)
			return cmd_finish(c, st, "");
	}
	return goes_on(c) ? expunge_part(c) : finish_expunge(c);
}

enum step
run_close(struct cmd *c)
{
	struct session *s = c->session;

	/* What others have deleted altogether has nothing to expunge. */
	if (c->progress == NULL && !s->read_only && !s->mailbox->gone)
		begin_all(c);
	if (c->progress != NULL && goes_on(c))
		return expunge_part(c);
	if (c->progress != NULL && c->st != ST_OK)
		return cmd_finish(c, c->st, "");
	session_unselect(s);
	return cmd_finish(c, ST_OK, "Closed");
}
