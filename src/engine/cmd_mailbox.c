#include "engine/change.h"
#include "engine/object_id.h"
#include "imap/args_mailbox.h"
#include "imap/mailbox_name.h"

/*
 * CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE: RFC 9051 sections 6.3.4
 * to 6.3.8, RFC 6154, RFC 8474, and OBJECTID+ (object_id.h).
 */

/* Submits what was made, or says why it couldn't be. */
static enum step
submit(struct cmd *c, struct change *ch, enum status st)
{
	c->progress = c; /* begun */
	if (st == ST_OK)
		return cmd_submit(c, &ch);
	change_abort(&ch);
	if (st != ST_LIMIT)
		return cmd_finish(c, st, "");
	log_event(&c->session->log, LEVEL_WARN, "session.limit.reached",
	    LF_STR("setting", "limits.mailboxes"));
	return cmd_no(c, "LIMIT",
	    "There are too many mailboxes (limits.mailboxes)");
}

/* With the id of the mailbox that has the name now. */
static enum step
finish_named(struct cmd *c, struct span name, const char *done)
{
	CLEANUP(buf_clear) struct buf code = { 0 };
	const struct mbox *m = mbox_find(c->session->account->list, name);

	if (c->st != ST_OK || m == NULL)
		return cmd_finish(c, c->st, done);
	object_id_write_code(&code, c->session, m->id);
	return cmd_finish_code(c, arena_dup(c->arena, buf_span(&code)), done);
}

enum step
run_create(struct cmd *c)
{
	const struct create_args *args = c->args;
	struct account *a = c->session->account;
	struct change *ch = NULL;
	enum status st;

	if (c->progress != NULL)
		return finish_named(c, args->name, "Created");
	/* RFC 6154 section 3: what can't be given is refused as a whole. */
	if ((args->special_use & (USE_ALL | USE_FLAGGED)) != 0)
		return cmd_no(c, "USEATTR", "No mailbox can have this use");
	if (args->special_use != 0 &&
	    mbox_by_use(a->list_head, args->special_use) != NULL)
		return cmd_no(c, "USEATTR", "A mailbox has this use already");
	st = change_begin(a, &ch);
	if (st == ST_OK)
		st = change_create(ch, args->name, args->special_use, NULL);
	return submit(c, ch, st);
}

enum step
run_delete(struct cmd *c)
{
	const struct mailbox_args *args = c->args;
	struct account *a = c->session->account;
	const struct mbox *m = mbox_find(a->list_head, args->name);
	struct change *ch = NULL;
	enum status st;

	if (c->progress != NULL)
		return cmd_finish(c, c->st, "Deleted");
	if (span_eq(args->name, SPAN("INBOX")))
		return cmd_no(c, "CANNOT", "INBOX can't be deleted");
	if ((m == NULL || !m->exists) &&
	    mbox_has_children(a->list_head, args->name))
		return cmd_no(c, "HASCHILDREN", "There are mailboxes below it");
	st = change_begin(a, &ch);
	if (st == ST_OK)
		st = change_delete(ch, args->name);
	return submit(c, ch, st);
}

static size_t
delimiters(struct span name)
{
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++)
		n += name.p[i] == MAILBOX_DELIMITER;
	return n;
}

/* What is below it moves along, and has to keep to the limits as well. */
static bool
fits(const struct session *s, const struct rename_args *args)
{
	const struct name_limits *limits = &s->grammar.names;
	const struct mbox_list *l = s->account->list_head;
	size_t depth = 1 + delimiters(args->to);

	for (size_t i = mbox_place(l, args->from); i < l->n; i++) {
		struct span name = l->item[i]->name;
		struct span rest;

		if (!span_starts(name, args->from))
			break;
		if (!l->item[i]->exists ||
		    !mailbox_name_is_below(name, args->from))
			continue;
		rest = span_from(name, args->from.n);
		if (args->to.n + rest.n > limits->bytes ||
		    depth + delimiters(rest) > limits->depth)
			return false;
	}
	return true;
}

enum step
run_rename(struct cmd *c)
{
	const struct rename_args *args = c->args;
	/* Its messages move, and nothing else (RFC 9051 section 6.3.6). */
	bool inbox = mailbox_name_is_inbox(args->from);
	struct change *ch = NULL;
	enum status st;

	if (c->progress != NULL)
		return session_objectid(c->session)
		           ? finish_named(c, args->to, "Renamed")
		           : cmd_finish(c, c->st, "Renamed");
	if (!inbox && mailbox_name_is_below(args->to, args->from))
		return cmd_no(c, "CANNOT", "It can't go below itself");
	if (!inbox && !fits(c->session, args))
		return cmd_no(c, "CANNOT",
		    "A mailbox below it would get too long a name");
	st = change_begin(c->session->account, &ch);
	if (st == ST_OK)
		st = inbox ? change_rename_inbox(ch, args->to)
		           : change_rename(ch, args->from, args->to);
	return submit(c, ch, st);
}

static enum step
subscribe(struct cmd *c, bool on)
{
	const struct mailbox_args *args = c->args;
	struct change *ch = NULL;
	enum status st;

	if (c->progress != NULL)
		return cmd_finish(c, c->st, on ? "Subscribed" : "Unsubscribed");
	st = change_begin(c->session->account, &ch);
	if (st == ST_OK)
		st = change_subscribe(ch, args->name, on);
	return submit(c, ch, st);
}

enum step
run_subscribe(struct cmd *c)
{
	return subscribe(c, true);
}

enum step
run_unsubscribe(struct cmd *c)
{
	return subscribe(c, false);
}
