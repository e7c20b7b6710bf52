#ifndef MASTER_BACKOFF_H
#define MASTER_BACKOFF_H

#include "base/defs.h"

/*
 * How long to wait before a process that died is started again: a second,
 * then twice as long each time, up to half a minute.  One that has run for a
 * minute starts over.  One that was killed from outside, by a person or for
 * want of memory, has done nothing wrong: that counts for nothing.
 */
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS   30000
#define BACKOFF_WELL_MS  60000

struct backoff {
	int64_t next_ms; /* 0 before the first death */
};

static inline int64_t
backoff_wait(struct backoff *b, int64_t ran_ms, bool from_outside)
{
	int64_t wait_ms = b->next_ms;

	if (from_outside)
		return BACKOFF_FIRST_MS;
	if (wait_ms == 0 || ran_ms >= BACKOFF_WELL_MS)
		wait_ms = BACKOFF_FIRST_MS;
	b->next_ms = MIN(2 * wait_ms, BACKOFF_MAX_MS);
	return wait_ms;
}

#endif
