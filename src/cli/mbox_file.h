#ifndef CLI_MBOX_FILE_H
#define CLI_MBOX_FILE_H

#include "base/clock.h"
#include "base/pack.h"
#include "base/status.h"

/*
 * Files in mbox format (RFC 4155, with the quoting of mboxrd): pure functions
 * over their bytes.
 *
 * A message begins with a line "From sender date" at the beginning of the
 * file or behind an empty line; only one whose date can be read is taken for
 * one.  "From " within a message has a ">" before it, and each such line
 * another one.  Flags are in the fields Status, X-Status and X-Keywords, UIDs
 * in X-UID and X-IMAPbase, none of which are part of the message.
 */
struct mbox_reader {
	struct span file;
	size_t at;
	uint32_t uidvalidity; /* X-IMAPbase of the first message, or 0 */
	uint32_t uidnext;
};

struct mbox_message {
	struct span raw; /* as it is in the file, its From line included */
	struct datetime date;
	unsigned flags;      /* imap/flag.h */
	uint32_t uid;        /* 0: unknown */
	struct buf keywords; /* packed with pack_span() */
	struct buf text;     /* with the ends of lines of the file */
};

void mbox_message_clear(struct mbox_message *m);

/* ST_BAD: the file doesn't begin as one. */
enum status mbox_open(struct span file, struct mbox_reader *out);
/* The next one, in place of what m held; false at the end. */
bool mbox_next(struct mbox_reader *r, struct mbox_message *m);

/* The date of a line "From sender Tue Nov 24 17:01:02 2026". */
bool mbox_from_line(struct span line, struct datetime *out);

/* What stands before a message's own fields. */
struct mbox_facts {
	struct span sender; /* empty: unknown */
	struct datetime date;
	unsigned flags;
	uint32_t uid;
	struct span keywords; /* packed with pack_span() */
	uint32_t uidvalidity; /* 0, or it is the first message */
	uint32_t uidnext;
};

/* Appends a message, whose lines end in LF. */
void mbox_write(struct buf *out, const struct mbox_facts *f, struct span text);

#endif
