#include "engine/leaf.h"

/* A place in a version, leaf by leaf. */
struct walk {
	const struct version *v;
	size_t seg;
	size_t leaf;
	size_t i;
};

/* Over the ends of leaves and segments; false at the end of the version. */
static bool
settle(struct walk *w)
{
	for (; w->seg < w->v->segment_count; w->seg++, w->leaf = 0) {
		const struct segment *s = w->v->segment[w->seg];

		if (w->leaf < s->n && w->i < s->leaf[w->leaf]->totals.count)
			return true;
		if (w->leaf + 1 < s->n) {
			w->leaf++;
			w->i = 0;
			return true;
		}
		w->i = 0;
	}
	return false;
}

static struct leaf *
leaf_of(const struct walk *w)
{
	return w->v->segment[w->seg]->leaf[w->leaf];
}

/* Passes over what both versions share. */
static bool
skip_same(struct walk *a, struct walk *b)
{
	if (a->i != 0 || b->i != 0)
		return false;
	if (a->leaf == 0 && b->leaf == 0 &&
	    a->v->segment[a->seg] == b->v->segment[b->seg]) {
		a->seg++;
		b->seg++;
		return true;
	}
	if (leaf_of(a) != leaf_of(b))
		return false;
	a->i = leaf_of(a)->totals.count;
	b->i = a->i;
	return true;
}

static enum status
add_rest(struct walk *w, struct uidset *gone)
{
	while (settle(w)) {
		enum status st = leaf_load(w->v, leaf_of(w));

		if (st != ST_OK)
			return st;
		uidset_add(gone, leaf_of(w)->state[w->i++].uid);
	}
	return ST_OK;
}

static enum status
compare_row(struct walk *a, struct walk *b, struct uidset *gone)
{
	enum status st = leaf_load(a->v, leaf_of(a));
	uint32_t old;
	uint32_t new;

	if (st == ST_OK)
		st = leaf_load(b->v, leaf_of(b));
	if (st != ST_OK)
		return st;

	old = leaf_of(a)->state[a->i].uid;
	new = leaf_of(b)->state[b->i].uid;
	if (old < new)
		uidset_add(gone, old);
	a->i += old <= new;
	b->i += old >= new;
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

enum status
version_gone(const struct version *from, const struct version *to,
    struct uidset *gone)
{
	struct walk a = { .v = from };
	struct walk b = { .v = to };
	bool grew;
	enum status st;

	st = only_grew(from, to, &grew);
	if (st != ST_OK || grew)
		return st;
	while (settle(&a)) {
		if (!settle(&b))
			return add_rest(&a, gone);
		if (skip_same(&a, &b))
			continue;
		st = compare_row(&a, &b, gone);
		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}
