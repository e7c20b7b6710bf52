#ifndef MAIL_HANDOVER_H
#define MAIL_HANDOVER_H

#include "mail/worker.h"
#include "service/message.h"

/*
 * A connection that a gate hands over: its ticket is redeemed at auth, its
 * account is opened on the worker that it belongs to, and a session begins
 * (limits.connections-per-user).
 *
 * On the main thread.  fd is taken over.
 */
void handover_start(const struct mail *m, struct loop *main,
    const struct msg_session *msg, int fd);

#endif
