#include "imap/args_session.h"

#include "base/limits.h"
#include "imap/chars.h"

enum status
parse_login(struct tokens *t, struct arena *a, const void **out)
{
	struct login_args *args = ARENA_NEW(a, struct login_args);

	tok_space(t);
	args->user = tok_astring(t);
	tok_space(t);
	args->password = tok_astring(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

static bool
is_base64(unsigned char c)
{
	return chars_is_alpha(c) || ascii_digit(c) || c == '+' || c == '/' ||
	       c == '=';
}

/* base64 or "=", which is no bytes at all (RFC 4959). */
static struct span
initial_response(struct tokens *t)
{
	struct span s = tok_atom(t);

	if (span_eq(s, SPAN("=")))
		return span_of(s.p, 0);
	if (!chars_all(s, is_base64) || s.n % 4 != 0)
		tok_bad(t, "The initial response is not base64");
	return s;
}

enum status
parse_authenticate(struct tokens *t, struct arena *a, const void **out)
{
	struct authenticate_args *args = ARENA_NEW(a, struct authenticate_args);

	tok_space(t);
	args->mechanism = tok_atom(t);
	args->has_initial = tok_accept(t, ' ');
	if (args->has_initial)
		args->initial = initial_response(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

static void
id_pairs(struct tokens *t, struct id_args *args)
{
	struct id_pair *pairs =
	    ARENA_ARRAY(t->arena, LIMIT_ID_PAIRS, struct id_pair);

	args->pairs = pairs;
	for (size_t n = 0; tok_list_more(t, n); n++) {
		struct id_pair pair = { .name = tok_string(t) };

		tok_space(t);
		pair.value = tok_nstring(t);
		if (args->n < LIMIT_ID_PAIRS && pair.name.n <= LIMIT_ID_NAME &&
		    pair.value.n <= LIMIT_ID_VALUE)
			pairs[args->n++] = pair;
	}
}

enum status
parse_id(struct tokens *t, struct arena *a, const void **out)
{
	struct id_args *args = ARENA_NEW(a, struct id_args);

	tok_space(t);
	if (!tok_accept_word(t, SPAN("NIL")))
		id_pairs(t, args);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_enable(struct tokens *t, struct arena *a, const void **out)
{
	struct enable_args *args = ARENA_NEW(a, struct enable_args);
	struct span *names = ARENA_ARRAY(a, LIMIT_ENABLE_NAMES, struct span);

	args->names = names;
	tok_space(t);
	do {
		if (args->n == LIMIT_ENABLE_NAMES)
			tok_limit(t, "There are too many names");
		else
			names[args->n++] = tok_atom(t);
	} while (tok_accept(t, ' ') && !tok_at_end(t));
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_compress(struct tokens *t, struct arena *a, const void **out)
{
	struct compress_args *args = ARENA_NEW(a, struct compress_args);

	tok_space(t);
	args->algorithm = tok_atom(t);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}
