#include "auth/known.h"

#include "auth/table.h"
#include "base/mem.h"

/* Apart in the table, as a name may look like a number's bytes. */
enum kind { BY_NAME, BY_ID };

struct known {
	struct directory *directory;
	struct table *table;
};

struct entry {
	uint64_t changes;
	struct account account;
};

struct known *
known_new(struct directory *d)
{
	struct known *k = MEM_NEW(struct known);

	k->directory = d;
	k->table = table_new(LIMIT_KNOWN, sizeof(struct entry));
	return k;
}

void
known_free(struct known **k)
{
	if (*k == NULL)
		return;
	table_free(&(*k)->table);
	mem_free(k);
}

static bool
get(struct known *k, struct table_key key, uint64_t changes,
    struct account *out)
{
	const struct entry *e = table_find(k->table, key);

	if (e == NULL || e->changes != changes)
		return false;
	*out = e->account;
	return true;
}

/* Whoever isn't there is not remembered: anybody can ask for anyone. */
static enum status
put(struct known *k, struct table_key key, uint64_t changes, enum status st,
    const struct account *found)
{
	struct entry *e;

	if (st != ST_OK)
		return st;
	e = table_put(k->table, key);
	e->changes = changes;
	e->account = *found;
	return ST_OK;
}

enum status
known_find(struct known *k, uint64_t changes, struct span name,
    struct account *out)
{
	struct table_key key = table_key_of(k->table, BY_NAME, name);

	if (get(k, key, changes, out))
		return ST_OK;
	return put(k, key, changes, directory_find(k->directory, name, out),
	    out);
}

enum status
known_find_id(struct known *k, uint64_t changes, uint64_t id,
    struct account *out)
{
	struct table_key key =
	    table_key_of(k->table, BY_ID, span_of(&id, sizeof(id)));

	if (get(k, key, changes, out))
		return ST_OK;
	return put(k, key, changes, directory_find_id(k->directory, id, out),
	    out);
}
