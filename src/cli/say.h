#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "base/buf.h"

/* What a command says to the person, or the program, that called it. */

/* A line on standard error, "newel: ...". */
void say_error(const char *fmt, ...) PRINTF(1, 2);

/* Lines on standard error, "newel: ..." each. */
void say_errors(const struct buf *lines);

/* Standard output.  What can't be written ends the program with 1. */
void say(const char *fmt, ...) PRINTF(1, 2);
void say_buf(const struct buf *text);

/* Answers of commands with --json end with a newline. */
void say_json(const struct buf *text);

/*
 * On a terminal, a line that the next one takes the place of; "" ends it.
 * Elsewhere nothing.
 */
void say_progress(const char *fmt, ...) PRINTF(1, 2);

/* "2026-11-24 15:10" in the local time zone, or "never" for 0. */
void say_time(int64_t wall, struct buf *out);

/* "64M", "1.5G": for people; 0 is given as "0". */
void say_size(uint64_t bytes, struct buf *out);

#endif
