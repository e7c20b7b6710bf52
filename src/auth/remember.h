#ifndef AUTH_REMEMBER_H
#define AUTH_REMEMBER_H

#include "base/span.h"

/*
 * Passwords that were right lately, so that a phone which comes back every
 * minute doesn't cost an argon2 each time.
 *
 * What is kept is the HMAC-SHA-256 of the password with a key that is made
 * with the table and lives in this process's memory alone; one for each of
 * at most LIMIT_REMEMBERED accounts.
 */
struct remember;

struct remember *remember_new(void);
void remember_free(struct remember **r);

void remember_put(struct remember *r, uint64_t account, struct span password,
    int64_t until_ms);

/* Whether this is a password that was put and whose time is not over. */
bool remember_knows(struct remember *r, uint64_t account, struct span password,
    int64_t now_ms);

void remember_forget(struct remember *r, uint64_t account);

#endif
