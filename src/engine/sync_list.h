#ifndef ENGINE_SYNC_LIST_H
#define ENGINE_SYNC_LIST_H

#include "engine/command.h"
#include "engine/mbox_list.h"

/*
 * Tells a client of mailboxes that came, went, were renamed or (un)subscribed,
 * by whomever, with LIST responses that it didn't ask for: only once it has
 * enabled IMAP4rev2, where they may come (RFC 9051 sections 6.3.4 to 6.3.6).
 *
 * It runs in steps as sync.h does.
 */
struct sync_list {
	struct mbox_list *known; /* by the client; NULL: nothing is told */
	struct mbox_list *to;    /* NULL: no sync is under way */
	size_t old;              /* the next of known */
	size_t at;               /* and then of to */
};

/* From here on. */
void sync_list_start(struct session *s);
enum step sync_list_step(struct session *s);
void sync_list_clear(struct sync_list *y);

#endif
