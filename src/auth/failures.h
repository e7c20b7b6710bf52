#ifndef AUTH_FAILURES_H
#define AUTH_FAILURES_H

#include "base/span.h"

/*
 * Failed logins, counted for whoever guesses passwords.
 *
 * They are counted for an address (an IPv6 one by its first 64 bits), for a
 * user (who need not exist), and for the user from that address; a count is
 * forgotten time_ms after its last failure.  Each failure is answered later
 * than the one before.
 *
 * Past a limit the address is blocked, or the user.  Neither block holds for
 * a user at an address of a good login before, who has a limit of their own:
 * so whoever guesses locks nobody out elsewhere.  What is refused while
 * blocked isn't counted.
 *
 * The tables are bounded (LIMIT_FAILURES, LIMIT_GOOD_ADDRESSES): the oldest
 * make room.
 */
struct failures;

struct failures_settings {
	uint64_t per_address;
	uint64_t per_user;
	int64_t time_ms;
	int64_t delay_ms; /* of the first; doubled up to LIMIT_FAILURE_MS */
};

struct failures *failures_new(const struct failures_settings *s);
void failures_free(struct failures **f);
void failures_set(struct failures *f, const struct failures_settings *s);

/* Who logs in; peer is an IP address as text, user a prepared name. */
struct login_source {
	struct span peer;
	struct span user;
};

enum failures_block { BLOCK_NONE, BLOCK_ADDRESS, BLOCK_USER };

enum failures_block failures_blocked(struct failures *f,
    const struct login_source *who, int64_t now_ms);

struct failures_verdict {
	int64_t delay_ms;          /* to answer after */
	enum failures_block begun; /* what this failure was one too many for */
	uint64_t count;            /* of failures, if begun isn't NONE */
};

struct failures_verdict failures_wrong(struct failures *f,
    const struct login_source *who, int64_t now_ms);

/* The user's failures from this address are forgotten. */
void failures_right(struct failures *f, const struct login_source *who,
    int64_t now_ms);

#endif
