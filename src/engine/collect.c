#include "engine/collect.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/change.h"
#include "engine/record_page.h"
#include "engine/record_paging.h"
#include "store/store.h"

#define SLICE  512 /* contents in one change */
#define ENOUGH 64  /* that are worth a change while the account is in use */

struct entry {
	uint64_t modseq; /* of the change that listed them */
	uint64_t seen;   /* versions before that one have them */
	struct uint64_list contents;
	size_t done; /* so many of them */
	struct entry *next;
};

struct garbage {
	struct entry *first; /* by who has seen them */
	struct entry **last;
	size_t n; /* contents that are left */
	bool running;
};

static size_t
entry_left(const struct entry *e)
{
	return e->contents.n - e->done;
}

void
pack_contents(struct buf *b, struct uint64_list *c)
{
	uint64_t before = 0;

	uint64_list_sort(c);
	pack_format(b);
	for (size_t i = 0; i < c->n; i++) {
		pack_u64(b, c->v[i] - before);
		before = c->v[i];
	}
}

static enum status
unpack_contents(struct span value, struct uint64_list *out)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);
	uint64_t at = 0;

	while (st == ST_OK && unpack_ok(&u) && u.rest.n > 0) {
		at += unpack_u64(&u);
		uint64_list_add(out, at);
	}
	return st == ST_OK ? unpack_status(&u) : st;
}

/* Counted, but not yet in its place. */
static struct entry *
entry_new(struct account *a, uint64_t modseq, struct uint64_list *c)
{
	struct entry *e = MEM_NEW(struct entry);

	if (a->garbage == NULL) {
		a->garbage = MEM_NEW(struct garbage);
		a->garbage->last = &a->garbage->first;
	}
	a->garbage->n += c->n;
	e->modseq = modseq;
	e->contents = *c;
	*c = (struct uint64_list){ 0 };
	return e;
}

void
collect_add(struct account *a, uint64_t modseq, struct uint64_list *c)
{
	struct entry *e = entry_new(a, modseq, c);
	struct garbage *g = a->garbage;

	e->seen = modseq;
	*g->last = e;
	g->last = &e->next;
}

void
collect_unseen(struct account *a, uint64_t modseq, struct uint64_list *c)
{
	struct entry *e = entry_new(a, modseq, c);
	struct garbage *g = a->garbage;

	e->next = g->first;
	if (g->first == NULL)
		g->last = &e->next;
	g->first = e;
	collect_kick(a);
}

struct loading {
	struct account *account;
	enum status st;
};

static bool
take(void *ctx, struct span key, struct span value)
{
	struct uint64_list c = { 0 };
	struct loading *l = ctx;
	uint64_t modseq;

	l->st = key_read(key, KEY_GARBAGE, &modseq, NULL)
	            ? unpack_contents(value, &c)
	            : ST_CORRUPT;
	if (l->st == ST_OK)
		collect_add(l->account, modseq, &c);
	uint64_list_clear(&c);
	return l->st == ST_OK;
}

enum status
collect_load(struct account *a)
{
	struct loading l = { a, ST_OK };
	struct key from = key_of(KEY_GARBAGE);
	struct key to = key_of(KEY_GARBAGE + 1);
	enum status st;

	st = store_read(a->engine->store, a->id, key_span(&from), key_span(&to),
	    take, &l);
	return st != ST_OK ? st : l.st;
}

static void
drop_first(struct garbage *g)
{
	struct entry *e = g->first;

	g->first = e->next;
	if (g->first == NULL)
		g->last = &g->first;
	g->n -= entry_left(e);
	uint64_list_clear(&e->contents);
	free(e);
}

void
collect_free(struct account *a)
{
	if (a->garbage == NULL)
		return;
	while (a->garbage->first != NULL)
		drop_first(a->garbage);
	free(a->garbage);
	a->garbage = NULL;
}

/* The mod-sequence up to which nobody needs what was expunged. */
static uint64_t
free_below(const struct account *a)
{
	uint64_t low = UINT64_MAX;

	for (struct watcher *w = a->watchers; w != NULL; w = w->next)
		low = MIN(low, w->pinned(w->ctx));
	return low;
}

static void
delete_content(struct batch *b, uint64_t id)
{
	struct key key = key_of1(KEY_RECORD, id);

	batch_delete(b, key_span(&key));
	batch_body_drop(b, id);
}

/*
 * Deletes the next ones of an entry, in ascending order, as the store likes
 * best.  Its record goes with the last of them and isn't written anew before:
 * who stops in between deletes some twice, which does no harm.
 */
static void
delete_some(const struct account *a, struct entry *e, struct batch *b,
    size_t most)
{
	struct key key = key_of1(KEY_GARBAGE, e->modseq);
	uint64_t page = UINT64_MAX;

	for (; most > 0 && entry_left(e) > 0; most--) {
		uint64_t id = e->contents.v[e->done++];

		delete_content(b, id);
		if (id / PAGE_RECORDS != page)
			record_paging_drop(a, b, id);
		page = id / PAGE_RECORDS;
	}
	if (entry_left(e) == 0)
		batch_delete(b, key_span(&key));
}

static void run(struct account *a);

static void
done(void *ctx, enum status st)
{
	struct account *a = ctx;

	a->garbage->running = false;
	if (st == ST_OK)
		run(a);
	else
		collect_free(a); /* its records are read at the next open */
	account_release(&a);
}

/* One slice, if there is something that may go. */
static void
run(struct account *a)
{
	struct garbage *g = a->garbage;
	uint64_t low = free_below(a);
	struct change *c;
	size_t left = SLICE;

	if (g->first == NULL || g->first->seen > low ||
	    change_begin(a, &c) != ST_OK)
		return;
	while (g->first != NULL && g->first->seen <= low && left > 0) {
		size_t n = MIN(left, entry_left(g->first));

		delete_some(a, g->first, change_batch(c), n);
		g->n -= n;
		left -= n;
		if (entry_left(g->first) == 0)
			drop_first(g);
	}
	g->running = true;
	a->collected++;
	change_submit(&c, done, account_ref(a));
}

void
collect_kick(struct account *a)
{
	const struct garbage *g = a->garbage;

	if (g == NULL || g->running || a->failing)
		return;
	if (g->n >= ENOUGH || a->watchers == NULL)
		run(a);
}
