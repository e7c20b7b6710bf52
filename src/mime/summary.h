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
 * understood is text/plain or is absent, never an error.  Everything borrows
 * from the arena or from the message.
 *
 * Wire forms are what a FETCH response holds behind the item's name, with
 * literals as they are on the wire.  They come in two versions: `wire` is
 * 7-bit, for every session; `wire_utf8` is for sessions with UTF8=ACCEPT or
 * IMAP4rev2 and is empty if it would be the same.  Strings are the text of
 * the header as it is, unfolded, encoded words left encoded, but:
 *
 *   - 8-bit bytes that are not UTF-8 are taken as windows-1252;
 *   - in `wire`, 8-bit text is written as RFC 2047 encoded words;
 *   - in `wire`, an address with 8-bit characters in its local part or
 *     domain is invalid@internationalized-address.invalid, with the true
 *     address as its display name if it had none (RFC 6858 section 3.1.1);
 *   - the pieces of an RFC 2231 parameter are one: "name*0" and "name*1" are
 *     "name"; "name*0*" is "name*", which holds UTF-8 in `wire_utf8` (RFC
 *     9051 section 7.5.2) and UTF-8''%E2%82%AC in `wire`;
 *   - an address without a domain has the host "MISSING_DOMAIN", as NIL
 *     would make it a group; NUL and bare CR are left out;
 *   - past LIMIT_MIME_ENVELOPE or LIMIT_MIME_STRUCTURE bytes, what may be
 *     NIL is NIL.
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
 * One part, the message itself being part 0; a part comes after its parent
 * and its earlier siblings.  Offsets count from the start of the message.
 * The header includes the empty line that ends it; the body's last line end
 * belongs to the boundary behind it.  For message/rfc822 (and
 * message/global) the child is the message in it: its header is at the
 * body's start.
 *
 * A multipart always has a child: without one of its own, an empty
 * text/plain.  A multipart without a boundary is a leaf text/plain, and what
 * lies beyond the limits is a leaf application/octet-stream.  A message/rfc822
 * in base64 or quoted-printable is a leaf too, with an envelope of NILs.
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
	bool is_text;        /* a leaf of type text */
	bool is_attachment;  /* Content-Disposition: attachment */
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

	/*
	 * RFC 5256 sections 2 and 3, in UTF-8, case as it was (a collation is
	 * the reader's), each at most LIMIT_SORT_KEY bytes.
	 */
	bool has_date;
	struct datetime date;     /* of the Date field */
	struct span base_subject; /* section 2.1 */
	bool is_reply;            /* the base subject lost a re, fw or (fwd) */
	struct span sort_from;    /* addr-mailbox of the first address */
	struct span sort_to;
	struct span sort_cc;
	struct span display_from; /* RFC 5957 */
	struct span display_to;

	/* Normalised, without < and >.  An id may be empty: there is none. */
	struct span message_id;
	/* Oldest first, else the first id of In-Reply-To. */
	const struct span *references;
	uint32_t reference_count; /* the last LIMIT_REFERENCES of them */
};

/* Time is linear in the message, memory in its headers. */
void mime_summarise(struct arena *a, struct span message,
    const struct mime_limits *limits, struct mime_summary *out);

#endif
