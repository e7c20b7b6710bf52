#include "directory/name.h"

#include <assert.h>
#include <stdlib.h>
#include <stringprep.h>

#include "base/mem.h"

/*
 * SASLprep of s in memory of its own, which the caller frees; NULL if it is
 * refused.  libidn wants a NUL at the end, so none may be in s.
 */
static char *
prepare(struct span s, Stringprep_profile_flags flags)
{
	char *typed, *out = NULL;
	int rc;

	if (s.n == 0 || span_find(s, '\0') < s.n)
		return NULL;
	typed = mem_alloc(s.n + 1);
	memcpy(typed, s.p, s.n);
	rc = stringprep_profile(typed, &out, "SASLprep", flags);
	explicit_bzero(typed, s.n);
	mem_free(&typed);
	return rc == STRINGPREP_OK ? out : NULL;
}

static bool
may_stand_in_a_name(unsigned char c)
{
	return c > ' ' && c != 0x7f && strchr("\"(),/:;<>[\\]*%", c) == NULL;
}

static bool
is_name(struct span s)
{
	size_t at = span_find(s, '@');

	for (size_t i = 0; i < s.n; i++)
		if (!may_stand_in_a_name(s.p[i]))
			return false;
	if (at == s.n)
		return s.n > 0;
	return at > 0 && at + 1 < s.n &&
	       span_find(span_from(s, at + 1), '@') == s.n - at - 1;
}

enum status
name_prepare(struct span typed, char out[LIMIT_USER_NAME + 1])
{
	char *prepared;
	size_t n;

	if (typed.n > LIMIT_USER_NAME)
		return ST_BAD;
	prepared = prepare(typed, STRINGPREP_NO_UNASSIGNED);
	if (prepared == NULL)
		return ST_BAD;
	n = strlen(prepared);
	if (n > LIMIT_USER_NAME || !is_name(span_of(prepared, n))) {
		free(prepared);
		return ST_BAD;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (char)ascii_lower((unsigned char)prepared[i]);
	out[n] = '\0';
	free(prepared);
	return ST_OK;
}

/*
 * Code points that Unicode 3.2 doesn't know are kept as they are: people do
 * have emoji in their passwords, and a client either does the same or can't
 * send them at all.
 */
enum status
name_prepare_password(struct span typed, char *out, size_t *out_n)
{
	char *prepared;
	size_t n;

	assert(typed.n <= LIMIT_PASSWORD);
	prepared = prepare(typed, 0);
	if (prepared == NULL)
		return ST_BAD;
	n = strlen(prepared);
	if (n > 0 && n <= LIMIT_PASSWORD_PREPARED) {
		memcpy(out, prepared, n + 1);
		*out_n = n;
	}
	explicit_bzero(prepared, n);
	free(prepared);
	return n > 0 && n <= LIMIT_PASSWORD_PREPARED ? ST_OK : ST_BAD;
}
