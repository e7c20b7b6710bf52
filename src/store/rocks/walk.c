#include "store/rocks/walk.h"

#define CHECK_READAHEAD 2097152

static void
seek(struct walk *w, enum family family, const struct key *from,
    const struct key *to)
{
	w->to = *to;
	rocksdb_readoptions_set_iterate_upper_bound(w->options,
	    (const char *)w->to.p, w->to.n);
	w->it = rocksdb_create_iterator_cf(w->r->db, w->options,
	    w->r->families[family]);
	rocksdb_iter_seek(w->it, (const char *)from->p, from->n);
}

void
walk_begin(struct walk *w, const struct rocks *r, enum family family,
    const struct key *from, const struct key *to)
{
	w->r = r;
	w->options = rocksdb_readoptions_create();
	rocksdb_readoptions_set_prefix_same_as_start(w->options, 1);
	seek(w, family, from, to);
}

void
walk_begin_once(struct walk *w, const struct rocks *r, enum family family,
    const struct key *from, const struct key *to)
{
	w->r = r;
	w->options = rocksdb_readoptions_create();
	rocksdb_readoptions_set_prefix_same_as_start(w->options, 1);
	rocksdb_readoptions_set_fill_cache(w->options, 0);
	seek(w, family, from, to);
}

void
walk_begin_all(struct walk *w, const struct rocks *r, enum family family,
    const struct key *from, const struct key *to)
{
	w->r = r;
	w->options = rocksdb_readoptions_create();
	rocksdb_readoptions_set_total_order_seek(w->options, 1);
	rocksdb_readoptions_set_fill_cache(w->options, 0);
	rocksdb_readoptions_set_readahead_size(w->options, CHECK_READAHEAD);
	seek(w, family, from, to);
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
