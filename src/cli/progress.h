#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/buf.h"

/*
 * How far something is that takes long: a bar on a terminal, which shows ten
 * times a second at most.  { 0 } is before it begins.
 */
struct progress {
	struct buf name; /* with a NUL */
	uint64_t total;
	int64_t shown_ms;
};

void progress_clear(struct progress *p);
void progress_begin(struct progress *p, struct span name, uint64_t total);
void progress_show(struct progress *p, uint64_t done);
/* Takes the bar away, for what is to be said. */
void progress_hide(void);
/* The name, which a terminal takes for nothing else. */
const char *progress_name(const struct progress *p);

/* Replaces what b holds by a name as a C string without control characters. */
void plain_name(struct buf *b, struct span name);

/* "WHAT: WHY" on standard error, without the bar. */
void progress_error(const char *what, const char *why);

#endif
