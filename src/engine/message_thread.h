#ifndef ENGINE_MESSAGE_THREAD_H
#define ENGINE_MESSAGE_THREAD_H

#include "engine/change.h"

/*
 * THREADID (RFC 8474 section 5.2): the id of the first message of a thread.
 *
 * A message belongs to the thread in which its own Message-ID, or the last
 * of its references that is known, was seen before.  Its ids are then known
 * (KEY_THREAD).  The THREADID of a message never changes, so threads that
 * turn out to be one later stay two.
 */
enum status message_thread(struct change *c, const struct message *m,
    uint64_t content, uint64_t *out);

/* Ids of changes that are not on disk yet. */
struct thread_memo;
void thread_memo_free(struct thread_memo **m);
/* Called when no change is in flight: everything can be read again. */
void thread_memo_reset(struct account *a);

#endif
