#ifndef MAIL_ROOM_H
#define MAIL_ROOM_H

#include "mail/lookup.h"
#include "mail/worker.h"

/*
 * Whether an account has room for a message that is about to come, so that
 * it can be refused before it is sent.  What comes of it is for deposit.h to
 * say: others may fill the account, or make room, meanwhile.
 */

/* True also if that can't be found out. */
typedef void room_fn(void *ctx, bool has_room);

/* False if there is no quota: then there is nothing to ask. */
bool room_is_bounded(const struct lookup_answer *who);

/*
 * size is 0 if it isn't known.  On the thread of w, where the answer comes,
 * never from within this call; until then w must have work (worker_enter()).
 */
void room_ask(struct worker *w, const struct mail *m,
    const struct lookup_answer *who, uint64_t size, room_fn *fn, void *ctx);

#endif
