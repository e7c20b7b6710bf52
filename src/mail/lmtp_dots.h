#ifndef MAIL_LMTP_DOTS_H
#define MAIL_LMTP_DOTS_H

#include "base/span.h"

/*
 * The message behind a DATA command (RFC 5321 section 4.5.2): takes away the
 * dot that was put in front of a line that begins with one, and finds the end.
 *
 * Only CRLF ends a line and only CRLF.CRLF the message.  A lone CR or LF is
 * an octet like any other, so that what one server takes for the end of a
 * message is never the middle of it for another.
 *
 * Embedded: { 0 } is before a message.
 */
struct lmtp_dots {
	enum {
		DOTS_LINE, /* at the start of a line */
		DOTS_TEXT,
		DOTS_CR,     /* after a CR of the message */
		DOTS_DOT,    /* after a dot at the start of a line */
		DOTS_DOT_CR, /* after that and a CR, which is not handed out */
		DOTS_END,
	} state;
};

/*
 * Takes octets off the front of *in and gives the next piece of the message,
 * which borrows from *in or is static.  An empty piece says that *in is used
 * up or that the message has ended; then *in is what follows it.
 */
struct span lmtp_dots_next(struct lmtp_dots *d, struct span *in);

static inline bool
lmtp_dots_ended(const struct lmtp_dots *d)
{
	return d->state == DOTS_END;
}

#endif
