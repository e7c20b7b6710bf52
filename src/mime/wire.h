#ifndef MIME_WIRE_H
#define MIME_WIRE_H

#include "mime/header.h"

/*
 * Strings and addresses of FETCH responses, made from header text as
 * summary.h says.
 *
 * Starts as { .out = &buf, .limit = n, .utf8 = ... }; wire_clear gives the
 * scratch memory back.  differs becomes true if something was written that
 * the other form has otherwise.
 *
 * A small header can make a large response (addresses, 8-bit text), so from
 * limit bytes of out on, what may be NIL is NIL.
 */
struct wire {
	struct buf *out;
	size_t limit;
	bool utf8;
	bool differs;
	struct buf line;
	struct buf text;
	struct buf words;
};

void wire_clear(struct wire *w);

static inline bool
wire_full(const struct wire *w)
{
	return w->out->n >= w->limit;
}

/* A string, whatever the limit; "" if s is empty. */
void wire_string(struct wire *w, struct span s);

/* NIL if s has no pointer, or if there is no room. */
void wire_nstring(struct wire *w, struct span s);

/* "(" addresses ")", or NIL; as many as there is room for. */
void wire_addresses(struct wire *w, struct address_list list);

#endif
