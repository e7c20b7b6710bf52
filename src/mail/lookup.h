#ifndef MAIL_LOOKUP_H
#define MAIL_LOOKUP_H

#include "service/message.h"

/*
 * Asks auth who an address or a ticket is.
 *
 * Threads  lookup_user() and lookup_ticket() may be called on any loop; the
 *          answer comes on that loop.  The rest belongs to the main thread.
 */
struct loop;
struct lookups;
struct peer;

/* Copied from the message, which lives shorter. */
struct lookup_answer {
	enum account_result result; /* UNAVAILABLE also if auth is away */
	uint64_t account;
	uint64_t quota_bytes; /* 0: no limit */
	uint64_t quota_messages;
	int64_t known_ms;               /* when auth said so */
	char name[LIMIT_USER_NAME + 1]; /* canonical */
};

typedef void lookup_fn(void *ctx, const struct lookup_answer *a);

struct lookups *lookups_new(struct loop *main);
void lookups_free(struct lookups **l);

void lookup_user(struct lookups *l, struct loop *loop, struct span user,
    lookup_fn *fn, void *ctx);
void lookup_ticket(struct lookups *l, struct loop *loop, struct span ticket,
    lookup_fn *fn, void *ctx);

/* Auth has come (NULL: has gone); what was asked of it fails. */
void lookups_peer(struct lookups *l, struct peer *auth);
/* False if nothing of that id was asked. */
bool lookups_answer(struct lookups *l, const struct msg_account *m);

#endif
