#ifndef MIME_STRUCTURE_H
#define MIME_STRUCTURE_H

#include "mime/parse.h"
#include "mime/wire.h"

/*
 * Writes BODYSTRUCTURE to w->out, and BODY, which is the same without its
 * extension data, to body.
 */
void structure_write(const struct mime_tree *t, struct span message,
    struct wire *w, struct buf *body);

#endif
