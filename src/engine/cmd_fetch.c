#include "engine/change.h"
#include "engine/fetch.h"
#include "engine/partial.h"
#include "store/store.h"

/*
 * FETCH and UID FETCH: RFC 9051 section 6.4.5, RFC 3516, 7162, 8474, 8514,
 * 8970, 9394.
 */
#define NEEDS_BODY \
	(1U << FETCH_SECTION | 1U << FETCH_BINARY | 1U << FETCH_BINARY_SIZE)
#define NEEDS_STRUCTURE (1U << FETCH_BODY | 1U << FETCH_BODYSTRUCTURE)

static void
clear_fetch(struct cmd *c)
{
	struct fetch *f = c->progress;

	uidset_clear(&f->uids);
	uidset_clear(&f->marked);
	version_unref(&f->marked_version);
	arena_free(&f->arena);
	ahead_free(&f->ahead);
	buf_clear(&f->bytes);
}

static enum status
keep_changed(struct session *s, struct uidset *uids, uint64_t since)
{
	CLEANUP(uidset_clear) struct uidset kept = { 0 };
	struct rows rows = rows_of(s->version, uids, true);
	struct row row;
	enum status st;

	rows_only_above(&rows, since);
	while ((st = rows_next(&rows, &row)) == ST_OK)
		uidset_add(&kept, row.state->uid);
	uidset_move(uids, &kept);
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* RFC 7162 section 3.2.6: of the UIDs that were asked for. */
static enum status
write_vanished(struct cmd *c)
{
	CLEANUP(uidset_clear) struct uidset asked = { 0 };
	CLEANUP(uidset_clear) struct uidset gone = { 0 };
	const struct fetch_args *args = c->args;
	struct session *s = c->session;
	struct buf *b = session_out(s);
	enum status st;

	seq_set_resolve(&args->set, s->version->uidnext - 1, &asked);
	st = mailbox_vanished(s->mailbox, args->changed_since, s->version,
	    &asked, &gone);
	if (st != ST_OK || uidset_empty(&gone))
		return st;
	BUF_LIT(b, "* VANISHED (EARLIER) ");
	uidset_write(b, &gone);
	BUF_LIT(b, "\r\n");
	return ST_OK;
}

static enum status
find_unseen(struct session *s, const struct version *v, struct fetch *f)
{
	struct rows rows = rows_of(v, &f->uids, true);
	struct row row;
	enum status st;

	(void)s;
	while ((st = rows_next(&rows, &row)) == ST_OK)
		if ((row.state->flags.w[0] & FLAG_SEEN) == 0)
			uidset_add(&f->marked, row.state->uid);
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* STEP_WAIT: \Seen is being set.  If that fails, so be it. */
static enum step
mark_seen(struct cmd *c)
{
	struct session *s = c->session;
	struct fetch *f = c->progress;
	struct flags seen = { { FLAG_SEEN, 0 } };
	struct change *ch = NULL;

	if (change_begin(s->account, &ch) != ST_OK)
		return STEP_DONE;
	f->marked_modseq = change_modseq(ch);
	if (find_unseen(s, change_version(ch, s->mailbox), f) == ST_OK &&
	    !uidset_empty(&f->marked) &&
	    change_flags(ch, s->mailbox, &f->marked, FLAGS_ADD, seen, NULL) ==
		ST_OK) {
		f->marking = true;
		return cmd_submit(c, &ch);
	}
	change_abort(&ch);
	uidset_reset(&f->marked);
	return STEP_DONE;
}

static void
marked(struct cmd *c)
{
	struct session *s = c->session;
	struct fetch *f = c->progress;

	f->marking = false;
	if (c->st != ST_OK) {
		uidset_reset(&f->marked);
		return;
	}
	f->marked_version = version_ref(s->mailbox->current);
	sync_told(s, f->marked_modseq);
}

static unsigned
needs_of(const struct fetch_args *args)
{
	unsigned needs = 0;

	if ((args->what & 1U << FETCH_ENVELOPE) != 0)
		needs |= AHEAD_ENVELOPE;
	if ((args->what & NEEDS_STRUCTURE) != 0)
		needs |= AHEAD_STRUCTURE;
	if ((args->what & 1U << FETCH_PREVIEW) != 0)
		needs |= AHEAD_PREVIEW;
	if ((args->what & NEEDS_BODY) != 0)
		needs |= AHEAD_PARTS | AHEAD_BODY;
	return needs;
}

static enum status
begin(struct cmd *c)
{
	const struct fetch_args *args = c->args;
	struct session *s = c->session;
	struct fetch *f = ARENA_NEW(c->arena, struct fetch);
	enum status st;

	f->arena = arena_new();
	c->progress = f;
	c->cleanup = clear_fetch;
	if ((args->what & 1U << FETCH_MODSEQ) != 0)
		session_enable_condstore(s);
	if ((args->what & 1U << FETCH_OBJECTID) != 0)
		session_enable_objectid(s);
	st = session_resolve(s, &args->set, args->uid, &f->uids);
	if (st == ST_OK && args->vanished)
		st = write_vanished(c);
	/* RFC 9394 section 3.4: in this order. */
	if (st == ST_OK && args->has_range)
		partial_keep(&f->uids, &args->range);
	if (st == ST_OK && args->changed)
		st = keep_changed(s, &f->uids, args->changed_since);
	if (st != ST_OK)
		return st;
	f->rows = rows_of(s->version, &f->uids, true);
	if (needs_of(args) != 0)
		f->ahead = ahead_new(s, &f->rows, needs_of(args));
	c->goal = (uint32_t)uidset_count(&f->uids);
	return ST_OK;
}

static enum status
read_columns(struct fetch *f, unsigned what)
{
	enum status st = ST_OK;
	struct span column;

	if ((what & 1U << FETCH_ENVELOPE) != 0)
		st = ahead_column(f->ahead, RECORD_ENVELOPE, &f->envelope);
	if (st == ST_OK && (what & NEEDS_STRUCTURE) != 0) {
		st = ahead_column(f->ahead, RECORD_STRUCTURE, &column);
		if (st == ST_OK)
			st = message_structure_read(column, &f->structure);
	}
	if (st == ST_OK && (what & 1U << FETCH_PREVIEW) != 0) {
		st = ahead_column(f->ahead, RECORD_PREVIEW, &column);
		if (st == ST_OK)
			st = message_text_read(column, &f->preview);
	}
	if (st == ST_OK && (what & NEEDS_BODY) != 0) {
		st = ahead_column(f->ahead, RECORD_PARTS, &column);
		if (st == ST_OK)
			st = message_parts_read(column, f->arena, &f->parts);
	}
	return st;
}

/* Everything that may fail, before anything of the row is written. */
static enum status
load_row(struct cmd *c)
{
	const struct fetch_args *args = c->args;
	struct fetch *f = c->progress;
	enum status st;

	if (f->ahead == NULL)
		return ST_OK;
	arena_reset(f->arena);
	st = read_columns(f, args->what);
	if (st != ST_OK) {
		f->damaged = true;
		log_event(&c->session->log, LEVEL_ERROR, "message.read.failed",
		    LF_U64("mailbox", c->session->mailbox->id),
		    LF_U64("uid", f->row.state->uid),
		    LF_U64("content", f->row.facts->content),
		    LF_STR("reason", status_name(st)));
	}
	return st;
}

static enum step
write_item(struct cmd *c, const struct fetch_item *item)
{
	struct fetch *f = c->progress;
	struct buf *b = f->out;

	if (item->what == FETCH_SECTION || item->what == FETCH_BINARY)
		return fetch_write_part(c, item);
	if (item->what == FETCH_BINARY_SIZE)
		return fetch_write_size(c, item);
	if (f->item > 0)
		buf_byte(b, ' ');
	buf_add(b, item->label);
	buf_byte(b, ' ');
	fetch_write_item(c, item);
	return STEP_DONE;
}

/* How this command has left the message, if it has changed its flags. */
static bool
find_marked(struct cmd *c, struct row *now)
{
	const struct fetch *f = c->progress;

	return f->marked_version != NULL &&
	       uidset_has(&f->marked, f->row.state->uid) &&
	       version_find(f->marked_version, f->row.state->uid, now) == ST_OK;
}

/* FLAGS that this command has changed, unless they were asked for anyway. */
static void
write_marked(struct cmd *c)
{
	const struct fetch_args *args = c->args;
	const struct fetch *f = c->progress;
	struct session *s = c->session;
	struct buf *b = f->out;
	struct row now;

	if (!find_marked(c, &now))
		return;
	if ((args->what & 1U << FETCH_FLAGS) == 0) {
		BUF_LIT(b, " FLAGS ");
		session_write_flag_list(s, b, f->marked_version, &now);
	}
	if ((args->what & 1U << FETCH_MODSEQ) == 0 && session_condstore(s))
		buf_printf(b, " MODSEQ (%llu)",
		    (unsigned long long)now.state->modseq);
}

/*
 * A message that can't be read has become \Seen all the same, which the sync
 * won't tell.
 */
static void
write_only_marked(struct cmd *c)
{
	const struct fetch *f = c->progress;
	struct row now;

	if (!find_marked(c, &now))
		return;
	now.seq = f->row.seq;
	session_write_flags(c->session, f->marked_version, &now);
}

/* A keyword is listed before a message is told to have it. */
static void
tell_keywords(struct session *s)
{
	const struct version *now = s->mailbox->current;

	if (s->told_newer && now->keywords != s->keywords)
		sync_write_keywords(s, now);
}

static void
begin_row(struct cmd *c)
{
	const struct fetch_args *args = c->args;
	struct fetch *f = c->progress;
	struct buf *b = f->out;

	c->in_response = true;
	f->item = 0;
	BUF_LIT(b, "* ");
	buf_u64(b, f->row.seq);
	BUF_LIT(b, " FETCH (");
	/* RFC 7162 section 3.2.4: with flags that it has changed, the UID. */
	if ((args->what & 1U << FETCH_UID) == 0 &&
	    session_condstore(c->session) &&
	    uidset_has(&f->marked, f->row.state->uid))
		buf_printf(b, "UID %u ", f->row.state->uid);
}

static enum step
write_row(struct cmd *c)
{
	const struct fetch_args *args = c->args;
	struct fetch *f = c->progress;

	f->out = session_out(c->session);
	if (!c->in_response) {
		tell_keywords(c->session);
		if (load_row(c) != ST_OK) {
			write_only_marked(c);
			return STEP_DONE;
		}
		begin_row(c);
	}
	for (; f->item < args->n; f->item++) {
		enum step next = write_item(c, &args->items[f->item]);

		if (next != STEP_DONE)
			return next;
	}
	write_marked(c);
	BUF_LIT(session_out(c->session), ")\r\n");
	c->in_response = false;
	c->done++;
	return STEP_DONE;
}

static enum step
finish_fetch(struct cmd *c, enum status st)
{
	const struct fetch *f = c->progress;

	if (f->damaged || st != ST_NOTFOUND)
		return cmd_no(c, "CORRUPTION",
		    "Some messages can't be read, tell the administrator");
	if (f->unknown_cte)
		return cmd_no(c, "UNKNOWN-CTE",
		    "A part's encoding is not known");
	return cmd_finish(c, ST_OK, "Fetched");
}

static enum status
next_row(struct fetch *f)
{
	return f->ahead != NULL ? ahead_next(f->ahead, &f->row)
	                        : rows_next(&f->rows, &f->row);
}

/* A row with a body is worth a look at the clock. */
static bool
slice_over(struct cmd *c)
{
	const struct fetch_args *args = c->args;

	return (args->what & NEEDS_BODY) != 0 ? cmd_slice_over_now(c)
	                                      : cmd_slice_over(c);
}

static enum step
rest(struct fetch *f, enum step next)
{
	if (f->ahead != NULL)
		ahead_rest(f->ahead);
	return next;
}

static enum step
write_rows(struct cmd *c)
{
	struct fetch *f = c->progress;
	enum status st;
	enum step next;

	for (;;) {
		if (!c->in_response) {
			if (!session_room(c->session) || slice_over(c))
				return rest(f, STEP_MORE);
			st = next_row(f);
			if (st == ST_AGAIN)
				return rest(f, STEP_WAIT);
			if (st != ST_OK)
				return finish_fetch(c, st);
		}
		next = write_row(c);
		if (next != STEP_DONE)
			return next;
	}
}

enum step
run_fetch(struct cmd *c)
{
	const struct fetch_args *args = c->args;
	struct session *s = c->session;
	struct fetch *f = c->progress;
	enum status st;

	if (f == NULL) {
		if (args->vanished && (s->enabled & ENABLED_QRESYNC) == 0)
			return cmd_bad(c, "ENABLE QRESYNC comes first");
		if (session_load(s, &args->set, args->uid))
			return STEP_MORE;
		st = begin(c);
		if (st == ST_BAD)
			return cmd_bad(c, "There is no message of that number");
		if (st != ST_OK)
			return cmd_finish(c, st, "");
		if (args->marks_seen && !s->read_only &&
		    mark_seen(c) == STEP_WAIT)
			return STEP_WAIT;
	} else if (f->marking) {
		marked(c);
	}
	return write_rows(c);
}
