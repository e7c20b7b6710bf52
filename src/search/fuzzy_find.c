#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/fuzzy.h"
#include "search/index.h"

/*
 * A document may have a word if it has one of the word's pieces; a word as it
 * is has the first of them.  It may have the needle if it may have enough of
 * its words.
 */

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

/* What is said of the last letters ends with the word. */
static enum status
find_piece(struct index *ix, const struct fuzzy_piece *p, struct documents *out)
{
	CLEANUP(buf_clear) struct buf key = { 0 };

	buf_add(&key, p->text);
	if (p->at_end)
		buf_byte(&key, ' ');
	return index_find(ix, buf_span(&key), out);
}

static enum status
find_word(struct index *ix, const struct fuzzy_word *w, struct documents *out)
{
	enum status st = ST_OK;

	if (w->pieces == 0)
		return index_find(ix, w->text, out);
	for (unsigned i = 0; i < w->pieces && !out->all && st == ST_OK; i++) {
		struct documents one = { 0 };

		st = find_piece(ix, &w->piece[i], &one);
		if (st == ST_OK && one.all) {
			documents_clear(out);
			out->all = true;
		} else if (st == ST_OK) {
			unite(out, &one);
		}
	}
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
