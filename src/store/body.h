#ifndef STORE_BODY_H
#define STORE_BODY_H

#include "store/store.h"

/*
 * A body as it is stored (docs/store-format.md).  Its head is its size and,
 * of a body of up to STORE_BODY_STEP bytes, all of it as one piece.  Longer
 * ones have a piece of their own for each STORE_BODY_STEP bytes.
 *
 * A piece is a byte that says how, a check of 8 bytes, and then the bytes,
 * compressed if they are many and that makes them smaller.  What is read may be
 * damaged: check and size tell, and no more than the size is ever written.
 *
 * Threads  Any.
 */
struct body_head {
	uint64_t size;
	struct span piece; /* borrowed; empty if the body is longer than one */
};

/* Appends the head of a body to out. */
void body_pack(struct span bytes, struct buf *out);

/* False if it is none. */
bool body_unpack(struct span head, struct body_head *out);

static inline bool
body_is_long(uint64_t size)
{
	return size > STORE_BODY_STEP;
}

/* Of up to STORE_BODY_STEP bytes: appends them to out as they are stored. */
void piece_pack(struct span bytes, struct buf *out);

/* Its head, which is what it costs. */
#define PIECE_HEAD 9

/* Writes the check of a piece of at least PIECE_HEAD bytes. */
void piece_seal(unsigned char *piece, size_t n);

/* Which part of what a piece has is wanted. */
struct piece_part {
	size_t size; /* of all it has */
	size_t from;
	size_t n; /* at most */
};

/* Appends the part to out.  False: it is damaged. */
bool piece_unpack(struct span piece, struct piece_part part, struct buf *out);

/*
 * All that a piece has: where it lies if it is stored as it is, or else made
 * in room, which is emptied.  False: it is damaged.
 */
bool piece_view(struct span piece, size_t size, struct buf *room,
    struct span *out);

#endif
