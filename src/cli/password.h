#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/status.h"

/*
 * Passwords never come from the command line, where others see them.
 *
 * Errors   ST_BAD: there is none; what is wrong has been said.
 */

/*
 * Asks on the terminal, without showing what is typed, until the same was
 * typed twice.
 */
enum status password_ask(const char *name, struct buf *out);

/* The first line of standard input. */
enum status password_read(struct buf *out);

/* Overwrites it before the memory is given back: for CLEANUP. */
void password_clear(struct buf *b);

#endif
