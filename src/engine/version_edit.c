#include "engine/version_edit.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/leaf.h"
#include "engine/thread_keys.h"

/* Two neighbours are joined when one is below this and both fit. */
#define LEAF_SMALL    (LEAF_MESSAGES / 4)
#define SEGMENT_SMALL (SEGMENT_LEAVES / 4)

struct version *
version_edit(const struct version *base, uint64_t modseq)
{
	struct version *v = MEM_NEW(struct version);

	*v = *base;
	v->refs = REFS_ONE;
	v->modseq = modseq;
	(void)keywords_ref(v->keywords);
	v->segment = mem_array(base->segment_count, sizeof(struct segment *));
	for (size_t i = 0; i < v->segment_count; i++) {
		v->segment[i] = base->segment[i];
		refs_add(&v->segment[i]->refs);
	}
	return v;
}

static struct segment *
own_segment(struct version *v, size_t i)
{
	struct segment *s = v->segment[i];
	struct segment *copy;

	if (!refs_only_one(&s->refs)) {
		assert(segment_loaded(s));
		copy = MEM_NEW(struct segment);
		*copy = *s;
		copy->refs = REFS_ONE;
		for (uint32_t k = 0; k < copy->n; k++)
			refs_add(&copy->leaf[k]->refs);
		segment_unref(&v->segment[i]);
		v->segment[i] = copy;
		s = copy;
	}
	s->image = 0;
	s->stale = true;
	return s;
}

/* A leaf whose states may be changed; its facts stay shared. */
static struct leaf *
own_leaf(struct segment *s, size_t i)
{
	struct leaf *l = s->leaf[i];
	struct leaf *copy;

	assert(l->state != NULL);
	if (refs_only_one(&l->refs)) {
		l->image = 0;
		return l;
	}
	copy = leaf_new(0, &l->totals);
	copy->state = states_new();
	memcpy(copy->state, l->state, l->totals.count * sizeof(*l->state));
	copy->facts = l->facts;
	refs_add(&copy->facts->refs);
	leaf_unref(&s->leaf[i]);
	s->leaf[i] = copy;
	return copy;
}

static struct facts_block *
own_facts(struct leaf *l)
{
	struct facts_block *f = l->facts;
	struct facts_block *copy;

	if (refs_only_one(&f->refs)) {
		thread_keys_free(&f->thread_keys);
		return f;
	}
	copy = facts_new();
	copy->n = f->n;
	memcpy(copy->f, f->f, f->n * sizeof(f->f[0]));
	facts_unref(&f);
	l->facts = copy;
	return copy;
}

/* The last leaf if it has room, else a new one. */
static enum status
leaf_for_append(struct version *v, struct leaf **out)
{
	const struct totals none = { 0 };
	struct segment *s;
	struct leaf *l;
	enum status st;

	if (v->segment_count > 0) {
		s = v->segment[v->segment_count - 1];
		st = segment_load(v, s);
		if (st != ST_OK)
			return st;
		l = s->leaf[s->n - 1];
		if (l->totals.count < LEAF_MESSAGES) {
			st = leaf_load(v, l);
			if (st != ST_OK)
				return st;
			s = own_segment(v, v->segment_count - 1);
			*out = own_leaf(s, s->n - 1);
			return ST_OK;
		}
		if (s->n < SEGMENT_LEAVES)
			(void)own_segment(v, v->segment_count - 1);
	}
	l = leaf_new(0, &none);
	leaf_make_room(l);
	version_push_leaf(v, l);
	*out = l;
	return ST_OK;
}

enum status
version_append(struct version *v, const struct msg_state *state,
    const struct msg_facts *facts)
{
	struct facts_block *f;
	struct leaf *l;
	enum status st;

	assert(state->uid >= v->uidnext && state->uid < UINT32_MAX);
	st = leaf_for_append(v, &l);
	if (st != ST_OK)
		return st;

	f = own_facts(l);
	l->state[f->n] = *state;
	f->f[f->n] = *facts;
	f->n++;
	totals_add(&l->totals,
	    &(struct totals){
		.count = 1,
		.unseen = (state->flags.w[0] & FLAG_SEEN) == 0,
		.seen = (state->flags.w[0] & FLAG_SEEN) != 0,
		.deleted = (state->flags.w[0] & FLAG_DELETED) != 0,
		.last_uid = state->uid,
		.modseq = state->modseq,
		.bytes = facts->size,
		.deleted_bytes =
		    (state->flags.w[0] & FLAG_DELETED) != 0 ? facts->size : 0,
		.lowest = facts->content,
		.highest = facts->content,
	    });
	v->uidnext = state->uid + 1;
	return ST_OK;
}

