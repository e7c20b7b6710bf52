#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/index_inside.h"

/*
 * Reading a document costs much more than reading its number, so another gram
 * is worth being looked up while it has fewer bytes than this for each
 * document that is left; but not if few are left and the last ones took none
 * away.
 */
#define BYTES_WORTH 20000
#define FEW         200
#define IDLE_LEADS  2

/* Documents that are passed one by one before the next is looked for. */
#define NEAR 8

/* A range is given up when it has more documents than so many times all. */
#define RANGE_SHARE 2

/* A gram's documents in one segment, not read yet. */
struct place {
	const struct segment *segment;
	struct fence fence;
};

/* What is known of one range: where its grams lie. */
struct lead {
	struct gram_range range;
	struct place *places; /* one for each segment that may have it */
	size_t n;
	uint64_t bytes; /* to read for it, about */
};

void
documents_clear(struct documents *d)
{
	free(d->p);
	*d = (struct documents){ 0 };
}

/* The first at or above a number; d->n if there is none. */
static size_t
first_from(const struct documents *d, uint64_t doc)
{
	size_t low = 0;
	size_t high = d->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->p[middle] < doc)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
documents_between(const struct documents *d, uint64_t low, uint64_t high)
{
	size_t i;

	if (d->all)
		return true;
	i = first_from(d, low);
	return i < d->n && d->p[i] <= high;
}

bool
documents_have(const struct documents *d, uint64_t doc)
{
	return documents_between(d, doc, doc);
}

