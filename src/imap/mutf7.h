#ifndef IMAP_MUTF7_H
#define IMAP_MUTF7_H

#include "base/buf.h"

/*
 * Modified UTF-7, the form of mailbox names in IMAP4rev1 (RFC 3501 section
 * 5.1.3).
 *
 * Both directions are strict, so that a name has one form only.  False means
 * that s is not what an encoder would have made: printable ASCII in base64,
 * lone surrogates, bits left over, an "&" without its "-", two base64 runs
 * in a row, bytes with 8 bits; or, the other way, no valid UTF-8.  *out is
 * then as it was before.
 */
bool mutf7_to_utf8(struct span s, struct buf *out);
bool utf8_to_mutf7(struct span s, struct buf *out);

/* RFC 3629: no overlong forms, surrogates, or code points past U+10FFFF. */
bool utf8_valid(struct span s);

#endif
