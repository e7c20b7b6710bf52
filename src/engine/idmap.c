#include "engine/idmap.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

#define PART_BITS  6
#define FIRST_BITS 4

/* id is 0 in an empty slot. */
struct idmap_slot {
	uint64_t id;
	uint32_t number;
};

void
idmap_init(struct idmap *m)
{
	*m = (struct idmap){ .multiplier = hash_key_random().k0 | 1 };
}

void
idmap_clear(struct idmap *m)
{
	for (size_t i = 0; i < COUNT(m->part); i++)
		free(m->part[i].slot);
	*m = (struct idmap){ 0 };
}

/* The high bits choose the part, those below them the slot. */
static uint64_t
mix(const struct idmap *m, uint64_t id)
{
	return (id ^ id >> 32) * m->multiplier;
}

static size_t
first_probe(const struct idmap_part *p, uint64_t mixed)
{
	return (size_t)(mixed << PART_BITS >> (64 - p->bits));
}

/* Where id is or would be. */
static struct idmap_slot *
probe(const struct idmap_part *p, uint64_t mixed, uint64_t id)
{
	size_t mask = ((size_t)1 << p->bits) - 1;
	size_t at = first_probe(p, mixed);

	while (p->slot[at].id != 0 && p->slot[at].id != id)
		at = (at + 1) & mask;
	return &p->slot[at];
}

static void
grow(const struct idmap *m, struct idmap_part *p)
{
	struct idmap_part old = *p;
	size_t old_slots = old.slot == NULL ? 0 : (size_t)1 << old.bits;

	p->bits = old.slot == NULL ? FIRST_BITS : old.bits + 1;
	p->slot = mem_array((size_t)1 << p->bits, sizeof(*p->slot));
	for (size_t i = 0; i < old_slots; i++)
		if (old.slot[i].id != 0)
			*probe(p, mix(m, old.slot[i].id), old.slot[i].id) =
			    old.slot[i];
	free(old.slot);
}

void
idmap_expect(const struct idmap *m, uint64_t id)
{
	uint64_t mixed = mix(m, id);
	const struct idmap_part *p = &m->part[mixed >> (64 - PART_BITS)];

	if (p->slot != NULL)
		__builtin_prefetch(&p->slot[first_probe(p, mixed)], 1);
}

/* Parts are full at different times, so that they don't grow all at once. */
static bool
is_full(const struct idmap *m, const struct idmap_part *p)
{
	uint64_t of_256 = 96 + (uint64_t)(p - m->part);

	return p->slot == NULL || p->n >= (of_256 << p->bits) / 256;
}

uint32_t *
idmap_at(struct idmap *m, uint64_t id)
{
	uint64_t mixed = mix(m, id);
	struct idmap_part *p = &m->part[mixed >> (64 - PART_BITS)];
	struct idmap_slot *slot;

	assert(id != 0);
	if (is_full(m, p))
		grow(m, p);
	slot = probe(p, mixed, id);
	if (slot->id == 0) {
		*slot = (struct idmap_slot){ id, IDMAP_NEW };
		p->n++;
	}
	return &slot->number;
}

uint32_t
idmap_find(const struct idmap *m, uint64_t id)
{
	uint64_t mixed = mix(m, id);
	const struct idmap_part *p = &m->part[mixed >> (64 - PART_BITS)];
	const struct idmap_slot *slot;

	assert(id != 0);
	if (p->slot == NULL)
		return IDMAP_NEW;
	slot = probe(p, mixed, id);
	return slot->id == 0 ? IDMAP_NEW : slot->number;
}
