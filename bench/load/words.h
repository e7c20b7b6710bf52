#ifndef LOAD_WORDS_H
#define LOAD_WORDS_H

#include "base/buf.h"
#include "load/rng.h"

/*
 * A language that is made up: 32,768 words, of which some are as frequent and
 * most as rare as in a real one (Zipf).  The first hundred are
 * English, as those decide how well a text compresses; every twentieth of the
 * others has a letter with an accent, in UTF-8 and always one of ISO 8859-1.
 */
#define WORDS_ALL 32768

#define WORDS_LONGEST 15 /* bytes */

struct word {
	unsigned char n;
	unsigned char p[WORDS_LONGEST];
};

extern struct word words_all[WORDS_ALL];

/* Makes them; before anything else here. */
void words_init(void);

/* Word number `rank`, 0 being the most frequent. */
static inline struct span
words_get(uint32_t rank)
{
	const struct word *w = &words_all[rank % WORDS_ALL];

	return span_of(w->p, w->n);
}

/* The same, added. */
static inline void
words_add_one(struct buf *out, uint32_t rank)
{
	const struct word *w = &words_all[rank % WORDS_ALL];

	memcpy(buf_room(out, WORDS_LONGEST), w->p, WORDS_LONGEST);
	buf_added(out, w->n);
}

/*
 * The rank of a word that comes up as often as it does in a text.  By Zipf's
 * law all ranks from n to 2n together are as frequent as those from 2n to 4n,
 * so it is the logarithm of the rank that is spread evenly.
 */
static inline uint32_t
words_draw(uint64_t *rng)
{
	uint64_t r = rng_next(rng);
	uint32_t octave = (uint32_t)(((r >> 32) * 15) >> 32);
	uint32_t f = r & 0xffff; /* 2^f is nearly 1 + 0.6565 f + 0.3435 f^2 */
	uint64_t power = 65536 + (f * (43024 + (f * 22512ULL >> 16)) >> 16);

	return (uint32_t)(power << octave >> 16) - 1;
}

/* Adds n words, drawn, with spaces between. */
void words_add(struct buf *out, uint64_t *rng, uint32_t n);

/* Adds a word with a capital, if it starts with an ASCII letter. */
void words_add_capital(struct buf *out, uint32_t rank);

/*
 * Words that no text holds unless somebody puts them there: what a search
 * looks for when it must find a known number.
 */
#define WORD_RARE    "quetzalcoatlus" /* in texts */
#define WORD_COMMON  "axolotl"        /* in texts */
#define WORD_SUBJECT "ptarmigan"      /* in subjects */

#endif
