#include "search/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/gram.h"

#define CAP_MIN ((size_t)16384)
#define LETTER  ((1U << GRAM_BITS) - 1)

/*
 * Grams that were seen lately, each where its hash says and with a number of
 * its document above it: so the table is emptied once for many documents, and
 * is small enough for the processor's nearest cache.
 */
#define SEEN_BITS 12
#define SEEN      ((size_t)1 << SEEN_BITS)
#define TAG       (UINT64_C(1) << GRAM_LETTERS * GRAM_BITS)

/* Letters of a narrow gram are below 64. */
#define NARROW_BITS 6
#define NARROW      ((UINT64_C(1) << NARROW_BITS) - 1)
#define NARROW_MASK \
	(NARROW | NARROW << GRAM_BITS | NARROW << 2 * GRAM_BITS | \
	    NARROW << 3 * GRAM_BITS)
#define DIGIT_BITS (2 * NARROW_BITS) /* two letters are sorted by at once */
#define DIGITS     (1U << DIGIT_BITS)
#define DOC_BITS   32

static uint64_t
narrowed(uint64_t gram)
{
	uint64_t two = gram | gram >> (GRAM_BITS - NARROW_BITS);

	return (two & (DIGITS - 1)) | (two >> 2 * GRAM_BITS & (DIGITS - 1))
	                                  << DIGIT_BITS;
}

static uint64_t
widened(uint64_t narrow)
{
	uint64_t gram = 0;

	for (unsigned i = 0; i < GRAM_LETTERS; i++)
		gram |= (narrow >> i * NARROW_BITS & NARROW) << i * GRAM_BITS;
	return gram;
}

void
pairs_clear(struct pairs *s)
{
	free(s->narrow);
	free(s->wide);
	free(s->seen);
	*s = (struct pairs){ 0 };
}

void
pairs_document(struct pairs *s, uint64_t doc)
{
	if (pairs_count(s) == 0)
		s->first = doc;
	s->last = doc;
	if (s->seen == NULL)
		s->seen = mem_array(SEEN, sizeof(*s->seen));
	s->tag += TAG;
	if (s->tag != 0)
		return;
	memset(s->seen, 0, SEEN * sizeof(*s->seen));
	s->tag = TAG;
}

static void *
grown(void *p, size_t *cap, size_t size)
{
	*cap = MIN(MAX(*cap * 2, CAP_MIN), PAIRS_MAX);
	return mem_resize(p, *cap * size);
}

static void
add_wide(struct pairs *s, uint64_t gram, uint32_t doc)
{
	if (s->wide_n == s->wide_cap)
		s->wide = grown(s->wide, &s->wide_cap, sizeof(*s->wide));
	s->wide[s->wide_n++] = (struct wide_pair){
		.high = (uint32_t)(gram >> 2 * GRAM_BITS),
		.low = (uint32_t)gram & ((1U << 2 * GRAM_BITS) - 1),
		.doc = doc,
	};
}

static void
add_narrow(struct pairs *s, uint64_t narrow, uint32_t doc)
{
	if (s->narrow_n == s->narrow_cap)
		s->narrow =
		    grown(s->narrow, &s->narrow_cap, sizeof(*s->narrow));
	s->narrow[s->narrow_n++] = narrow << DOC_BITS | doc;
}

void
pairs_add(struct pairs *s, uint64_t gram)
{
	uint64_t hash = gram * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t *seen = &s->seen[hash >> (64 - SEEN_BITS)];
	uint32_t doc = (uint32_t)(s->last - s->first);

	if (*seen == (s->tag | gram))
		return;
	*seen = s->tag | gram;
	if ((gram & ~NARROW_MASK) == 0)
		add_narrow(s, narrowed(gram), doc);
	else
		add_wide(s, gram, doc);
}

/* Numbers of each digit become the place of its first. */
static void
places(uint32_t *count, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t here = count[i];

		count[i] = sum;
		sum += here;
	}
}

/* Stable passes, from the last letters to the first. */
static void
sort_narrow(struct pairs *s)
{
	uint64_t *spare =
	    mem_array(MAX(s->narrow_cap, (size_t)1), sizeof(*spare));
	uint32_t *count = mem_array(DIGITS, sizeof(*count));

	for (unsigned shift = DOC_BITS; shift < DOC_BITS + 2 * DIGIT_BITS;
	     shift += DIGIT_BITS) {
		uint64_t *from = s->narrow;

		memset(count, 0, DIGITS * sizeof(*count));
		for (size_t i = 0; i < s->narrow_n; i++)
			count[from[i] >> shift & (DIGITS - 1)]++;
		places(count, DIGITS);
		for (size_t i = 0; i < s->narrow_n; i++)
			spare[count[from[i] >> shift & (DIGITS - 1)]++] =
			    from[i];
		s->narrow = spare;
		spare = from;
	}
	free(count);
	free(spare);
}

static unsigned
letter_of(const struct wide_pair *p, unsigned i)
{
	uint32_t half = i < 2 ? p->low : p->high;

	return i % 2 == 0 ? half & LETTER : half >> GRAM_BITS;
}

static void
sort_wide(struct pairs *s)
{
	struct wide_pair *spare =
	    mem_array(MAX(s->wide_cap, (size_t)1), sizeof(*spare));
	uint32_t *count = mem_array(LETTER + 1, sizeof(*count));

	for (unsigned letter = 0; letter < GRAM_LETTERS; letter++) {
		struct wide_pair *from = s->wide;

		memset(count, 0, (LETTER + 1) * sizeof(*count));
		for (size_t i = 0; i < s->wide_n; i++)
			count[letter_of(&from[i], letter)]++;
		places(count, LETTER + 1);
		for (size_t i = 0; i < s->wide_n; i++)
			spare[count[letter_of(&from[i], letter)]++] = from[i];
		s->wide = spare;
		spare = from;
	}
	free(count);
	free(spare);
}

void
pairs_sort(struct pairs *s)
{
	sort_narrow(s);
	sort_wide(s);
}

bool
pairs_next(struct pairs_iter *it, uint64_t *gram, uint64_t *doc)
{
	const struct pairs *s = it->pairs;
	uint64_t narrow = GRAM_END;
	uint64_t wide = GRAM_END;

	if (it->narrow < s->narrow_n)
		narrow = widened(s->narrow[it->narrow] >> DOC_BITS);
	if (it->wide < s->wide_n)
		wide = (uint64_t)s->wide[it->wide].high << 2 * GRAM_BITS |
		       s->wide[it->wide].low;
	*gram = MIN(narrow, wide);
	if (*gram == GRAM_END)
		return false;
	*doc = s->first + (narrow < wide ? (uint32_t)s->narrow[it->narrow++]
					 : s->wide[it->wide++].doc);
	return true;
}

void
pairs_reset(struct pairs *s)
{
	s->narrow_n = 0;
	s->wide_n = 0;
	s->first = s->last;
}
