#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"
#include "base/status.h"

/* Base64 of RFC 4648 section 4, as protocols use it: padded, on one line. */
void base64_encode(struct buf *out, struct span s);

/*
 * Strict: ST_BAD for any other character, for a missing or an early "=", and
 * for bits behind the end that aren't 0; then nothing was appended.
 */
enum status base64_decode(struct buf *out, struct span s);

#endif
