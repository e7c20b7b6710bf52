#ifndef MIME_SECTION_H
#define MIME_SECTION_H

#include "base/buf.h"
#include "base/status.h"
#include "mime/summary.h"

/*
 * What BODY[section] and BINARY[section] name (RFC 9051 section 6.4.5.1),
 * found in the table of parts that mime_summarise made.
 */
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

/* Bytes of the message. */
struct section_range {
	uint64_t from;
	uint64_t bytes;
};

struct mime_parts {
	const struct mime_part *p;
	uint32_t n;
};

/*
 * The part that a path of numbers names; the empty path names none.
 * ST_NOTFOUND if the message has no such part.
 */
enum status section_part(const struct mime_parts *parts, const uint32_t *path,
    uint32_t depth, const struct mime_part **out);

/*
 * Where the section lies.  Of the two HEADER.FIELDS it is the header that
 * section_fields() then filters.  ST_NOTFOUND if there is no such part, or
 * if HEADER or TEXT is asked of a part that holds no message.
 */
enum status section_find(const struct mime_parts *parts,
    const struct section *s, struct section_range *out);

/*
 * Adds those fields of a header that the section asks for, as they are, and
 * the empty line if the header has one.
 */
void section_fields(const struct section *s, struct span header,
    struct buf *out);

#endif
