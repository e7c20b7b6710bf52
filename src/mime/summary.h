#ifndef MIME_SUMMARY_H
#define MIME_SUMMARY_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/status.h"

/*
 * Everything that IMAP ever asks about a message, computed once when it
 * arrives (RFC 5322, 2045-2047, 2231, 6532, 8970, 5256).
 *
 * Pure functions over bytes.  Any bytes at all give a summary: what can't be
 * understood is text/plain or is absent, never an error.  Wire forms are what
 * a FETCH response holds behind the item's name, with literals as they are
 * on the wire; they come in two versions: `wire` is 7-bit for every session
 * (8-bit header text is written as RFC 2047 encoded words), `wire_utf8` is
 * for sessions with UTF8=ACCEPT or IMAP4rev2 and is empty if it would be the
 * same.  Everything borrows from the arena or from the message.
 */
struct wire_pair {
	struct span wire;
	struct span wire_utf8;
};

enum mime_encoding {
	MIME_7BIT,
	MIME_8BIT,
	MIME_BINARY,
	MIME_BASE64,
	MIME_QUOTED_PRINTABLE,
	MIME_UNKNOWN_ENCODING,
};

enum mime_kind { MIME_LEAF, MIME_MULTIPART, MIME_MESSAGE };

#define MIME_NONE UINT32_MAX

/*
 * One part, the message itself being part 0.  Offsets count from the start
 * of the message.  The header includes the empty line that ends it.  For
 * message/rfc822 (and message/global) the child is the message in it: its
 * header is at the body's start.
 */
struct mime_part {
	uint64_t header;
	uint64_t header_bytes;
	uint64_t body;
	uint64_t body_bytes;
	uint32_t parent; /* an index, or MIME_NONE */
	uint32_t first_child;
	uint32_t next; /* sibling */
	enum mime_kind kind;
	enum mime_encoding encoding;
	bool is_text;        /* text/anything */
	struct span charset; /* lower case; empty if none was named */
	struct span type;    /* lower case "text", "image" */
	struct span subtype;
};

struct mime_limits {
	uint32_t depth; /* limits.mime-nesting */
	uint32_t parts; /* limits.mime-parts */
};

struct mime_summary {
	struct wire_pair envelope;      /* RFC 9051 section 7.5.2 */
	struct wire_pair body;          /* BODY, without extension data */
	struct wire_pair bodystructure; /* with all of it */
	struct span preview; /* RFC 8970: UTF-8, at most 200 characters */
	const struct mime_part *parts;
	uint32_t part_count;
	bool has_8bit_header; /* RFC 6532: raw UTF-8 in any header */
	bool has_nul;         /* of the whole message: then BINARY only */

	/* RFC 5256 section 2 and 3; what has no date has has_date false. */
	bool has_date;
	struct datetime date; /* of the Date field */
	struct span
	    base_subject;      /* section 2.1, UTF-8, for i;unicode-casemap */
	bool is_reply;         /* the subject had a re, fw or blob trailer */
	struct span sort_from; /* mailbox of the first address, for SORT */
	struct span sort_to;
	struct span sort_cc;
	struct span display_from; /* RFC 5957, UTF-8 */
	struct span display_to;
	struct span message_id; /* normalised, without < and >; may be empty */
	const struct span
	    *references; /* oldest first, then In-Reply-To if none */
	uint32_t reference_count;
};

void mime_summarise(struct arena *a, struct span message,
    const struct mime_limits *limits, struct mime_summary *out);

#endif
