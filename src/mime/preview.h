#ifndef MIME_PREVIEW_H
#define MIME_PREVIEW_H

#include "base/buf.h"
#include "mime/parse.h"

/*
 * Adds the preview of RFC 8970: the beginning of the first text that says
 * anything, at most LIMIT_PREVIEW characters.
 */
void preview_write(const struct mime_tree *t, struct span message,
    struct buf *out);

#endif
