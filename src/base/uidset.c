#include "base/uidset.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

void
uidset_clear(struct uidset *s)
{
	free(s->r);
	*s = (struct uidset){ 0 };
}

void
uidset_reset(struct uidset *s)
{
	s->n = 0;
}

/* The first range that ends at or after uid. */
static size_t
find(const struct uidset *s, uint32_t uid)
{
	size_t lo = 0;
	size_t hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->r[mid].hi < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
insert_at(struct uidset *s, size_t i, uint32_t lo, uint32_t hi)
{
	s->r = mem_grow(s->r, s->n, &s->cap, sizeof(*s->r));
	memmove(&s->r[i + 1], &s->r[i], (s->n - i) * sizeof(*s->r));
	s->r[i] = (struct uidrange){ lo, hi };
	s->n++;
}

static void
erase(struct uidset *s, size_t from, size_t to)
{
	memmove(&s->r[from], &s->r[to], (s->n - to) * sizeof(*s->r));
	s->n -= to - from;
}

void
uidset_add(struct uidset *s, uint32_t uid)
{
	uidset_add_range(s, uid, uid);
}

void
uidset_add_range(struct uidset *s, uint32_t lo, uint32_t hi)
{
	size_t i;
	size_t last;

	assert(lo <= hi);
	if (s->n > 0 && lo > s->r[s->n - 1].hi) {
		if (s->r[s->n - 1].hi == lo - 1)
			s->r[s->n - 1].hi = hi;
		else
			insert_at(s, s->n, lo, hi);
		return;
	}

	i = find(s, lo == 0 ? 0 : lo - 1); /* touching counts */
	if (i == s->n || (hi < UINT32_MAX && s->r[i].lo > hi + 1)) {
		insert_at(s, i, lo, hi);
		return;
	}
	for (last = i; last + 1 < s->n; last++)
		if (hi < UINT32_MAX && s->r[last + 1].lo > hi + 1)
			break;
	s->r[i].lo = MIN(s->r[i].lo, lo);
	s->r[i].hi = MAX(s->r[last].hi, hi);
	erase(s, i + 1, last + 1);
}

void
uidset_add_set(struct uidset *s, const struct uidset *more)
{
	for (size_t i = 0; i < more->n; i++)
		uidset_add_range(s, more->r[i].lo, more->r[i].hi);
}

void
uidset_remove_range(struct uidset *s, uint32_t lo, uint32_t hi)
{
	size_t i = find(s, lo);
	size_t last;

	assert(lo <= hi);
	if (i == s->n || s->r[i].lo > hi)
		return;
	if (s->r[i].lo < lo && s->r[i].hi > hi) {
		insert_at(s, i + 1, hi + 1, s->r[i].hi);
		s->r[i].hi = lo - 1;
		return;
	}
	if (s->r[i].lo < lo)
		s->r[i++].hi = lo - 1;
	for (last = i; last < s->n && s->r[last].hi <= hi; last++)
		continue;
	if (last < s->n && s->r[last].lo <= hi)
		s->r[last].lo = hi + 1;
	erase(s, i, last);
}

bool
uidset_has(const struct uidset *s, uint32_t uid)
{
	size_t i = find(s, uid);

	return i < s->n && s->r[i].lo <= uid;
}

uint64_t
uidset_count(const struct uidset *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->n; i++)
		count += (uint64_t)s->r[i].hi - s->r[i].lo + 1;
	return count;
}

uint32_t
uidset_part(const struct uidset *s, uint32_t from, uint32_t most,
    struct uidset *out)
{
	for (size_t i = find(s, from); i < s->n; i++) {
		uint32_t lo = MAX(s->r[i].lo, from);
		uint32_t hi = s->r[i].hi;

		if (most == 0)
			return lo;
		if (hi - lo >= most)
			hi = lo + most - 1;
		uidset_add_range(out, lo, hi);
		most -= hi - lo + 1;
		if (hi < s->r[i].hi)
			return hi + 1;
	}
	return 0;
}

void
uidset_move(struct uidset *to, struct uidset *s)
{
	uidset_clear(to);
	*to = *s;
	*s = (struct uidset){ 0 };
}

void
uidset_write(struct buf *b, const struct uidset *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (i > 0)
			buf_byte(b, ',');
		buf_u64(b, s->r[i].lo);
		if (s->r[i].hi != s->r[i].lo) {
			buf_byte(b, ':');
			buf_u64(b, s->r[i].hi);
		}
	}
}
