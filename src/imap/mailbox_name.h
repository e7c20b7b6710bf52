#ifndef IMAP_MAILBOX_NAME_H
#define IMAP_MAILBOX_NAME_H

#include "base/arena.h"

/*
 * Names of mailboxes.  Inside Newel a name is UTF-8 in NFC (RFC 5198) with
 * "/" between its components, and "INBOX", also as the first of several, is
 * upper case.  On the wire it is modified UTF-7 (mutf7.h), or the same UTF-8
 * once the session has enabled UTF8=ACCEPT or IMAP4rev2 (RFC 9051 section
 * 5.1, RFC 6855 section 3).
 */
#define MAILBOX_DELIMITER '/'

struct name_limits {
	size_t bytes; /* limits.mailbox-name, of the UTF-8 */
	size_t depth; /* limits.mailbox-depth, in components */
};

/*
 * From the wire, with modified UTF-7 unless utf8 (which is also right for
 * names from a command line).  NULL and *out, which borrows the arena; or a
 * sentence that says why it can't be the name of a mailbox.
 */
const char *mailbox_name_parse(struct span wire, bool utf8,
    const struct name_limits *limits, struct arena *a, struct span *out);

/*
 * The same for any part of a name or a pattern: decoded, in NFC, INBOX in
 * upper case.  False if it is not valid on the wire.
 */
bool mailbox_name_decode(struct span wire, bool utf8, struct arena *a,
    struct span *out);

/* These take names in their internal form. */
bool mailbox_name_is_inbox(struct span name);

/* name is INBOX or below it. */
bool mailbox_name_in_inbox(struct span name);

/* The parent of "a/b" is "a", that of "a" is empty. */
struct span mailbox_name_parent(struct span name);

/* "a/b" and "a/b/c" are below "a"; everything is below the empty name. */
bool mailbox_name_is_below(struct span name, struct span parent);

#endif
