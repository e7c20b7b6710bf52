#include <assert.h>

#include "engine/record_page.h"

void
record_draft_begin(struct record_draft *d, const struct record_name *name)
{
	d->name = *name;
	d->too_large = false;
	buf_reset(&d->bytes);
	memset(d->end, 0, sizeof(d->end));
}

void
record_draft_add(struct record_draft *d, uint64_t content, struct span r)
{
	assert(content / PAGE_RECORDS == d->name.number);
	d->too_large = d->too_large || d->bytes.n + r.n > PAGE_BYTES;
	if (d->too_large)
		return;
	buf_add(&d->bytes, r);
	d->end[content % PAGE_RECORDS] = (uint32_t)d->bytes.n;
}

void
record_draft_end(struct record_draft *d)
{
	uint32_t end = 0;

	for (size_t i = 0; i < PAGE_RECORDS; i++)
		d->end[i] = end = MAX(end, d->end[i]);
	d->all = buf_span(&d->bytes);
}

size_t
record_draft_count(const struct record_draft *d)
{
	uint32_t from = 0;
	size_t n = 0;

	for (size_t i = 0; i < PAGE_RECORDS; i++) {
		n += d->end[i] != from;
		from = d->end[i];
	}
	return n;
}

void
record_draft_pack(struct buf *b, const struct record_draft *d)
{
	uint32_t from = 0;

	pack_format(b);
	for (size_t i = 0; i < PAGE_RECORDS; i++) {
		pack_u64(b, d->end[i] - from);
		from = d->end[i];
	}
	buf_add(b, d->all);
}

enum status
record_draft_unpack(struct record_draft *d, const struct record_name *name,
    struct span value)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);
	uint64_t end = 0;

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < PAGE_RECORDS; i++) {
		uint64_t length = unpack_u64(&u);

		end += MIN(length, (uint64_t)PAGE_BYTES + 1);
		d->end[i] = (uint32_t)end;
	}
	if (!unpack_ok(&u) || end > PAGE_BYTES || u.rest.n != end)
		return ST_CORRUPT;
	d->name = *name;
	d->all = u.rest;
	d->too_large = false;
	return ST_OK;
}
