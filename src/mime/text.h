#ifndef MIME_TEXT_H
#define MIME_TEXT_H

#include "mime/decode.h"

/*
 * As mime_part_text, from no more than source_max bytes of the decoded part.
 * False if that wasn't all of it.
 */
bool text_read(const struct mime_part *part, struct span message,
    size_t source_max, size_t max, struct buf *out);

#endif
