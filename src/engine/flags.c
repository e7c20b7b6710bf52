#include "engine/flags.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/refs.h"

_Static_assert(LIMIT_KEYWORDS == 128 - FLAG_SYSTEM_COUNT,
    "every keyword has a bit");
_Static_assert(FLAGS_SYSTEM == (1 << FLAG_SYSTEM_COUNT) - 1,
    "system flags come first");

struct keywords {
	struct refs refs;
	unsigned n;
	struct span name[]; /* the bytes lie behind the array */
};

const struct keywords *
keywords_ref(const struct keywords *k)
{
	if (k != NULL)
		refs_add(&((struct keywords *)(uintptr_t)k)->refs);
	return k;
}

void
keywords_unref(const struct keywords **k)
{
	struct keywords *mine = (struct keywords *)(uintptr_t)*k;

	*k = NULL;
	if (mine != NULL && refs_drop(&mine->refs))
		free(mine);
}

unsigned
keywords_count(const struct keywords *k)
{
	return k == NULL ? 0 : k->n;
}

struct span
keywords_name(const struct keywords *k, unsigned i)
{
	assert(i < keywords_count(k));
	return k->name[i];
}

bool
keywords_bit(const struct keywords *k, struct span name, unsigned *out)
{
	for (unsigned i = 0; i < keywords_count(k); i++) {
		if (span_eq_nocase(k->name[i], name)) {
			*out = FLAG_SYSTEM_COUNT + i;
			return true;
		}
	}
	return false;
}

enum status
keywords_with(const struct keywords *k, struct span name,
    const struct keywords **out)
{
	unsigned n = keywords_count(k);
	size_t bytes = name.n;
	struct keywords *made;
	unsigned char *to;

	if (n == LIMIT_KEYWORDS || name.n > LIMIT_KEYWORD)
		return ST_LIMIT;
	for (unsigned i = 0; i < n; i++)
		bytes += k->name[i].n;

	made =
	    mem_alloc(sizeof(*made) + (n + 1) * sizeof(made->name[0]) + bytes);
	made->refs = REFS_ONE;
	made->n = n + 1;
	to = (unsigned char *)&made->name[n + 1];
	for (unsigned i = 0; i <= n; i++) {
		struct span from = i < n ? k->name[i] : name;

		memcpy(to, from.p, from.n);
		made->name[i] = span_of(to, from.n);
		to += from.n;
	}
	*out = made;
	return ST_OK;
}
