#ifndef IMAP_FLAG_H
#define IMAP_FLAG_H

#include "base/span.h"

/*
 * Flags of messages and attributes of mailboxes, as bits.
 * RFC 9051 section 2.3.2, RFC 6154, RFC 8457.
 */
enum {
	FLAG_ANSWERED = 1 << 0,
	FLAG_FLAGGED = 1 << 1,
	FLAG_DELETED = 1 << 2,
	FLAG_SEEN = 1 << 3,
	FLAG_DRAFT = 1 << 4,
	FLAGS_SYSTEM = (1 << 5) - 1, /* all of them */
	FLAG_RECENT = 1 << 30,       /* in SEARCH and replies: never set */
};

/* What a client named in a flag list. */
struct flag_list {
	unsigned system;             /* FLAG_ bits */
	const struct span *keywords; /* valid, each once whatever its case */
	size_t n;
};

/* "\seen" is FLAG_SEEN, whatever its case; 0 if there is none. */
unsigned flag_of_name(struct span name);

/* The name of one bit, as "\Seen". */
struct span flag_name(unsigned bit);

/* Whether s may be a keyword: an atom of at most LIMIT_KEYWORD bytes. */
bool flag_is_keyword(struct span s);

enum special_use {
	USE_ALL = 1 << 0,
	USE_ARCHIVE = 1 << 1,
	USE_DRAFTS = 1 << 2,
	USE_FLAGGED = 1 << 3,
	USE_IMPORTANT = 1 << 4,
	USE_JUNK = 1 << 5,
	USE_SENT = 1 << 6,
	USE_TRASH = 1 << 7,
};

/* As above, for "\Sent" and its like. */
unsigned special_use_of_name(struct span name);
struct span special_use_name(unsigned bit);

#endif