/*
 * The leaves that may hold messages of a set of UIDs, one after another.
 * before is the last UID of the leaf before.
 */
struct touch {
	struct version *v;
	const struct uidset *uids;
	size_t range;
	size_t seg;
	size_t leaf;
	uint32_t before;
};

/* Passes over ranges before this; whether one begins up to the last UID. */
static bool
touches(struct touch *t, uint32_t last_uid)
{
	while (t->range < t->uids->n && t->uids->r[t->range].hi <= t->before)
		t->range++;
	return t->range < t->uids->n && t->uids->r[t->range].lo <= last_uid;
}

/* Of the segment at hand. */
static enum status
next_touched_in(struct touch *t)
{
	struct segment *s = t->v->segment[t->seg];
	enum status st = segment_load(t->v, s);

	for (; t->leaf < s->n && st == ST_OK; t->leaf++) {
		struct leaf *l = s->leaf[t->leaf];

		if (touches(t, l->totals.last_uid))
			return leaf_load(t->v, l);
		t->before = l->totals.last_uid;
	}
	return st == ST_OK ? ST_NOTFOUND : st;
}

/* Finds the next one and loads it; ST_NOTFOUND at the end. */
static enum status
next_touched(struct touch *t)
{
	for (; t->seg < t->v->segment_count; t->seg++, t->leaf = 0) {
		const struct segment *s = t->v->segment[t->seg];
		enum status st;

		/* What has been changed already isn't counted yet. */
		if (s->stale || touches(t, s->totals.last_uid)) {
			st = next_touched_in(t);
			if (st != ST_NOTFOUND)
				return st;
		} else {
			t->before = s->totals.last_uid;
		}
	}
	return ST_NOTFOUND;
}

static void
leave_leaf(struct touch *t, uint32_t last_uid)
{
	t->before = last_uid;
	t->leaf++;
}

/* Ascending UIDs against a set, from the range that t stands at. */
static bool
in_set(const struct uidset *uids, size_t *range, uint32_t uid)
{
	while (*range < uids->n && uids->r[*range].hi < uid)
		(*range)++;
	return *range < uids->n && uids->r[*range].lo <= uid;
}

static void
set_flags_in(struct touch *t, enum flag_op op, struct flags mask,
    struct uidset *changed)
{
	struct leaf *l = t->v->segment[t->seg]->leaf[t->leaf];
	size_t range = t->range;
	bool own = false;

	for (uint32_t i = 0; i < l->totals.count; i++) {
		const struct msg_state *s = &l->state[i];
		struct flags f = flags_apply(s->flags, op, mask);

		if (!in_set(t->uids, &range, s->uid) || flags_eq(f, s->flags))
			continue;
		if (!own)
			l = own_leaf(own_segment(t->v, t->seg), t->leaf);
		own = true;
		l->state[i].flags = f;
		l->state[i].modseq = t->v->modseq;
		if (changed != NULL)
			uidset_add(changed, l->state[i].uid);
	}
	if (own)
		leaf_count_flags(l);
}

enum status
version_set_flags(struct version *v, const struct uidset *uids, enum flag_op op,
    struct flags mask, struct uidset *changed)
{
	struct touch t = { .v = v, .uids = uids };
	enum status st;

	while ((st = next_touched(&t)) == ST_OK) {
		uint32_t last =
		    v->segment[t.seg]->leaf[t.leaf]->totals.last_uid;

		set_flags_in(&t, op, mask, changed);
		leave_leaf(&t, last);
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Shows the rows that go, and moves the others together over them. */
static uint32_t
sieve(const struct touch *t, struct leaf *l, version_gone_fn *fn, void *ctx)
{
	size_t range = t->range;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->totals.count; i++) {
		struct row row = { &l->state[i], &l->facts->f[i], 0 };

		if (in_set(t->uids, &range, row.state->uid)) {
			fn(ctx, &row);
			continue;
		}
		l->state[kept] = *row.state;
		l->facts->f[kept++] = *row.facts;
	}
	return kept;
}

static uint32_t
count_in_set(const struct touch *t, const struct leaf *l)
{
	size_t range = t->range;
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->totals.count; i++)
		n += in_set(t->uids, &range, l->state[i].uid);
	return n;
}

static void
drop_leaf(struct segment *s, size_t i)
{
	struct leaf *gone = s->leaf[i];

	memmove(&s->leaf[i], &s->leaf[i + 1],
	    (s->n - i - 1) * sizeof(struct leaf *));
	s->n--;
	leaf_unref(&gone);
}

