#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <pthread.h>

#include "base/mem.h"

/*
 * Blocks of one size, for what there is much of for a while: they lie in
 * chunks of MEM_HUGE bytes, which the system makes in one go when they are
 * first touched, and a chunk goes back to it when its last block is freed.
 * malloc makes such blocks page by page, and for that asks the system twice
 * for each in every thread but the first.
 *
 * The first chunk has few blocks, in small pages, so that these take little
 * memory.
 *
 * Threads  Any.
 */
struct slab_chunk;
struct slab {
	pthread_mutex_t lock;
	size_t size;              /* of a block */
	struct slab_chunk *first; /* that have a free block */
	size_t chunks;
};

#define SLAB_MAX (MEM_HUGE / 64)

/* For a static one, of blocks of at most SLAB_MAX bytes. */
#define SLAB_INIT(block_size) \
	{ \
		.lock = PTHREAD_MUTEX_INITIALIZER, .size = (block_size) \
	}

/* Not zeroed. */
void *slab_take(struct slab *s);
/* NULL is allowed. */
void slab_give(struct slab *s, void *block);

#endif
