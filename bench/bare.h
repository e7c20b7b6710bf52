#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include "base/defs.h"

/* What benchmarks without a server have in common: a clock, and the disk. */

double bare_now_secs(void);

/* Says what and why, and ends the program, unless ok. */
void bare_must(bool ok, const char *what);

/* Makes a folder of its own in parent; gone again with all that is in it. */
void bare_folder(char *out, size_t cap, const char *parent);
void bare_remove(const char *folder);

/*
 * How often in a second so many bytes can be written and flushed, by a log that
 * does nothing else: one that grows, or one that begins again at the start.
 */
double bare_flushes(const char *folder, size_t bytes, bool overwrites,
    double seconds);

#endif
