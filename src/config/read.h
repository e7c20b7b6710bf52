#ifndef CONFIG_READ_H
#define CONFIG_READ_H

#include "base/arena.h"
#include "config/problems.h"

/*
 * What a settings file says, setting by setting, as it is written there.
 * Only read.c knows of libconfuse.
 */
struct written {
	const char *const *items; /* one, unless it is a list */
	size_t n;
	unsigned line; /* 0: it isn't in the file */
};

/*
 * out has a place for each row of setting_table(), and is 0 before.  Errors
 * of grammar and unknown names are problems.  Not reentrant.
 */
void read_written(struct span text, struct problems *p, struct arena *a,
    struct written *out);

#endif
