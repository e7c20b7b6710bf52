#ifndef AUTH_SEEN_H
#define AUTH_SEEN_H

#include "auth/workers.h"

/*
 * The times of last logins on their way to the directory: gathered, and
 * written by a worker many at a time, since each write is a flush of the disk.
 */
struct seen;

struct seen *seen_new(struct workers *w);

/* After the workers.  Writes what has gathered, here and now. */
void seen_free(struct seen **s, struct directory *d);

void seen_add(struct seen *s, uint64_t account);

/* To be called now and then: has what has gathered written. */
void seen_write(struct seen *s);

#endif
