#ifndef ENGINE_REPEATED_H
#define ENGINE_REPEATED_H

#include "base/pack.h"

/*
 * An ENVELOPE that is kept (RFC 9051 section 7.5.2).  Sender and Reply-To are
 * From once more in most of them, a third of their bytes: so a list of
 * addresses that comes several times in a row is kept once.
 */
struct repeated {
	struct span before;
	struct span list;
	uint32_t more; /* times that it comes again, behind a space each */
	struct span after;
};

#define REPEATED_MOST 2

void pack_repeated(struct buf *b, struct span text);
/* Spans borrow. */
void unpack_repeated(struct unpack *u, struct repeated *out);

/* The text. */
void repeated_write(struct buf *b, const struct repeated *r);

#endif
