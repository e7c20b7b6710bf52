#ifndef MIME_PARAMS_H
#define MIME_PARAMS_H

#include "base/arena.h"
#include "mime/lex.h"

/*
 * Content-Type and Content-Disposition: a value and its parameters, with
 * the pieces of RFC 2231 put together.  Borrows from what was parsed and
 * from the arena.
 *
 * At most LIMIT_MIME_PARAMS pieces and LIMIT_MIME_PARAM_BYTES of them are
 * looked at.  Of two parameters with the same name, the first counts.
 */
struct param {
	struct span name;  /* lower case, without RFC 2231's stars */
	struct span value; /* unquoted; UTF-8 if extended */
	bool extended;     /* it named its charset: "name*" */
};

struct params {
	const struct param *p;
	size_t n;
};

/* Reads all parameters that are left, with or without the semicolons. */
struct params params_parse(struct arena *a, struct lex *l);

/* The value of a parameter, extended or not; empty if there is none. */
struct span params_find(const struct params *ps, struct span name);

/* Reads a token of RFC 2045, in lower case; empty if there is none. */
struct span params_token(struct arena *a, struct lex *l);

#endif
