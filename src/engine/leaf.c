#include "engine/leaf.h"

#include <assert.h>
#include <stdlib.h>

#include "base/slab.h"
#include "engine/thread_keys.h"

/* For all accounts; a large mailbox has thousands of either. */
static struct slab facts_slab = SLAB_INIT(sizeof(struct facts_block));
static struct slab states_slab =
    SLAB_INIT(LEAF_MESSAGES * sizeof(struct msg_state));

struct facts_block *
facts_new(void)
{
	struct facts_block *f = slab_take(&facts_slab);

	f->refs = REFS_ONE;
	f->n = 0;
	f->thread_keys = NULL;
	return f;
}

struct msg_state *
states_new(void)
{
	return slab_take(&states_slab);
}

void
facts_unref(struct facts_block **f)
{
	struct facts_block *mine = TAKE(*f);

	if (mine == NULL || !refs_drop(&mine->refs))
		return;
	thread_keys_free(&mine->thread_keys);
	slab_give(&facts_slab, mine);
}

struct leaf *
leaf_new(uint64_t image, const struct totals *totals)
{
	struct leaf *l = MEM_NEW(struct leaf);

	l->refs = REFS_ONE;
	l->image = image;
	l->totals = *totals;
	return l;
}

void
leaf_unref(struct leaf **l)
{
	struct leaf *mine = TAKE(*l);

	if (mine == NULL || !refs_drop(&mine->refs))
		return;
	facts_unref(&mine->facts);
	slab_give(&states_slab, mine->state);
	free(mine);
}

void
leaf_make_room(struct leaf *l)
{
	l->state = states_new();
	l->facts = facts_new();
}

/* If it isn't what it should be, it is as if it had not been loaded. */
static enum status
end_load(struct leaf *l, enum status st)
{
	if (l->facts->n == l->totals.count)
		return ST_OK;
	slab_give(&states_slab, TAKE(l->state));
	facts_unref(&l->facts);
	return st != ST_OK ? st : ST_CORRUPT;
}

enum status
leaf_load(const struct version *v, struct leaf *l)
{
	enum status st;

	if (l->state != NULL)
		return ST_OK;
	assert(l->image != 0);
	leaf_make_room(l);
	st = v->source->load(v->source->ctx, l->image, l);
	return end_load(l, st);
}

bool
leaf_in_run(const struct version *v, struct leaf *const *l, size_t n)
{
	size_t most = v->source->load_run != NULL ? LEAF_RUN : 1;

	return n < most && l[n]->state == NULL &&
	       l[n]->image == l[0]->image + n;
}

enum status
leaf_load_run(const struct version *v, struct leaf *const *l, size_t n)
{
	enum status st;
	enum status first = ST_OK;

	if (n == 1)
		return leaf_load(v, l[0]);
	for (size_t i = 0; i < n; i++)
		leaf_make_room(l[i]);
	st = v->source->load_run(v->source->ctx, l[0]->image, l, n);
	for (size_t i = n; i-- > 0;)
		first = end_load(l[i], st);
	return first;
}

void
leaf_count_flags(struct leaf *l)
{
	struct totals t = {
		.count = l->totals.count,
		.last_uid = l->totals.last_uid,
		.bytes = l->totals.bytes,
		.lowest = l->totals.lowest,
		.highest = l->totals.highest,
	};

	for (uint32_t i = 0; i < t.count; i++) {
		const struct msg_state *s = &l->state[i];

		t.modseq = MAX(t.modseq, s->modseq);
		if ((s->flags.w[0] & FLAG_SEEN) == 0)
			t.unseen++;
		else if (t.unseen == 0)
			t.seen++;
		if ((s->flags.w[0] & FLAG_DELETED) != 0) {
			t.deleted++;
			t.deleted_bytes += l->facts->f[i].size;
		}
	}
	l->totals = t;
}

