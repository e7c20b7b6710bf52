#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

/*
 * Memory with the lifetime of one unit of work: a command, a delivery.
 *
 * What is taken from an arena is zeroed and dies with it; nothing in it is
 * freed alone.  Allocation never fails (base/mem.h), so a size that came
 * from a peer is checked against its limit before it gets here.
 */
struct arena;

struct arena *arena_new(void);

/* Frees the arena and all it holds, and clears *a.  NULL is allowed. */
void arena_free(struct arena **a);

/* Forgets all it holds, keeping one block for the next unit of work. */
void arena_reset(struct arena *a);

/* Aligned for any type.  size 0 gives a valid pointer to nothing. */
void *arena_alloc(struct arena *a, size_t size);

/* Zeroed; the product must not overflow, which ends the process. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of s; the result borrows from the arena. */
struct span arena_dup(struct arena *a, struct span s);

/* A copy with a NUL behind it, for system calls and libraries. */
char *arena_str(struct arena *a, struct span s);

/* Formatted text; the NUL behind it is not counted. */
struct span arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type) \
	((type *)arena_array((a), (count), sizeof(type)))

#endif
