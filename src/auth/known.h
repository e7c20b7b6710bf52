#ifndef AUTH_KNOWN_H
#define AUTH_KNOWN_H

#include "directory/directory.h"

/*
 * Accounts that were found lately, so that a phone which comes back every
 * minute doesn't cost two queries each time.
 *
 * An account is given from memory only as long as the directory has told of
 * no change to anyone since it was found: `changes` counts what it has told.
 * So what comes is as new as the last poll; who needs it newer polls first.
 *
 * Ownership  It borrows the directory, whose Errors these are too.  At most
 *            LIMIT_KNOWN accounts are kept.
 */
struct known;

struct known *known_new(struct directory *d);
void known_free(struct known **k);

/* By a name as it was typed. */
enum status known_find(struct known *k, uint64_t changes, struct span name,
    struct account *out);
enum status known_find_id(struct known *k, uint64_t changes, uint64_t id,
    struct account *out);

#endif
