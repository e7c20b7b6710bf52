#include "base/uint64_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
uint64_list_clear(struct uint64_list *l)
{
	free(l->v);
	*l = (struct uint64_list){ 0 };
}

void
uint64_list_add(struct uint64_list *l, uint64_t number)
{
	l->v = mem_grow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = number;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x;
	uint64_t y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static bool
is_sorted(const struct uint64_list *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (l->v[i] < l->v[i - 1])
			return false;
	return true;
}

/* Most come as they should be. */
void
uint64_list_sort(struct uint64_list *l)
{
	if (!is_sorted(l))
		qsort(l->v, l->n, sizeof(*l->v), by_value);
}

bool
uint64_list_has(const struct uint64_list *l, uint64_t number)
{
	return l->n > 0 &&
	       bsearch(&number, l->v, l->n, sizeof(*l->v), by_value) != NULL;
}
