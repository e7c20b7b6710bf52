#include "search/gram.h"

#define LETTERS_MAX ((1U << GRAM_BITS) - 1)
#define GRAM_MASK   (GRAM_END - 1)

/* The first numbers are the letters of ASCII; a key has few small ones. */
enum {
	NONE = 0,
	DIGITS = 1,
	LARGE = DIGITS + 10,
	SMALL = LARGE + 26,
	OTHERS = SMALL + 26,
};

static const unsigned char ascii[128] = {
	['0'] = DIGITS,
	['1'] = DIGITS + 1,
	['2'] = DIGITS + 2,
	['3'] = DIGITS + 3,
	['4'] = DIGITS + 4,
	['5'] = DIGITS + 5,
	['6'] = DIGITS + 6,
	['7'] = DIGITS + 7,
	['8'] = DIGITS + 8,
	['9'] = DIGITS + 9,
#define LETTER(large, small, n) [large] = LARGE + (n), [small] = SMALL + (n)
	LETTER('A', 'a', 0),
	LETTER('B', 'b', 1),
	LETTER('C', 'c', 2),
	LETTER('D', 'd', 3),
	LETTER('E', 'e', 4),
	LETTER('F', 'f', 5),
	LETTER('G', 'g', 6),
	LETTER('H', 'h', 7),
	LETTER('I', 'i', 8),
	LETTER('J', 'j', 9),
	LETTER('K', 'k', 10),
	LETTER('L', 'l', 11),
	LETTER('M', 'm', 12),
	LETTER('N', 'n', 13),
	LETTER('O', 'o', 14),
	LETTER('P', 'p', 15),
	LETTER('Q', 'q', 16),
	LETTER('R', 'r', 17),
	LETTER('S', 's', 18),
	LETTER('T', 't', 19),
	LETTER('U', 'u', 20),
	LETTER('V', 'v', 21),
	LETTER('W', 'w', 22),
	LETTER('X', 'x', 23),
	LETTER('Y', 'y', 24),
	LETTER('Z', 'z', 25),
#undef LETTER
};

static unsigned
other_letter(uint32_t code)
{
	return OTHERS + code % (LETTERS_MAX - OTHERS);
}

/*
 * The character of more than one octet at p, or a stray octet.  Looks at
 * form alone: both sides of a comparison are cut up in the same way.
 */
static size_t
read_character(const unsigned char *p, size_t n, uint32_t *code, bool *stray)
{
	size_t want = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t c = p[0] & (0xffU >> (want + 1));
	size_t i;

	for (i = 1; i < want && i < n && (p[i] & 0xc0) == 0x80; i++)
		c = c << 6 | (p[i] & 0x3f);
	*stray = p[0] < 0xc2 || p[0] > 0xf4 || i < want;
	*code = *stray ? p[0] : c;
	return *stray ? 1 : want;
}

#define STRAY 0x80000000U /* no character is so large */

uint32_t
gram_take_letter(struct span *word)
{
	uint32_t code = word->p[0];
	bool stray = false;
	size_t n = 1;

	if (code >= 0x80)
		n = read_character(word->p, word->n, &code, &stray);
	*word = span_from(*word, n);
	return stray ? code | STRAY : code;
}

/* The word ends: the grams that begin at its last letters. */
static void
end_word(struct gram_run *r, gram_fn *fn, void *ctx)
{
	uint64_t gram = r->gram;

	/* Of a short word the first gram is still to come. */
	for (unsigned k = r->letters; k < GRAM_LETTERS; k++)
		gram <<= GRAM_BITS;
	for (unsigned k = r->letters; k > 0; k--) {
		if (r->letters < GRAM_LETTERS || k < GRAM_LETTERS)
			fn(ctx, gram & GRAM_MASK);
		gram <<= GRAM_BITS;
	}
	*r = (struct gram_run){ 0 };
}

static void
add_letter(struct gram_run *r, unsigned letter, gram_fn *fn, void *ctx)
{
	r->gram = (r->gram << GRAM_BITS | letter) & GRAM_MASK;
	if (r->letters < GRAM_LETTERS)
		r->letters++;
	if (r->letters == GRAM_LETTERS)
		fn(ctx, r->gram);
}

void
gram_read(struct gram_run *r, struct span key, gram_fn *fn, void *ctx)
{
	size_t i = 0;

	while (i < key.n) {
		uint32_t code;
		bool stray;

		if (key.p[i] >= 0x80) {
			i +=
			    read_character(key.p + i, key.n - i, &code, &stray);
			add_letter(r, other_letter(code), fn, ctx);
		} else if (gram_is_letter(key.p[i])) {
			add_letter(r, ascii[key.p[i++]], fn, ctx);
		} else {
			if (r->letters > 0)
				end_word(r, fn, ctx);
			i++;
		}
	}
}

void
gram_end(struct gram_run *r, gram_fn *fn, void *ctx)
{
	end_word(r, fn, ctx);
}

static bool
has_strays(struct span key)
{
	uint32_t code;
	bool stray = false;

	for (size_t i = 0; i < key.n && !stray;)
		i += key.p[i] < 0x80
		         ? 1
		         : read_character(key.p + i, key.n - i, &code, &stray);
	return stray;
}

struct collected {
	struct gram_range *out;
	size_t n;
};

static void
collect(void *ctx, uint64_t gram)
{
	struct collected *c = ctx;

	for (size_t i = 0; i < c->n; i++)
		if (c->out[i].first == gram)
			return;
	if (c->n < GRAM_RANGES - 1)
		c->out[c->n++] = (struct gram_range){ gram, gram };
}

size_t
gram_ranges(struct span key, struct gram_range out[GRAM_RANGES])
{
	struct collected c = { .out = out };
	struct gram_run r = { 0 };
	unsigned left;

	if (has_strays(key))
		return 0;
	gram_read(&r, key, collect, &c);
	left = (GRAM_LETTERS - r.letters) * GRAM_BITS;
	/* What begins in the last letters may go on in the text. */
	if (r.letters > 0 && r.letters < GRAM_LETTERS)
		out[c.n++] = (struct gram_range){ r.gram << left,
			(r.gram << left) + (UINT64_C(1) << left) - 1 };
	return c.n;
}
