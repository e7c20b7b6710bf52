#ifndef ENGINE_CAPABILITY_H
#define ENGINE_CAPABILITY_H

#include "base/buf.h"

struct session;

/* What a session can do after login, with a space between. */
void capability_write(struct buf *b, const struct session *s);

#endif
