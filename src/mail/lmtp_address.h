#ifndef MAIL_LMTP_ADDRESS_H
#define MAIL_LMTP_ADDRESS_H

#include "base/buf.h"

/*
 * Addresses of the envelope (RFC 5321 section 4.1.2, RFC 6531 section 3.3).
 *
 * What is accepted is more than the grammar: dots may stand anywhere in a
 * local part, and the domain may be missing.  It never has control
 * characters or angle brackets outside of quotes, so it can be written into a
 * header field as it is.
 */
struct lmtp_path {
	struct span text;  /* between < and >, without a source route */
	struct span local; /* of text; may be quoted */
	struct span domain;
	bool has_utf8;
};

/*
 * Takes a path in angle brackets off the front of *in; that of <> is empty.
 * False if there is none; then neither has changed.
 */
bool lmtp_path_take(struct span *in, struct lmtp_path *out);

/* Whom a path is for.  The spans are in scratch, which is overwritten. */
struct lmtp_mailbox {
	struct span user;   /* the address without quotes and subaddress */
	struct span folder; /* the subaddress, or empty */
};

/* delimiter stands before a subaddress (RFC 5233); 0: there are none. */
struct lmtp_mailbox lmtp_path_mailbox(const struct lmtp_path *path,
    unsigned char delimiter, struct buf *scratch);

#endif
