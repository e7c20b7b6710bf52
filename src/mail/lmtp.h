#ifndef MAIL_LMTP_H
#define MAIL_LMTP_H

#include "base/buf.h"

/*
 * The server's side of LMTP (RFC 2033) as a machine: octets in, replies out.
 * PIPELINING (RFC 2920), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), SIZE (RFC
 * 1870), ENHANCEDSTATUSCODES (RFC 2034), CHUNKING (RFC 3030).
 *
 * It knows nothing of sockets and accounts.  It asks whether a recipient is
 * there and has a message delivered; the answers may come at once, from
 * within the callback, or later.  Until then it takes no input, so replies
 * are in the order of the commands.
 *
 * Units      Sizes are octets.
 * Ownership  Settings, ops and ctx are borrowed.  Spans given to a callback
 *            are good until it returns.
 * Memory     An address and a name of the peer are kept, and an octet for
 *            each recipient; of a message, nothing.
 * Callbacks  Come from lmtp_input(), reset() also from lmtp_close().  They
 *            must not free the machine.
 */
struct lmtp;

struct lmtp_settings {
	struct span hostname;
	uint64_t message_limit; /* of one message, announced as SIZE */
	uint32_t recipient_limit;
	unsigned char delimiter;   /* before a subaddress; 0: there are none */
	bool over_quota_temporary; /* 452 instead of 552 */
};

/* What became of a recipient or of a message for it, with its reply. */
enum lmtp_verdict {
	LMTP_UNDECIDED,
	LMTP_OK,           /* 250 */
	LMTP_UNKNOWN_USER, /* 550 5.1.1 */
	LMTP_DISABLED,     /* 550 5.2.1 */
	LMTP_OVER_QUOTA,   /* 552 5.2.2, or 452 4.2.2 */
	LMTP_TOO_BIG,      /* 552 5.3.4 */
	LMTP_NO_SPACE,     /* 452 4.3.1 */
	LMTP_TEMPORARY,    /* 451 4.3.0 */
};

struct lmtp_recipient {
	struct span address; /* as it was given */
	struct span user;    /* without quotes and subaddress */
	struct span folder;  /* the subaddress, or empty */
};

/* The transaction at hand; good until it ends. */
struct lmtp_envelope {
	struct span client; /* how it named itself in LHLO */
	struct span from;   /* as it was given; empty for bounces */
	uint64_t size;      /* that was declared; 0: none was */
	bool utf8;          /* SMTPUTF8 */
};

struct lmtp_ops {
	/* Is to be answered with lmtp_found(). */
	void (*recipient)(void *ctx, const struct lmtp_recipient *r);

	/*
	 * Octets of the message.  Anything but LMTP_OK fails it for all its
	 * recipients, and no more of it comes.
	 */
	enum lmtp_verdict (*data)(void *ctx, struct span octets);

	/*
	 * All of it has come, which may be nothing.  Is to be answered with
	 * lmtp_delivered() for each recipient that was found.
	 */
	void (*deliver)(void *ctx);

	/* The transaction is over: its recipients and octets are let go. */
	void (*reset)(void *ctx);
};

struct lmtp *lmtp_new(const struct lmtp_settings *settings,
    const struct lmtp_ops *ops, void *ctx);
void lmtp_free(struct lmtp **l);

/* The first reply, when a client has connected. */
void lmtp_greet(struct lmtp *l, struct buf *out);

/*
 * Takes octets and appends replies; says how many it took.  It takes all but
 * the beginning of a command (at most LIMIT_LMTP_LINE), and none while it
 * waits for an answer.  After the answer it is to be called again, with what
 * it left or with nothing.
 */
size_t lmtp_input(struct lmtp *l, struct span in, struct buf *out);

/* An answer is missing. */
bool lmtp_waiting(const struct lmtp *l);
/* The connection is to be closed when the replies are sent. */
bool lmtp_closed(const struct lmtp *l);

void lmtp_found(struct lmtp *l, enum lmtp_verdict verdict);
/* Recipients are counted from 0, without those that were not found. */
void lmtp_delivered(struct lmtp *l, uint32_t recipient,
    enum lmtp_verdict verdict);

struct lmtp_envelope lmtp_envelope(const struct lmtp *l);

/*
 * Closes with a last reply (421), also while it waits: the transaction ends,
 * and answers that come later are ignored.
 */
enum lmtp_end { LMTP_SHUTDOWN, LMTP_TIMEOUT };
void lmtp_close(struct lmtp *l, enum lmtp_end why, struct buf *out);

#endif
