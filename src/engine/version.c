#include "engine/version.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/leaf.h"

struct version *
version_new(uint32_t uidvalidity, uint64_t modseq,
    const struct leaf_source *source)
{
	struct version *v = MEM_NEW(struct version);

	v->refs = REFS_ONE;
	v->uidvalidity = uidvalidity;
	v->uidnext = 1;
	v->modseq = modseq;
	v->source = source;
	return v;
}

struct version *
version_ref(const struct version *v)
{
	struct version *mine = (struct version *)(uintptr_t)v;

	refs_add(&mine->refs);
	return mine;
}

void
version_unref(struct version **v)
{
	struct version *mine = TAKE(*v);

	if (mine == NULL || !refs_drop(&mine->refs))
		return;
	for (size_t i = 0; i < mine->segment_count; i++)
		segment_unref(&mine->segment[i]);
	keywords_unref(&mine->keywords);
	free(mine->segment);
	free(mine);
}

/*
 * Moves to the leaf of the first row whose UID (or sequence number) is at
 * least `at`, and *seq to the sequence number of that leaf's first row.
 * ST_NOTFOUND: there is none.
 */
static enum status
find_leaf(struct rows *r, uint32_t at, uint32_t *seq)
{
	uint32_t before = 0;
	enum status st;

	for (r->seg = 0; r->seg < r->v->segment_count; r->seg++) {
		const struct segment *s = r->v->segment[r->seg];

		if (r->by_uid ? s->totals.last_uid >= at
			      : before + s->totals.count >= at)
			break;
		before += s->totals.count;
	}
	if (r->seg == r->v->segment_count)
		return ST_NOTFOUND;
	st = segment_load(r->v, r->v->segment[r->seg]);
	if (st != ST_OK)
		return st;
	for (r->leaf = 0; r->leaf < r->v->segment[r->seg]->n; r->leaf++) {
		const struct totals *t =
		    &r->v->segment[r->seg]->leaf[r->leaf]->totals;

		if (r->by_uid ? t->last_uid >= at : before + t->count >= at)
			break;
		before += t->count;
	}
	*seq = before + 1;
	return ST_OK;
}

struct leaf *
version_leaf(const struct version *v, uint32_t seq, uint32_t *first)
{
	struct rows r = { .v = v };
	enum status st = find_leaf(&r, seq, first);

	assert(st == ST_OK);
	return v->segment[r.seg]->leaf[r.leaf];
}

