#ifndef IMAP_ARGS_SESSION_H
#define IMAP_ARGS_SESSION_H

#include "imap/args.h"

/* LOGIN.  struct login_args */
struct login_args {
	struct span user;
	struct span password;
};
parse_fn parse_login;

/* AUTHENTICATE, RFC 4959.  struct authenticate_args */
struct authenticate_args {
	struct span mechanism; /* as it was written */
	bool has_initial;
	struct span initial; /* base64 characters; empty for "=" */
};
parse_fn parse_authenticate;

/*
 * ID, RFC 2971.  struct id_args
 *
 * Pairs beyond the RFC's own bounds (30 pairs, names of 30 and values of 1024
 * bytes) are read and left out.  NIL has no pairs.
 */
struct id_pair {
	struct span name;
	struct span value; /* p is NULL for NIL */
};
struct id_args {
	const struct id_pair *pairs;
	size_t n;
};
parse_fn parse_id;

/* ENABLE, RFC 5161: names as they were written.  struct enable_args */
struct enable_args {
	const struct span *names;
	size_t n;
};
parse_fn parse_enable;

/* COMPRESS, RFC 4978.  struct compress_args */
struct compress_args {
	struct span algorithm;
};
parse_fn parse_compress;

#endif
