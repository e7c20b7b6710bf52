#include <stdlib.h>

#include "base/mem.h"
#include "search/index_inside.h"

/*
 * Merges neighbouring segments: goes through all of them gram by gram, with a
 * block of each in memory.
 */
struct cursor {
	struct index *ix;
	const struct segment *segment;
	struct fence fence;
	struct buf block;
	struct block_reader reader;
	bool ended;
};

static enum status
open_block(struct cursor *c)
{
	enum status st;

	buf_reset(&c->block);
	st = fence_block(c->ix, &c->fence, &c->block);
	if (st == ST_OK)
		st = block_open(&c->reader, buf_span(&c->block), c->fence.block,
		    c->fence.gram);
	return st == ST_OK ? block_next(&c->reader) : st;
}

/* To the next gram of the segment. */
static enum status
advance(struct cursor *c)
{
	enum status st = block_next(&c->reader);
	uint64_t end = c->reader.end;

	if (st != ST_NOTFOUND)
		return st;
	st = fence_next(c->ix, c->segment->id, c->fence.gram, &c->fence);
	c->ended = st == ST_NOTFOUND;
	if (c->ended)
		return end == GRAM_END ? ST_OK : ST_CORRUPT;
	if (st == ST_OK && c->fence.gram != end)
		return ST_CORRUPT;
	return st == ST_OK ? open_block(c) : st;
}

static enum status
start(struct cursor *c)
{
	enum status st = fence_find(c->ix, c->segment, 0, &c->fence);

	return st == ST_OK         ? open_block(c)
	       : st == ST_NOTFOUND ? ST_CORRUPT
	                           : st;
}

/* The least gram that any of them is at; GRAM_END: all have ended. */
static uint64_t
least(const struct cursor *c, size_t n)
{
	uint64_t gram = GRAM_END;

	for (size_t i = 0; i < n; i++)
		if (!c[i].ended)
			gram = MIN(gram, c[i].reader.gram);
	return gram;
}

/* The distances between a segment's documents stay as they are. */
static enum status
copy_documents(struct index *ix, struct segment *to, const struct cursor *c)
{
	struct span docs = c->reader.docs;
	struct span rest;
	uint64_t doc = c->segment->first;
	enum status st;

	if (!docs_next(&docs, &doc))
		return ST_CORRUPT;
	st = segment_row(ix, to, c->reader.gram, doc);
	for (rest = docs; docs_next(&docs, &doc);)
		;
	if (docs.n > 0)
		return ST_CORRUPT;
	block_add_packed(&ix->writer, rest, doc);
	to->last = MAX(to->last, doc);
	return st;
}

static enum status
merge_rows(struct index *ix, struct segment *to, struct cursor *c, size_t n)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = start(&c[i]);
	while (st == ST_OK) {
		uint64_t gram = least(c, n);

		if (gram == GRAM_END)
			return ST_OK;
		for (size_t i = 0; i < n && st == ST_OK; i++) {
			if (c[i].ended || c[i].reader.gram != gram)
				continue;
			st = copy_documents(ix, to, &c[i]);
			if (st == ST_OK)
				st = advance(&c[i]);
		}
	}
	return st;
}

/* The n segments from `at` on become one. */
static enum status
merge_some(struct index *ix, size_t at, size_t n)
{
	struct segment *from = &ix->segments[at];
	struct cursor *c = mem_array(n, sizeof(*c));
	struct segment to;
	enum status st;

	for (size_t i = 0; i < n; i++)
		c[i] = (struct cursor){ .ix = ix, .segment = &from[i] };
	st = segment_begin(ix, from->first, from->level + 1, &to);
	if (st == ST_OK)
		st = merge_rows(ix, &to, c, n);
	if (st == ST_OK)
		st = segment_end(ix, &to);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&c[i].block);
		if (st == ST_OK)
			st = segment_drop(ix, from[i].id);
	}
	free(c);
	if (st != ST_OK)
		return st;
	*from = to;
	memmove(from + 1, from + n, (ix->segment_n - at - n) * sizeof(*from));
	ix->segment_n -= n - 1;
	return ST_OK;
}

enum status
index_merge(struct index *ix)
{
	size_t i = ix->segment_n;
	enum status st;

	/* Levels fall from the oldest to the newest; those alike are last. */
	while (i > 0) {
		uint32_t level = ix->segments[i - 1].level;
		size_t end = i;

		while (i > 0 && ix->segments[i - 1].level == level)
			i--;
		if (end - i < FANOUT)
			continue;
		st = merge_some(ix, i, end - i);
		if (st != ST_OK)
			return st;
		i = ix->segment_n;
	}
	return ST_OK;
}
