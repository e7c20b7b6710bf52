#ifndef IMAP_WRITE_H
#define IMAP_WRITE_H

#include "base/buf.h"
#include "base/clock.h"

/*
 * Pieces of responses (RFC 9051 section 7), appended to a buffer.
 *
 * utf8 says that the session has enabled UTF8=ACCEPT or IMAP4rev2: then
 * quoted strings may hold UTF-8 and mailbox names are UTF-8.  Without it, 8
 * bit text goes into a literal and mailbox names into modified UTF-7.
 */

/* Quoted if it is short and clean, else a literal.  NULs become spaces. */
void write_string(struct buf *b, struct span s, bool utf8);
void write_astring(struct buf *b, struct span s,
    bool utf8); /* atom if it can */

/* "{n}\r\n" or "~{n}\r\n"; the caller adds the n bytes. */
void write_literal_start(struct buf *b, uint64_t n);
void write_literal8_start(struct buf *b, uint64_t n);

/* A name in its internal form; quoted unless it is a plain atom. */
void write_mailbox(struct buf *b, struct span name, bool utf8);

/* "(\Seen $Work)": FLAG_ bits, then keywords. */
void write_flags(struct buf *b, unsigned system, const struct span *keywords,
    size_t n);

/* "\" 1-Feb-1994 21:52:25 -0800\"", in its own zone. */
void write_internaldate(struct buf *b, const struct datetime *d);

enum condition { COND_OK, COND_NO, COND_BAD, COND_BYE, COND_PREAUTH };

/*
 * "tag OK [code] text\r\n".  An empty tag is "*", an empty code leaves the
 * brackets out.  The text is never empty on the wire, and never holds what a
 * line can't: control and, unless utf8, 8-bit bytes become "?".
 */
void write_condition(struct buf *b, struct span tag, enum condition cond,
    struct span code, struct span text, bool utf8);

/* "+ text\r\n": with its space even if the text is empty. */
void write_continue(struct buf *b, struct span text);

#endif
