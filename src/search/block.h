#ifndef SEARCH_BLOCK_H
#define SEARCH_BLOCK_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Grams and the documents that have them, sorted and packed: the pieces that
 * a segment of an index is cut into.
 *
 * A block begins with a checksum of its name and of what follows (8 bytes,
 * big-endian); the name is a number of the caller's and its first gram.
 * Then, as varints (base/pack.h): the first gram that the block says
 * nothing about any more; and for each gram its distance from the one before
 * (0 for the first, which the block's row names), the number of bytes of its
 * documents, and these: each document's distance from the one before (from
 * the segment's first for the first).
 */
#define BLOCK_BYTES 3500 /* closed when it has so many */

struct block_writer {
	struct buf block;
	struct buf data;      /* what it will have of grams */
	struct buf docs;      /* of the gram at hand */
	uint64_t first_gram;  /* of the block */
	uint64_t gram;        /* at hand; 0: none */
	uint64_t packed_gram; /* the last in data */
	uint64_t base;        /* the segment's first document */
	uint64_t doc;         /* the last of the gram */
	bool any;
};

void block_clear(struct block_writer *w);
/* A segment begins. */
void block_start(struct block_writer *w, uint64_t base);

/*
 * Adds a document to a gram; grams ascend, and so do the documents of each
 * (one that is added twice counts once).  True: the block is to be taken
 * first (block_take()), and then this added again.
 */
bool block_add(struct block_writer *w, uint64_t gram, uint64_t doc);

/*
 * Adds more documents to the gram that was added last: packed as a block has
 * them, behind that one; doc is the last of them.
 */
void block_add_packed(struct block_writer *w, struct span docs, uint64_t doc);

/*
 * Ends the block: id is its number, *gram becomes its first gram, next is the
 * first of the block behind it.  ST_NOTFOUND: there is nothing in it.  The
 * span is good until the next call.
 */
enum status block_take(struct block_writer *w, uint64_t id, uint64_t next,
    uint64_t *gram, struct span *out);

/* Reads a block. */
struct block_reader {
	struct span rest;
	uint64_t gram; /* at hand */
	struct span docs;
	uint64_t end; /* the block says nothing from here on */
	bool any;
};

/* ST_CORRUPT: it isn't what was written by that name. */
enum status block_open(struct block_reader *r, struct span data, uint64_t id,
    uint64_t gram);
/* To the next gram.  ST_NOTFOUND: there is none; ST_CORRUPT. */
enum status block_next(struct block_reader *r);

/* The documents of a gram: *doc begins as the segment's first. */
bool docs_next_far(struct span *docs, uint64_t *doc);

static inline bool
docs_next(struct span *docs, uint64_t *doc)
{
	if (docs->n == 0 || docs->p[0] >= 0x80)
		return docs_next_far(docs, doc);
	*doc += docs->p[0];
	*docs = span_of(docs->p + 1, docs->n - 1);
	return true;
}

#endif
