#ifndef IMAP_SECTION_H
#define IMAP_SECTION_H

#include "imap/token.h"
#include "mime/section.h"

/*
 * The wire form of what BODY[...] and BINARY[...] name: RFC 9051 section
 * 6.4.5.1, RFC 3516.
 */

/* Reads "[...]"; of a binary one only the part number. */
struct section tok_section(struct tokens *t, bool binary);

/* Appends "[...]" as a reply has it. */
void section_write(struct buf *b, const struct section *s);

#endif
