#ifndef MIME_HEADER_H
#define MIME_HEADER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

/*
 * The header of a message or of a part: RFC 5322 with its obsolete syntax,
 * RFC 6532, and what is found in real mail beyond both.
 *
 * Lines end with CRLF or a bare LF; a bare CR is a byte like any other.
 * Nothing here fails: what is no field is passed over.  Spans borrow from
 * what was given, or from the arena where there is one.
 */
struct header_field {
	struct span name;  /* without the colon and the blanks before it */
	struct span value; /* still folded, without blanks at both ends */
	struct span raw;   /* all of the field, its last line end included */
};

/* Starts as { block }. */
struct header_iter {
	struct span rest;
};

/*
 * The next field; false at the end of the block or at its empty line.  A
 * line that is neither a field nor a continuation comes out with an empty
 * name, so that all raw spans make up the block.
 */
bool header_next(struct header_iter *it, struct header_field *out);

/*
 * The length of the header that s begins with, its empty line included.  A
 * header whose first line is no field is no header: 0, unless that line is
 * the empty one, or what an mbox file has in front ("From ").  Past
 * LIMIT_HEADER_BYTES it ends with the line.
 */
size_t header_length(struct span s);

/*
 * Adds the value as one line: line ends go, the blank after each stays (a
 * tab there becomes a space), and what can't be in a line (NUL, a bare CR) is
 * gone.  Nothing is decoded.
 */
void header_unfold(struct span value, struct buf *out);

/*
 * A date-time of RFC 5322, and of asctime(); two-digit years, named zones,
 * comments, no seconds, no weekday.  As RFC 5256 section 2.2 wants, a zone
 * that makes no sense is UTC and a time that makes none is midnight.  False
 * if there is no date in it; *out is then not touched.
 */
bool header_date(struct span value, struct datetime *out);

enum address_kind {
	ADDRESS_MAILBOX,
	ADDRESS_GROUP,     /* name is the group's */
	ADDRESS_GROUP_END, /* nothing is set */
};

struct address {
	enum address_kind kind;
	struct span name;    /* a phrase or comment, unquoted, not decoded */
	struct span route;   /* "@a,@b" of the obsolete syntax */
	struct span mailbox; /* the local part, unquoted */
	struct span host;    /* empty if it was missing */
};

struct address_list {
	const struct address *a;
	size_t n;
};

/*
 * At most max entries, group marks included; a group that has begun ends
 * also when the list is cut or its semicolon is missing.
 */
struct address_list address_parse(struct arena *a, struct span value,
    size_t max);

/*
 * The message ids in a field, normalised (RFC 5256 section 3: without
 * quoting, comments and blanks that don't matter), without < and >.  Text
 * that isn't in < > or has no @ in it, or is longer than LIMIT_MESSAGE_ID, is
 * none.  Of more than max, the last.
 */
struct message_ids {
	const struct span *id;
	size_t n;
};

struct message_ids message_ids_parse(struct arena *a, struct span value,
    size_t max);

#endif
