#ifndef LOAD_WIRE_H
#define LOAD_WIRE_H

#include "base/buf.h"

/*
 * The framing of IMAP responses: finds where each one ends, with literals
 * counted and not looked into (RFC 9051 sections 2.2.2 and 4.3).  Only what a
 * response starts with is kept.
 */
#define WIRE_HEAD 1024

struct wire {
	struct buf part;  /* the beginning of a line */
	struct buf head;  /* of the response that has had a literal */
	uint64_t literal; /* bytes of a literal still to come */
	bool inside;      /* a response with literals has begun */
};

/* Called with the first line of each response, up to its first literal. */
typedef void (*wire_fn)(void *user, struct span head);

/* fn may not feed or clear the same wire. */
void wire_feed(struct wire *w, struct span in, wire_fn fn, void *user);
void wire_clear(struct wire *w);

#endif
