#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include "base/buf.h"
#include "imap/args_sort.h"

/*
 * The threads of a set of messages, in steps: THREAD=ORDEREDSUBJECT and
 * THREAD=REFERENCES (RFC 5256 section 3) and THREAD=REFS
 * (draft-ietf-morg-inthread-01 section 4: as REFERENCES but without looking
 * at subjects, the threads in the order of their latest arrival).
 *
 * Message-IDs and subjects are given as hashes; those of subjects have a
 * secret key (thread_keys.h).  What two messages have
 * alike is up to the sender: any combination of references, with loops or
 * without end, gives a tree, and nothing recurses.
 *
 * Units      A step is given work, about the number of messages and
 *            references that it may look at; 10,000 take around a
 *            millisecond or less.
 * Ownership  The messages and all they point to are borrowed.
 */
struct thread_message {
	uint32_t id; /* what is written: a UID or a sequence number */
	uint32_t ref_count;
	const uint64_t *refs; /* oldest first */
	uint64_t message_id;  /* 0: none */
	int64_t date;         /* RFC 5256 section 2.2 */
	int64_t arrival;      /* INTERNALDATE */
	uint64_t subject;     /* the base subject, as a hash; 0: empty */
	bool is_reply;        /* or a forward */
};

struct threads;

/* The messages are in the order of their sequence numbers. */
struct threads *threads_new(enum thread_by algorithm,
    const struct thread_message *messages, uint32_t message_count);
void threads_free(struct threads **t);

/* True when the threads are known; otherwise call again. */
bool threads_step(struct threads *t, size_t work);

/*
 * Once they are known: adds thread-lists (RFC 5256 section 5) to out, about
 * so many bytes at a time.  True when all are written; otherwise call again.
 * Without messages it adds nothing.
 */
bool threads_write(struct threads *t, struct buf *out, size_t bytes);

#endif
