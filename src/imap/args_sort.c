#include "imap/args_sort.h"

#include "base/limits.h"

static const struct {
	struct span name;
	enum sort_by by;
} sorts[] = {
	{ SPAN_INIT("ARRIVAL"), SORT_ARRIVAL },
	{ SPAN_INIT("CC"), SORT_CC },
	{ SPAN_INIT("DATE"), SORT_DATE },
	{ SPAN_INIT("DISPLAYFROM"), SORT_DISPLAYFROM },
	{ SPAN_INIT("DISPLAYTO"), SORT_DISPLAYTO },
	{ SPAN_INIT("FROM"), SORT_FROM },
	{ SPAN_INIT("RELEVANCY"), SORT_RELEVANCY },
	{ SPAN_INIT("SIZE"), SORT_SIZE },
	{ SPAN_INIT("SUBJECT"), SORT_SUBJECT },
	{ SPAN_INIT("TO"), SORT_TO },
};

static struct sort_key
sort_key(struct tokens *t)
{
	struct sort_key key = { .reverse =
				    tok_accept_word(t, SPAN("REVERSE")) };
	struct span name;

	if (key.reverse)
		tok_space(t);
	name = tok_word(t);
	for (size_t i = 0; i < COUNT(sorts); i++) {
		if (span_eq_nocase(sorts[i].name, name)) {
			key.by = sorts[i].by;
			return key;
		}
	}
	tok_bad(t, "There is no such sort criterion");
	return key;
}

static void
sort_keys(struct tokens *t, struct sort_args *args)
{
	struct sort_key *keys =
	    ARENA_ARRAY(t->arena, LIMIT_SORT_KEYS, struct sort_key);

	args->keys = keys;
	for (args->n = 0; tok_list_more(t, args->n); args->n++) {
		if (args->n == LIMIT_SORT_KEYS) {
			tok_limit(t, "There are too many sort criteria");
			return;
		}
		keys[args->n] = sort_key(t);
	}
	if (args->n == 0)
		tok_bad(t, "Expected a sort criterion");
}

/* charset SP 1*(search-key) */
static void
program(struct tokens *t, struct search_program *out)
{
	tok_space(t);
	out->charset = tok_astring(t);
	tok_space(t);
	tok_search_keys(t, out);
}

static enum status
sort(struct tokens *t, struct arena *a, bool uid, const void **out)
{
	struct sort_args *args = ARENA_NEW(a, struct sort_args);

	args->uid = uid;
	tok_space(t);
	sort_keys(t, args);
	program(t, &args->program);
	for (size_t i = 0; i < args->n; i++)
		if (args->keys[i].by == SORT_RELEVANCY)
			tok_relevancy(t, &args->program);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_sort(struct tokens *t, struct arena *a, const void **out)
{
	return sort(t, a, false, out);
}

enum status
parse_uid_sort(struct tokens *t, struct arena *a, const void **out)
{
	return sort(t, a, true, out);
}

static enum thread_by
thread_by(struct tokens *t)
{
	struct span name = tok_atom(t);

	if (span_eq_nocase(name, SPAN("ORDEREDSUBJECT")))
		return THREAD_ORDEREDSUBJECT;
	if (span_eq_nocase(name, SPAN("REFERENCES")))
		return THREAD_REFERENCES;
	if (!span_eq_nocase(name, SPAN("REFS")))
		tok_bad(t, "There is no such threading algorithm");
	return THREAD_REFS;
}

static enum status
thread(struct tokens *t, struct arena *a, bool uid, const void **out)
{
	struct thread_args *args = ARENA_NEW(a, struct thread_args);

	args->uid = uid;
	tok_space(t);
	args->by = thread_by(t);
	program(t, &args->program);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_thread(struct tokens *t, struct arena *a, const void **out)
{
	return thread(t, a, false, out);
}

enum status
parse_uid_thread(struct tokens *t, struct arena *a, const void **out)
{
	return thread(t, a, true, out);
}
