#include <string.h>

#include "search/fuzzy.h"
#include "search/gram.h"

/* No word that is longer than this, in octets, is like one of a needle. */
#define WORD_MAX ((size_t)4 * (LIMIT_FUZZY_LETTERS + 2))

#define FAR 99 /* edits */

void
fuzzy_match_init(struct fuzzy_match *m, const struct fuzzy *f, bool want_best)
{
	*m = (struct fuzzy_match){ .fuzzy = f,
		.want_best = want_best,
		.weight = 100 };
}

void
fuzzy_match_clear(struct fuzzy_match *m)
{
	buf_clear(&m->window);
}

/* --- Edits -------------------------------------------------------------- */

/* At which of the word's letters this one is, as bits. */
static uint64_t
places(const struct fuzzy_word *w, uint32_t letter)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < w->letters; i++)
		bits |= (uint64_t)(w->letter[i] == letter) << i;
	return bits;
}

struct distance {
	unsigned whole;  /* from all of the text's word */
	unsigned begins; /* from what is nearest of its beginnings */
};

/*
 * Of Myers, A fast bit-vector algorithm for approximate string matching
 * (1999), with neighbours that change places as in Hyyro, A bit-vector
 * algorithm for computing Levenshtein and Damerau edit distances (2003).
 *
 * A column of the table of distances, as differences of one row and the one
 * above it: plus and minus say where it is 1 and -1.  A bit of same says that
 * the way there by the diagonal costs nothing.
 */
static struct distance
distance(const struct fuzzy_word *w, struct span text)
{
	uint64_t last = UINT64_C(1) << (w->letters - 1);
	uint64_t plus = ~UINT64_C(0);
	uint64_t minus = 0;
	uint64_t same = 0;
	uint64_t before = 0; /* the places of the letter before */
	struct distance d = { w->letters, w->letters };

	for (unsigned n = 0; text.n > 0; n++) {
		uint64_t at;
		uint64_t swapped;
		uint64_t right; /* that much more than in the column before */
		uint64_t less;

		if (n == w->letters + w->edits) {
			d.whole = FAR;
			break;
		}
		at = places(w, gram_take_letter(&text));
		swapped = ((~same & at) << 1) & before;
		same = (((at & plus) + plus) ^ plus) | at | minus | swapped;
		right = minus | ~(same | plus);
		less = plus & same;
		d.whole += (right & last) != 0;
		d.whole -= (less & last) != 0;
		d.begins = MIN(d.begins, d.whole);
		right = right << 1 | 1;
		plus = less << 1 | ~(same | right);
		minus = right & same;
		before = at;
	}
	return d;
}

/* Letters that an edit may add to a short word. */
static bool
has_other_letters(const struct fuzzy_word *w, struct span text)
{
	while (text.n > 0) {
		uint32_t letter = gram_take_letter(&text);

		if (!fuzzy_is_common(letter) && places(w, letter) == 0)
			return true;
	}
	return false;
}

static unsigned
quality_of_edited(const struct fuzzy_word *w, struct span text)
{
	struct distance d = distance(w, text);
	unsigned quality = 0;

	if (d.whole <= w->edits)
		quality = d.whole < 2 ? FUZZY_ONE_EDIT : FUZZY_TWO_EDITS;
	if (!w->begins || d.begins > w->edits)
		return quality;
	if (d.begins < 2)
		return MAX(quality, (unsigned)FUZZY_ONE_EDIT_BEGINS);
	return MAX(quality, (unsigned)FUZZY_TWO_EDITS_BEGINS);
}

/* --- Texts -------------------------------------------------------------- */

/* A part of a text: whole words, but for the first if it is `inside`. */
struct region {
	struct span text;
	bool inside;
	bool goes_on; /* the last word is long and hasn't ended */
};

/* The word around a place, or all that is there of one that is too long. */
static bool
word_at(const struct region *r, size_t at, struct span *out)
{
	size_t from = at;
	size_t end = at;

	while (end < r->text.n && gram_is_letter(r->text.p[end]))
		end++;
	while (from > 0 && end - from <= WORD_MAX &&
	       gram_is_letter(r->text.p[from - 1]))
		from--;
	*out = span_of(r->text.p + from, end - from);
	return out->n <= WORD_MAX && !(from == 0 && r->inside) &&
	       !(end == r->text.n && r->goes_on);
}

static unsigned
quality_of_same(const struct fuzzy_word *w, struct span word, size_t at)
{
	if (word.n == w->text.n)
		return FUZZY_SAME;
	return at == 0 ? FUZZY_BEGINS : FUZZY_INSIDE;
}

