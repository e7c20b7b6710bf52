#include "imap/args_list.h"

#include "base/limits.h"
#include "imap/args_mailbox.h"

struct option {
	struct span name;
	unsigned bit;
};

static const struct option selects[] = {
	{ SPAN_INIT("SUBSCRIBED"), LIST_SUBSCRIBED },
	{ SPAN_INIT("REMOTE"), LIST_REMOTE },
	{ SPAN_INIT("RECURSIVEMATCH"), LIST_RECURSIVEMATCH },
	{ SPAN_INIT("SPECIAL-USE"), LIST_SPECIAL_USE },
};

static const struct option returns[] = {
	{ SPAN_INIT("SUBSCRIBED"), LIST_RETURN_SUBSCRIBED },
	{ SPAN_INIT("CHILDREN"), LIST_RETURN_CHILDREN },
	{ SPAN_INIT("SPECIAL-USE"), LIST_RETURN_SPECIAL_USE },
	{ SPAN_INIT("STATUS"), LIST_RETURN_STATUS },
};

static unsigned
option(struct tokens *t, const struct option *table, size_t n)
{
	struct span name = tok_word(t);

	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(table[i].name, name))
			return table[i].bit;
	tok_bad(t, "There is no such option of LIST");
	return 0;
}

/* RFC 5258 section 3.1; what a selection implies is returned as well. */
static void
select_options(struct tokens *t, struct list_args *args)
{
	for (size_t n = 0; tok_list_more(t, n); n++)
		args->select |= option(t, selects, COUNT(selects));
	if ((args->select & LIST_RECURSIVEMATCH) != 0 &&
	    (args->select & LIST_SUBSCRIBED) == 0)
		tok_bad(t, "RECURSIVEMATCH needs one more option");
	if ((args->select & LIST_SUBSCRIBED) != 0)
		args->ret |= LIST_RETURN_SUBSCRIBED;
	if ((args->select & LIST_SPECIAL_USE) != 0)
		args->ret |= LIST_RETURN_SPECIAL_USE;
}

static void
return_options(struct tokens *t, struct list_args *args)
{
	if (!tok_accept_word(t, SPAN("RETURN")))
		tok_bad(t, "Expected RETURN");
	tok_space(t);
	for (size_t n = 0; tok_list_more(t, n); n++) {
		unsigned bit = option(t, returns, COUNT(returns));

		args->ret |= bit;
		if (bit == LIST_RETURN_STATUS) {
			tok_space(t);
			args->status_items |= tok_status_items(t);
		}
	}
}

static struct list_pattern
pattern(struct tokens *t, struct span reference, struct span wire)
{
	return list_pattern_parse(reference, wire, t->g->utf8, t->arena);
}

/* Several, of which empty ones are ignored (RFC 5258 section 3). */
static void
pattern_list(struct tokens *t, struct list_args *args, struct span reference)
{
	struct list_pattern *p =
	    ARENA_ARRAY(t->arena, LIMIT_LIST_PATTERNS, struct list_pattern);
	size_t n;

	for (n = 0; tok_list_more(t, n); n++) {
		struct span wire = tok_list_mailbox(t);

		if (args->n == LIMIT_LIST_PATTERNS)
			tok_limit(t, "There are too many patterns");
		else if (wire.n > 0)
			p[args->n++] = pattern(t, reference, wire);
	}
	if (n == 0)
		tok_bad(t, "Expected a mailbox pattern");
	args->patterns = p;
}

static void
single_pattern(struct tokens *t, struct list_args *args, struct span reference)
{
	struct list_pattern *p = ARENA_NEW(t->arena, struct list_pattern);
	struct span wire = tok_list_mailbox(t);

	*p = pattern(t, reference, wire);
	args->patterns = p;
	args->n = wire.n > 0;
	args->root = wire.n == 0;
}

enum status
parse_list(struct tokens *t, struct arena *a, const void **out)
{
	struct list_args *args = ARENA_NEW(a, struct list_args);
	struct span reference;

	tok_space(t);
	if (tok_at(t, '(')) {
		args->extended = true;
		select_options(t, args);
		tok_space(t);
	}
	reference = tok_astring(t);
	tok_space(t);
	if (tok_at(t, '(')) {
		args->extended = true;
		pattern_list(t, args, reference);
	} else {
		single_pattern(t, args, reference);
	}
	if (tok_accept(t, ' ') && !tok_at_end(t)) {
		args->extended = true;
		return_options(t, args);
	}
	args->root = args->root && !args->extended;
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_lsub(struct tokens *t, struct arena *a, const void **out)
{
	struct list_args *args = ARENA_NEW(a, struct list_args);
	struct span reference;

	tok_space(t);
	reference = tok_astring(t);
	tok_space(t);
	if (tok_at(t, '('))
		tok_bad(t, "LSUB takes one pattern");
	single_pattern(t, args, reference);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

bool
list_args_match(const struct list_args *args, struct span name)
{
	for (size_t i = 0; i < args->n; i++)
		if (list_pattern_match(&args->patterns[i], name))
			return true;
	return false;
}
