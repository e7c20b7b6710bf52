#ifndef IMAP_SECTION_H
#define IMAP_SECTION_H

#include "base/buf.h"
#include "imap/token.h"

/* What BODY[...] and BINARY[...] name: RFC 9051 section 6.4.5.1. */
enum section_text {
	SECTION_ALL, /* the part, or the message if no part is named */
	SECTION_HEADER,
	SECTION_HEADER_FIELDS,
	SECTION_HEADER_FIELDS_NOT,
	SECTION_TEXT,
	SECTION_MIME,
};

struct section {
	const uint32_t *part; /* 1.2.3, each from 1; none: the message */
	uint32_t depth;
	enum section_text text;
	const struct span *fields; /* names, for the two HEADER.FIELDS */
	size_t n;
};

/* Reads "[...]"; of a binary one only the part number. */
struct section tok_section(struct tokens *t, bool binary);

/* Appends "[...]" as a reply has it. */
void section_write(struct buf *b, const struct section *s);

#endif
