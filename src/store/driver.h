#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "store/store.h"

/* The keys from `from` up to but not including `to` (empty: to the end). */
struct driver_range {
	struct span from;
	struct span to;
	bool once; /* the caller keeps what it reads: no cache is to */
};

/* What store_commit_telling() was given. */
struct driver_group {
	struct batch *const *b;
	size_t n;
	enum status *results;
	store_told_fn *told;
	void *ctx;
};

/*
 * What a driver is: the contract of store.h, function by function.  A
 * driver's own object begins with a struct store.
 */
struct driver {
	const char *name;
	enum status (*open)(const struct store_options *o, struct store **out);
	void (*close)(struct store *s);
	enum status (
	    *version)(struct store *s, uint64_t account, uint64_t *out);
	enum status (*read)(struct store *s, uint64_t account,
	    const struct driver_range *range, store_visit_fn *fn, void *ctx);
	enum status (*get)(struct store *s, uint64_t account, struct span key,
	    bool once, store_visit_fn *fn, void *ctx);
	enum status (*body)(struct store *s, uint64_t account, uint64_t body,
	    uint64_t offset, size_t n, struct buf *out);
	enum status (*bodies)(struct store *s, uint64_t account,
	    const uint64_t *ids, size_t n, store_body_fn *fn, void *ctx);
	enum status (
	    *accounts)(struct store *s, store_account_fn *fn, void *ctx);
	void (*prepare)(struct store *s, struct batch *b); /* or NULL */
	void (*commit)(struct store *s, const struct driver_group *g);
	bool (*is_well)(const struct store *s); /* or NULL: always */
	enum status (*check)(struct store *s,
	    void (*problem)(void *ctx, const char *line), void *ctx);
	uint64_t (*disk_bytes)(struct store *s);
};

struct store {
	const struct driver *driver;
};

extern const struct driver memory_driver;
extern const struct driver rocks_driver;

#endif
