#ifndef ENGINE_CHANGE_H
#define ENGINE_CHANGE_H

#include "engine/account.h"

/*
 * What one command changes in one account, as one atomic unit.
 *
 * A change is made and submitted within one step of the loop; until it is
 * submitted nobody sees it, so change_abort() is all it takes to give up.
 * Submitted, it becomes what the next change builds on; when it is on disk it
 * becomes current, those who watch are told, and done() is called with ST_OK.
 * If the disk refuses, it never happened, nor did those that were built on
 * it, and done() is called with ST_IO, or with ST_FULL if that was for want
 * of room.
 *
 * Errors  ST_IO, ST_CORRUPT  what it changes can't be read;
 *         ST_QUOTA, ST_LIMIT, ST_EXISTS, ST_NOTFOUND  as the calls say.
 *         After an error the change must be aborted.
 */
struct batch;
struct change;
struct message;

/* ST_AGAIN: changes are being refused by the disk; try later. */
enum status change_begin(struct account *a, struct change **out);
void change_abort(struct change **c);

typedef void change_done_fn(void *ctx, enum status st);
/* done may be called at once if nothing was changed. */
void change_submit(struct change **c, change_done_fn *done, void *ctx);

struct account *change_account(const struct change *c);
/* The mod-sequence that its changes get. */
uint64_t change_modseq(const struct change *c);
/* The mailbox as it is after what the change did so far; borrowed. */
struct version *change_version(struct change *c, struct mailbox *mb);
/* For more to write in the same unit. */
struct batch *change_batch(struct change *c);

/* A flag for a keyword, which the mailbox learns if it must.  ST_LIMIT. */
enum status change_keyword(struct change *c, struct mailbox *mb,
    struct span name, unsigned *out_bit);

/*
 * Adds a message (engine/message.h); its content is stored with the change.
 * ST_QUOTA; ST_LIMIT: there are no more UIDs.
 */
struct arrival {
	struct message *message; /* borrowed until done */
	struct flags flags;
	struct datetime internal;
	uint32_t uid; /* 0: the next one; else at least uidnext */
	/*
	 * 0, or those of a message that this change has added before: then
	 * the content is stored only once.  Set by the call.
	 */
	uint64_t content;
	uint64_t thread;
	uint64_t deposited; /* 0, or its content, which is stored already */
};
enum status change_append(struct change *c, struct mailbox *mb,
    struct arrival *a, uint32_t *out_uid);

/*
 * Stores a content whose message a later change may add (engine/deposit.h).
 * All that one change deposits have ids that follow one another.
 */
uint64_t change_deposit(struct change *c, const struct message *m);

/* As version_set_flags() and version_expunge(). */
enum status change_flags(struct change *c, struct mailbox *mb,
    const struct uidset *uids, enum flag_op op, struct flags mask,
    struct uidset *changed);
enum status change_expunge(struct change *c, struct mailbox *mb,
    const struct uidset *uids, struct uidset *gone);

/*
 * Copies messages, in the order of their UIDs; those that are gone are passed
 * over.  The n-th UID of out_from became the n-th of out_to.  A move expunges
 * them from their mailbox in the same unit; it needs no quota.
 */
enum status change_copy(struct change *c, struct mailbox *from,
    const struct uidset *uids, struct mailbox *to, struct uidset *out_from,
    struct uidset *out_to);
enum status change_move(struct change *c, struct mailbox *from,
    const struct uidset *uids, struct mailbox *to, struct uidset *out_from,
    struct uidset *out_to);

/*
 * Mailboxes, by names in their internal form.  CREATE also makes the parents
 * that are missing.  ST_EXISTS; ST_LIMIT: limits.mailboxes.
 */
enum status change_create(struct change *c, struct span name, unsigned use,
    uint64_t *out_id);
/* A UIDVALIDITY that an import brings; only for a mailbox without messages. */
enum status change_uidvalidity(struct change *c, struct mailbox *mb,
    uint32_t uidvalidity);
/* The next UID, which never goes down: as an import found it. */
enum status change_uidnext(struct change *c, struct mailbox *mb,
    uint32_t uidnext);
/* ST_NOTFOUND; its messages go. */
enum status change_delete(struct change *c, struct span name);
/*
 * With all that is below it.  What was subscribed to is so under both names.
 * ST_NOTFOUND, ST_EXISTS; ST_LIMIT: too many names.
 */
enum status change_rename(struct change *c, struct span from, struct span to);
/* RENAME INBOX: its messages move to a new mailbox (RFC 9051 6.3.6). */
enum status change_rename_inbox(struct change *c, struct span to);
enum status change_subscribe(struct change *c, struct span name, bool on);
enum status change_use(struct change *c, struct span name, unsigned use);

#endif
