#ifndef ENGINE_ACCOUNT_H
#define ENGINE_ACCOUNT_H

#include "base/hash.h"
#include "base/log.h"
#include "engine/format.h"
#include "engine/mbox_list.h"
#include "engine/work.h"
#include "mime/summary.h"

/*
 * Accounts and their mailboxes in memory.
 *
 * Everything has two states: `head` is the newest that is on its way to the
 * disk, which changes build on; `current` is the newest that is on disk,
 * which is all that a client is ever shown.  A change that the disk refuses
 * takes head back to current (change.h).
 *
 * Ownership  Accounts and mailboxes are counted.  An account that nobody uses
 *            is kept for a while, as most come back soon.
 * Threads    An account belongs to the loop of its set; all calls come from
 *            there.
 */
struct committer;
struct indexer;
struct loop;
struct record_cache;
struct store;

/* What all accounts of a process share; borrowed by everything below. */
struct engine {
	struct store *store;
	struct committer *committer;
	struct work_pool *pool;
	struct record_cache *records;
	struct indexer *indexer; /* or NULL: searches do without */
	struct log log;
	struct mime_limits mime;
	size_t mailboxes_max;   /* limits.mailboxes */
	uint32_t accounts_kept; /* unused ones that a set keeps open */
};

struct accounts;

/* The accounts of one loop. */
struct accounts *accounts_new(const struct engine *e, struct loop *l);
/* All accounts must have been released, and all commits have come back. */
void accounts_free(struct accounts **s);
/* Changes that are not on disk yet and other work that is to come back. */
size_t accounts_in_flight(const struct accounts *s);

struct mailbox;
struct watcher;

struct account {
	uint64_t id;
	struct accounts *set;
	const struct engine *engine;
	struct loop *loop;
	uint32_t users;

	struct account_state head;
	struct account_state current;
	struct mbox_list *list_head;
	struct mbox_list *list;
	struct mailbox *mailboxes; /* those in memory */
	struct watcher *watchers;

	uint32_t in_flight; /* changes at the committer */
	bool failing;       /* one was refused: until the others are back */
	uint32_t went_back; /* how often head had to */

	uint64_t quota_bytes; /* 0: no limit */
	uint64_t quota_messages;
	int64_t quota_ms; /* when it was changed (account_set_quota()), or 0 */

	struct work_line work[WORK_KINDS]; /* that waits (work.h) */
	size_t summary_bytes; /* of messages that come (message_count()) */
	uint32_t portions;    /* of those, being made (incoming.h) */

	uint64_t indexed; /* the next content when the indexer was last told */
	struct garbage *garbage;  /* collect.h */
	uint32_t collected;       /* how often something was removed */
	bool paging;              /* pages are being stored, or could not be */
	struct share *shares;     /* share.h */
	struct thread_memo *memo; /* message_thread.h */
	struct hash_key subject_key; /* thread_keys.h */

	struct account *next;  /* in its hash chain */
	struct account *newer; /* among the unused */
	struct account *older;
};

/*
 * Calls fn when the account is ready, which may be at once: a new account
 * gets its mailboxes first.  On ST_OK the caller owns a reference.
 */
typedef void account_fn(void *ctx, enum status st, struct account *a);
void account_open(struct accounts *s, uint64_t id, account_fn *fn, void *ctx);
struct account *account_ref(struct account *a);
void account_release(struct account **a);

/* Sets the quota of an account if it is in memory; 0: no limit. */
void account_set_quota(struct accounts *s, uint64_t id, uint64_t bytes,
    uint64_t messages);

/* Forgets an account that was deleted from the store. */
void account_forget(struct accounts *s, uint64_t id);

struct mailbox {
	uint64_t id;
	struct account *account;
	struct version *head;
	struct version *current; /* NULL until its creation is on disk */
	struct leaf_source source;
	bool gone;     /* deleted; sessions that have it selected go on */
	bool deleting; /* the same of head */

	uint32_t recent_uid; /* messages from here on are \Recent to the next
	                        session that sees them */
	uint64_t gone_floor; /* KEY_GONE knows expunges after this */

	/* The mod-sequence of the last checkpoint, operations since it, and
	   its images. */
	uint64_t root_modseq;
	uint32_t ops;
	size_t op_bytes;
	uint64_t next_image;
	uint64_t *images; /* of its segments */
	size_t image_count;
	bool checkpointing;

	struct mailbox *next;
};

/*
 * The mailbox of this id, borrowed from the account.  ST_NOTFOUND: it doesn't
 * exist (yet); ST_IO, ST_CORRUPT.
 */
enum status mailbox_open(struct account *a, uint64_t id, struct mailbox **out);

/* UIDs expunged after a mod-sequence, of those in `known` (NULL: all). */
enum status mailbox_vanished(struct mailbox *mb, uint64_t since,
    const struct version *v, const struct uidset *known, struct uidset *out);

/*
 * Someone who wants to know of changes, a session.  Embedded; links are the
 * account's.
 */
struct notice {
	struct mailbox *const *mailbox; /* whose current version is new */
	size_t n;
	bool list; /* mailboxes came, went, were renamed or (un)subscribed */
	bool all;  /* more mailboxes than are named */
};

struct watcher {
	/* It may not come or go in here, only take note. */
	void (*changed)(void *ctx, const struct notice *n);
	/* The mod-sequence from which on contents must be kept for it. */
	uint64_t (*pinned)(void *ctx);
	void *ctx;
	struct watcher *next;
	struct watcher **link;
};

void account_watch(struct account *a, struct watcher *w);
void account_unwatch(struct watcher *w);

#endif
