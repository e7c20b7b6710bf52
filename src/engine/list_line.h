#ifndef ENGINE_LIST_LINE_H
#define ENGINE_LIST_LINE_H

#include "engine/session.h"

/* One line of LIST or LSUB: RFC 9051 section 7.3.1. */
struct list_line {
	const struct mbox_list *list;
	struct span name;
	const struct mbox *mbox; /* NULL for a parent that isn't there */
	bool lsub;
	bool subscribed; /* say \Subscribed, if it is */
};

/*
 * "* LIST (\HasNoChildren \Sent) "/" Sent", without an end: extended data
 * may follow before the CRLF.
 */
void list_line_write(struct session *s, const struct list_line *l);

#endif
