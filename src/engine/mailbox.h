#ifndef ENGINE_MAILBOX_H
#define ENGINE_MAILBOX_H

#include "engine/account.h"

/*
 * The inside of mailboxes, for account.c, changes and checkpoints.
 *
 * A mailbox is read as its root (KEY_ROOT) and the operations since (KEY_OP),
 * which are applied in order.  An operation holds what a change did to one
 * mailbox, as steps.
 */
struct mailbox *mailbox_new(struct account *a, uint64_t id);
void mailbox_free(struct mailbox **mp);
/* One that is in memory, or NULL. */
struct mailbox *mailbox_loaded(struct account *a, uint64_t id);
/* As mailbox_open(), also if only its head exists. */
enum status mailbox_open_head(struct account *a, uint64_t id,
    struct mailbox **out);

/* account.c: a change of the account is at the committer. */
void account_enter_flight(struct account *a);
void account_leave_flight(struct account *a);

/* Work for an account, in another thread, that comes back to its loop. */
void account_enter_work(struct account *a);
void account_leave_work(struct account *a);

/* The steps of an operation, as they are written. */
void op_append(struct buf *op, const struct msg_state *s,
    const struct msg_facts *f);
void op_flags(struct buf *op, enum flag_op how, struct flags mask,
    const struct uidset *changed);
void op_expunge(struct buf *op, const struct uidset *gone);
void op_keyword(struct buf *op, struct span name);
void op_uidnext(struct buf *op, uint32_t uidnext);

/* Does again what an operation did; v is being edited. */
enum status op_apply(struct span op, struct version *v);

#endif
