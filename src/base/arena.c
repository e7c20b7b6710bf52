#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* Each is twice the one before: what isn't used is not zeroed either. */
#define FIRST_BLOCK ((size_t)4096)
#define LARGE_BLOCK ((size_t)65536)
#define ALIGN       _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t cap;
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

/* The first block is kept over resets; newer ones go in front of it. */
struct arena {
	struct block *top;
	size_t used;
};

static struct block *
block_new(size_t cap)
{
	struct block *b = mem_alloc(sizeof(*b) + cap);

	b->cap = cap;
	return b;
}

struct arena *
arena_new(void)
{
	struct arena *a = MEM_NEW(struct arena);

	a->top = block_new(FIRST_BLOCK);
	return a;
}

/* Frees from the top down to, not including, the last. */
static void
free_upper(struct arena *a)
{
	while (a->top->next != NULL) {
		struct block *b = a->top;

		a->top = b->next;
		free(b);
	}
}

void
arena_free(struct arena **a)
{
	if (*a == NULL)
		return;
	free_upper(*a);
	free((*a)->top);
	free(*a);
	*a = NULL;
}

void
arena_reset(struct arena *a)
{
	free_upper(a);
	memset(a->top->data, 0, a->top->used);
	a->top->used = 0;
	a->used = 0;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct block *b = a->top;
	size_t start = (b->used + ALIGN - 1) / ALIGN * ALIGN;

	if (start > b->cap || size > b->cap - start) {
		b = block_new(MAX(size, MIN(2 * b->cap, LARGE_BLOCK)));
		b->next = a->top;
		a->top = b;
		start = 0;
	}
	b->used = start + size;
	a->used += size;
	return b->data + start;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	assert(size == 0 || count <= SIZE_MAX / size);
	return arena_alloc(a, count * size);
}

struct span
arena_dup(struct arena *a, struct span s)
{
	unsigned char *p = arena_alloc(a, s.n);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return span_of(p, s.n);
}

char *
arena_str(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

struct span
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);

	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return span_of(p, (size_t)n);
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
