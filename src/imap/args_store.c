#include "imap/args_store.h"

/* "(" store-modifier ")" of RFC 7162; there is only the one. */
static void
modifiers(struct tokens *t, struct store_args *args)
{
	for (size_t n = 0; tok_list_more(t, n); n++) {
		if (args->conditional ||
		    !tok_accept_word(t, SPAN("UNCHANGEDSINCE")))
			tok_bad(t, "There is no such modifier of STORE");
		tok_space(t);
		args->unchanged_since = tok_number64(t);
		args->conditional = true;
	}
}

static void
item_name(struct tokens *t, struct store_args *args)
{
	args->how = STORE_REPLACE;
	if (tok_accept(t, '+'))
		args->how = STORE_ADD;
	else if (tok_accept(t, '-'))
		args->how = STORE_REMOVE;
	args->silent = tok_accept_word(t, SPAN("FLAGS.SILENT"));
	if (!args->silent && !tok_accept_word(t, SPAN("FLAGS")))
		tok_bad(t, "STORE changes FLAGS");
}

static enum status
store(struct tokens *t, struct arena *a, bool uid, const void **out)
{
	struct store_args *args = ARENA_NEW(a, struct store_args);

	args->uid = uid;
	tok_space(t);
	args->set = tok_seq_set(t);
	tok_space(t);
	if (tok_at(t, '(')) {
		modifiers(t, args);
		tok_space(t);
	}
	item_name(t, args);
	tok_space(t);
	args->flags = tok_at(t, '(') ? tok_flag_list(t) : tok_bare_flags(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_store(struct tokens *t, struct arena *a, const void **out)
{
	return store(t, a, false, out);
}

enum status
parse_uid_store(struct tokens *t, struct arena *a, const void **out)
{
	return store(t, a, true, out);
}

static enum status
copy(struct tokens *t, struct arena *a, bool uid, const void **out)
{
	struct copy_args *args = ARENA_NEW(a, struct copy_args);

	args->uid = uid;
	tok_space(t);
	args->set = tok_seq_set(t);
	tok_space(t);
	args->mailbox = tok_mailbox(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_copy(struct tokens *t, struct arena *a, const void **out)
{
	return copy(t, a, false, out);
}

enum status
parse_uid_copy(struct tokens *t, struct arena *a, const void **out)
{
	return copy(t, a, true, out);
}

enum status
parse_uid_expunge(struct tokens *t, struct arena *a, const void **out)
{
	struct expunge_args *args = ARENA_NEW(a, struct expunge_args);

	tok_space(t);
	args->set = tok_seq_set(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}
