#include "imap/args_search.h"

#include "base/limits.h"

static uint32_t
position(struct tokens *t, bool negative)
{
	if (negative && !tok_accept(t, '-'))
		tok_bad(t, "Both ends of a range count from the same side");
	return tok_nz_number(t);
}

struct partial_range
tok_partial_range(struct tokens *t)
{
	struct partial_range r = { .from_end = tok_at(t, '-') };

	r.from = position(t, r.from_end);
	tok_byte(t, ':');
	r.to = position(t, r.from_end);
	return r;
}

static unsigned
return_option(struct tokens *t, struct partial_range *partial)
{
	struct span name = tok_word(t);

	if (span_eq_nocase(name, SPAN("MIN")))
		return RETURN_MIN;
	if (span_eq_nocase(name, SPAN("MAX")))
		return RETURN_MAX;
	if (span_eq_nocase(name, SPAN("ALL")))
		return RETURN_ALL;
	if (span_eq_nocase(name, SPAN("COUNT")))
		return RETURN_COUNT;
	if (span_eq_nocase(name, SPAN("SAVE")))
		return RETURN_SAVE;
	if (span_eq_nocase(name, SPAN("RELEVANCY")))
		return RETURN_RELEVANCY;
	if (span_eq_nocase(name, SPAN("PARTIAL"))) {
		tok_space(t);
		*partial = tok_partial_range(t);
		return RETURN_PARTIAL;
	}
	tok_bad(t, "There is no such return option");
	return 0;
}

/* RFC 9394 section 3.1: PARTIAL once, and not with ALL. */
static void
return_options(struct tokens *t, struct search_args *args)
{
	for (size_t n = 0; tok_list_more(t, n); n++) {
		unsigned bit = return_option(t, &args->partial);

		if ((bit & args->ret & RETURN_PARTIAL) != 0)
			tok_bad(t, "PARTIAL can be given once");
		args->ret |= bit;
	}
	if ((args->ret & RETURN_PARTIAL) != 0 && (args->ret & RETURN_ALL) != 0)
		tok_bad(t, "PARTIAL and ALL can't be combined");
	if (args->ret == 0)
		args->ret = RETURN_ALL;
}

void
tok_relevancy(struct tokens *t, struct search_program *p)
{
	if (!p->has_fuzzy)
		tok_bad(t, "RELEVANCY needs a FUZZY search key");
	p->scored = true;
}

static enum status
parse(struct tokens *t, struct arena *a, bool uid, const void **out)
{
	struct search_args *args = ARENA_NEW(a, struct search_args);

	args->uid = uid;
	tok_space(t);
	if (tok_accept_word(t, SPAN("RETURN"))) {
		args->esearch = true;
		tok_space(t);
		return_options(t, args);
		tok_space(t);
	}
	if (tok_accept_word(t, SPAN("CHARSET"))) {
		tok_space(t);
		args->program.charset = tok_astring(t);
		tok_space(t);
	}
	tok_search_keys(t, &args->program);
	if ((args->ret & RETURN_RELEVANCY) != 0)
		tok_relevancy(t, &args->program);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_search(struct tokens *t, struct arena *a, const void **out)
{
	return parse(t, a, false, out);
}

enum status
parse_uid_search(struct tokens *t, struct arena *a, const void **out)
{
	return parse(t, a, true, out);
}
