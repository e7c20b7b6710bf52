#include "store/memory/omap.h"

#include <stdlib.h>

#include "base/mem.h"

#define LEVELS 20 /* for a million keys at one in four */

/* The bytes of key and value lie behind the tower. */
struct node {
	struct omap_entry entry; /* first: omap_next() casts back */
	int levels;
	struct node *next[];
};

struct omap {
	struct node *head; /* no entry, all levels */
	uint32_t dice;
};

/* The last node before a key, on each level. */
struct place {
	struct node *before[LEVELS];
};

static struct node *
node_new(int levels, struct span key, struct span value)
{
	size_t tower = (size_t)levels * sizeof(struct node *);
	struct node *n =
	    mem_alloc(sizeof(struct node) + tower + key.n + value.n);
	unsigned char *bytes = (unsigned char *)n->next + tower;

	if (key.n > 0)
		memcpy(bytes, key.p, key.n);
	if (value.n > 0)
		memcpy(bytes + key.n, value.p, value.n);
	n->levels = levels;
	n->entry.key = span_of(bytes, key.n);
	n->entry.value = span_of(bytes + key.n, value.n);
	return n;
}

struct omap *
omap_new(void)
{
	struct omap *m = MEM_NEW(struct omap);

	m->head = node_new(LEVELS, SPAN(""), SPAN(""));
	m->dice = 1;
	return m;
}

void
omap_free(struct omap **m)
{
	if (*m == NULL)
		return;
	for (struct node *n = (*m)->head, *next; n != NULL; n = next) {
		next = n->next[0];
		free(n);
	}
	mem_free(m);
}

/* One in four goes a level higher.  Xorshift: the same on every run. */
static int
roll(struct omap *m)
{
	int levels = 1;
	uint32_t bits;

	m->dice ^= m->dice << 13;
	m->dice ^= m->dice >> 17;
	m->dice ^= m->dice << 5;
	for (bits = m->dice; levels < LEVELS && (bits & 3) == 0; bits >>= 2)
		levels++;
	return MIN(levels, LEVELS);
}

static struct place
find(const struct omap *m, struct span key)
{
	struct node *n = m->head;
	struct place at;

	for (int i = LEVELS - 1; i >= 0; i--) {
		while (n->next[i] != NULL &&
		       span_cmp(n->next[i]->entry.key, key) < 0)
			n = n->next[i];
		at.before[i] = n;
	}
	return at;
}

static void
unlink_next(struct place *at)
{
	struct node *n = at->before[0]->next[0];

	for (int i = 0; i < n->levels; i++)
		at->before[i]->next[i] = n->next[i];
	free(n);
}

static bool
found(const struct place *at, struct span key)
{
	const struct node *n = at->before[0]->next[0];

	return n != NULL && span_eq(n->entry.key, key);
}

void
omap_put(struct omap *m, struct span key, struct span value)
{
	struct place at = find(m, key);
	struct node *n = node_new(roll(m), key, value);

	if (found(&at, key))
		unlink_next(&at);
	for (int i = 0; i < n->levels; i++) {
		n->next[i] = at.before[i]->next[i];
		at.before[i]->next[i] = n;
	}
}

void
omap_delete_range(struct omap *m, struct span from, struct span to)
{
	struct place at = find(m, from);

	while (at.before[0]->next[0] != NULL &&
	       span_cmp(at.before[0]->next[0]->entry.key, to) < 0)
		unlink_next(&at);
}

void
omap_delete(struct omap *m, struct span key)
{
	struct place at = find(m, key);

	if (found(&at, key))
		unlink_next(&at);
}

const struct omap_entry *
omap_get(const struct omap *m, struct span key)
{
	struct place at = find(m, key);

	return found(&at, key) ? &at.before[0]->next[0]->entry : NULL;
}

const struct omap_entry *
omap_seek(const struct omap *m, struct span key)
{
	struct place at = find(m, key);
	const struct node *n = at.before[0]->next[0];

	return n != NULL ? &n->entry : NULL;
}

const struct omap_entry *
omap_next(const struct omap_entry *e)
{
	const struct node *n = (const struct node *)e;

	return n->next[0] != NULL ? &n->next[0]->entry : NULL;
}
