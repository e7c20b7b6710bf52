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
 *   with two edits, if it has nine or more.
 *
 * An edit leaves out, adds or replaces a letter, or changes two neighbours
 * around.  With an edit, a short word must be all of the text's word, and one
 * of six or more letters may also be its beginning.
 *
 * Edits must have left something that an index can be asked for: the pieces
 * of the word.  One of a word's two halves, or of its three thirds, comes
 * through, if neighbours haven't changed places over the border of two; so
 * words with these changed are pieces too.  That is why two edits take nine
 * letters: a third has three then.  Of four letters, pieces are the first
 * three and, at the end of a word, the last two: another third letter, or
 * none, isn't found.
 *
 * All words of the needle must be there, in any order; of three or more, one
 * may be missing.  Words that are there twice count once.
 *
 * Bounds  As base/limits.h has them.  A text is passed in time linear in its
 *         length, for each piece of the needle, and so much of it is kept:
 *         FUZZY_WINDOW and what came last.
 */
#define FUZZY_PIECES 5
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
