#include "base/mem.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>

static void *
checked(void *p, size_t n)
{
	if (p == NULL) {
		fprintf(stderr,
		    "level=error event=memory.exhausted bytes=%zu\n", n);
		exit(EX_OSERR);
	}
	return p;
}

void *
mem_alloc(size_t n)
{
	return checked(calloc(1, n == 0 ? 1 : n), n);
}

void *
mem_array(size_t count, size_t size)
{
	return checked(calloc(count == 0 ? 1 : count, size), count);
}

void *
mem_resize(void *p, size_t n)
{
	return checked(realloc(p, n == 0 ? 1 : n), n);
}

char *
mem_strdup(const char *s)
{
	return checked(strdup(s), strlen(s));
}

void
mem_free(void *pp)
{
	void *p;

	memcpy(&p, pp, sizeof(p));
	free(p);
	p = NULL;
	memcpy(pp, &p, sizeof(p));
}

void *
mem_grow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap == 0 ? 8 : *cap * 2;

	if (n < *cap)
		return p;
	if (want > SIZE_MAX / size)
		(void)checked(NULL, SIZE_MAX);
	*cap = want;
	return mem_resize(p, want * size);
}

/* The top of the heap may be larger, as it comes and goes with each turn. */
void
mem_give_back(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, (int)MEM_LARGE);
	(void)mallopt(M_TRIM_THRESHOLD, (int)(4 * MEM_LARGE));
}

void *
mem_huge(size_t n)
{
	void *p = NULL;

	if (n < MEM_HUGE)
		return checked(malloc(n), n);
	if (posix_memalign(&p, MEM_HUGE, n) != 0)
		p = NULL;
	(void)madvise(checked(p, n), n, MADV_HUGEPAGE);
	return p;
}

/* glibc counts a block as free whether its pages are there or not. */
void
mem_trim(void)
{
	static size_t left; /* free, when it was looked at last */
	size_t now = mallinfo2().fordblks;

	if (now > left + MEM_SPARE) {
		(void)malloc_trim(0);
		now = mallinfo2().fordblks;
	} else {
		now = MIN(now, left);
	}
	left = now;
}
