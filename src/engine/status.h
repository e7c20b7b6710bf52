#ifndef ENGINE_STATUS_H
#define ENGINE_STATUS_H

#include "engine/session.h"

/*
 * "* STATUS name (MESSAGES n ...)": RFC 9051 section 7.3.4.  items are
 * STATUS_ bits (imap/args_mailbox.h).  On an error nothing is written.
 */
enum status status_write(struct session *s, const struct mbox *m,
    unsigned items);

/* What asking for these items enables; before the first of them. */
void status_enable(struct session *s, unsigned items);

#endif
