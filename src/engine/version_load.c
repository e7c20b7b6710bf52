#include "engine/leaf.h"

struct loading {
	const struct version *v;
	const struct uidset *set; /* NULL: every row */
	bool by_uid;
	size_t range;    /* of set, where it has come to */
	uint32_t before; /* the last number of what was passed */
	uint32_t most;
};

/* Goes on to the end of what has these totals; whether the set has some of it.
 */
static bool
wants(struct loading *l, const struct totals *t, uint32_t *end)
{
	const struct uidset *set = l->set;

	*end = l->by_uid ? t->last_uid : l->before + t->count;
	if (set == NULL)
		return true;
	while (l->range < set->n && set->r[l->range].hi <= l->before)
		l->range++;
	return l->range < set->n && set->r[l->range].lo <= *end;
}

/* How many leaves from one on may be read together; l is a copy. */
static uint32_t
run_of(struct loading l, const struct segment *s, uint32_t first)
{
	struct leaf *const *leaf = &s->leaf[first];
	uint32_t most = MIN(l.most, s->n - first);
	uint32_t n = 0;
	uint32_t end;

	while (n < most && leaf_in_run(l.v, leaf, n) &&
	       wants(&l, &leaf[n]->totals, &end)) {
		l.before = end;
		n++;
	}
	return n;
}

static enum status
load_run(struct loading *l, struct leaf *const *leaf, uint32_t n)
{
	l->most -= n;
	return n == 0 ? ST_AGAIN : leaf_load_run(l->v, leaf, n);
}

static enum status
load_segment(struct loading *l, struct segment *s)
{
	enum status st = segment_load(l->v, s);

	for (uint32_t i = 0; i < s->n && st == ST_OK; i++) {
		struct leaf *leaf = s->leaf[i];
		uint32_t end;

		if (wants(l, &leaf->totals, &end) && leaf->state == NULL)
			st = load_run(l, &s->leaf[i], run_of(*l, s, i));
		l->before = end;
	}
	return st;
}

enum status
version_load(const struct version *v, const struct uidset *set, bool by_uid,
    uint32_t most)
{
	struct loading l = { v, set, by_uid, 0, 0, most };

	for (size_t i = 0; i < v->segment_count; i++) {
		struct segment *s = v->segment[i];
		uint32_t end;
		enum status st = ST_OK;

		if (wants(&l, &s->totals, &end))
			st = load_segment(&l, s);
		if (st != ST_OK)
			return st;
		l.before = end;
	}
	return ST_OK;
}
