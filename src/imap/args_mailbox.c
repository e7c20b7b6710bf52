#include "imap/args_mailbox.h"

#include "base/limits.h"

enum status
parse_mailbox(struct tokens *t, struct arena *a, const void **out)
{
	struct mailbox_args *args = ARENA_NEW(a, struct mailbox_args);

	tok_space(t);
	args->name = tok_mailbox(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

/* Sets without "*" or "$", as QRESYNC has them. */
static struct seq_set
plain_set(struct tokens *t)
{
	struct seq_set set = tok_seq_set(t);

	if (set.saved)
		tok_bad(t, "\"$\" can't be used here");
	for (size_t i = 0; i < set.n; i++)
		if (set.r[i].from == SEQ_STAR || set.r[i].to == SEQ_STAR)
			tok_bad(t, "\"*\" can't be used here");
	return set;
}

/* "(" known-sequence-set SP known-uid-set ")" */
static void
match_data(struct tokens *t, struct qresync_args *q)
{
	tok_byte(t, '(');
	q->match_seqs = plain_set(t);
	tok_space(t);
	q->match_uids = plain_set(t);
	tok_byte(t, ')');
}

/* RFC 7162 section 7, behind the word. */
static const struct qresync_args *
qresync(struct tokens *t, struct arena *a)
{
	struct qresync_args *q = ARENA_NEW(a, struct qresync_args);
	bool more;

	tok_space(t);
	tok_byte(t, '(');
	q->uidvalidity = tok_number(t);
	tok_space(t);
	q->modseq = tok_number64(t);
	more = tok_accept(t, ' ');
	if (more && !tok_at(t, '(')) {
		q->known_uids = plain_set(t);
		more = tok_accept(t, ' ');
	}
	if (more)
		match_data(t, q);
	tok_byte(t, ')');
	return q;
}

/* The pairs of OBJECTID; those that a later draft may add are skipped. */
static void
object_ids(struct tokens *t, struct select_args *args)
{
	for (size_t n = 0; tok_list_more(t, n); n++) {
		struct span key = tok_atom(t);
		struct span id;

		tok_space(t);
		id = tok_atom(t);
		if (span_eq_nocase(key, SPAN("MAILBOXID")))
			args->mailbox_id = id;
		else if (span_eq_nocase(key, SPAN("ACCOUNTID")))
			args->account_id = id;
	}
}

static void
select_param(struct tokens *t, struct arena *a, struct select_args *args)
{
	if (tok_accept_word(t, SPAN("CONDSTORE"))) {
		args->condstore = true;
	} else if (tok_accept_word(t, SPAN("QRESYNC"))) {
		args->qresync = qresync(t, a);
	} else if (tok_accept_word(t, SPAN("OBJECTID"))) {
		args->objectid = true;
		if (t->rest.n > 1 && t->rest.p[1] == '(') {
			tok_space(t);
			object_ids(t, args);
		}
	} else {
		tok_bad(t, "There is no such parameter of SELECT");
	}
}

enum status
parse_select(struct tokens *t, struct arena *a, const void **out)
{
	struct select_args *args = ARENA_NEW(a, struct select_args);

	tok_space(t);
	args->name = tok_mailbox_given(t, &args->given);
	if (tok_accept(t, ' ') && !tok_at_end(t))
		for (size_t n = 0; tok_list_more(t, n); n++)
			select_param(t, a, args);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

/* "USE" SP "(" use-attr *(SP use-attr) ")" of RFC 6154. */
static unsigned
special_uses(struct tokens *t)
{
	unsigned uses = 0;

	if (!tok_accept_word(t, SPAN("USE")))
		tok_bad(t, "There is no such parameter of CREATE");
	tok_space(t);
	for (size_t n = 0; tok_list_more(t, n); n++) {
		struct span start = t->rest;
		struct span name;
		unsigned use;

		tok_byte(t, '\\');
		name = tok_atom(t);
		use = special_use_of_name(span_head(start, name.n + 1));
		if (use == 0)
			tok_fail(t, ST_DENIED, "USEATTR",
			    "This special use is not supported");
		uses |= use;
	}
	return uses;
}

enum status
parse_create(struct tokens *t, struct arena *a, const void **out)
{
	struct create_args *args = ARENA_NEW(a, struct create_args);

	tok_space(t);
	args->name = tok_new_mailbox(t);
	if (tok_accept(t, ' ') && !tok_at_end(t))
		for (size_t n = 0; tok_list_more(t, n); n++)
			args->special_use |= special_uses(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_rename(struct tokens *t, struct arena *a, const void **out)
{
	struct rename_args *args = ARENA_NEW(a, struct rename_args);

	tok_space(t);
	args->from = tok_mailbox(t);
	tok_space(t);
	args->to = tok_new_mailbox(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

static const struct {
	struct span name;
	enum status_item item;
} status_items[] = {
	{ SPAN_INIT("MESSAGES"), STATUS_MESSAGES },
	{ SPAN_INIT("RECENT"), STATUS_RECENT },
	{ SPAN_INIT("UIDNEXT"), STATUS_UIDNEXT },
	{ SPAN_INIT("UIDVALIDITY"), STATUS_UIDVALIDITY },
	{ SPAN_INIT("UNSEEN"), STATUS_UNSEEN },
	{ SPAN_INIT("DELETED"), STATUS_DELETED },
	{ SPAN_INIT("SIZE"), STATUS_SIZE },
	{ SPAN_INIT("HIGHESTMODSEQ"), STATUS_HIGHESTMODSEQ },
	{ SPAN_INIT("APPENDLIMIT"), STATUS_APPENDLIMIT },
	{ SPAN_INIT("MAILBOXID"), STATUS_MAILBOXID },
	{ SPAN_INIT("DELETED-STORAGE"), STATUS_DELETED_STORAGE },
	{ SPAN_INIT("OBJECTID"), STATUS_OBJECTID },
};

static unsigned
status_item(struct span name)
{
	for (size_t i = 0; i < COUNT(status_items); i++)
		if (span_eq_nocase(status_items[i].name, name))
			return status_items[i].item;
	return 0;
}

unsigned
tok_status_items(struct tokens *t)
{
	unsigned items = 0;

	for (size_t n = 0; tok_list_more(t, n); n++) {
		unsigned item = status_item(tok_word(t));

		if (item == 0)
			tok_bad(t, "There is no such item of STATUS");
		items |= item;
	}
	if (items == 0)
		tok_bad(t, "Expected an item of STATUS");
	return items;
}

enum status
parse_status(struct tokens *t, struct arena *a, const void **out)
{
	struct status_args *args = ARENA_NEW(a, struct status_args);

	tok_space(t);
	args->name = tok_mailbox(t);
	tok_space(t);
	args->items = tok_status_items(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_getquota(struct tokens *t, struct arena *a, const void **out)
{
	struct quota_args *args = ARENA_NEW(a, struct quota_args);

	tok_space(t);
	args->root = tok_astring(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_setquota(struct tokens *t, struct arena *a, const void **out)
{
	struct quota_args *args = ARENA_NEW(a, struct quota_args);
	struct quota_limit *limits =
	    ARENA_ARRAY(a, LIMIT_QUOTA_RESOURCES, struct quota_limit);

	tok_space(t);
	args->root = tok_astring(t);
	tok_space(t);
	for (args->n = 0; tok_list_more(t, args->n); args->n++) {
		if (args->n == LIMIT_QUOTA_RESOURCES) {
			tok_limit(t, "There are too many resources");
			break;
		}
		limits[args->n].resource = tok_atom(t);
		tok_space(t);
		limits[args->n].limit = tok_number64(t);
	}
	args->limits = limits;
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}
