#ifndef ENGINE_OBJECT_ID_H
#define ENGINE_OBJECT_ID_H

#include "engine/session.h"

/*
 * Object ids: RFC 8474, and draft-ietf-mailmaint-imap-objectid-bis-06, which
 * is OBJECTID+ and active once a session has used any of it.
 *
 * An id is a letter, which keeps the kinds apart, and a number: M a mailbox,
 * A an account, E a message, T a thread.
 *
 * The two differ in what they want of EMAILID.  RFC 8474 section 5.1: a copy
 * has that of its original.  The draft's section 6.1: messages of one EMAILID
 * have the same flags, always; where copies are messages of their own, as
 * here, each has its own EMAILID.  So a session is given the one or the
 * other, and only copies show the difference.  A message that is moved keeps
 * both.
 */

/* The EMAILID of a message in this session, as a number. */
uint64_t object_id_email(const struct session *s, const struct msg_facts *f);

/* "(E5)" */
void object_id_write(struct buf *b, char kind, uint64_t id);
/* "(MAILBOXID M1 ACCOUNTID A1)" */
void object_id_write_mailbox(struct buf *b, const struct session *s,
    uint64_t mailbox);
/* "(EMAILID E5 THREADID T5)" */
void object_id_write_message(struct buf *b, const struct session *s,
    const struct msg_facts *f);
/* "OBJECTID (...)" or, unless that is active, "MAILBOXID (M1)". */
void object_id_write_code(struct buf *b, const struct session *s,
    uint64_t mailbox);

/* The number of a client's id; 0 if none of this kind looks like it. */
uint64_t object_id_read(struct span id, char kind);

#endif