void
leaf_count(struct leaf *l)
{
	uint32_t n = l->facts->n;

	l->totals = (struct totals){ .count = n, .lowest = UINT64_MAX };
	for (uint32_t i = 0; i < n; i++) {
		const struct msg_facts *f = &l->facts->f[i];

		l->totals.bytes += f->size;
		l->totals.lowest = MIN(l->totals.lowest, f->content);
		l->totals.highest = MAX(l->totals.highest, f->content);
	}
	if (n > 0)
		l->totals.last_uid = l->state[n - 1].uid;
	leaf_count_flags(l);
}

struct segment *
segment_new(void)
{
	struct segment *s = MEM_NEW(struct segment);

	s->refs = REFS_ONE;
	return s;
}

static void
drop_leaves(struct segment *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		leaf_unref(&s->leaf[i]);
	s->n = 0;
}

void
segment_unref(struct segment **s)
{
	struct segment *mine = TAKE(*s);

	if (mine == NULL || !refs_drop(&mine->refs))
		return;
	drop_leaves(mine);
	free(mine);
}

bool
segment_loaded(const struct segment *s)
{
	return s->n > 0 || s->image == 0;
}

/* Whether its leaves are what the root says of them. */
static bool
fits(const struct segment *s)
{
	struct totals t = { 0 };

	for (uint32_t i = 0; i < s->n; i++)
		totals_add(&t, &s->leaf[i]->totals);
	return t.count == s->totals.count && t.unseen == s->totals.unseen &&
	       t.seen == s->totals.seen && t.last_uid == s->totals.last_uid;
}

enum status
segment_load(const struct version *v, struct segment *s)
{
	enum status st;

	if (segment_loaded(s))
		return ST_OK;
	st = v->source->load_segment(v->source->ctx, s->image, s);
	if (st == ST_OK && !fits(s))
		st = ST_CORRUPT;
	if (st != ST_OK)
		drop_leaves(s);
	return st;
}

void
totals_add(struct totals *t, const struct totals *more)
{
	if (more->count > 0) {
		t->lowest =
		    t->count > 0 ? MIN(t->lowest, more->lowest) : more->lowest;
		t->highest = MAX(t->highest, more->highest);
	}
	if (t->unseen == 0)
		t->seen += more->seen;
	t->count += more->count;
	t->unseen += more->unseen;
	t->deleted += more->deleted;
	t->bytes += more->bytes;
	t->deleted_bytes += more->deleted_bytes;
	t->modseq = MAX(t->modseq, more->modseq);
	t->last_uid = MAX(t->last_uid, more->last_uid);
}

void
version_push_segment(struct version *v, struct segment *s)
{
	v->segment = mem_resize(v->segment,
	    (v->segment_count + 1) * sizeof(struct segment *));
	v->segment[v->segment_count++] = s;
}

void
version_push_leaf(struct version *v, struct leaf *l)
{
	struct segment *last;

	if (v->segment_count == 0 ||
	    v->segment[v->segment_count - 1]->n == SEGMENT_LEAVES)
		version_push_segment(v, segment_new());
	last = v->segment[v->segment_count - 1];
	assert(refs_only_one(&last->refs));
	last->leaf[last->n++] = l;
	last->stale = true;
}

static void
segment_count(struct segment *s)
{
	s->totals = (struct totals){ 0 };
	s->unsaved = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		totals_add(&s->totals, &s->leaf[i]->totals);
		s->unsaved += s->leaf[i]->image == 0;
	}
	s->stale = false;
}

void
version_count(struct version *v)
{
	v->totals = (struct totals){ 0 };
	for (size_t i = 0; i < v->segment_count; i++) {
		if (v->segment[i]->stale)
			segment_count(v->segment[i]);
		totals_add(&v->totals, &v->segment[i]->totals);
	}
}

uint32_t
version_unsaved(const struct version *v)
{
	uint32_t n = 0;

	for (size_t i = 0; i < v->segment_count; i++)
		n += v->segment[i]->unsaved;
	return n;
}
