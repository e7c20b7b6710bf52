#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include "base/buf.h"

/* What is wrong with a settings file, as lines for a person. */
struct problems {
	const char *file;
	struct buf *out;
	size_t n;
};

/* line 0: of the whole file. */
void problem(struct problems *p, unsigned line, const char *fmt, ...)
    PRINTF(3, 4);

#endif
