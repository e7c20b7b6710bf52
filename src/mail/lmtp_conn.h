#ifndef MAIL_LMTP_CONN_H
#define MAIL_LMTP_CONN_H

#include "base/span.h"

/*
 * A connection of a mail server that delivers: LMTP (lmtp.h) over a stream.
 *
 * A recipient is looked up as it was given, without its subaddress.  If there
 * is no such user its local part alone is, so that "anna@example.org" reaches
 * the user "anna" of an office whose users have no domains in their names.
 * Which domains are ours is for the mail server that sends it to know.
 *
 * When the worker stops, what is being delivered is finished and answered, so
 * that it isn't delivered again later.
 */
struct worker;

/* On the worker's thread.  fd is taken over; peer_address may be empty. */
void lmtp_conn_start(struct worker *w, int fd, struct span peer_address);

#endif
