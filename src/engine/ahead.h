#ifndef ENGINE_AHEAD_H
#define ENGINE_AHEAD_H

#include "engine/session.h"

/*
 * Rows of a version with what the store keeps of their contents, read
 * together and ahead of who goes through them, in other threads (work.h).  So a
 * session's loop doesn't wait for the disk, and what lies close together is
 * read in one go.  Only a few small records are read at once, where a thread
 * would cost more than it gives; and what is in memory stays where it is.
 *
 * Memory     a few batches, each of at most AHEAD_ROWS rows with AHEAD_BODIES
 *            bytes of bodies and about AHEAD_RECORDS of records, and one
 *            piece of STORE_BODY_STEP bytes of a longer body.  Until
 *            ahead_rest() a page of each column.
 * Threads    All calls come from the session's loop.
 */
#define AHEAD_ROWS    256
#define AHEAD_BODIES  ((size_t)256 * 1024)
#define AHEAD_RECORDS ((size_t)256 * 1024)

enum ahead_need {
	AHEAD_ENVELOPE = 1 << 0, /* columns of the record */
	AHEAD_STRUCTURE = 1 << 1,
	AHEAD_PREVIEW = 1 << 2,
	AHEAD_PARTS = 1 << 3,
	AHEAD_BODY = 1 << 4,
};

struct ahead;

/*
 * The rows that `rows` has still to give, whose set must outlive it; their
 * version it keeps.  needs: AHEAD_ bits, at least one.
 */
struct ahead *ahead_new(struct session *s, const struct rows *rows,
    unsigned needs);
/* At any time; reads under way end by themselves. */
void ahead_free(struct ahead **a);

/*
 * Goes on to the next row.  ST_NOTFOUND: there is none.  ST_AGAIN: it is being
 * read, return STEP_WAIT.  ST_IO, ST_CORRUPT: a leaf of the version could not
 * be read.  Everything below is about this row, and good until the next.
 */
enum status ahead_next(struct ahead *a, struct row *out);

/*
 * Between two rows, for who goes on later: what is in memory need not stay
 * there for this.  What has gone then is read again by a thread.
 */
void ahead_rest(struct ahead *a);

/* One of the first four.  ST_NOTFOUND, ST_IO, ST_CORRUPT. */
enum status ahead_column(struct ahead *a, enum record_column which,
    struct span *out);

/*
 * Bytes of its body from an offset within it on: at least one, at most n.
 * ST_AGAIN: they are being read, return STEP_WAIT and ask again.  ST_IO,
 * ST_CORRUPT: it can't be read, which has been logged.
 */
enum status ahead_bytes(struct ahead *a, uint64_t from, uint64_t n,
    struct span *out);

#endif