/* The first row of a loaded leaf whose UID is at least uid. */
static size_t
find_row(const struct leaf *l, uint32_t uid)
{
	size_t lo = 0;
	size_t hi = l->totals.count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->state[mid].uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct leaf *
leaf_at(const struct rows *r)
{
	return r->v->segment[r->seg]->leaf[r->leaf];
}

/* Places the cursor on the first row at or behind `at`. */
static enum status
place(struct rows *r, uint32_t at)
{
	uint32_t first;
	enum status st;

	r->placed = true;
	r->here = NULL;
	st = find_leaf(r, at, &first);
	if (st == ST_NOTFOUND) {
		r->seq = r->v->totals.count + 1;
		return ST_OK;
	}
	if (st == ST_OK)
		st = leaf_load(r->v, leaf_at(r));
	if (st != ST_OK)
		return st;
	r->here = leaf_at(r);
	r->i = r->by_uid ? find_row(r->here, at) : at - first;
	r->seq = first + (uint32_t)r->i;
	return ST_OK;
}

enum status
version_seq(const struct version *v, uint32_t uid, uint32_t *out)
{
	struct rows r = { .v = v, .by_uid = true };
	enum status st;

	if (uid <= 1) {
		*out = 1;
		return ST_OK;
	}
	st = place(&r, uid);
	if (st == ST_OK)
		*out = r.seq;
	return st;
}

enum status
version_count_uids(const struct version *v, const struct uidset *uids,
    uint32_t *out)
{
	uint32_t count = 0;

	for (size_t i = 0; i < uids->n; i++) {
		const struct uidrange *r = &uids->r[i];
		uint32_t behind = r->hi < UINT32_MAX ? r->hi + 1 : r->hi;
		uint32_t lo;
		uint32_t hi;
		enum status st = version_seq(v, r->lo, &lo);

		if (st == ST_OK) /* no message has the last UID of all */
			st = version_seq(v, behind, &hi);
		if (st != ST_OK)
			return st;
		count += hi - lo;
	}
	*out = count;
	return ST_OK;
}

enum status
version_find(const struct version *v, uint32_t uid, struct row *out)
{
	struct uidrange one = { uid, uid };
	struct uidset set = { &one, 1, 1 };
	struct rows r = rows_of(v, &set, true);

	return rows_next(&r, out);
}

struct rows
rows_all(const struct version *v)
{
	return (struct rows){ .v = v, .until = UINT32_MAX };
}

struct rows
rows_of(const struct version *v, const struct uidset *set, bool by_uid)
{
	struct rows r = rows_all(v);

	r.by_uid = by_uid;
	if (set != NULL) {
		r.set = set;
		r.until = 0;
	}
	return r;
}

void
rows_only_above(struct rows *r, uint64_t modseq)
{
	r->above = modseq;
}

void
rows_only_contents(struct rows *r,
    bool (*wants)(void *ctx, uint64_t low, uint64_t high), void *ctx)
{
	if (r->set != NULL)
		return;
	r->wants = wants;
	r->ctx = ctx;
}

void
rows_only_deleted(struct rows *r)
{
	r->deleted = true;
}

static bool
may_matter(const struct rows *r, const struct totals *t)
{
	return t->modseq > r->above && (!r->deleted || t->deleted > 0) &&
	       (r->wants == NULL || r->wants(r->ctx, t->lowest, t->highest));
}

/* Over segments that can't matter; false at the end of the version. */
static bool
skip_segments(struct rows *r)
{
	for (; r->seg < r->v->segment_count; r->seg++) {
		const struct segment *s = r->v->segment[r->seg];

		if (may_matter(r, &s->totals))
			return true;
		r->seq += s->totals.count;
	}
	return false;
}

/* At the end of a leaf: the current range doesn't go beyond. */
static bool
range_ends_here(const struct rows *r)
{
	return r->by_uid ? r->here->totals.last_uid >= r->until
	                 : r->seq > r->until;
}

/* How many leaves from here on are to be loaded and lie one after the other. */
static size_t
run_here(const struct rows *r)
{
	const struct segment *s = r->v->segment[r->seg];
	struct leaf *const *l = &s->leaf[r->leaf];
	size_t n = 1;

	while (r->leaf + n < s->n && leaf_in_run(r->v, l, n) &&
	       may_matter(r, &l[n]->totals))
		n++;
	return n;
}

/* Who comes from one leaf that was not in memory to another goes on so. */
static enum status
load_here(struct rows *r)
{
	struct leaf *const *l = &r->v->segment[r->seg]->leaf[r->leaf];
	size_t n;

	if ((*l)->state != NULL)
		return ST_OK;
	n = r->loading ? run_here(r) : 1;
	r->loading = true;
	return leaf_load_run(r->v, l, n);
}

/* The cursor is at the start of a leaf: goes in, if that may matter. */
static enum status
enter_leaf(struct rows *r)
{
	enum status st = segment_load(r->v, r->v->segment[r->seg]);

	if (st != ST_OK || !may_matter(r, &leaf_at(r)->totals))
		return st;
	st = load_here(r);
	if (st == ST_OK)
		r->here = leaf_at(r);
	return st;
}

/* From the end of one leaf to the start of the next that may matter. */
static enum status
next_leaf(struct rows *r)
{
	bool over = range_ends_here(r);
	enum status st;

	r->i = 0;
	r->here = NULL;
	if (over)
		return ST_OK;
	while (r->seq <= r->v->totals.count) {
		if (++r->leaf == r->v->segment[r->seg]->n) {
			r->leaf = 0;
			r->seg++;
			if (!skip_segments(r))
				break;
		}
		st = enter_leaf(r);
		if (st != ST_OK || r->here != NULL)
			return st;
		r->seq += leaf_at(r)->totals.count;
	}
	r->seq = r->v->totals.count + 1;
	return ST_OK;
}

/* Starts the next range of the set; ST_NOTFOUND if there is none. */
static enum status
next_range(struct rows *r)
{
	const struct uidrange *range;
	bool near;

	if (r->set == NULL)
		return r->placed ? ST_NOTFOUND : place(r, 1);
	if (r->range == r->set->n || (r->placed && r->seq > r->v->totals.count))
		return ST_NOTFOUND;

	range = &r->set->r[r->range++];
	r->until = range->hi;
	/* Most ranges begin in the leaf where the last one ended. */
	near = r->here != NULL && r->by_uid && r->i < r->here->totals.count &&
	       r->here->totals.last_uid >= range->lo;
	if (near) {
		size_t i = find_row(r->here, range->lo);

		if (i > r->i) {
			r->seq += (uint32_t)(i - r->i);
			r->i = i;
		}
		return ST_OK;
	}
	return place(r, MAX(range->lo, (uint32_t)1));
}

/* The row under the cursor, if it is in the current range. */
static bool
take_row(struct rows *r, struct row *out)
{
	const struct leaf *l = r->here;
	uint32_t number = r->by_uid ? l->state[r->i].uid : r->seq;

	if (number > r->until)
		return false;
	*out = (struct row){ &l->state[r->i], &l->facts->f[r->i], r->seq };
	r->i++;
	r->seq++;
	return true;
}

enum status
rows_next(struct rows *r, struct row *out)
{
	enum status st;

	for (;;) {
		if (r->here != NULL && r->i >= r->here->totals.count) {
			st = next_leaf(r);
			if (st != ST_OK)
				return st;
		}
		if (r->here != NULL && r->until != 0 && take_row(r, out)) {
			if (out->state->modseq > r->above)
				return ST_OK;
			continue;
		}
		st = next_range(r);
		if (st != ST_OK)
			return st;
		if (r->seq > r->v->totals.count)
			return ST_NOTFOUND;
	}
}

uint32_t
version_first_unseen(const struct version *v)
{
	return v->totals.unseen > 0 ? v->totals.seen + 1 : 0;
}

/* How many rows behind this one, in its leaf, are in the range without gaps. */
static uint32_t
without_gaps(const struct rows *r, const struct row *row)
{
	const struct msg_state *next = &r->here->state[r->i];
	uint32_t uid = row->state->uid;
	uint32_t most = MIN(r->here->totals.count - (uint32_t)r->i,
	    r->until - (r->by_uid ? uid : row->seq));
	uint32_t n = 0;

	if (most > 0 && next[most - 1].uid == uid + most)
		return most;
	while (n < most && next[n].uid == uid + n + 1)
		n++;
	return n;
}

static enum status
collect_uids(struct rows *r, struct uidset *out)
{
	struct row row;
	enum status st;

	while ((st = rows_next(r, &row)) == ST_OK) {
		uint32_t more = without_gaps(r, &row);

		uidset_add_range(out, row.state->uid, row.state->uid + more);
		r->i += more;
		r->seq += more;
	}
	return st == ST_NOTFOUND ? ST_OK : st;
}

enum status
version_uids(const struct version *v, const struct uidset *seqs,
    struct uidset *out)
{
	struct rows r = rows_of(v, seqs, false);

	return collect_uids(&r, out);
}

enum status
version_only_existing(const struct version *v, const struct uidset *uids,
    struct uidset *out)
{
	struct rows r = rows_of(v, uids, true);

	return collect_uids(&r, out);
}
