#ifndef BASE_UINT64_LIST_H
#define BASE_UINT64_LIST_H

#include "base/defs.h"

/*
 * Numbers in the order in which they were added, until they are sorted.
 * Embedded: { 0 } is the empty list.
 */
struct uint64_list {
	uint64_t *v;
	size_t n;
	size_t cap;
};

void uint64_list_clear(struct uint64_list *l);
void uint64_list_add(struct uint64_list *l, uint64_t number);
void uint64_list_sort(struct uint64_list *l); /* ascending */

/* Of a sorted list. */
bool uint64_list_has(const struct uint64_list *l, uint64_t number);

#endif
