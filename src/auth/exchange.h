#ifndef AUTH_EXCHANGE_H
#define AUTH_EXCHANGE_H

#include "auth/state.h"

/*
 * A login under way, as a gate named it.
 *
 * One that is given up by its gate while its password is checked goes on
 * until it is: giving up early hides no failure.
 */
enum exchange_state {
	EXCHANGE_OURS,   /* a step is being taken */
	EXCHANGE_THEIRS, /* the client is to respond */
	EXCHANGE_CHECK,  /* a worker looks at the password */
	EXCHANGE_LATER,  /* the refusal waits */
};

struct exchange {
	struct work work; /* first: the password's check */
	struct auth *auth;
	struct client *gate; /* NULL: given up */
	uint64_t id;
	struct exchange *prev;
	struct exchange *next;
	uv_timer_t timer;
	enum exchange_state state;

	char peer[LIMIT_ADDRESS_TEXT];
	size_t peer_n;
	bool tls;
	const char *mechanism; /* for the log */
	struct mech *mech;     /* or NULL: it is the LOGIN command */

	/* Who wants in: as typed, and as it is counted. */
	unsigned char user[LIMIT_USER_NAME];
	size_t user_n;
	char name[LIMIT_USER_NAME + 1];
	struct buf password;

	/* Of the check. */
	enum status result;
	struct account account;
	uint64_t changes; /* auth's, when it began */

	/* What is to be said later. */
	enum refusal refusal;
	const char *text;
};

/*
 * ST_BAD: there is one of this id.  ST_LIMIT: the gate has LIMIT_EXCHANGES.
 */
enum status exchange_new(struct client *gate, uint64_t id, struct span peer,
    struct exchange **out);

/* NULL if there is none (any more). */
struct exchange *exchange_find(struct client *gate, uint64_t id);

/* The gate is not told.  While it is checked it stays, without a gate. */
void exchange_drop(struct exchange *x);

void exchange_set_user(struct exchange *x, struct span typed);
struct login_source exchange_source(const struct exchange *x);

/* These say something to the gate. */
void exchange_challenge(struct exchange *x, struct span blob);
void exchange_ok(struct exchange *x, struct span ticket, struct span final);
void exchange_no(struct exchange *x, enum refusal why, const char *text);
void exchange_no_after(struct exchange *x, int64_t delay_ms, enum refusal why,
    const char *text);

/* Says no to an exchange that there isn't. */
void client_no(struct client *gate, uint64_t id, enum refusal why,
    const char *text);

#endif
