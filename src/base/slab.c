#include "base/slab.h"

#include <assert.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <sys/mman.h>

struct block {
	struct block *next;
};

/* At the beginning of its memory, which is aligned to its size. */
struct slab_chunk {
	struct slab_chunk *next; /* of those with a free block */
	struct slab_chunk *last;
	struct block *free; /* that were used before */
	size_t fresh;       /* where the next is that never was */
	size_t end;         /* that blocks don't go beyond */
	size_t used;        /* blocks */
};

#define ALIGNMENT 64

/* Of the first chunk.  What is behind it is never touched. */
#define FIRST_BYTES (MEM_HUGE / 8)

static size_t
stride(const struct slab *s)
{
	return (s->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool
is_full(const struct slab *s, const struct slab_chunk *k)
{
	return k->free == NULL && k->fresh + stride(s) > k->end;
}

static void
link_chunk(struct slab *s, struct slab_chunk *k)
{
	k->last = NULL;
	k->next = s->first;
	if (k->next != NULL)
		k->next->last = k;
	s->first = k;
}

static void
unlink_chunk(struct slab *s, struct slab_chunk *k)
{
	if (k->last != NULL)
		k->last->next = k->next;
	else
		s->first = k->next;
	if (k->next != NULL)
		k->next->last = k->last;
}

static void
add_chunk(struct slab *s)
{
	struct slab_chunk *k = mem_huge(MEM_HUGE);
	bool is_first = s->chunks++ == 0;

	if (is_first)
		(void)madvise(k, MEM_HUGE, MADV_NOHUGEPAGE);
	*k = (struct slab_chunk){
		.end = is_first ? FIRST_BYTES : MEM_HUGE,
		.fresh = (sizeof(*k) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT,
	};
	link_chunk(s, k);
}

void *
slab_take(struct slab *s)
{
	struct slab_chunk *k;
	void *block;

	assert(s->size <= SLAB_MAX);
	pthread_mutex_lock(&s->lock);
	if (s->first == NULL)
		add_chunk(s);
	k = s->first;
	block = k->free;
	if (block != NULL) {
		ASAN_UNPOISON_MEMORY_REGION(block, s->size);
		k->free = k->free->next;
	} else {
		block = (unsigned char *)k + k->fresh;
		k->fresh += stride(s);
	}
	k->used++;
	if (is_full(s, k))
		unlink_chunk(s, k);
	pthread_mutex_unlock(&s->lock);
	return block;
}

void
slab_give(struct slab *s, void *block)
{
	struct slab_chunk *k = (void *)((uintptr_t)block & ~(MEM_HUGE - 1));
	struct block *b = block;

	if (block == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	if (is_full(s, k))
		link_chunk(s, k);
	b->next = k->free;
	k->free = b;
	/* A sanitizer is to see who uses it still. */
	ASAN_POISON_MEMORY_REGION(b, s->size);
	if (--k->used == 0) {
		unlink_chunk(s, k);
		ASAN_UNPOISON_MEMORY_REGION(k, MEM_HUGE);
		mem_free(&k);
		s->chunks--;
	}
	pthread_mutex_unlock(&s->lock);
}
