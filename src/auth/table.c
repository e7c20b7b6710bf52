#include "auth/table.h"

#include <assert.h>

#include "base/hash.h"
#include "base/mem.h"

/* An index of an entry; 0 is the head of the list of ages, or none. */
typedef uint32_t entry_index;

struct entry {
	struct table_key key;
	entry_index chain; /* the next in its bucket, or in the free list */
	entry_index older;
	entry_index younger;
};

struct table {
	struct hash_key secret[2];
	size_t capacity;
	size_t value_size;
	size_t count;
	size_t buckets; /* a power of two */
	entry_index *bucket;
	entry_index free;
	entry_index used; /* entries from here on were never used */
	struct entry *entries;
	unsigned char *values;
};

struct table *
table_new(size_t capacity, size_t value_size)
{
	struct table *t = MEM_NEW(struct table);

	assert(capacity > 0 && capacity < UINT32_MAX);
	t->secret[0] = hash_key_random();
	t->secret[1] = hash_key_random();
	t->capacity = capacity;
	t->value_size = (value_size + 7) / 8 * 8;
	for (t->buckets = 16; t->buckets < capacity; t->buckets *= 2)
		;
	t->bucket = mem_array(t->buckets, sizeof(*t->bucket));
	t->entries = mem_array(capacity + 1, sizeof(*t->entries));
	t->values = mem_array(capacity + 1, t->value_size);
	t->used = 1;
	return t;
}

void
table_free(struct table **t)
{
	if (*t == NULL)
		return;
	explicit_bzero((*t)->values, (*t)->used * (*t)->value_size);
	mem_free(&(*t)->bucket);
	mem_free(&(*t)->entries);
	mem_free(&(*t)->values);
	mem_free(t);
}

/* 128 bits of two keys: nobody meets two that are the same. */
struct table_key
table_key_of(const struct table *t, unsigned kind, struct span bytes)
{
	struct hash_key secret[2] = { t->secret[0], t->secret[1] };

	secret[0].k0 += kind;
	return (struct table_key){ hash_sip(&secret[0], bytes),
		hash_sip(&secret[1], bytes) };
}

static void *
value_of(struct table *t, entry_index i)
{
	return t->values + i * t->value_size;
}

static entry_index *
bucket_of(struct table *t, struct table_key k)
{
	return &t->bucket[(k.a ^ t->secret[0].k1) & (t->buckets - 1)];
}

/* Where the index of the entry of k is, or the 0 at the end of its bucket. */
static entry_index *
place_of(struct table *t, struct table_key k)
{
	entry_index *i = bucket_of(t, k);

	while (*i != 0 &&
	       (t->entries[*i].key.a != k.a || t->entries[*i].key.b != k.b))
		i = &t->entries[*i].chain;
	return i;
}

static void
take_out_of_age(struct table *t, entry_index i)
{
	struct entry *e = &t->entries[i];

	t->entries[e->older].younger = e->younger;
	t->entries[e->younger].older = e->older;
}

static void
make_youngest(struct table *t, entry_index i)
{
	struct entry *e = &t->entries[i];

	e->older = t->entries[0].older;
	e->younger = 0;
	t->entries[e->older].younger = i;
	t->entries[0].older = i;
}

void *
table_find(struct table *t, struct table_key k)
{
	entry_index i = *place_of(t, k);

	return i == 0 ? NULL : value_of(t, i);
}

void
table_remove(struct table *t, struct table_key k)
{
	entry_index *place = place_of(t, k);
	entry_index i = *place;

	if (i == 0)
		return;
	*place = t->entries[i].chain;
	take_out_of_age(t, i);
	explicit_bzero(value_of(t, i), t->value_size);
	t->entries[i].chain = t->free;
	t->free = i;
	t->count--;
}

static entry_index
take_entry(struct table *t)
{
	entry_index i;

	if (t->count == t->capacity)
		table_remove(t, t->entries[t->entries[0].younger].key);
	if (t->free == 0)
		return t->used++;
	i = t->free;
	t->free = t->entries[i].chain;
	return i;
}

void *
table_put(struct table *t, struct table_key k)
{
	entry_index i = *place_of(t, k);

	if (i != 0) {
		take_out_of_age(t, i);
		make_youngest(t, i);
		return value_of(t, i);
	}
	i = take_entry(t);
	t->entries[i].key = k;
	t->entries[i].chain = *bucket_of(t, k);
	*bucket_of(t, k) = i;
	make_youngest(t, i);
	t->count++;
	return value_of(t, i);
}

size_t
table_count(const struct table *t)
{
	return t->count;
}
