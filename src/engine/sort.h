#ifndef ENGINE_SORT_H
#define ENGINE_SORT_H

#include "base/span.h"

/*
 * The order that SORT asks for (RFC 5256 section 3, RFC 5957), in steps.
 *
 * Messages are named by their place among those that are sorted, from 0, in
 * the order of their sequence numbers.  They are compared by one column
 * after the other and, where all are equal, by their place.
 *
 * Units      A step is given work, about the number of messages that it may
 *            look at; 10,000 take around a millisecond or less.
 * Ownership  The columns and all they point to are borrowed.
 */
struct sort_column {
	/* One of the two, with an element for each message. */
	const int64_t *numbers;     /* ARRIVAL, DATE, SIZE */
	const struct span *strings; /* the others: keys of mime/collate.h */
	bool reverse;
};

struct sort;

struct sort *sort_new(const struct sort_column *columns, uint32_t column_count,
    uint32_t message_count);
void sort_free(struct sort **s);

/* True when all is sorted; otherwise call again. */
bool sort_step(struct sort *s, size_t work);

/* Once it is sorted: which message has this rank, from 0. */
uint32_t sort_at(const struct sort *s, uint32_t rank);

#endif
