#ifndef AUTH_TABLE_H
#define AUTH_TABLE_H

#include "base/span.h"

/*
 * A table that is never larger than it was made: whatever strangers make
 * auth remember is in one of these.  A new entry in a full table takes the
 * place of the one that was put the longest ago.
 *
 * Ownership  Values lie in the table, of one size, zeroed when they are new;
 *            a pointer to one is good until the next put or remove.
 */
struct table;

/* Secret or random, so that nobody can choose which entries collide. */
struct table_key {
	uint64_t a;
	uint64_t b;
};

struct table *table_new(size_t capacity, size_t value_size);

/* Wipes what it held. */
void table_free(struct table **t);

/* Made of bytes that a peer chose; kind keeps apart what they are. */
struct table_key table_key_of(const struct table *t, unsigned kind,
    struct span bytes);

/* NULL if it isn't there. */
void *table_find(struct table *t, struct table_key k);

/* The value of k, which is now the youngest; a new one if there was none. */
void *table_put(struct table *t, struct table_key k);

/* Wipes it; nothing happens if it isn't there. */
void table_remove(struct table *t, struct table_key k);

size_t table_count(const struct table *t);

#endif
