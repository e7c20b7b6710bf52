#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "config/problems.h"

/*
 * Rewrites a settings file into the plainest form that libconfuse reads: no
 * comments, every word and string in double quotes with nothing in it that
 * libconfuse would expand, and the same line numbers.
 *
 * libconfuse 3.3 itself counts lines with comments twice, drops a '*' or '+'
 * outside quotes, puts environment variables in place of ${...}, passes over
 * an empty list, takes a missing '}' at the end for well, and after a string
 * without an end reads every later file wrong.  What can't be rewritten is a
 * problem.
 */
void scan_plain(struct span text, struct problems *p, struct buf *out);

#endif
