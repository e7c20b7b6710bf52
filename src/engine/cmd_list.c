#include "engine/list_line.h"
#include "engine/status.h"
#include "imap/args_list.h"
#include "imap/mailbox_name.h"

/*
 * LIST and LSUB: RFC 9051 section 6.3.9, RFC 5258, 5819, 6154, 3501.
 *
 * Names are gone through in the order of the account's list.  A parent that
 * doesn't exist itself is listed before the first name below it.
 */
struct progress {
	struct mbox_list *list;
	size_t at;
	struct span before; /* the last existing name */
	bool lsub;
};

/* One name, whether it is in the list or only a parent of such. */
struct name {
	struct span name;
	const struct mbox *mbox; /* NULL for a parent that isn't there */
};

static bool
exists(const struct name *n)
{
	return n->mbox != NULL && n->mbox->exists;
}

/* Does it satisfy the selection options, whatever the patterns? */
static bool
is_selected(const struct cmd *c, const struct mbox *m)
{
	const struct list_args *args = c->args;
	const struct progress *p = c->progress;

	if (p->lsub || (args->select & LIST_SUBSCRIBED) != 0) {
		if (!m->subscribed)
			return false;
	} else if (!m->exists) {
		return false;
	}
	return (args->select & LIST_SPECIAL_USE) == 0 || m->use != 0;
}

/*
 * A name below it is selected that the patterns don't match: then the name
 * itself is shown for it (RFC 5258 section 3.5, RFC 3501 section 6.3.9).
 */
static bool
stands_for_children(const struct cmd *c, struct span name)
{
	const struct list_args *args = c->args;
	const struct progress *p = c->progress;
	size_t i = mbox_place(p->list, name);

	for (; i < p->list->n; i++) {
		const struct mbox *m = p->list->item[i];

		if (!span_starts(m->name, name))
			return false;
		if (mailbox_name_is_below(m->name, name) && is_selected(c, m) &&
		    !list_args_match(args, m->name))
			return true;
	}
	return false;
}

/* Deleted since the list was taken that is being gone through. */
static bool
went_away(const struct cmd *c, const struct mbox *m)
{
	const struct progress *p = c->progress;
	const struct mbox_list *now = c->session->account->list;
	const struct mbox *there;

	if (now == p->list)
		return false;
	there = mbox_by_id(now, m->id);
	return there == NULL || !there->exists;
}

/* What a name is listed for. */
struct why {
	bool selected; /* for itself */
	bool for_children;
};

static void
write_name(struct cmd *c, const struct name *n, const struct why *why)
{
	const struct list_args *args = c->args;
	const struct progress *p = c->progress;
	struct session *s = c->session;
	struct buf *b = session_out(s);
	/* RFC 5819 section 3: not for what only stands for its children. */
	bool status =
	    (args->ret & LIST_RETURN_STATUS) != 0 && exists(n) && why->selected;
	struct mbox gone;
	struct list_line line = { .list = p->list,
		.name = n->name,
		.mbox = n->mbox,
		.lsub = p->lsub,
		.subscribed =
		    !p->lsub && ((args->ret & LIST_RETURN_SUBSCRIBED) != 0 ||
				    (args->select & LIST_SUBSCRIBED) != 0) };

	/* RFC 5819 section 2: what has no STATUS then is \Noselect. */
	if (status && went_away(c, n->mbox)) {
		status = false;
		gone = *n->mbox;
		gone.exists = false;
		line.mbox = &gone;
	}
	list_line_write(s, &line);
	/* SUBSCRIBED is the only option of those that it may name. */
	if (why->for_children && (args->select & LIST_RECURSIVEMATCH) != 0)
		BUF_LIT(b, " (\"CHILDINFO\" (\"SUBSCRIBED\"))");
	BUF_LIT(b, "\r\n");
	/* The same: other than that, a STATUS may be missing. */
	if (status && status_write(s, n->mbox, args->status_items) != ST_OK)
		write_condition(b, (struct span){ 0 }, COND_NO,
		    SPAN("CORRUPTION"), SPAN("A mailbox can't be read"),
		    session_utf8(s));
}

static void
consider(struct cmd *c, const struct name *n)
{
	const struct list_args *args = c->args;
	const struct progress *p = c->progress;
	bool recursive = p->lsub || (args->select & LIST_RECURSIVEMATCH) != 0;
	bool plain = !p->lsub && (args->select & ~LIST_REMOTE) == 0;
	struct why why = { .selected =
			       n->mbox != NULL && is_selected(c, n->mbox) };

	if (!list_args_match(args, n->name))
		return;
	why.for_children = recursive && stands_for_children(c, n->name);
	/* Without options a parent is there for what is below it. */
	if (why.selected || why.for_children ||
	    (plain && !exists(n) && mbox_has_children(p->list, n->name)))
		write_name(c, n, &why);
}

/* The parents of a name that don't exist and haven't been seen yet. */
static void
consider_parents(struct cmd *c, struct span name)
{
	const struct progress *p = c->progress;

	for (size_t i = 0; i < name.n; i++) {
		struct name parent = { span_head(name, i), NULL };

		if (name.p[i] != MAILBOX_DELIMITER ||
		    mailbox_name_is_below(p->before, parent.name) ||
		    span_eq(p->before, parent.name))
			continue;
		/* One that has an entry has its turn when that comes. */
		if (mbox_find(p->list, parent.name) == NULL)
			consider(c, &parent);
	}
}

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	mbox_list_unref(&p->list);
}

static enum step
list(struct cmd *c, bool lsub)
{
	const struct list_args *args = c->args;
	struct session *s = c->session;
	struct progress *p = c->progress;
	bool absent; /* names that don't exist may be selected */

	if (args->root) { /* only the delimiter is asked for */
		buf_printf(session_out(s), "* %s (\\Noselect) \"/\" \"\"\r\n",
		    lsub ? "LSUB" : "LIST");
		return cmd_finish(c, ST_OK, "Listed");
	}
	if (p == NULL) {
		p = ARENA_NEW(c->arena, struct progress);
		p->list = mbox_list_ref(s->account->list);
		p->lsub = lsub;
		c->progress = p;
		c->cleanup = clear_progress;
		if ((args->ret & LIST_RETURN_STATUS) != 0)
			status_enable(s, args->status_items);
	}
	absent = lsub || (args->select & LIST_SUBSCRIBED) != 0;
	for (; p->at < p->list->n; p->at++) {
		const struct mbox *m = p->list->item[p->at];
		struct name n = { m->name, m };

		if (!session_room(s) || cmd_slice_over(c))
			return STEP_MORE;
		if (m->exists || absent)
			consider_parents(c, m->name);
		consider(c, &n);
		if (m->exists || absent)
			p->before = m->name;
	}
	return cmd_finish(c, ST_OK, "Listed");
}

enum step
run_list(struct cmd *c)
{
	return list(c, false);
}

enum step
run_lsub(struct cmd *c)
{
	return list(c, true);
}
