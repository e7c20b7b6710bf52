#ifndef ENGINE_CHANGE_IN_H
#define ENGINE_CHANGE_IN_H

#include "engine/change.h"
#include "engine/collect.h"

/*
 * The inside of a change, for the files that implement change.h.
 *
 * It keeps what it makes to itself until change_submit(): the versions of the
 * mailboxes it touched, the list, the counters.
 */
struct touched {
	struct mailbox *mailbox;
	struct version *edit; /* being made; sealed and head once submitted */
	struct buf op;
	struct uidset gone;
	bool changed; /* else it was looked at and stays as it is */
	bool created;
	bool deleted;
	struct touched *next;
};

struct change {
	struct account *account;
	struct batch *batch;
	struct account_state state;
	uint64_t modseq;
	struct mbox_list *list; /* NULL: as it was */
	struct touched *touched;
	struct uint64_list garbage;
	struct uint64_list shared;   /* what share_add() was called for */
	struct uint64_list unshared; /* and share_drop() */
	bool writes;                 /* it has something for the store */
	bool counts;                 /* its mod-sequence is used */
	bool deposits;               /* its garbage isn't to be collected yet */
	change_done_fn *done;
	void *ctx;
};

/*
 * The mailbox, for a change of it.  After change_look() there is none yet:
 * change_mark() says so, once there turns out to be something to change.  A
 * STORE of flags that are set already must not use a mod-sequence (RFC 7162
 * section 3.1).  ST_NOTFOUND if it has been deleted.
 */
enum status change_touch(struct change *c, struct mailbox *mb,
    struct touched **out);
enum status change_look(struct change *c, struct mailbox *mb,
    struct touched **out);
void change_mark(struct change *c, struct touched *t);
/*
 * All messages of a mailbox that is to be deleted: what they have is given
 * back, but the version stays as it is, as nobody will read it.
 */
enum status change_drop_all(struct change *c, struct mailbox *mb);
/* The list as it is within the change. */
const struct mbox_list *change_list(const struct change *c);

#endif
