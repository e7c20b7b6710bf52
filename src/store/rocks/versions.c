#include "store/rocks/versions.h"

#include "base/mem.h"

#define KEPT      16384
#define CAP_FIRST 1024

/* live tells a slot in use from an empty one. */
struct version_slot {
	uint64_t account;
	uint64_t version;
	bool live;
};

void
versions_clear(struct versions *v)
{
	mem_free(&v->slots);
	*v = (struct versions){ 0 };
}

void
versions_trim(struct versions *v)
{
	if (v->n > KEPT)
		versions_clear(v);
}

/* Ids come from the directory and in sequence: no peer chooses them. */
static struct version_slot *
find(const struct versions *v, uint64_t account)
{
	size_t mask = v->cap - 1;
	size_t i = (size_t)(account * 0x9e3779b97f4a7c15 >> 20) & mask;

	while (v->slots[i].live && v->slots[i].account != account)
		i = (i + 1) & mask;
	return &v->slots[i];
}

bool
versions_get(const struct versions *v, uint64_t account, uint64_t *out)
{
	const struct version_slot *s;

	if (v->cap == 0)
		return false;
	s = find(v, account);
	if (s->live)
		*out = s->version;
	return s->live;
}

/* Never more than half full. */
static void
grow(struct versions *v)
{
	struct versions old = *v;

	v->cap = MAX(old.cap * 2, (size_t)CAP_FIRST);
	v->slots = mem_array(v->cap, sizeof(*v->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].live)
			*find(v, old.slots[i].account) = old.slots[i];
	mem_free(&old.slots);
}

void
versions_set(struct versions *v, uint64_t account, uint64_t version)
{
	struct version_slot *s;

	if (v->n >= v->cap / 2)
		grow(v);
	s = find(v, account);
	v->n += !s->live;
	*s = (struct version_slot){ account, version, true };
}
