#ifndef MIME_FILE_NAME_H
#define MIME_FILE_NAME_H

#include "mime/header.h"

/*
 * Adds what a field calls the file in its part, each name with a line end:
 * "filename" of Content-Disposition (RFC 2183 section 2.3) and "name" of
 * Content-Type.  As UTF-8: the pieces of RFC 2231 put together, and encoded
 * words read, which RFC 2047 section 5 (3) forbids in quotes and which many
 * programs write there.  Other fields have no name.
 */
void file_name_add(const struct header_field *f, struct buf *out);

#endif
