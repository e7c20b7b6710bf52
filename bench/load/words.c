#include "load/words.h"

#include "load/conn.h"

#define SYLLABLE 6 /* bytes of the longest one */

struct word words_all[WORDS_ALL];

static const char *const english[] = { "the", "of", "and", "to", "a", "in",
	"is", "you", "that", "for", "it", "we", "on", "with", "this", "be",
	"are", "have", "as", "I", "not", "will", "at", "or", "from", "by",
	"your", "can", "if", "but", "our", "has", "an", "please", "was", "all",
	"so", "they", "there", "would", "which", "about", "more", "do", "any",
	"what", "their", "been", "one", "out", "up", "my", "when", "no", "me",
	"time", "new", "also", "us", "let", "know", "just", "get", "were",
	"need", "some", "here", "other", "how", "should", "like", "only", "who",
	"than", "them", "could", "see", "thanks", "into", "work", "after",
	"now", "may", "he", "make", "then", "these", "first", "two", "day",
	"meeting", "message", "next", "week", "its", "where", "she", "over",
	"mail", "regards" };

static void
word_add(struct word *w, const char *s)
{
	w->n += (unsigned char)span_copy(w->p + w->n, WORDS_LONGEST - w->n,
	    span_str(s));
}

static void
add_syllable(struct word *w, uint64_t *rng, bool accent)
{
	static const char *const onsets[] = { "b", "c", "d", "f", "g", "h", "j",
		"k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr",
		"pl", "br", "ch", "gr", "" };
	static const char *const vowels[] = { "a", "e", "i", "o", "u", "e", "a",
		"o", "i", "u" };
	static const char *const accents[] = { "\u00e4", "\u00e9", "\u00ef",
		"\u00f6", "\u00fc", "\u00e8", "\u00e1", "\u00f3" };
	static const char *const codas[] = { "", "", "", "", "n", "r", "l", "s",
		"t", "m", "nd", "rt" };

	word_add(w, onsets[rng_below(rng, COUNT(onsets))]);
	if (accent)
		word_add(w, accents[rng_below(rng, COUNT(accents))]);
	else
		word_add(w, vowels[rng_below(rng, COUNT(vowels))]);
	word_add(w, codas[rng_below(rng, COUNT(codas))]);
}

/* Frequent words are short. */
static void
make_word(struct word *w, uint32_t rank)
{
	uint64_t rng = rng_stream(rank, 0);
	uint32_t syllables =
	    1 + (rank > 200) + (rank > 5000) + rng_below(&rng, 2);
	uint32_t accent = rank % 20 == 0 ? rng_below(&rng, syllables) : 99;

	if (rank < COUNT(english)) {
		word_add(w, english[rank]);
		return;
	}
	for (uint32_t i = 0; i < syllables && w->n + SYLLABLE <= WORDS_LONGEST;
	     i++)
		add_syllable(w, &rng, i == accent);
}

static bool
holds(const struct word *w, const char *planted)
{
	return memmem(w->p, w->n, planted, strlen(planted)) != NULL;
}

void
words_init(void)
{
	for (uint32_t i = 0; i < WORDS_ALL; i++) {
		make_word(&words_all[i], i);
		if (holds(&words_all[i], WORD_RARE) ||
		    holds(&words_all[i], WORD_COMMON) ||
		    holds(&words_all[i], WORD_SUBJECT))
			die("the language has a word that is to be planted");
	}
}

void
words_add(struct buf *out, uint64_t *rng, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i > 0)
			buf_byte(out, ' ');
		words_add_one(out, words_draw(rng));
	}
}

void
words_add_capital(struct buf *out, uint32_t rank)
{
	size_t at = out->n;

	buf_add(out, words_get(rank));
	out->p[at] = ascii_upper(out->p[at]);
}
