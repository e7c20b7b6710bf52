#include "engine/leaf.h"

/* Over the ends of leaves and segments; false at the end of the version. */
static bool
settle(const struct version *v, struct version_place *p)
{
	for (; p->seg < v->segment_count; p->seg++, p->leaf = 0) {
		const struct segment *s = v->segment[p->seg];

		if (!segment_loaded(s))
			return true;
		if (p->leaf < s->n && p->i < s->leaf[p->leaf]->totals.count)
			return true;
		if (p->leaf + 1 < s->n) {
			p->leaf++;
			p->i = 0;
			return true;
		}
		p->i = 0;
	}
	return false;
}

static struct leaf *
leaf_of(const struct version *v, const struct version_place *p)
{
	return v->segment[p->seg]->leaf[p->leaf];
}

/* Passes over a segment that both versions have. */
static bool
skip_segment(struct version_gone *g)
{
	struct version_place *a = &g->a;
	struct version_place *b = &g->b;
	const struct segment *s = g->from->segment[a->seg];

	if (a->i != 0 || b->i != 0 || a->leaf != 0 || b->leaf != 0 ||
	    s != g->to->segment[b->seg])
		return false;
	a->passed += s->totals.count;
	a->seg++;
	b->seg++;
	return true;
}

static bool
skip_leaf(struct version_gone *g)
{
	struct version_place *a = &g->a;
	const struct leaf *l = leaf_of(g->from, a);

	if (a->i != 0 || g->b.i != 0 || l != leaf_of(g->to, &g->b))
		return false;
	a->passed += l->totals.count;
	a->i = l->totals.count;
	g->b.i = a->i;
	return true;
}

/* The message at hand is gone, or is passed over. */
static void
pass(struct version_gone *g, uint32_t uid, bool is_gone, struct uidset *gone)
{
	g->a.i++;
	g->a.passed++;
	if (is_gone)
		uidset_add(gone, g->by_uid ? uid : g->a.passed);
}

/*
 * The rest of a leaf of which `to` has nothing more, at once where that is one
 * range.  first is the UID of the message at hand.
 */
static bool
pass_rest(struct version_gone *g, uint32_t first, struct uidset *gone)
{
	const struct leaf *l = leaf_of(g->from, &g->a);
	uint32_t n = l->totals.count - (uint32_t)g->a.i;
	uint32_t from = g->by_uid ? first : g->a.passed + 1;

	if (g->by_uid && l->totals.last_uid - first != n - 1)
		return false;
	uidset_add_range(gone, from, from + n - 1);
	g->a.i += n;
	g->a.passed += n;
	return true;
}

/* The next message of `from` against those of `to`. */
static enum status
compare(struct version_gone *g, bool at_end, struct uidset *gone)
{
	struct leaf *a = leaf_of(g->from, &g->a);
	struct leaf *b = at_end ? NULL : leaf_of(g->to, &g->b);
	enum status st = leaf_load(g->from, a);
	uint32_t old;
	uint32_t new;

	if (st == ST_OK && b != NULL)
		st = leaf_load(g->to, b);
	if (st != ST_OK)
		return st;

	old = a->state[g->a.i].uid;
	new = b == NULL ? UINT32_MAX : b->state[g->b.i].uid;
	if (new > a->totals.last_uid && pass_rest(g, old, gone))
		return ST_OK;
	g->b.i += b != NULL && old >= new;
	if (old <= new)
		pass(g, old, old < new, gone);
	return ST_OK;
}

/* True if nothing but messages above the old ones makes them differ. */
static enum status
only_grew(const struct version *from, const struct version *to, bool *out)
{
	uint32_t first_new;
	enum status st;

	if (to->uidnext == from->uidnext) {
		*out = from->totals.count == to->totals.count;
		return ST_OK;
	}
	st = version_seq(to, from->uidnext, &first_new);
	if (st == ST_OK)
		*out = from->totals.count == first_new - 1;
	return st;
}

/* Where it is enough to look at the ends, there is nothing to compare. */
static enum status
begin(struct version_gone *g)
{
	bool grew;
	enum status st;

	if (g->begun)
		return ST_OK;
	st = only_grew(g->from, g->to, &grew);
	if (st == ST_OK && grew)
		g->a.seg = g->from->segment_count;
	g->begun = st == ST_OK;
	return st;
}

enum status
version_gone_next(struct version_gone *g, uint32_t most, struct uidset *gone)
{
	enum status st = begin(g);

	while (st == ST_OK && settle(g->from, &g->a)) {
		bool at_end = !settle(g->to, &g->b);

		if (!at_end && skip_segment(g))
			continue;
		st = segment_load(g->from, g->from->segment[g->a.seg]);
		if (st == ST_OK && !at_end)
			st = segment_load(g->to, g->to->segment[g->b.seg]);
		if (st != ST_OK || (!at_end && skip_leaf(g)))
			continue;
		if (most-- == 0)
			return ST_AGAIN;
		st = compare(g, at_end, gone);
	}
	return st;
}
