#include "engine/change.h"
#include "engine/session.h"
#include "imap/args_store.h"

/*
 * STORE and UID STORE: RFC 9051 section 6.4.6, RFC 7162 section 3.1.3.
 *
 * The change is made on the newest state there is, whatever the session has
 * seen of it; the messages meant are those of the session's version.  Where
 * there are very many it is several changes, one after the other.
 */

/* Messages of one change: a millisecond or two. */
#define PART 32768

struct progress {
	struct uidset asked;        /* UIDs that are meant */
	uint32_t rest;              /* of them, from here on; 0: all are done */
	struct uint64_list modseqs; /* of the changes */
	struct uidset tell;         /* UIDs that get a FETCH */
	struct uidset full;         /* of these, with FLAGS, not MODSEQ alone */
	struct uidset modified;     /* UIDs that failed UNCHANGEDSINCE */
	bool missing;               /* some were expunged by others */
	struct version *now;        /* after the change */
	struct rows seen;           /* in the session's version, for numbers */
	struct rows rows;           /* in `now` */
};

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	uidset_clear(&p->asked);
	uint64_list_clear(&p->modseqs);
	uidset_clear(&p->tell);
	uidset_clear(&p->full);
	uidset_clear(&p->modified);
	version_unref(&p->now);
}

static enum flag_op
op_of(enum store_how how)
{
	static const enum flag_op ops[] = {
		[STORE_REPLACE] = FLAGS_SET,
		[STORE_ADD] = FLAGS_ADD,
		[STORE_REMOVE] = FLAGS_REMOVE,
	};

	return ops[how];
}

/*
 * The flags as bits of the mailbox, which learns the keywords that are new to
 * it; without a change they are left out, as no message has them.
 */
static enum status
mask_of(struct change *ch, struct mailbox *mb, const struct store_args *args,
    const struct keywords *known, struct flags *out)
{
	struct flags f = { { args->flags.system & FLAGS_SYSTEM, 0 } };

	for (size_t i = 0; i < args->flags.n; i++) {
		struct span name = args->flags.keywords[i];
		unsigned bit;
		enum status st;

		if (keywords_bit(known, name, &bit)) {
			flags_set_bit(&f, bit);
			continue;
		}
		if (ch == NULL)
			continue;
		st = change_keyword(ch, mb, name, &bit);
		if (st != ST_OK)
			return st;
		flags_set_bit(&f, bit);
	}
	*out = f;
	return ST_OK;
}

/*
 * Has none of these flags changed since the client last heard of the
 * message?  Then its condition holds though something else about it changed
 * (RFC 7162 section 3.1.12).
 */
static bool
same_as_seen(const struct session *s, const struct store_args *args,
    const struct row *row, struct flags mask)
{
	struct row old;

	if (args->how == STORE_REPLACE ||
	    version_find(s->version, row->state->uid, &old) != ST_OK ||
	    old.state->modseq > args->unchanged_since)
		return false;
	for (int i = 0; i < 2; i++)
		if (((old.state->flags.w[i] ^ row->state->flags.w[i]) &
			mask.w[i]) != 0)
			return false;
	return true;
}

/* Where nothing depends on each message, which there may be very many of. */
static enum status
take_all(struct cmd *c, const struct version *head, const struct uidset *asked,
    struct uidset *todo)
{
	const struct store_args *args = c->args;
	struct progress *p = c->progress;
	struct rows rows = rows_of(head, asked, true);
	struct row row;
	enum status st = version_only_existing(head, asked, todo);

