#ifndef STORE_ROCKS_WALK_H
#define STORE_ROCKS_WALK_H

#include "store/rocks/rocks.h"

/* What is walked through: from one key up to but not including another. */
struct walk_range {
	enum family family;
	enum walk_kind {
		WALK,      /* within an account */
		WALK_ONCE, /* the same, leaving RocksDB's cache as it is */
		WALK_ALL,  /* for a check: so too, also between accounts */
	} kind;
	struct key from;
	struct key to;
};

/*
 * Goes through a family in key order, at one moment.  For who has entered,
 * and for the committer.
 *
 *	for (walk_begin(&w, r, &range); walk_on(&w); walk_next(&w))
 *		...
 *	st = walk_end(&w);
 */
struct walk {
	const struct rocks *r;
	struct key to; /* RocksDB borrows it */
	rocksdb_readoptions_t *options;
	rocksdb_iterator_t *it;
};

void walk_begin(struct walk *w, const struct rocks *r,
    const struct walk_range *range);

/* What RocksDB says is wrong, to be freed; or NULL. */
char *walk_error(const struct walk *w);

/* Logs an error. */
enum status walk_end(struct walk *w);

static inline bool
walk_on(const struct walk *w)
{
	return rocksdb_iter_valid(w->it) != 0;
}

static inline void
walk_next(struct walk *w)
{
	rocksdb_iter_next(w->it);
}

/* To a key, or the first behind it. */
static inline void
walk_seek(struct walk *w, const struct key *k)
{
	rocksdb_iter_seek(w->it, (const char *)k->p, k->n);
}

/* Borrowed until the walk goes on. */
static inline struct span
walk_key(const struct walk *w)
{
	size_t n;
	const char *p = rocksdb_iter_key(w->it, &n);

	return span_of(p, n);
}

static inline struct span
walk_value(const struct walk *w)
{
	size_t n;
	const char *p = rocksdb_iter_value(w->it, &n);

	return span_of(p, n);
}

#endif
