#ifndef MIME_HTML_H
#define MIME_HTML_H

#include "base/buf.h"

/*
 * Adds what a reader of the HTML would see as plain text: without tags,
 * comments, head, scripts and styles, with entities as the characters they
 * stand for, blanks collapsed, and a line end where a block begins or ends.
 * in is UTF-8.  Stops soon after max bytes were added.
 */
void html_text(struct span in, size_t max, struct buf *out);

/*
 * What an entity stands for: name is what is between & and ;, without both.
 * 0 if there is no such entity.
 */
uint32_t html_entity(struct span name);

#endif
