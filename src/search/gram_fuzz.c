#include <stdlib.h>

#include "base/buf.h"
#include "search/gram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 4096

struct list {
	uint64_t gram[TEXT_MAX + 4];
	size_t n;
};

static void
note(void *ctx, uint64_t gram)
{
	struct list *l = ctx;

	if (gram == 0 || gram >= GRAM_END || l->n == COUNT(l->gram))
		abort();
	l->gram[l->n++] = gram;
}

/* Every part of a text has one gram of each of its ranges there. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gram_range range[GRAM_RANGES];
	static struct list l;
	struct gram_run run = { 0 };
	struct span text;
	size_t n;

	if (size < 2 || size > TEXT_MAX)
		return 0;
	text = span_of(data + 2, size - 2);
	l.n = 0;
	gram_read(&run, text, note, &l);
	gram_end(&run, note, &l);
	n = gram_ranges(span_head(span_from(text, data[0]), data[1]), range);
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < l.n && !found; k++)
			found = l.gram[k] >= range[i].first &&
			        l.gram[k] <= range[i].last;
		if (!found)
			abort();
	}
	return 0;
}
