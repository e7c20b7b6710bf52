#include "search/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/gram.h"

#define SEEN_MIN ((size_t)4096) /* most mail has fewer grams than half */
#define SEEN_MAX ((size_t)1 << 18)
#define LETTER   ((1U << GRAM_BITS) - 1)

void
pairs_clear(struct pairs *s)
{
	free(s->p);
	free(s->spare);
	free(s->seen);
	*s = (struct pairs){ 0 };
}

static void
forget_seen(struct pairs *s, size_t cap)
{
	if (s->seen_cap != cap) {
		free(s->seen);
		s->seen = mem_array(cap, sizeof(*s->seen));
		s->seen_cap = cap;
	} else {
		memset(s->seen, 0, cap * sizeof(*s->seen));
	}
	s->seen_n = 0;
}

void
pairs_document(struct pairs *s, uint64_t doc)
{
	if (s->n == 0)
		s->first = doc;
	s->last = doc;
	forget_seen(s, SEEN_MIN);
}

/* The place of a gram in the table, or where it would be. */
static uint64_t *
place_of(const struct pairs *s, uint64_t gram)
{
	size_t mask = s->seen_cap - 1;
	size_t i = (size_t)((gram * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;

	while (s->seen[i] != 0 && s->seen[i] != gram)
		i = (i + 1) & mask;
	return &s->seen[i];
}

static void
grow_seen(struct pairs *s)
{
	uint64_t *old = s->seen;
	size_t cap = s->seen_cap;

	if (cap == SEEN_MAX) {
		forget_seen(s, cap);
		return;
	}
	s->seen_cap = cap * 2;
	s->seen = mem_array(s->seen_cap, sizeof(*s->seen));
	for (size_t i = 0; i < cap; i++)
		if (old[i] != 0)
			*place_of(s, old[i]) = old[i];
	free(old);
}

static void
grow_pairs(struct pairs *s)
{
	s->cap = MIN(MAX(s->cap * 2, (size_t)16384), PAIRS_MAX);
	s->p = mem_resize(s->p, s->cap * sizeof(*s->p));
}

void
pairs_add(struct pairs *s, uint64_t gram)
{
	uint64_t *place = place_of(s, gram);

	if (*place == gram)
		return;
	*place = gram;
	if (++s->seen_n > s->seen_cap / 2)
		grow_seen(s);
	if (s->n == s->cap)
		grow_pairs(s);
	s->p[s->n++] = (struct pair){
		.high = (uint32_t)(gram >> 30),
		.low = (uint32_t)gram & ((1U << 30) - 1),
		.doc = (uint32_t)(s->last - s->first),
	};
}

static unsigned
letter_of(const struct pair *p, unsigned i)
{
	uint32_t half = i < 2 ? p->low : p->high;

	return i % 2 == 0 ? half & LETTER : half >> GRAM_BITS;
}

/* A stable pass over one letter, from the last to the first. */
static void
sort_letter(struct pairs *s, unsigned letter, uint32_t *count)
{
	struct pair *to;
	uint32_t sum = 0;

	memset(count, 0, (LETTER + 1) * sizeof(*count));
	for (size_t i = 0; i < s->n; i++)
		count[letter_of(&s->p[i], letter)]++;
	for (size_t v = 0; v <= LETTER; v++) {
		uint32_t n = count[v];

		count[v] = sum;
		sum += n;
	}
	for (size_t i = 0; i < s->n; i++)
		s->spare[count[letter_of(&s->p[i], letter)]++] = s->p[i];
	to = s->spare;
	s->spare = s->p;
	s->p = to;
}

void
pairs_sort(struct pairs *s)
{
	uint32_t *count = mem_array(LETTER + 1, sizeof(*count));

	free(s->spare);
	s->spare = mem_resize(NULL, MAX(s->cap, (size_t)1) * sizeof(*s->p));
	for (unsigned letter = 0; letter < GRAM_LETTERS; letter++)
		sort_letter(s, letter, count);
	free(count);
	free(s->spare);
	s->spare = NULL;
}

void
pairs_reset(struct pairs *s)
{
	s->n = 0;
	s->first = s->last;
}
