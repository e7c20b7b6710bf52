#ifndef MAIL_DEPOSIT_H
#define MAIL_DEPOSIT_H

#include "engine/account.h"
#include "engine/work.h"
#include "mail/lmtp.h"
#include "mail/worker.h"

/*
 * A delivered message on its way into one account, as one change: its bytes
 * with a header that says how it came, stored once, and a message in each
 * mailbox that one of the addresses names.
 *
 * A mailbox is named by a subaddress, with '/' between its levels; INBOX in
 * any case.  One that isn't there is made and subscribed to if the settings
 * say so.  In all other cases, and if there may be no more mailboxes or it
 * can't be a name, it is INBOX.  A mailbox that several addresses name gets
 * one message.
 *
 * Threads  All of it runs on the loop of the account's worker; what is
 *          borrowed is not changed meanwhile.
 */
struct upload;

/* Of a whole message, the same for all accounts; borrowed. */
struct delivery_way {
	struct span from;    /* of the envelope */
	struct span client;  /* how it named itself */
	struct span address; /* its IP address, or empty */
	struct span id;      /* what the log calls it */
	bool utf8;
	struct datetime when;
};

struct deposit_to {
	struct span address; /* as it was given */
	struct span folder;  /* its subaddress, or empty */
};

struct deposit {
	/* The owner's; set before the start, and not changed until done. */
	const struct mail *mail;
	uint64_t account;
	uint64_t quota_bytes; /* 0: no limit */
	uint64_t quota_messages;
	int64_t quota_ms; /* when that was so */
	const struct delivery_way *way;
	struct span body;
	const struct deposit_to *to;
	size_t n;
	void (*done)(struct deposit *d, enum lmtp_verdict v);

	/* What follows is its own. */
	struct worker *worker;
	struct arena *arena;
	struct account *open;
	struct work work;
	struct upload *upload;
	struct span bytes;
	struct message *message; /* NULL: its bytes can't be had */
	struct deposited {
		struct span name;
		uint32_t uid;
	} * made;
	size_t made_n;
};

/* On the thread of the account's worker; done is called there. */
void deposit_start(struct deposit *d);

#endif
