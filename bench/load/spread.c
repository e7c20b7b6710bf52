#include "load/spread.h"

#include <stdlib.h>

#include "base/mem.h"

void
spread_add(struct spread *s, int64_t took_ns)
{
	s->us = mem_grow(s->us, s->n, &s->cap, sizeof(s->us[0]));
	s->us[s->n++] = (uint32_t)(took_ns / 1000);
}

void
spread_add_late(struct spread *s, int64_t took_ns, int64_t every_ns)
{
	for (; took_ns > 0; took_ns -= every_ns)
		spread_add(s, took_ns);
}

static int
by_size(const void *pa, const void *pb)
{
	const uint32_t *a = pa;
	const uint32_t *b = pb;

	return (*a > *b) - (*a < *b);
}

unsigned
spread_permille_us(struct spread *s, unsigned permille)
{
	if (s->n == 0)
		return 0;
	qsort(s->us, s->n, sizeof(s->us[0]), by_size);
	return s->us[(s->n - 1) * permille / 1000];
}

void
spread_add_json(struct spread *s, struct buf *out, const char *name)
{
	buf_printf(out,
	    "%s{\"name\":\"%s\",\"n\":%zu,\"p50_us\":%u,\"p99_us\":%u,"
	    "\"max_us\":%u}",
	    out->n > 0 ? "," : "", name, s->n, spread_permille_us(s, 500),
	    spread_permille_us(s, 990), spread_permille_us(s, 1000));
}

void
spread_clear(struct spread *s)
{
	mem_free(&s->us);
	*s = (struct spread){ 0 };
}
