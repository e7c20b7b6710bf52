#ifndef STORE_MEMORY_OMAP_H
#define STORE_MEMORY_OMAP_H

#include "base/span.h"

/*
 * An ordered map from bytes to bytes: a skip list.
 *
 * Ownership  Keys and values are copied in; entries are borrowed and good
 *            until the next change.
 * Threads    Reads may run together; a change must be alone.
 */
struct omap;

struct omap_entry {
	struct span key;
	struct span value;
};

struct omap *omap_new(void);
void omap_free(struct omap **m);

/* Replaces the value of a key that is there. */
void omap_put(struct omap *m, struct span key, struct span value);

/* Every key from `from` up to but not including `to`. */
void omap_delete_range(struct omap *m, struct span from, struct span to);

/* A key that isn't there is none. */
void omap_delete(struct omap *m, struct span key);

/* NULL if it isn't there. */
const struct omap_entry *omap_get(const struct omap *m, struct span key);

/* The first entry at or after a key, and the one behind it; NULL at the end. */
const struct omap_entry *omap_seek(const struct omap *m, struct span key);
const struct omap_entry *omap_next(const struct omap_entry *e);

#endif
