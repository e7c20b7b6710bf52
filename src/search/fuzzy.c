#include "search/fuzzy.h"

#include "search/gram.h"

#define ONE_EDIT_FROM  4 /* letters */
#define TWO_EDITS_FROM 12
#define BEGINS_FROM    6
#define HALVES_FROM    8
#define SHORT_HEAD     3 /* letters of the pieces of a short word */
#define SHORT_TAIL     2

static struct span
take_word(struct span *rest)
{
	size_t from = 0;
	size_t end;

	while (from < rest->n && !gram_is_letter(rest->p[from]))
		from++;
	end = from;
	while (end < rest->n && gram_is_letter(rest->p[end]))
		end++;
	*rest = span_from(*rest, from);
	return span_head(*rest, end - from);
}

/* Where the letters begin, and at [*n] the end; false: too many. */
static bool
read_letters(struct fuzzy_word *w, size_t at[LIMIT_FUZZY_LETTERS + 1])
{
	struct span rest = w->text;

	for (w->letters = 0; rest.n > 0; w->letters++) {
		if (w->letters == LIMIT_FUZZY_LETTERS)
			return false;
		at[w->letters] = w->text.n - rest.n;
		w->letter[w->letters] = gram_take_letter(&rest);
	}
	at[w->letters] = w->text.n;
	return true;
}

/* The letters from one to another, end not included. */
static struct span
part(const struct fuzzy_word *w, const size_t *at, unsigned from, unsigned end)
{
	return span_of(w->text.p + at[from], at[end] - at[from]);
}

static void
add_piece(struct fuzzy_word *w, struct span text, bool at_end)
{
	w->piece[w->pieces++] = (struct fuzzy_piece){ text, at_end };
}

/* Those letters, with that one and the one before it changed around. */
static void
add_swapped(struct fuzzy_word *w, struct arena *a, const size_t *at,
    unsigned from, unsigned swap, unsigned end)
{
	struct buf b = { 0 };

	buf_add(&b, part(w, at, from, swap - 1));
	buf_add(&b, part(w, at, swap, swap + 1));
	buf_add(&b, part(w, at, swap - 1, swap));
	buf_add(&b, part(w, at, swap + 1, end));
	add_piece(w, arena_dup(a, buf_span(&b)), false);
	buf_clear(&b);
}

bool
fuzzy_word_is_short(const struct fuzzy_word *w)
{
	return w->edits > 0 && w->letters < BEGINS_FROM;
}

/* Of four or five letters. */
static void
add_short_pieces(struct fuzzy_word *w, struct arena *a, const size_t *at)
{
	unsigned n = w->letters;

	add_piece(w, part(w, at, 0, SHORT_HEAD), false);
	add_piece(w, part(w, at, n - SHORT_TAIL, n), true);
	for (unsigned i = n - SHORT_TAIL; i <= SHORT_HEAD; i++)
		add_swapped(w, a, at, 0, i, n);
}

/* Of six or seven. */
static void
add_middle_pieces(struct fuzzy_word *w, struct arena *a, const size_t *at)
{
	unsigned n = w->letters;

	add_piece(w, part(w, at, 0, GRAM_LETTERS), false);
	add_piece(w, part(w, at, n - GRAM_LETTERS, n), false);
	add_piece(w, part(w, at, n - GRAM_LETTERS + 1, n), true);
	for (unsigned i = n - GRAM_LETTERS; i <= GRAM_LETTERS; i++)
		add_swapped(w, a, at, 0, i, n);
}

/*
 * Where neighbours have changed places over a border, the other edit may be
 * at the far end of what lies beside it, which is why that is left out.
 */
static void
add_pieces(struct fuzzy_word *w, struct arena *a, const size_t *at)
{
	unsigned n = w->letters;
	unsigned one = n / (w->edits + 1);
	unsigned two = w->edits == 1 ? n : n - one;

	add_piece(w, part(w, at, 0, one), false);
	add_piece(w, part(w, at, one, two), false);
	if (w->edits == 1) {
		add_swapped(w, a, at, 0, one, n);
		return;
	}
	add_piece(w, part(w, at, two, n), false);
	add_swapped(w, a, at, 0, one, two - 1);
	add_swapped(w, a, at, one + 1, two, n);
}

static void
make_word(struct fuzzy_word *w, struct arena *a, struct span text)
{
	size_t at[LIMIT_FUZZY_LETTERS + 1];

	*w = (struct fuzzy_word){ .text = text };
	if (!read_letters(w, at) || w->letters < ONE_EDIT_FROM)
		return;
	w->edits = w->letters < TWO_EDITS_FROM ? 1 : 2;
	w->begins = w->letters >= BEGINS_FROM;
	if (fuzzy_word_is_short(w))
		add_short_pieces(w, a, at);
	else if (w->letters < HALVES_FROM)
		add_middle_pieces(w, a, at);
	else
		add_pieces(w, a, at);
}

static bool
has_word(const struct fuzzy *f, struct span text)
{
	for (unsigned i = 0; i < f->n; i++)
		if (span_eq(f->word[i].text, text))
			return true;
	return false;
}

struct fuzzy *
fuzzy_new(struct arena *a, struct span key)
{
	struct fuzzy *f = ARENA_NEW(a, struct fuzzy);
	struct span word;
	struct span rest = key;
	size_t n = 0;

	while (n < LIMIT_FUZZY_WORDS && (word = take_word(&rest)).n > 0) {
		rest = span_from(rest, word.n);
		n++;
	}
	f->word = ARENA_ARRAY(a, n, struct fuzzy_word);
	rest = key;
	for (; n > 0; n--) {
		word = take_word(&rest);
		rest = span_from(rest, word.n);
		if (!has_word(f, word))
			make_word(&f->word[f->n++], a, word);
	}
	f->need = f->n < 3 ? f->n : f->n - 1;
	return f;
}
