#ifndef IMAP_LIST_PATTERN_H
#define IMAP_LIST_PATTERN_H

#include "base/arena.h"

/*
 * A pattern of LIST and LSUB with its reference (RFC 9051 section 6.3.9):
 * "*" matches anything, "%" anything but "/".  INBOX matches without regard
 * to case, and one "/" at the end is ignored.  What is not valid on the wire
 * matches nothing.  Matching is O(name * pattern) at the very worst.
 */
struct list_pattern {
	struct span text; /* wildcards in a row made one */
	bool never;
};

struct list_pattern list_pattern_parse(struct span reference,
    struct span pattern, bool utf8, struct arena *a);

/* name is in its internal form (mailbox_name.h). */
bool list_pattern_match(const struct list_pattern *p, struct span name);

#endif
