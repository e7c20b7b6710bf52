#ifndef MIME_PART_HEADER_H
#define MIME_PART_HEADER_H

#include "mime/parse.h"

/*
 * What the Content- fields of a header say of its part: RFC 2045, 2183,
 * 3282, 2557, 1864.  Sets type, subtype, encoding, charset and is_attachment
 * of the part, and of info what comes from fields.  Without a Content-Type
 * that makes sense the part is a message/rfc822 in a digest, and text/plain
 * elsewhere.
 */
void part_header_read(struct arena *a, struct span header, bool in_digest,
    struct mime_part *part, struct part_info *info);

/* Makes it a leaf of that type, without parameters. */
void part_header_degrade(struct mime_part *part, struct part_info *info,
    const char *type, const char *subtype);

#endif
