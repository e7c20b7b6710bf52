#ifndef ENGINE_PARTIAL_H
#define ENGINE_PARTIAL_H

#include "base/uidset.h"
#include "imap/args_search.h"

/*
 * Keeps of an ascending set of numbers those that a PARTIAL range means
 * (RFC 9394): from the p->from-th to the p->to-th, or counted from the end.
 */
void partial_keep(struct uidset *s, const struct partial_range *p);

/* "1:100" or "-1:-100". */
void partial_write(struct buf *b, const struct partial_range *p);

#endif
