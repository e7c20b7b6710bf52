#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/fuzzy.h"
#include "search/gram.h"
#include "search/index.h"

/*
 * A document may have a word if it has one of the word's pieces; a word as it
 * is has the first of them.  Of a short word, all that an edit can make of it
 * are looked up.  A document may have the needle if it may have enough of its
 * words.
 */
#define HEAD_SAYS GRAM_LETTERS /* so many letters are enough to look up */
#define TAIL_SAYS (GRAM_LETTERS - 1)
#define SHORT_MAX 5

/* Both ascend; more is cleared. */
static void
unite(struct documents *d, struct documents *more)
{
	struct documents both = { 0 };
	size_t i = 0;
	size_t k = 0;

	both.p = mem_array(d->n + more->n + 1, sizeof(*both.p));
	while (i < d->n || k < more->n) {
		bool left = k == more->n || (i < d->n && d->p[i] <= more->p[k]);
		uint64_t doc = left ? d->p[i] : more->p[k];

		i += left;
		k += k < more->n && more->p[k] == doc;
		both.p[both.n++] = doc;
	}
	documents_clear(d);
	documents_clear(more);
	*d = both;
}

/* Adds what is found; at its end, a key may say that the word ends there. */
static enum status
add_found(struct index *ix, struct span key, struct documents *out)
{
	struct documents one = { 0 };
	enum status st;

	if (out->all)
		return ST_OK;
	st = index_find(ix, key, &one);
	if (st == ST_OK && one.all) {
		documents_clear(out);
		out->all = true;
	} else if (st == ST_OK) {
		unite(out, &one);
	}
	return st;
}

static enum status
add_piece(struct index *ix, struct span text, bool at_end,
    struct documents *out)
{
	CLEANUP(buf_clear) struct buf key = { 0 };

	buf_add(&key, text);
	if (at_end)
		buf_byte(&key, ' ');
	return add_found(ix, buf_span(&key), out);
}

/* A word of up to SHORT_MAX letters, and where these begin. */
struct cut {
	struct span text;
	unsigned n;
	size_t at[SHORT_MAX + 1];
};

static struct cut
cut(const struct fuzzy_word *w)
{
	struct cut c = { .text = w->text };

	for (struct span rest = w->text; rest.n > 0; c.n++) {
		c.at[c.n] = w->text.n - rest.n;
		(void)gram_take_letter(&rest);
	}
	c.at[c.n] = w->text.n;
	return c;
}

static struct span
part(const struct cut *c, unsigned from, unsigned end)
{
	return span_of(c->text.p + c->at[from], c->at[end] - c->at[from]);
}

/* The letters before one, what comes in between, and those from another on. */
static enum status
add_word(struct index *ix, const struct cut *c, unsigned before,
    struct span between, unsigned from, struct documents *out)
{
	CLEANUP(buf_clear) struct buf key = { 0 };

	buf_add(&key, part(c, 0, before));
	buf_add(&key, between);
	buf_add(&key, part(c, from, c->n));
	buf_byte(&key, ' ');
	return add_found(ix, buf_span(&key), out);
}

/* With any letter in between, or none. */
static enum status
add_words(struct index *ix, const struct cut *c, unsigned before, unsigned from,
    struct documents *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	enum status st;

	if (c->n - from >= TAIL_SAYS)
		return add_piece(ix, part(c, from, c->n), true, out);
	if (before >= HEAD_SAYS)
		return add_piece(ix, part(c, 0, before), false, out);
	st = add_word(ix, c, before, (struct span){ 0 }, from, out);
	for (size_t i = 0; letters[i] != '\0' && st == ST_OK; i++)
		st =
		    add_word(ix, c, before, span_of(&letters[i], 1), from, out);
	for (unsigned i = 0; i < c->n && st == ST_OK; i++)
		if (!fuzzy_is_common(c->text.p[c->at[i]]))
			st = add_word(ix, c, before, part(c, i, i + 1), from,
			    out);
	return st;
}

static enum status
add_swapped(struct index *ix, const struct cut *c, unsigned i,
    struct documents *out)
{
	CLEANUP(buf_clear) struct buf two = { 0 };

	buf_add(&two, part(c, i + 1, i + 2));
	buf_add(&two, part(c, i, i + 1));
	return add_word(ix, c, i, buf_span(&two), i + 2, out);
}

static enum status
find_short(struct index *ix, const struct fuzzy_word *w, struct documents *out)
{
	struct cut c = cut(w);
	enum status st = index_find(ix, w->text, out);

	for (unsigned i = 0; i < c.n && st == ST_OK; i++) {
		st = add_words(ix, &c, i, i + 1, out);
		if (st == ST_OK && i > 0)
			st = add_words(ix, &c, i, i, out);
		if (st == ST_OK && i + 1 < c.n)
			st = add_swapped(ix, &c, i, out);
	}
	return st;
}

static enum status
find_word(struct index *ix, const struct fuzzy_word *w, struct documents *out)
{
	enum status st = ST_OK;

	if (w->pieces == 0)
		return index_find(ix, w->text, out);
	if (fuzzy_word_is_short(w))
		return find_short(ix, w, out);
	for (unsigned i = 0; i < w->pieces && st == ST_OK; i++)
		st = add_piece(ix, w->piece[i].text, w->piece[i].at_end, out);
	return st;
}

/*
 * Documents that don't lack too many of the words so far, and how many each
 * lacks.  One that isn't among them lacks them all.
 */
struct tally {
	struct documents found;
	unsigned char *lacks;
	unsigned may_lack;
	unsigned words;
};

static void
count_word(struct tally *t, const struct documents *d)
{
	size_t most = t->found.n + (t->words <= t->may_lack ? d->n : 0);
	uint64_t *found = mem_array(most + 1, sizeof(*found));
	unsigned char *lacks = mem_array(most + 1, 1);
	size_t n = 0;
	size_t i = 0;
	size_t k = 0;

	while (i < t->found.n || k < d->n) {
		bool had =
		    k == d->n || (i < t->found.n && t->found.p[i] <= d->p[k]);
		uint64_t doc = had ? t->found.p[i] : d->p[k];
		bool has = k < d->n && d->p[k] == doc;
		unsigned lack = (had ? t->lacks[i] : t->words) + !has;

		i += had;
		k += has;
		if (lack > t->may_lack)
			continue;
		found[n] = doc;
		lacks[n++] = (unsigned char)lack;
	}
	documents_clear(&t->found);
	free(t->lacks);
	t->found.p = found;
	t->found.n = n;
	t->lacks = lacks;
	t->words++;
}

enum status
index_find_fuzzy(struct index *ix, const struct fuzzy *f, struct documents *out)
{
	struct tally t = { .may_lack = f->n - f->need };
	enum status st = ST_OK;

	for (unsigned i = 0; i < f->n && st == ST_OK; i++) {
		struct documents d = { 0 };

		st = find_word(ix, &f->word[i], &d);
		if (st == ST_OK && !d.all)
			count_word(&t, &d);
		documents_clear(&d);
	}
	free(t.lacks);
	t.found.all = t.words <= t.may_lack;
	if (st == ST_OK)
		*out = t.found;
	else
		documents_clear(&t.found);
	return st;
}
