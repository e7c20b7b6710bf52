#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/defs.h"

/*
 * Allocation that never fails: without memory the process logs and exits.
 * So a size that a peer chose is compared with its bound before it gets here.
 */
void *mem_alloc(size_t n); /* zeroed */
void *mem_array(size_t count, size_t size);
void *mem_resize(void *p, size_t n); /* what is new is not zeroed */
char *mem_strdup(const char *s);

/* Leaves NULL behind, so it also serves as CLEANUP(mem_free). */
void mem_free(void *pp);

#define MEM_NEW(type) ((type *)mem_alloc(sizeof(type)))

/*
 * Makes room for one more element of a heap array, doubling it as needed.
 * *cap counts elements of the given size.
 */
void *mem_grow(void *p, size_t n, size_t *cap, size_t size);

/*
 * For a process that lasts: from now on a block of MEM_LARGE bytes or more
 * goes back to the system when it is freed, and doesn't stay as a hole in the
 * heap.  glibc would do so only until the first of them is freed.
 */
#define MEM_LARGE ((size_t)1024 * 1024)
void mem_give_back(void);

/*
 * A block, not zeroed, that lies in huge pages if it is as large as one and
 * the system has them: memory for all of it is made at once when it is first
 * touched.  It is freed as any other.
 */
#define MEM_HUGE ((size_t)2 * 1024 * 1024)
void *mem_huge(size_t n);

/*
 * Gives back the pages of smaller blocks that are free, once more than
 * MEM_SPARE of them have come together: after many connections have ended, or
 * much mail has arrived.  To be called now and then, as it takes a few
 * milliseconds.
 */
#define MEM_SPARE ((size_t)8 * 1024 * 1024)
void mem_trim(void);

#endif
