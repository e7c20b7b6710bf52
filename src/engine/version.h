#ifndef ENGINE_VERSION_H
#define ENGINE_VERSION_H

#include "base/refs.h"
#include "base/uidset.h"
#include "engine/flags.h"

/*
 * A version of a mailbox: its messages in UID order, never changed once made.
 *
 * Messages lie in leaves of up to LEAF_MESSAGES, leaves in segments of up to
 * SEGMENT_LEAVES; a new version shares every leaf and segment that the change
 * did not touch.  So a version costs what changed, and two versions are
 * compared by skipping what is the same object.
 *
 * Segments and leaves are read from the store when a row in them is first
 * asked for.
 *
 * Ownership  Versions are counted; a reference may be given up in any thread.
 *            Rows borrow from the version.
 * Threads    They are loaded in the thread that owns the account; other
 *            threads may only read what is loaded.
 * Errors     ST_IO, ST_CORRUPT: it could not be read.
 */
#define LEAF_MESSAGES  256
#define SEGMENT_LEAVES 64

/* What changes about a message. */
struct msg_state {
	uint32_t uid;
	uint64_t modseq;
	struct flags flags;
};

/* What doesn't. */
struct msg_facts {
	uint64_t content; /* names its bytes and its summary: EMAILID */
	uint64_t email;   /* the same, but a copy's own (object_id.h) */
	uint64_t thread;  /* THREADID */
	int64_t internal_wall;
	int64_t saved_wall;
	int64_t sent_wall; /* Date field in UTC, INTERNALDATE without one */
	int16_t internal_zone_min; /* east of UTC */
	int16_t sent_zone_min;
	uint32_t size;
};

struct row {
	const struct msg_state *state;
	const struct msg_facts *facts;
	uint32_t seq; /* from 1 */
};

struct totals {
	uint32_t count;
	uint32_t unseen;
	uint32_t seen; /* how many come before the first unseen one */
	uint32_t deleted;
	uint32_t last_uid; /* of the last message; 0 without one */
	uint64_t modseq;   /* the highest of a message */
	uint64_t bytes;
	uint64_t deleted_bytes;
	uint64_t lowest; /* contents; nothing without a message */
	uint64_t highest;
};

struct leaf;
struct segment;

/*
 * Where leaves and segments come from: fills one by its image's number, or
 * leaves whose images follow one another, as far as it can.
 */
struct leaf_source {
	enum status (*load)(void *ctx, uint64_t image, struct leaf *into);
	void *ctx;
	enum status (*load_run)(void *ctx, uint64_t image,
	    struct leaf *const *into, size_t n); /* or NULL */
	enum status (
	    *load_segment)(void *ctx, uint64_t image, struct segment *into);
};

struct version {
	struct refs refs;
	uint32_t uidvalidity;
	uint32_t uidnext;
	uint64_t modseq; /* HIGHESTMODSEQ: also counts expunges */
	struct totals totals;
	const struct keywords *keywords;
	const struct leaf_source *source; /* borrowed from the mailbox */
	size_t segment_count;
	struct segment **segment;
};

/* A mailbox without messages. */
struct version *version_new(uint32_t uidvalidity, uint64_t modseq,
    const struct leaf_source *source);
struct version *version_ref(const struct version *v);
void version_unref(struct version **v);

/* The sequence number of the first message with this UID or a higher one. */
enum status version_seq(const struct version *v, uint32_t uid, uint32_t *out);
/* How many messages have a UID of this set. */
enum status version_count_uids(const struct version *v,
    const struct uidset *uids, uint32_t *out);
/* The row of one UID; ST_NOTFOUND. */
enum status version_find(const struct version *v, uint32_t uid,
    struct row *out);
/* The sequence number of the first unseen message, or 0. */
uint32_t version_first_unseen(const struct version *v);

/*
 * Rows in ascending order: those of a set of UIDs or sequence numbers, or all
 * of them.  Numbers that no message has are passed over.  The set and the
 * version are borrowed.  rows_next() gives ST_NOTFOUND at the end.
 */
struct rows {
	const struct version *v;
	const struct uidset *set; /* NULL: every row */
	bool by_uid;
	size_t range;        /* the next one of set */
	uint32_t at;         /* the last row's number, UID or sequence */
	uint32_t seq;        /* the next row's */
	size_t seg, leaf, i; /* where that lies */
	struct leaf *here;   /* the same, while it is in a loaded leaf */
	uint32_t until;      /* the last of this range */
	uint64_t above;      /* only rows with a higher modseq */
	bool deleted;        /* only leaves with something \Deleted */
	bool (*wants)(void *ctx, uint64_t low, uint64_t high); /* or NULL */
	void *ctx;
	bool placed;
	bool loading; /* a leaf was not in memory */
};

struct rows rows_all(const struct version *v);
struct rows rows_of(const struct version *v, const struct uidset *set,
    bool by_uid);
/* Passes over rows whose modseq is not above this, whole leaves at a time. */
void rows_only_above(struct rows *r, uint64_t modseq);
/* Passes over leaves in which nothing is \Deleted. */
void rows_only_deleted(struct rows *r);
/*
 * Of all rows, passes over leaves whose contents, from low to high, aren't
 * wanted; some that aren't may still come.  On the account's loop.
 */
void rows_only_contents(struct rows *r,
    bool (*wants)(void *ctx, uint64_t low, uint64_t high), void *ctx);
enum status rows_next(struct rows *r, struct row *out);

/*
 * What is in `from`, the older version of a mailbox, and not in `to`: UIDs, or
 * sequence numbers of `from`.  Both versions are borrowed.
 */
struct version_place {
	size_t seg, leaf, i;
	uint32_t passed; /* messages before it */
};

struct version_gone {
	const struct version *from;
	const struct version *to;
	bool by_uid;
	struct version_place a; /* where that is, in `from` */
	struct version_place b;
	bool begun;
};

/*
 * Adds what is gone, comparing so many messages at most.  ST_AGAIN: there are
 * more.
 */
enum status version_gone_next(struct version_gone *g, uint32_t most,
    struct uidset *gone);

/*
 * Reads leaves that hold rows of a set (NULL: of any), at most so many that
 * weren't in memory.  ST_OK: all of them are; ST_AGAIN: there are more.
 */
enum status version_load(const struct version *v, const struct uidset *set,
    bool by_uid, uint32_t most);

/* Sets of sequence numbers as sets of UIDs, without those that don't exist. */
enum status version_uids(const struct version *v, const struct uidset *seqs,
    struct uidset *out);
/* Keeps of a set of UIDs those that exist. */
enum status version_only_existing(const struct version *v,
    const struct uidset *uids, struct uidset *out);

#endif
