#ifndef MIME_WIRE_H
#define MIME_WIRE_H

#include "mime/header.h"

/*
 * Strings and addresses of FETCH responses, made from header text as
 * summary.h says.
 *
 * Starts as { .out = &buf, .utf8 = ... }; wire_clear gives the scratch
 * memory back.  differs becomes true if something was written that the other
 * form has otherwise.
 */
struct wire {
	struct buf *out;
	bool utf8;
	bool differs;
	struct buf line;
	struct buf text;
	struct buf words;
};

void wire_clear(struct wire *w);

/* A string; "" if s is empty. */
void wire_string(struct wire *w, struct span s);

/* NIL if s has no pointer. */
void wire_nstring(struct wire *w, struct span s);

/* "(" addresses ")", or NIL if there are none. */
void wire_addresses(struct wire *w, struct address_list list);

#endif
