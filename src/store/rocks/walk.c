#include "store/rocks/walk.h"

#define CHECK_READAHEAD 2097152

static rocksdb_readoptions_t *
options_of(enum family family, enum walk_kind kind)
{
	rocksdb_readoptions_t *o = rocksdb_readoptions_create();

	rocksdb_readoptions_set_prefix_same_as_start(o, kind != WALK_ALL);
	rocksdb_readoptions_set_total_order_seek(o, kind == WALK_ALL);
	rocksdb_readoptions_set_fill_cache(o, kind == WALK);
	/* Bodies have a check of their own (store/body.h). */
	rocksdb_readoptions_set_verify_checksums(o,
	    family != BODIES || kind == WALK_ALL);
	if (kind == WALK_ALL)
		rocksdb_readoptions_set_readahead_size(o, CHECK_READAHEAD);
	return o;
}

void
walk_begin(struct walk *w, const struct rocks *r,
    const struct walk_range *range)
{
	w->r = r;
	w->to = range->to;
	w->options = options_of(range->family, range->kind);
	rocksdb_readoptions_set_iterate_upper_bound(w->options,
	    (const char *)w->to.p, w->to.n);
	w->it = rocksdb_create_iterator_cf(r->db, w->options,
	    r->families[range->family]);
	walk_seek(w, &range->from);
}

char *
walk_error(const struct walk *w)
{
	char *error = NULL;

	rocksdb_iter_get_error(w->it, &error);
	return error;
}

enum status
walk_end(struct walk *w)
{
	char *error = walk_error(w);

	rocksdb_iter_destroy(w->it);
	rocksdb_readoptions_destroy(w->options);
	return rocks_error(w->r, "store.read.failed", error);
}
