#ifndef IMAP_MAILBOX_NAME_H
#define IMAP_MAILBOX_NAME_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * Names of mailboxes.  Inside Newel a name is UTF-8 in NFC with "/" between
 * its components, and "INBOX", also as the first component, is upper case.
 * On the wire it is modified UTF-7 (RFC 3501 section 5.1.3), or the same
 * UTF-8 once the session has enabled UTF8=ACCEPT or IMAP4rev2.
 */
#define MAILBOX_DELIMITER '/'

struct name_limits {
	size_t bytes; /* limits.mailbox-name */
	size_t depth; /* limits.mailbox-depth */
};

/* The reason why bytes are no name; a sentence, or NULL for a good name. */
const char *mailbox_name_fault(struct span name,
    const struct name_limits *limits);

/*
 * From the wire, with modified UTF-7 unless utf8.  NULL, or why it can't be
 * the name of a mailbox; then *out is untouched.  *out borrows the arena.
 */
const char *mailbox_name_parse(struct span wire, bool utf8,
    const struct name_limits *limits, struct arena *a, struct span *out);

/* The same name with INBOX in upper case, NFC, and no trailing "/". */
struct span mailbox_name_canonical(struct span name, struct arena *a);

bool mailbox_name_is_inbox(struct span name);

/* The parent of "a/b" is "a", of "a" it is empty. */
struct span mailbox_name_parent(struct span name);

/* name is below parent: "a/b" below "a". */
bool mailbox_name_is_below(struct span name, struct span parent);

/*
 * Strict conversions: false if the bytes are not exactly what an encoder
 * would have made (base64 of printable ASCII, lone surrogates, wrong padding
 * bits, "&" without "-", two shifts in a row, 8-bit bytes), or not UTF-8.
 * What was appended before the fault was found is taken back.
 */
bool mutf7_to_utf8(struct span s, struct buf *out);
bool utf8_to_mutf7(struct span s, struct buf *out);

bool utf8_valid(struct span s);

/*
 * A pattern of LIST and LSUB with its reference (RFC 9051 section 6.3.9):
 * "*" matches anything, "%" anything but "/".  INBOX matches without regard
 * to case.  A pattern that is not valid on the wire matches nothing.
 * Matching takes O(name * pattern) at worst.
 */
struct list_pattern {
	struct span text; /* internal form, wildcards in a row made one */
	bool never;
};

struct list_pattern list_pattern_parse(struct span reference, struct span wire,
    bool utf8, struct arena *a);
bool list_pattern_match(const struct list_pattern *p, struct span name);

#endif
