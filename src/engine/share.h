#ifndef ENGINE_SHARE_H
#define ENGINE_SHARE_H

#include "engine/account.h"

/*
 * How many messages beyond one have the same content: after a COPY, the
 * content must stay until the last of them is expunged.
 *
 * Counts are kept in pages of SHARE_PAGE contents (KEY_SHARED), read when
 * they are first needed.  They are part of the account's head: after a
 * refused change they are read again.
 */
#define SHARE_PAGE 4096

/* One more message has the content.  ST_LIMIT. */
enum status share_add(struct account *a, uint64_t content);
/* One less; *last is set if there is none left.  ST_IO, ST_CORRUPT. */
enum status share_drop(struct account *a, uint64_t content, bool *last);

/* Writes what has changed since the last call. */
struct batch;
void share_write(struct account *a, struct batch *b);
/* Forgets everything in memory. */
void share_free(struct account *a);

#endif
