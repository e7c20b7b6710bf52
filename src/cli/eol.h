#ifndef CLI_EOL_H
#define CLI_EOL_H

#include "base/buf.h"

/*
 * Ends of lines: LF in files, CRLF in the store, where messages are as they
 * are on the wire.
 */

/* Appends s with a CR before each LF that has none. */
void eol_to_crlf(struct buf *out, struct span s);

/* Appends s with LF for each CRLF. */
void eol_to_lf(struct buf *out, struct span s);

#endif
