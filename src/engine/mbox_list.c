#include "engine/mbox_list.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/format.h"
#include "imap/mailbox_name.h"

/* An entry is shared by the lists that have it. */
struct counted {
	struct mbox mbox; /* first, so that it can be found from that */
	uint32_t refs;
	unsigned char name[];
};

static struct mbox *
entry_new(const struct mbox *m)
{
	struct counted *c = mem_alloc(sizeof(*c) + m->name.n);

	c->refs = 1;
	c->mbox = *m;
	memcpy(c->name, m->name.p, m->name.n);
	c->mbox.name.p = c->name;
	return &c->mbox;
}

static struct mbox *
entry_ref(struct mbox *m)
{
	((struct counted *)m)->refs++;
	return m;
}

static void
entry_unref(struct mbox *m)
{
	struct counted *c = (struct counted *)m;

	if (--c->refs == 0)
		free(c);
}

static struct mbox_list *
list_of(size_t n)
{
	struct mbox_list *l = mem_alloc(sizeof(*l) + n * sizeof(struct mbox *));

	l->refs = 1;
	return l;
}

static int
by_name(const void *a, const void *b)
{
	const struct mbox *const *x = a;
	const struct mbox *const *y = b;

	return span_cmp((*x)->name, (*y)->name);
}

struct mbox_list *
mbox_list_new(const struct mbox *m, size_t n)
{
	struct mbox_list *l = list_of(n);

	while (l->n < n) {
		l->item[l->n] = entry_new(&m[l->n]);
		l->n++;
	}
	if (n > 0)
		qsort(l->item, n, sizeof(struct mbox *), by_name);
	return l;
}

struct mbox_list *
mbox_list_ref(const struct mbox_list *l)
{
	struct mbox_list *mine = (struct mbox_list *)(uintptr_t)l;

	mine->refs++;
	return mine;
}

void
mbox_list_unref(struct mbox_list **l)
{
	struct mbox_list *mine = TAKE(*l);

	if (mine == NULL || --mine->refs > 0)
		return;
	for (size_t i = 0; i < mine->n; i++)
		entry_unref(mine->item[i]);
	free(mine);
}

size_t
mbox_place(const struct mbox_list *l, struct span name)
{
	size_t lo = 0;
	size_t hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (span_cmp(l->item[mid]->name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct mbox *
mbox_find(const struct mbox_list *l, struct span name)
{
	size_t i = mbox_place(l, name);

	return i < l->n && span_eq(l->item[i]->name, name) ? l->item[i] : NULL;
}

const struct mbox *
mbox_by_id(const struct mbox_list *l, uint64_t id)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i]->id == id)
			return l->item[i];
	return NULL;
}

const struct mbox *
mbox_by_use(const struct mbox_list *l, unsigned use)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->item[i]->exists && (l->item[i]->use & use) != 0)
			return l->item[i];
	return NULL;
}

/* Names below one that others continue differently ("a", "a b", "a/b"). */
bool
mbox_has_children(const struct mbox_list *l, struct span name)
{
	for (size_t i = mbox_place(l, name); i < l->n; i++) {
		if (!span_starts(l->item[i]->name, name))
			break;
		if (l->item[i]->exists &&
		    mailbox_name_is_below(l->item[i]->name, name))
			return true;
	}
	return false;
}

static void
push_ref(struct mbox_list *to, struct mbox *m)
{
	to->item[to->n++] = entry_ref(m);
}

struct mbox_list *
mbox_list_put(const struct mbox_list *l, const struct mbox *m)
{
	struct mbox_list *made = list_of(l->n + 1);
	bool placed = false;

	for (size_t i = 0; i < l->n; i++) {
		if (!placed && span_cmp(l->item[i]->name, m->name) >= 0) {
			made->item[made->n++] = entry_new(m);
			placed = true;
		}
		if (l->item[i]->id != m->id)
			push_ref(made, l->item[i]);
	}
	if (!placed)
		made->item[made->n++] = entry_new(m);
	return made;
}

struct mbox_list *
mbox_list_drop(const struct mbox_list *l, uint64_t id)
{
	struct mbox_list *made = list_of(l->n);

	for (size_t i = 0; i < l->n; i++)
		if (l->item[i]->id != id)
			push_ref(made, l->item[i]);
	return made;
}

enum { MBOX_EXISTS = 1, MBOX_SUBSCRIBED = 2 };

void
pack_mbox(struct buf *b, const struct mbox *m)
{
	pack_format(b);
	pack_span(b, m->name);
	pack_u64(b, (m->exists ? MBOX_EXISTS : 0) |
			(m->subscribed ? MBOX_SUBSCRIBED : 0));
	pack_u64(b, m->use);
	pack_u64(b, m->uidvalidity);
}

enum status
unpack_mbox(uint64_t id, struct span value, struct mbox *out)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);
	uint64_t bits;

	if (st != ST_OK)
		return st;
	*out = (struct mbox){ .id = id };
	out->name = unpack_span(&u);
	bits = unpack_u64(&u);
	out->exists = (bits & MBOX_EXISTS) != 0;
	out->subscribed = (bits & MBOX_SUBSCRIBED) != 0;
	out->use = unpack_u32(&u);
	out->uidvalidity = unpack_u32(&u);
	return unpack_status(&u);
}
