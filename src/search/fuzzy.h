#ifndef SEARCH_FUZZY_H
#define SEARCH_FUZZY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

/*
 * Fuzzy search (RFC 6203): whether a text is about a needle, and how well it
 * fits.
 *
 * Texts and needles are collation keys (i;unicode-casemap, RFC 5051) and are
 * cut into words as search/gram.h does it.  A text has a word of the needle
 *
 *   exactly, anywhere, also inside of a longer word; or
 *   with an edit, if the word has four letters or more; or
 *   with two edits, if it has twelve or more.
 *
 * An edit leaves out, adds or replaces a letter, or changes two neighbours
 * around.  With an edit, a short word must be all of the text's word, and one
 * of six or more letters may also be its beginning.
 *
 * Edits must have left something that narrows what an index is asked for, a
 * piece of the word: mails are long, and nearly all have any three letters in
 * one of their words.  So pieces have four letters, or are the end of a word:
 *
 *   One of a word's halves comes through an edit, and one of its thirds two,
 *   unless neighbours change places over the border of two; words with these
 *   changed are pieces too.  That is why two edits take twelve letters.
 *   Of six and seven letters, the first four, the last four, and the last
 *   three at the end of a word are pieces: another fourth letter of six, or
 *   none, isn't found.
 *   Of four and five, the first three and, at the end, the last two: another
 *   third letter of four isn't found.  As edits leave nearly nothing of these,
 *   all words that they may make are looked up: so a letter that they add is
 *   a capital or a digit of ASCII, or the word has it already.
 *
 * All words of the needle must be there, in any order; of three or more, one
 * may be missing.  Words that are there twice count once.
 *
 * Bounds  As base/limits.h has them.  A text is passed in time linear in its
 *         length, for each piece of the needle, and so much of it is kept:
 *         FUZZY_WINDOW and what came last.
 */
#define FUZZY_PIECES 6
#define FUZZY_WINDOW 8192

/* A part of a word that edits may have left. */
struct fuzzy_piece {
	struct span text;
	bool at_end; /* of the text's word */
};

struct fuzzy_word {
	struct span text;
	unsigned letters;
	unsigned edits; /* at most */
	bool begins;    /* with edits, it may be the beginning of a word */
	struct fuzzy_piece piece[FUZZY_PIECES];
	unsigned pieces;
	uint32_t letter[LIMIT_FUZZY_LETTERS]; /* if there may be edits */
};

/* What edits may add to any short word. */
static inline bool
fuzzy_is_common(uint32_t letter)
{
	return (letter >= 'A' && letter <= 'Z') ||
	       (letter >= '0' && letter <= '9');
}

/* Of four or five letters: it isn't looked up by its pieces. */
bool fuzzy_word_is_short(const struct fuzzy_word *w);

struct fuzzy {
	struct fuzzy_word *word;
	unsigned n;    /* none: the needle has no letters, nothing fits */
	unsigned need; /* so many must be there */
};

/* In the arena; the key is borrowed. */
struct fuzzy *fuzzy_new(struct arena *a, struct span key);

/* How well a word fits, in percent. */
enum {
	FUZZY_SAME = 100, /* as a word */
	FUZZY_BEGINS = 90,
	FUZZY_INSIDE = 75,
	FUZZY_ONE_EDIT = 50,
	FUZZY_TWO_EDITS = 30,
	FUZZY_ONE_EDIT_BEGINS = 40,
	FUZZY_TWO_EDITS_BEGINS = 20,
};

/*
 * Looks at any number of texts, one after the other, and keeps for each word
 * how well it fits at best.  Whole texts, or pieces that aren't cut within a
 * character, and then their end; true: it can't get better, or, unless the
 * best is wanted, enough words are there.
 */
struct fuzzy_match {
	const struct fuzzy *fuzzy;
	bool want_best;
	unsigned weight; /* of the texts to come: 100 or less */
	unsigned char best[LIMIT_FUZZY_WORDS];
	struct buf window;
	bool inside; /* the window begins within a word, which is long */
};

/* The weight is 100 then. */
void fuzzy_match_init(struct fuzzy_match *m, const struct fuzzy *f,
    bool want_best);
void fuzzy_match_clear(struct fuzzy_match *m);

bool fuzzy_match_text(struct fuzzy_match *m, struct span key);
bool fuzzy_match_add(struct fuzzy_match *m, struct span piece);
bool fuzzy_match_end(struct fuzzy_match *m);

/* 1 to 100, or 0 if the needle isn't there. */
unsigned fuzzy_match_quality(const struct fuzzy_match *m);

#endif
