#include "engine/partial.h"

void
partial_keep(struct uidset *uids, const struct partial_range *p)
{
	CLEANUP(uidset_clear) struct uidset kept = { 0 };
	uint64_t n = uidset_count(uids);
	uint64_t lo = MIN(p->from, p->to);
	uint64_t hi = MIN(MAX(p->from, p->to), n);
	uint64_t before = 0;

	if (lo <= n && p->from_end) {
		uint64_t first = n - hi + 1;

		hi = n - lo + 1;
		lo = first;
	}
	for (size_t i = 0; lo <= n && i < uids->n; i++) {
		const struct uidrange *r = &uids->r[i];
		uint64_t size = (uint64_t)r->hi - r->lo + 1;
		uint64_t from = MAX(lo, before + 1);
		uint64_t to = MIN(hi, before + size);

		if (from <= to)
			uidset_add_range(&kept,
			    (uint32_t)(r->lo + (from - before - 1)),
			    (uint32_t)(r->lo + (to - before - 1)));
		before += size;
	}
	uidset_move(uids, &kept);
}

void
partial_write(struct buf *b, const struct partial_range *p)
{
	const char *sign = p->from_end ? "-" : "";

	buf_printf(b, "%s%u:%s%u", sign, p->from, sign, p->to);
}
