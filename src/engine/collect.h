#ifndef ENGINE_COLLECT_H
#define ENGINE_COLLECT_H

#include "base/uint64_list.h"
#include "engine/account.h"

/*
 * Removes the contents that no message has any more.
 *
 * The change that expunges the last message with a content lists it
 * (KEY_GARBAGE, by its mod-sequence); the content itself goes later, when no
 * session still has a version with that message.
 */

/* In ascending order. */
void pack_contents(struct buf *b, struct uint64_list *c);

/* A change is on disk that lists these; takes them over. */
void collect_add(struct account *a, uint64_t modseq, struct uint64_list *c);

/* The same of what no session has ever seen: it may go at once. */
void collect_unseen(struct account *a, uint64_t modseq, struct uint64_list *c);

/* What an account that is being opened has listed. */
enum status collect_load(struct account *a);
void collect_free(struct account *a);

/*
 * Removes what may go, if there is enough of it or if nobody uses the
 * account; in pieces, through the loop.  Called when a session has moved on.
 */
void collect_kick(struct account *a);

#endif
