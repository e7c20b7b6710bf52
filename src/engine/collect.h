#ifndef ENGINE_COLLECT_H
#define ENGINE_COLLECT_H

#include "engine/account.h"

/*
 * Removes the contents that no message has any more.
 *
 * The change that expunges the last message with a content lists it
 * (KEY_GARBAGE, by its mod-sequence); the content itself goes later, when no
 * session still has a version with that message.
 */
struct contents {
	uint64_t *id;
	size_t n;
	size_t cap;
};

void contents_add(struct contents *c, uint64_t id);
void contents_clear(struct contents *c);
void pack_contents(struct buf *b, struct contents *c);

/* A change is on disk that lists these; takes them over. */
void collect_add(struct account *a, uint64_t modseq, struct contents *c);

/* What an account that is being opened has listed. */
enum status collect_load(struct account *a);
void collect_free(struct account *a);

/*
 * Removes what may go, if there is enough of it or if nobody uses the
 * account; in pieces, through the loop.  Called when a session has moved on.
 */
void collect_kick(struct account *a);

#endif