static unsigned
quality_of_piece(const struct fuzzy_word *w, const struct fuzzy_piece *p,
    struct span word)
{
	if (p->at_end && !span_eq(span_from(word, word.n - p->text.n), p->text))
		return 0;
	if (fuzzy_word_is_short(w) && has_other_letters(w, word))
		return 0;
	return quality_of_edited(w, word);
}

/*
 * Looks at each word that has a piece, or all of the word if that is NULL, up
 * to the first that fits as well as any can.
 */
static unsigned
look_for(const struct region *r, const struct fuzzy_word *w,
    const struct fuzzy_piece *p, unsigned most)
{
	struct span what = p != NULL ? p->text : w->text;
	unsigned best = 0;
	size_t at = 0;

	while (best < most && at < r->text.n) {
		struct span rest = span_from(r->text, at);
		const unsigned char *hit =
		    memmem(rest.p, rest.n, what.p, what.n);
		struct span word;
		unsigned quality;

		if (hit == NULL)
			break;
		if (!word_at(r, (size_t)(hit - r->text.p), &word))
			quality = p != NULL ? 0 : FUZZY_INSIDE;
		else if (p != NULL)
			quality = quality_of_piece(w, p, word);
		else
			quality =
			    quality_of_same(w, word, (size_t)(hit - word.p));
		best = MAX(best, quality);
		at = (size_t)(word.p + word.n - r->text.p);
	}
	return best;
}

static void
look_for_word(struct fuzzy_match *m, const struct region *r, unsigned i)
{
	const struct fuzzy_word *w = &m->fuzzy->word[i];
	unsigned best = look_for(r, w, NULL, FUZZY_SAME);

	for (unsigned k = 0; k < w->pieces && best < FUZZY_ONE_EDIT; k++)
		best = MAX(best, look_for(r, w, &w->piece[k], FUZZY_ONE_EDIT));
	best = (best * m->weight + 99) / 100;
	m->best[i] = (unsigned char)MAX((unsigned)m->best[i], best);
}

static void
look(struct fuzzy_match *m, const struct region *r)
{
	for (unsigned i = 0; i < m->fuzzy->n; i++)
		if (m->want_best ? m->best[i] < m->weight : m->best[i] == 0)
			look_for_word(m, r, i);
}

static unsigned
words_there(const struct fuzzy_match *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->fuzzy->n; i++)
		n += m->best[i] > 0;
	return n;
}

static bool
enough(const struct fuzzy_match *m)
{
	const struct fuzzy *f = m->fuzzy;

	if (!m->want_best)
		return f->n == 0 || words_there(m) >= f->need;
	for (unsigned i = 0; i < f->n; i++)
		if (m->best[i] < m->weight)
			return false;
	return true;
}

bool
fuzzy_match_text(struct fuzzy_match *m, struct span key)
{
	const struct region r = { .text = key };

	look(m, &r);
	return enough(m);
}

static size_t
longest(const struct fuzzy *f)
{
	size_t n = 1;

	for (unsigned i = 0; i < f->n; i++)
		n = MAX(n, f->word[i].text.n);
	return n;
}

/* What is in the window is of one word, which is too long. */
static void
look_at_long(struct fuzzy_match *m)
{
	const struct region r = { buf_span(&m->window), m->inside, true };
	size_t keep = longest(m->fuzzy) - 1;

	look(m, &r);
	if (m->window.n > keep)
		buf_drop(&m->window, m->window.n - keep);
	m->inside = true;
}

bool
fuzzy_match_end(struct fuzzy_match *m)
{
	const struct region r = { buf_span(&m->window), m->inside, false };

	look(m, &r);
	buf_reset(&m->window);
	m->inside = false;
	return enough(m);
}

bool
fuzzy_match_add(struct fuzzy_match *m, struct span piece)
{
	size_t end = piece.n;

	while (end > 0 && gram_is_letter(piece.p[end - 1]))
		end--;
	if (end > 0) {
		buf_add(&m->window, span_head(piece, end));
		(void)fuzzy_match_end(m);
	}
	buf_add(&m->window, span_from(piece, end));
	if (m->window.n > FUZZY_WINDOW)
		look_at_long(m);
	return enough(m);
}

unsigned
fuzzy_match_quality(const struct fuzzy_match *m)
{
	const struct fuzzy *f = m->fuzzy;
	unsigned sum = 0;

	if (f->n == 0 || words_there(m) < f->need)
		return 0;
	for (unsigned i = 0; i < f->n; i++)
		sum += m->best[i];
	return MAX(sum / f->n, 1U);
}
