#ifndef IMAP_ARGS_FETCH_H
#define IMAP_ARGS_FETCH_H

#include "imap/args_search.h"
#include "imap/section.h"

/*
 * FETCH and UID FETCH: RFC 9051 section 6.4.5, RFC 3516, 7162, 8474, 8514,
 * 8970, 9394, and OBJECTID (see args_mailbox.h).  struct fetch_args
 */
enum fetch_what {
	FETCH_UID,
	FETCH_FLAGS,
	FETCH_INTERNALDATE,
	FETCH_RFC822_SIZE,
	FETCH_ENVELOPE,
	FETCH_BODY, /* without a section */
	FETCH_BODYSTRUCTURE,
	FETCH_MODSEQ,
	FETCH_EMAILID,
	FETCH_THREADID,
	FETCH_SAVEDATE,
	FETCH_PREVIEW,
	FETCH_OBJECTID,
	FETCH_SECTION, /* BODY[...], also as RFC822 and its like */
	FETCH_BINARY,
	FETCH_BINARY_SIZE,
};

struct fetch_item {
	enum fetch_what what;
	bool peek; /* \Seen stays as it is */
	bool lazy; /* PREVIEW (LAZY) */
	/* Of the last three kinds. */
	struct section section;
	bool partial; /* <offset.count> */
	uint64_t offset;
	uint64_t count; /* at least 1 */
	/*
	 * What goes before the value in the reply: "FLAGS", "RFC822.TEXT",
	 * "BODY[1.HEADER.FIELDS (To)]<0>", "BINARY[1]<0>".
	 */
	struct span label;
};

struct fetch_args {
	bool uid;
	struct seq_set set;
	/* In the order asked, FETCH_UID first, no plain item twice. */
	const struct fetch_item *items;
	size_t n;
	unsigned what;          /* 1 << FETCH_ for each item */
	bool marks_seen;        /* an item without .PEEK sets \Seen */
	bool changed;           /* CHANGEDSINCE; then FETCH_MODSEQ is an item */
	uint64_t changed_since; /* may be 0 */
	bool vanished;          /* only of UID FETCH with CHANGEDSINCE */
	bool has_range;         /* RFC 9394 PARTIAL, only of UID FETCH */
	struct partial_range range;
};
parse_fn parse_fetch;
parse_fn parse_uid_fetch; /* FETCH_UID is always an item */

#endif