	if (st != ST_OK)
		return st;
	if (!args->silent) {
		uidset_add_set(&p->full, todo);
		return ST_OK;
	}
	rows_only_above(&rows, c->session->version->modseq);
	while ((st = rows_next(&rows, &row)) == ST_OK)
		uidset_add(&p->full, row.state->uid);
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* UNCHANGEDSINCE. */
static enum status
take_unchanged(struct cmd *c, const struct version *head,
    const struct uidset *asked, struct flags mask, struct uidset *todo)
{
	const struct store_args *args = c->args;
	struct session *s = c->session;
	struct progress *p = c->progress;
	struct rows rows = rows_of(head, asked, true);
	struct row row;
	enum status st;

	while ((st = rows_next(&rows, &row)) == ST_OK) {
		uint32_t uid = row.state->uid;
		bool new_to_client = row.state->modseq > s->version->modseq;

		if (row.state->modseq > args->unchanged_since &&
		    !same_as_seen(s, args, &row, mask)) {
			uidset_add(&p->modified, uid);
			new_to_client = true;
		} else {
			uidset_add(todo, uid);
		}
		if (!args->silent || new_to_client)
			uidset_add(&p->full, uid);
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Sorts the messages by what is to be done with them and told of them. */
static enum status
sort_out(struct cmd *c, const struct version *head, const struct uidset *asked,
    struct flags mask, struct uidset *todo)
{
	const struct store_args *args = c->args;
	struct progress *p = c->progress;
	uint64_t modified = uidset_count(&p->modified);
	enum status st = args->conditional
	                     ? take_unchanged(c, head, asked, mask, todo)
	                     : take_all(c, head, asked, todo);

	modified = uidset_count(&p->modified) - modified;
	if (modified + uidset_count(todo) < uidset_count(asked))
		p->missing = true;
	return st;
}

static enum status
make_change(struct cmd *c, struct change *ch, const struct uidset *asked)
{
	CLEANUP(uidset_clear) struct uidset todo = { 0 };
	CLEANUP(uidset_clear) struct uidset changed = { 0 };
	const struct store_args *args = c->args;
	struct session *s = c->session;
	struct progress *p = c->progress;
	const struct version *head = change_version(ch, s->mailbox);
	struct flags mask;
	enum status st = mask_of(NULL, s->mailbox, args, head->keywords, &mask);

	if (st == ST_OK)
		st = sort_out(c, head, asked, mask, &todo);
	if (st == ST_OK && args->how != STORE_REMOVE && !uidset_empty(&todo))
		st = mask_of(ch, s->mailbox, args, head->keywords, &mask);
	if (st == ST_OK)
		st = change_flags(ch, s->mailbox, &todo, op_of(args->how), mask,
		    &changed);
	if (st != ST_OK)
		return st;
	if (!uidset_empty(&changed))
		uint64_list_add(&p->modseqs, change_modseq(ch));
	if (!uidset_empty(asked)) /* what it has of this part */
		(void)uidset_part(&p->full, asked->r[0].lo, UINT32_MAX,
		    &p->tell);
	if (args->conditional)
		uidset_add_set(&p->tell, &todo);
	else if (session_condstore(s))
		uidset_add_set(&p->tell, &changed);
	return ST_OK;
}

static enum step
change_part(struct cmd *c)
{
	CLEANUP(uidset_clear) struct uidset part = { 0 };
	struct progress *p = c->progress;
	struct change *ch = NULL;
	enum status st = change_begin(c->session->account, &ch);

	p->rest = uidset_part(&p->asked, p->rest, PART, &part);
	if (st == ST_OK)
		st = make_change(c, ch, &part);
	if (st == ST_OK)
		return cmd_submit(c, &ch);
	change_abort(&ch);
	if (st == ST_LIMIT)
		return cmd_no(c, "LIMIT", "No more keywords fit this mailbox");
	return cmd_finish(c, st, "");
}

static enum step
begin(struct cmd *c)
{
	const struct store_args *args = c->args;
	struct session *s = c->session;
	struct progress *p = ARENA_NEW(c->arena, struct progress);
	enum status st;

	c->progress = p;
	c->cleanup = clear_progress;
	if (args->conditional)
		session_enable_condstore(s);
	st = session_resolve(s, &args->set, args->uid, &p->asked);
	if (st == ST_BAD)
		return cmd_bad(c, "There is no message of that number");
	return st == ST_OK ? change_part(c) : cmd_finish(c, st, "");
}

/* The numbers as the client gave them. */
static struct span
modified_code(struct cmd *c)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(uidset_clear) struct uidset seqs = { 0 };
	const struct store_args *args = c->args;
	struct progress *p = c->progress;
	struct rows rows = rows_of(c->session->version, &p->modified, true);
	struct row row;

	BUF_LIT(&b, "MODIFIED ");
	while (!args->uid && rows_next(&rows, &row) == ST_OK)
		uidset_add(&seqs, row.seq);
	uidset_write(&b, args->uid ? &p->modified : &seqs);
	return arena_dup(c->arena, buf_span(&b));
}

static enum step
finish_store(struct cmd *c)
{
	const struct progress *p = c->progress;

	sync_told(c->session, 0);
	for (size_t i = 0; i < p->modseqs.n; i++)
		sync_told(c->session, p->modseqs.v[i]);
	if (!uidset_empty(&p->modified))
		return cmd_finish_code(c, modified_code(c),
		    "Others have changed some of these");
	if (p->missing)
		return cmd_finish_code(c, SPAN("EXPUNGEISSUED"),
		    "Some of these are gone");
	return cmd_finish(c, ST_OK, "Stored");
}

static enum step
tell(struct cmd *c)
{
	struct progress *p = c->progress;
	struct session *s = c->session;
	struct row now;
	struct row seen;

	while (session_room(s) && !cmd_slice_over(c)) {
		if (rows_next(&p->rows, &now) != ST_OK)
			return finish_store(c);
		do
			if (rows_next(&p->seen, &seen) != ST_OK)
				return finish_store(c);
		while (seen.state->uid != now.state->uid);
		now.seq = seen.seq;
		if (uidset_has(&p->full, now.state->uid))
			session_write_flags(s, p->now, &now);
		else
			session_write_modseq(s, &now);
	}
	return STEP_MORE;
}

enum step
run_store(struct cmd *c)
{
	const struct store_args *args = c->args;
	struct progress *p = c->progress;
	struct session *s = c->session;

	if (p == NULL && session_load(s, &args->set, args->uid))
		return STEP_MORE;
	if (p == NULL)
		return begin(c);
	if (p->now == NULL) {
		if (c->st != ST_OK)
			return cmd_finish(c, c->st, "");
		if (p->rest != 0)
			return change_part(c);
		p->now = version_ref(s->mailbox->current);
		p->rows = rows_of(p->now, &p->tell, true);
		p->seen = rows_of(s->version, &p->tell, true);
		if (p->now->keywords != s->keywords)
			sync_write_keywords(s, p->now);
	}
	return tell(c);
}
