#include "search/block.h"

#include "base/hash.h"
#include "base/pack.h"
#include "search/gram.h"

#define SUM_BYTES 8 /* of the checksum, in front */

static uint64_t
checksum(uint64_t id, uint64_t gram, struct span s)
{
	const struct hash_key key = { UINT64_C(0x6e6577656c2d6978) ^ id,
		UINT64_C(0x626c6f636b2d3031) ^ gram };

	return hash_sip(&key, s);
}

void
block_clear(struct block_writer *w)
{
	buf_clear(&w->block);
	buf_clear(&w->data);
	buf_clear(&w->docs);
	*w = (struct block_writer){ 0 };
}

void
block_start(struct block_writer *w, uint64_t base)
{
	buf_reset(&w->data);
	buf_reset(&w->docs);
	w->base = base;
	w->any = false;
	w->gram = 0;
	w->packed_gram = 0;
}

static void
close_gram(struct block_writer *w)
{
	if (w->gram == 0)
		return;
	pack_u64(&w->data, w->gram - w->packed_gram);
	pack_span(&w->data, buf_span(&w->docs));
	buf_reset(&w->docs);
	w->packed_gram = w->gram;
	w->gram = 0;
}

bool
block_add(struct block_writer *w, uint64_t gram, uint64_t doc)
{
	if (gram != w->gram) {
		close_gram(w);
		if (w->data.n >= BLOCK_BYTES)
			return true;
		if (!w->any)
			w->first_gram = w->packed_gram = gram;
		w->any = true;
		w->gram = gram;
		pack_u64(&w->docs, doc - w->base);
	} else if (doc > w->doc) {
		pack_u64(&w->docs, doc - w->doc);
	}
	w->doc = doc;
	return false;
}

void
block_add_packed(struct block_writer *w, struct span docs, uint64_t doc)
{
	buf_add(&w->docs, docs);
	w->doc = doc;
}

enum status
block_take(struct block_writer *w, uint64_t id, uint64_t next, uint64_t *gram,
    struct span *out)
{
	struct buf sum = { 0 };

	close_gram(w);
	if (!w->any)
		return ST_NOTFOUND;
	buf_reset(&w->block);
	pack_be64(&w->block, 0); /* its place */
	pack_u64(&w->block, next);
	buf_add(&w->block, buf_span(&w->data));
	pack_be64(&sum, checksum(id, w->first_gram,
			    span_from(buf_span(&w->block), SUM_BYTES)));
	memcpy(w->block.p, sum.p, SUM_BYTES);
	buf_clear(&sum);
	buf_reset(&w->data);
	w->any = false;
	*gram = w->first_gram;
	*out = buf_span(&w->block);
	return ST_OK;
}

enum status
block_open(struct block_reader *r, struct span data, uint64_t id, uint64_t gram)
{
	struct unpack u = unpack_over(data);
	uint64_t sum = unpack_be64(&u);

	if (!unpack_ok(&u) || sum != checksum(id, gram, u.rest))
		return ST_CORRUPT;
	*r = (struct block_reader){ .gram = gram };
	r->end = unpack_u64(&u);
	r->rest = u.rest;
	return unpack_ok(&u) && r->end > gram && r->rest.n > 0 ? ST_OK
	                                                       : ST_CORRUPT;
}

enum status
block_next(struct block_reader *r)
{
	struct unpack u = unpack_over(r->rest);
	uint64_t step;

	if (r->rest.n == 0)
		return ST_NOTFOUND;
	step = unpack_u64(&u);
	r->docs = unpack_span(&u);
	r->rest = u.rest;
	if (!unpack_ok(&u) || (step == 0) == r->any || step >= r->end - r->gram)
		return ST_CORRUPT;
	r->gram += step;
	r->any = true;
	return ST_OK;
}

bool
docs_next_far(struct span *docs, uint64_t *doc)
{
	struct unpack u;

	if (docs->n == 0)
		return false;
	u = unpack_over(*docs);
	*doc += unpack_u64(&u);
	*docs = u.rest;
	return unpack_ok(&u);
}
