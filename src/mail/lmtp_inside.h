#ifndef MAIL_LMTP_INSIDE_H
#define MAIL_LMTP_INSIDE_H

#include "mail/lmtp.h"
#include "mail/lmtp_dots.h"

/* The inside of the machine, for its commands. */
struct lmtp {
	const struct lmtp_settings *settings;
	const struct lmtp_ops *ops;
	void *ctx;
	struct buf *out; /* during lmtp_input() */

	enum {
		AT_COMMAND,
		AT_LONG_LINE, /* which is passed over */
		AT_RECIPIENT, /* waits for lmtp_found() */
		AT_DATA,      /* up to CRLF.CRLF */
		AT_CHUNK,     /* of a BDAT command */
		AT_DELIVERY,  /* waits for lmtp_delivered() */
		AT_END,
	} state;
	bool greeted;
	uint32_t errors;
	struct buf client;

	/* The transaction: from MAIL to the last reply of DATA, or RSET. */
	bool in_mail;
	bool utf8;
	bool has_chunks;
	struct buf from;
	uint64_t declared;
	uint64_t octets;
	enum lmtp_verdict failed; /* of the whole message */
	uint8_t *verdict;         /* of each recipient */
	uint32_t recipients;
	size_t recipient_cap;
	uint32_t replied;
	enum lmtp_verdict found; /* of the recipient at hand */

	struct buf scratch;
	struct lmtp_dots dots;
	uint64_t chunk;      /* its octets that are still to come */
	uint64_t chunk_size; /* of all of it */
	bool chunk_is_last;
	bool chunk_is_wrong; /* a command in the wrong place: it is dropped */
};

void lmtp_reply(struct lmtp *l, const char *text);
/* To what no client sends that does what it should: too many end it. */
void lmtp_reply_error(struct lmtp *l, const char *text);
/* 503: a command in the wrong place. */
void lmtp_reply_order(struct lmtp *l, const char *text);

void lmtp_end_transaction(struct lmtp *l);

/* Runs one line, without its CRLF. */
void lmtp_run_command(struct lmtp *l, struct span line);

#endif
