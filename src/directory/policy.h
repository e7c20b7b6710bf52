#ifndef DIRECTORY_POLICY_H
#define DIRECTORY_POLICY_H

#include "base/buf.h"
#include "base/status.h"

/* Which new passwords are good enough. */
struct policy {
	uint64_t length;   /* the least number of characters */
	uint64_t strength; /* the least score of zxcvbn, 0 to 4 */
};

/*
 * ST_DENIED: it isn't, and a sentence that says why and what would help,
 * without the password, is appended to why.  name is the account's, which a
 * password should not contain.
 */
enum status policy_check(const struct policy *p, struct span name,
    struct span password, struct buf *why);

#endif
