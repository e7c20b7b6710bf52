#ifndef DIRECTORY_NAME_H
#define DIRECTORY_NAME_H

#include "base/limits.h"
#include "base/span.h"
#include "base/status.h"

/*
 * Account names, "user" or "user@domain", and the preparation of strings.
 *
 * A name is prepared with SASLprep (RFC 4013, without code points that
 * Unicode 3.2 doesn't know) and then A-Z become a-z, in both halves: people
 * type their address in any case.  Other letters keep theirs.
 *
 * A prepared name has 1 to LIMIT_USER_NAME bytes, at most one '@', which
 * is at neither end, and no spaces, controls or any of "(),/:;<>[\]*%: so it
 * can be written without quotes in an address, a path and a log.
 */

/* ST_BAD: it can't be a name. */
enum status name_prepare(struct span typed, char out[LIMIT_USER_NAME + 1]);

/*
 * A password as it is hashed (directory/secret.h).  out has room for
 * LIMIT_PASSWORD_PREPARED bytes and a NUL.
 * ST_BAD: SASLprep refuses it (control characters, not UTF-8, empty).
 */
enum status name_prepare_password(struct span typed, char *out, size_t *out_n);

#endif
