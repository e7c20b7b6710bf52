#ifndef MIME_WIRE_CHECK_BODY_H
#define MIME_WIRE_CHECK_BODY_H

#include "base/buf.h"
#include "mime/wire_check.h"

/*
 * For tests: BODY and BODYSTRUCTURE.  open holds what is open: 'm' for a
 * multipart with a child, 'r' for a message that contains one.
 */
static inline void
check_multipart_end(struct wire_check *c, bool extended)
{
	check_byte(c, ' ');
	check_string(c);
	if (extended) {
		check_byte(c, ' ');
		check_params(c);
		check_extension(c);
	}
	check_byte(c, ')');
}

/* What ends behind a body; a multipart may have another child instead. */
static inline void
check_body_ends(struct wire_check *c, struct buf *open, bool extended)
{
	for (; open->n > 0 && !c->bad; open->n--) {
		if (open->p[open->n - 1] == 'r')
			check_part_end(c, true, extended);
		else if (span_starts(c->rest, SPAN("(")))
			return;
		else
			check_multipart_end(c, extended);
	}
}

static inline bool
check_body(struct wire_check *c, bool extended)
{
	CLEANUP(buf_clear) struct buf open = { 0 };
	bool text;
	bool msg;

	do {
		check_byte(c, '(');
		if (c->rest.n > 0 && c->rest.p[0] == '(') {
			buf_byte(&open, 'm');
			continue;
		}
		check_basic(c, &text, &msg);
		if (msg) {
			check_byte(c, ' ');
			check_envelope(c);
			check_byte(c, ' ');
			buf_byte(&open, 'r');
			continue;
		}
		check_part_end(c, text, extended);
		check_body_ends(c, &open, extended);
	} while (!c->bad && c->rest.n > 0 && open.n > 0);
	return !c->bad && c->rest.n == 0 && open.n == 0;
}

static inline bool
wire_is_body(struct span s, bool utf8, bool extended)
{
	struct wire_check c = { .rest = s, .utf8 = utf8 };

	return check_body(&c, extended);
}

static inline bool
wire_is_envelope(struct span s, bool utf8)
{
	struct wire_check c = { .rest = s, .utf8 = utf8 };

	check_envelope(&c);
	return !c.bad && c.rest.n == 0;
}

#endif