static void
drop_segment(struct version *v, size_t i)
{
	struct segment *gone = v->segment[i];

	memmove(&v->segment[i], &v->segment[i + 1],
	    (v->segment_count - i - 1) * sizeof(struct segment *));
	v->segment_count--;
	segment_unref(&gone);
}

/* Takes a leaf out whole; t is then at what comes behind it. */
static void
expunge_leaf(struct touch *t, version_gone_fn *fn, void *ctx)
{
	struct segment *s = own_segment(t->v, t->seg);
	const struct leaf *l = s->leaf[t->leaf];

	for (uint32_t i = 0; i < l->totals.count; i++)
		fn(ctx, &(struct row){ &l->state[i], &l->facts->f[i], 0 });
	t->before = l->totals.last_uid;
	drop_leaf(s, t->leaf);
	if (s->n == 0)
		drop_segment(t->v, t->seg);
}

static void
expunge_in(struct touch *t, version_gone_fn *fn, void *ctx)
{
	struct leaf *l = t->v->segment[t->seg]->leaf[t->leaf];
	uint32_t last = l->totals.last_uid;
	uint32_t n = count_in_set(t, l);
	struct facts_block *f;

	if (n == l->totals.count) {
		expunge_leaf(t, fn, ctx);
		return;
	}
	if (n > 0) {
		l = own_leaf(own_segment(t->v, t->seg), t->leaf);
		f = own_facts(l);
		f->n = sieve(t, l, fn, ctx);
		leaf_count(l);
	}
	leave_leaf(t, last);
}

enum status
version_expunge(struct version *v, const struct uidset *uids,
    version_gone_fn *fn, void *ctx)
{
	struct touch t = { .v = v, .uids = uids };
	enum status st;

	while ((st = next_touched(&t)) == ST_OK)
		expunge_in(&t, fn, ctx);
	return st == ST_NOTFOUND ? ST_OK : st;
}

void
version_set_keywords(struct version *v, const struct keywords *k)
{
	keywords_unref(&v->keywords);
	v->keywords = k;
}

/* Moves the rows of the second leaf behind those of the first. */
static void
join_leaves(struct segment *s, size_t i)
{
	struct leaf *a = own_leaf(s, i);
	struct facts_block *f = own_facts(a);
	const struct leaf *b = s->leaf[i + 1];

	memcpy(&a->state[f->n], b->state, b->totals.count * sizeof(*b->state));
	memcpy(&f->f[f->n], b->facts->f, b->totals.count * sizeof(f->f[0]));
	f->n += b->totals.count;
	totals_add(&a->totals, &b->totals);
}

static bool
may_join(const struct leaf *a, const struct leaf *b)
{
	return a->state != NULL && b->state != NULL &&
	       MIN(a->totals.count, b->totals.count) < LEAF_SMALL &&
	       a->totals.count + b->totals.count <= LEAF_MESSAGES;
}

/* Joins small neighbours that are loaded. */
static void
tidy_segment(struct segment *s)
{
	for (size_t i = 0; i + 1 < s->n;) {
		if (may_join(s->leaf[i], s->leaf[i + 1])) {
			join_leaves(s, i);
			drop_leaf(s, i + 1);
		} else {
			i++;
		}
	}
}

static void
join_segments(struct version *v, size_t i)
{
	const struct segment *b = v->segment[i + 1];
	struct segment *a = own_segment(v, i);

	for (uint32_t k = 0; k < b->n; k++) {
		a->leaf[a->n] = b->leaf[k];
		refs_add(&b->leaf[k]->refs);
		a->n++;
	}
	drop_segment(v, i + 1);
}

/* Only next to what this change has touched. */
static void
tidy_segments(struct version *v)
{
	for (size_t i = 0; i + 1 < v->segment_count;) {
		const struct segment *a = v->segment[i];
		const struct segment *b = v->segment[i + 1];

		if ((a->stale || b->stale) && segment_loaded(a) &&
		    segment_loaded(b) && MIN(a->n, b->n) < SEGMENT_SMALL &&
		    a->n + b->n <= SEGMENT_LEAVES)
			join_segments(v, i);
		else
			i++;
	}
}

void
version_seal(struct version *v)
{
	for (size_t i = 0; i < v->segment_count; i++)
		if (v->segment[i]->stale)
			tidy_segment(v->segment[i]);
	tidy_segments(v);
	version_count(v);
}
