#ifndef LOAD_SPREAD_H
#define LOAD_SPREAD_H

#include "base/buf.h"

/* How long things took, each of them kept: { 0 } is none. */
struct spread {
	uint32_t *us;
	size_t n;
	size_t cap;
};

void spread_add(struct spread *s, int64_t took_ns);

/*
 * The same for something that was to be done every so often and waited for the
 * one before: those that could not begin meanwhile would have waited too.
 */
void spread_add_late(struct spread *s, int64_t took_ns, int64_t every_ns);

/* Sorts; 0 to 1000, which is the longest.  0 if there are none. */
unsigned spread_permille_us(struct spread *s, unsigned permille);

/* Adds {"name":NAME,"n":...,"p50_us":...,"p99_us":...,"max_us":...}. */
void spread_add_json(struct spread *s, struct buf *out, const char *name);

void spread_clear(struct spread *s);

#endif