bool
documents_have_next(const struct documents *d, size_t *at, uint64_t doc)
{
	size_t last = MIN(*at + NEAR, d->n);

	if (d->all)
		return true;
	while (*at < last && d->p[*at] < doc)
		(*at)++;
	if ((*at == last && last < d->n) || (*at > 0 && d->p[*at - 1] >= doc))
		*at = first_from(d, doc);
	return *at < d->n && d->p[*at] == doc;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Ascending, each once. */
static void
put_in_order(struct documents *d)
{
	size_t n = 0;
	bool ordered = true;

	for (size_t i = 1; i < d->n && ordered; i++)
		ordered = d->p[i - 1] < d->p[i];
	if (ordered)
		return;
	qsort(d->p, d->n, sizeof(*d->p), by_number);
	for (size_t i = 0; i < d->n; i++)
		if (n == 0 || d->p[n - 1] != d->p[i])
			d->p[n++] = d->p[i];
	d->n = n;
}

struct reading {
	struct index *ix;
	struct documents found;
	size_t cap;
	struct buf block;
};

static enum status
take_documents(struct reading *r, const struct segment *seg, struct span docs)
{
	uint64_t doc = seg->first;

	if (r->found.n + docs.n > r->cap) { /* each has a byte at least */
		r->cap = MAX(r->cap * 2, r->found.n + docs.n);
		r->found.p =
		    mem_resize(r->found.p, r->cap * sizeof(*r->found.p));
	}
	while (docs_next(&docs, &doc))
		r->found.p[r->found.n++] = doc;
	return docs.n > 0 ? ST_CORRUPT : ST_OK;
}

/* One block's part of a range; *end is where the next one begins. */
static enum status
read_block(struct reading *r, const struct segment *seg, const struct fence *f,
    const struct gram_range *range, uint64_t *end)
{
	struct block_reader b = { 0 };
	enum status st;

	buf_reset(&r->block);
	st = fence_block(r->ix, f, &r->block);
	if (st == ST_OK)
		st = block_open(&b, buf_span(&r->block), f->block, f->gram);
	while (st == ST_OK) {
		st = block_next(&b);
		if (st == ST_OK && b.gram >= range->first &&
		    b.gram <= range->last)
			st = take_documents(r, seg, b.docs);
	}
	*end = b.end;
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* From the block at hand on, all grams of the range. */
static enum status
read_place(struct reading *r, const struct place *p,
    const struct gram_range *range)
{
	struct fence fence = p->fence;
	uint64_t end;
	enum status st;

	for (;;) {
		st = read_block(r, p->segment, &fence, range, &end);
		if (st != ST_OK || end > range->last || end == GRAM_END)
			return st;
		st = fence_next(r->ix, p->segment->id, fence.gram, &fence);
		if (st == ST_OK && fence.gram != end)
			st = ST_CORRUPT;
		if (st != ST_OK)
			return st == ST_NOTFOUND ? ST_CORRUPT : st;
	}
}

static enum status
read_lead(struct index *ix, const struct lead *l, struct documents *out)
{
	struct reading r = { .ix = ix };
	enum status st = ST_OK;

	for (size_t i = 0; i < l->n && st == ST_OK; i++) {
		st = read_place(&r, &l->places[i], &l->range);
		if (r.found.n > ix->state.documents * RANGE_SHARE) {
			r.found.all = true; /* too short to say anything */
			break;
		}
	}
	buf_clear(&r.block);
	put_in_order(&r.found);
	*out = r.found;
	if (st != ST_OK)
		documents_clear(out);
	return st;
}

/* Where the grams of a range lie, without reading them. */
static enum status
locate(struct index *ix, struct lead *l)
{
	l->places =
	    mem_array(MAX(ix->segment_n, (size_t)1), sizeof(*l->places));
	for (size_t i = 0; i < ix->segment_n; i++) {
		const struct segment *seg = &ix->segments[i];
		struct place *p = &l->places[l->n];
		enum status st;

		if (l->range.last < seg->gram)
			continue;
		st = fence_find(ix, seg, l->range.first, &p->fence);
		if (st != ST_OK)
			return st;
		p->segment = seg;
		l->bytes += p->fence.bytes;
		l->n++;
	}
	return ST_OK;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct lead *x = a;
	const struct lead *y = b;
	bool range_x = x->range.first != x->range.last;
	bool range_y = y->range.first != y->range.last;

	if (range_x != range_y)
		return range_x ? 1 : -1;
	return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* Both ascend. */
static void
intersect(struct documents *d, const struct documents *with)
{
	size_t n = 0;
	size_t k = 0;

	if (with->all)
		return;
	for (size_t i = 0; i < d->n; i++) {
		while (k < with->n && with->p[k] < d->p[i])
			k++;
		if (k < with->n && with->p[k] == d->p[i])
			d->p[n++] = d->p[i];
	}
	d->n = n;
}

static enum status
follow(struct index *ix, struct lead *lead, size_t n, struct documents *out)
{
	enum status st = ST_OK;
	size_t idle = 0;

	qsort(lead, n, sizeof(*lead), by_bytes);
	for (size_t i = 0; i < n && st == ST_OK; i++) {
		struct documents one = { 0 };
		size_t before = out->n;

		if (!out->all && (lead[i].bytes > out->n * BYTES_WORTH ||
				     (out->n < FEW && idle >= IDLE_LEADS)))
			break;
		st = read_lead(ix, &lead[i], &one);
		if (st == ST_OK && out->all) {
			documents_clear(out);
			*out = one;
			continue;
		}
		if (st == ST_OK)
			intersect(out, &one);
		idle = out->n < before ? 0 : idle + 1;
		documents_clear(&one);
	}
	return st;
}

/* And those that may have anything. */
static enum status
add_unknown(struct index *ix, struct documents *d)
{
	struct lead lead = { .range = { GRAM_UNKNOWN, GRAM_UNKNOWN } };
	struct documents unknown = { 0 };
	enum status st = locate(ix, &lead);

	if (st == ST_OK)
		st = read_lead(ix, &lead, &unknown);
	free(lead.places);
	if (st == ST_OK && unknown.n > 0) {
		d->p = mem_resize(d->p, (d->n + unknown.n) * sizeof(*d->p));
		memcpy(d->p + d->n, unknown.p, unknown.n * sizeof(*unknown.p));
		d->n += unknown.n;
		put_in_order(d);
	}
	documents_clear(&unknown);
	return st;
}

enum status
index_find(struct index *ix, struct span key, struct documents *out)
{
	struct gram_range range[GRAM_RANGES];
	struct lead lead[GRAM_RANGES] = { 0 };
	struct documents found = { .all = true };
	size_t n = gram_ranges(key, range);
	enum status st = ST_OK;

	for (size_t i = 0; i < n && st == ST_OK; i++) {
		lead[i].range = range[i];
		st = locate(ix, &lead[i]);
	}
	if (st == ST_OK)
		st = follow(ix, lead, n, &found);
	if (st == ST_OK && !found.all)
		st = add_unknown(ix, &found);
	for (size_t i = 0; i < n; i++)
		free(lead[i].places);
	if (st == ST_OK)
		*out = found;
	else
		documents_clear(&found);
	return st;
}
