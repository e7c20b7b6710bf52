#ifndef ENGINE_MBOX_LIST_H
#define ENGINE_MBOX_LIST_H

#include "base/buf.h"
#include "base/status.h"
#include "imap/flag.h"

/*
 * The mailboxes of an account by name: a snapshot that is never changed once
 * it is made, counted as versions are.  A name that is only subscribed to
 * has an entry too, with exists false (RFC 9051 section 6.3.7).
 *
 * Names are UTF-8 with '/' between their levels, and "INBOX" is upper case.
 */
struct mbox {
	uint64_t id; /* MAILBOXID; never used twice in an account */
	struct span name;
	bool exists;
	bool subscribed;
	unsigned use; /* USE_ bits of imap/flag.h */
	uint32_t uidvalidity;
};

struct mbox_list {
	uint32_t refs;
	size_t n;
	struct mbox *item[]; /* by the bytes of their names */
};

/* Of n entries in any order, which are copied. */
struct mbox_list *mbox_list_new(const struct mbox *m, size_t n);
struct mbox_list *mbox_list_ref(const struct mbox_list *l);
void mbox_list_unref(struct mbox_list **l);

/* The entry of this name, whether it exists or not; NULL. */
const struct mbox *mbox_find(const struct mbox_list *l, struct span name);
const struct mbox *mbox_by_id(const struct mbox_list *l, uint64_t id);
/* One that exists and has any of these uses. */
const struct mbox *mbox_by_use(const struct mbox_list *l, unsigned use);

/* The place of the first entry whose name is not before this one. */
size_t mbox_place(const struct mbox_list *l, struct span name);
/* A mailbox below this name exists. */
bool mbox_has_children(const struct mbox_list *l, struct span name);

/*
 * A list with one entry put in (in place of that of the same id) or taken
 * out.  The entry's name is copied.
 */
struct mbox_list *mbox_list_put(const struct mbox_list *l,
    const struct mbox *m);
struct mbox_list *mbox_list_drop(const struct mbox_list *l, uint64_t id);

/* KEY_ENTRY. */
void pack_mbox(struct buf *b, const struct mbox *m);
/* The name borrows from the value. */
enum status unpack_mbox(uint64_t id, struct span value, struct mbox *out);

#endif
