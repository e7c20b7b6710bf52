#include "base/test.h"

#include <stdlib.h>

#include "search/fuzzy.h"

static unsigned
quality(const char *needle, struct span text, bool want_best)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct fuzzy *f = fuzzy_new(a, span_str(needle));
	struct fuzzy_match m;

	fuzzy_match_init(&m, f, want_best);
	(void)fuzzy_match_text(&m, text);
	return fuzzy_match_quality(&m);
}

static unsigned
in_pieces(const char *needle, struct span text, size_t piece)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct fuzzy *f = fuzzy_new(a, span_str(needle));
	CLEANUP(fuzzy_match_clear) struct fuzzy_match m;

	fuzzy_match_init(&m, f, true);
	for (; text.n > 0; text = span_from(text, piece))
		(void)fuzzy_match_add(&m, span_head(text, piece));
	(void)fuzzy_match_end(&m);
	return fuzzy_match_quality(&m);
}

static const struct {
	const char *needle;
	const char *text;
	unsigned quality;
} cases[] = {
	/* RFC 6203 section 4 */
	{ "HELO", "SAY HELLO!", 50 },
	{ "HELO", "HELP", 50 },
	{ "HELO", "HELO", 100 },
	{ "HELO", "(HELO)", 100 },
	{ "HELO", "HELOT", 90 },
	{ "HELO", "OTHELO", 75 },
	{ "HELO", "OTHELLO", 0 },
	{ "HELO", "HELPER", 0 },
	{ "HELO", "HELO HELO OTHELO", 100 },
	{ "HELO", "OTHELO HELO", 100 },
	/* Three letters are as they are. */
	{ "CAT", "CAR", 0 },
	{ "CAT", "CATS", 90 },
	{ "CAT", "CONCATENATE", 75 },
	{ "A", "BANANA A", 100 },
	/* Four and five: one edit, of the whole word. */
	{ "FORM", "FROM", 50 },
	{ "FORM", "FOMR", 50 },
	{ "FORM", "OFRM", 50 },
	{ "FORM", "FIRM", 50 },
	{ "FORM", "FORUM", 50 },
	{ "FORM", "FOR", 50 },
	{ "FORM", "FORTY", 0 },
	{ "FORM", "FOAM", 0 }, /* the third letter */
	{ "STAIR", "STARI", 50 },
	{ "STAIR", "STIAR", 50 },
	{ "STAIR", "TSAIR", 50 },
	{ "STAIR", "STIR", 50 },
	{ "STAIR", "STAOR", 50 },
	{ "STAIR", "SAIR", 50 },
	{ "STAIR", "STARE", 0 },
	{ "BREAK", "BROKEN", 0 },
	/* From six on, the beginning will do. */
	{ "RECIEVE", "RECEIVE", 50 },
	{ "RECIEVE", "RECEIVER", 40 },
	{ "ADRESS", "ADDRESSES", 40 },
	{ "ADRESS", "ADDRESS", 50 },
	{ "RECIEVE", "UNRECEIVED", 0 },
	{ "RECIEVE", "RECAVE", 0 },
	{ "SERVER", "SERXER", 0 }, /* the fourth letter of six */
	{ "SERVER", "SEXVER", 50 },
	{ "SERVER", "SEVRER", 50 },
	{ "RECEIVE", "RECXIVE", 50 },
	{ "RECEIVE", "RECXIVER", 0 },
	/* From twelve on, two. */
	{ "ATTACHEMNT", "ATTACHMENT", 50 },
	{ "ATACHEMENT", "ATTACHMENT", 0 },
	{ "ARCHEOPTERIX", "ARCHAEOPTERYX", 30 },
	{ "ARCHEOPTERIX", "ARCHAEOPTERYXES", 20 },
	{ "ARCHEOPTERIX", "ARXHAEOPTERYX", 0 },
	{ "ABCDEFGHIJKL", "ABCEDFGIHJKL", 30 },
	{ "ABCDEFGHIJKL", "ABCEDFGHIXKL", 30 },
	{ "ABCDEFGHIJKL", "AXCDEFGIHJKL", 30 },
	{ "ABCDEFGHIJK", "ABXDEFXHIJK", 0 },
	/* Words in any order; of three or more, one may be missing. */
	{ "IMAP BREAK", "BREAKING THE IMAP", 95 },
	{ "IMAP BREAK", "IMAP", 0 },
	{ "RED GREEN BLUE", "BLUE, GREEN", 66 },
	{ "RED GREEN BLUE", "BLUE", 0 },
	{ "RED RED BLUE", "BLUE", 0 },
	{ "RED RED BLUE", "BLUE RED", 100 },
	{ "USER@EXAMPLE.ORG", "UESR@EXAMPEL.ORG", 66 },
	/* Characters, not octets; and what is none. */
	{ "GRU\xcc\x88NER", "GRUNER", 50 },
	{ "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba",
	    "\xd0\xbc\xd0\xbe\xd1\x81\xd1\x82", 0 },
	{ "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba",
	    "\xd0\xbc\xd1\x81\xd0\xbe\xd0\xba", 50 },
	{ "\xe6\x97\xa5\xe6\x9c\xac", "\xe4\xbb\x8a\xe6\x97\xa5\xe6\x9c\xac",
	    75 },
	{ "GR\xfcN", "GR\xfcN", 100 },
	{ "GR\xfcNE", "GR\xfcNES", 90 },
	{ "GR\xfcNE", "GRUNE", 50 },
	{ "GR\xfcNES", "GRUNES", 50 },
	/* Nothing to look for, or to look at. */
	{ "", "A", 0 },
	{ "!?", "!?", 0 },
	{ "HELO", "", 0 },
};

static void
words_fit_more_or_less(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span text = span_str(cases[i].text);
		unsigned got = quality(cases[i].needle, text, true);

		if (got != cases[i].quality)
			fail_msg("%s in %s: %u", cases[i].needle, cases[i].text,
			    got);
		for (size_t n = 1; n < 4; n++)
			assert_int_equal(in_pieces(cases[i].needle, text, n),
			    got);
		assert_int_equal(quality(cases[i].needle, text, false) > 0,
		    got > 0);
	}
}

/* --- A model ------------------------------------------------------------ */

#define LETTERS 40

/* The whole table; letters are octets here. */
static unsigned
model_distance(struct span a, struct span b, bool begins)
{
	unsigned d[LETTERS + 1][LETTERS + 1];
	unsigned best = (unsigned)a.n;

	for (unsigned i = 0; i <= a.n; i++)
		for (unsigned k = 0; k <= b.n; k++) {
			if (i == 0 || k == 0) {
				d[i][k] = i + k;
				continue;
			}
			d[i][k] = MIN(d[i - 1][k], d[i][k - 1]) + 1;
			d[i][k] = MIN(d[i][k],
			    d[i - 1][k - 1] + (a.p[i - 1] != b.p[k - 1]));
			if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] &&
			    a.p[i - 2] == b.p[k - 1])
				d[i][k] = MIN(d[i][k], d[i - 2][k - 2] + 1);
		}
	for (size_t k = 0; k <= b.n; k++)
		best = MIN(best, d[a.n][k]);
	return begins ? best : d[a.n][b.n];
}

static bool
has(struct span text, struct span part)
{
	return memmem(text.p, text.n, part.p, part.n) != NULL;
}

/* And of six or seven: what breaks the first four, last four and the end. */
static bool
model_leaves_out_middle(struct span w, struct span text)
{
	for (size_t i = w.n - 4; i <= 4; i++) {
		char swapped[8];

		memcpy(swapped, w.p, w.n);
		swapped[i] = (char)w.p[i - 1];
		swapped[i - 1] = (char)w.p[i];
		if (has(text, span_of(swapped, w.n)))
			return false;
	}
	return !has(text, span_head(w, 4)) &&
	       !has(text, span_from(w, w.n - 4)) &&
	       !(text.n >= 3 &&
		   span_eq(span_from(text, text.n - 3), span_from(w, w.n - 3)));
}

/* What isn't found of a word of four letters. */
static bool
model_leaves_out(struct span w, struct span text)
{
	char swapped[2][4] = { { (char)w.p[0], (char)w.p[2], (char)w.p[1],
				   (char)w.p[3] },
		{ (char)w.p[0], (char)w.p[1], (char)w.p[3], (char)w.p[2] } };

	if (w.n == 6 || w.n == 7)
		return model_leaves_out_middle(w, text);
	return w.n == 4 && !has(text, span_head(w, 3)) &&
	       !(text.n >= 2 &&
		   span_eq(span_from(text, text.n - 2), span_from(w, 2))) &&
	       !span_eq(text, span_of(swapped[0], 4)) &&
	       !span_eq(text, span_of(swapped[1], 4));
}

static unsigned
model_quality(struct span w, struct span text)
{
	static const unsigned whole[] = { 100, 50, 30 };
	static const unsigned begins[] = { 90, 40, 20 };
	unsigned edits = w.n < 4 ? 0 : w.n < 12 ? 1 : 2;
	unsigned d = model_distance(w, text, false);
	unsigned b = model_distance(w, text, true);
	unsigned best = 0;

	if (has(text, w))
		return span_eq(text, w) ? 100 : span_starts(text, w) ? 90 : 75;
	if (w.n > LIMIT_FUZZY_LETTERS || model_leaves_out(w, text))
		return 0;
	if (d <= edits)
		best = whole[d];
	if (w.n >= 6 && b <= edits)
		best = MAX(best, begins[b]);
	return best;
}

static size_t
random_word(char *out, size_t most, int alphabet)
{
	size_t n = 1 + (size_t)random() % most;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)('A' + random() % alphabet);
	out[n] = '\0';
	return n;
}

/* A few edits, seldom none. */
static void
edit(const char *word, size_t n, char *out, int alphabet)
{
	memcpy(out, word, n + 1);
	for (long k = random() % 4; k > 0 && n > 1; k--) {
		size_t at = (size_t)random() % n;
		char c = (char)('A' + random() % alphabet);

		switch (random() % 4) {
		case 0:
			memmove(out + at, out + at + 1, n-- - at);
			break;
		case 1:
			memmove(out + at + 1, out + at, ++n - at);
			out[at] = c;
			break;
		case 2:
			out[at] = c;
			break;
		default:
			c = out[at];
			if (at + 1 < n) {
				out[at] = out[at + 1];
				out[at + 1] = c;
			}
		}
	}
}

static void
edits_are_those_of_the_whole_table(void **state)
{
	char word[LETTERS + 1];
	char text[LETTERS + 4];
	size_t found[3] = { 0 };

	(void)state;
	srandom(6203);
	for (int i = 0; i < 60000; i++) {
		int alphabet = 2 + i % 9;
		size_t n = random_word(word, i % 50 == 0 ? 36 : 18, alphabet);
		unsigned want;
		unsigned got;

		edit(word, n, text, alphabet);
		want = model_quality(span_of(word, n), span_str(text));
		got = quality(word, span_str(text), true);
		if (got != want)
			fail_msg("%s in %s: %u, not %u", word, text, got, want);
		found[want == 0 ? 0 : want < 75 ? 1 : 2]++;
	}
	for (size_t i = 0; i < 3; i++)
		assert_true(found[i] > 1000);
}

/* --- Texts -------------------------------------------------------------- */

static void
the_best_of_all_texts_counts_by_their_weight(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct fuzzy *f = fuzzy_new(a, SPAN("OAK STAIR"));
	struct fuzzy_match m;

	(void)state;
	fuzzy_match_init(&m, f, true);
	m.weight = 50;
	assert_false(fuzzy_match_text(&m, SPAN("OAK")));
	assert_int_equal(fuzzy_match_quality(&m), 0);
	assert_true(fuzzy_match_text(&m, SPAN("STAIR")));
	assert_int_equal(fuzzy_match_quality(&m), 50);
	m.weight = 100;
	assert_false(fuzzy_match_text(&m, SPAN("STAIRS SOAK")));
	assert_int_equal(fuzzy_match_quality(&m), (90 + 75) / 2);
	assert_true(fuzzy_match_text(&m, SPAN("STAIR OF OAK")));
	assert_int_equal(fuzzy_match_quality(&m), 100);
}

/* Only the exact word is found in them, however they are cut. */
static void
a_long_run_is_no_word(void **state)
{
	static char text[40000];
	struct span all = span_of(text, sizeof(text));

	(void)state;
	memset(text, 'X', sizeof(text));
	for (size_t at = 8180; at < 8200; at++) {
		memcpy(text + at, "NEEDLE", 6);
		assert_int_equal(quality("NEEDLE", all, true), 75);
		assert_int_equal(in_pieces("NEEDLE", all, 8192), 75);
		assert_int_equal(in_pieces("NEEDLE", all, 1000), 75);
		assert_int_equal(quality("NEEDEL", all, true), 0);
		memset(text + at, 'X', 6);
	}
	memcpy(text, "NEEDLE", 6);
	memcpy(text + 20000, " NEEDEL ", 8);
	memcpy(text + sizeof(text) - 6, "NEEDLE", 6);
	assert_int_equal(in_pieces("NEEDLE", all, 500), 75);
	assert_int_equal(in_pieces("NEEDEL", all, 500), 100);
	assert_int_equal(in_pieces("NEEDLI", all, 500), 0);
	text[sizeof(text) - 7] = '-';
	assert_int_equal(in_pieces("NEEDLE", all, 500), 100);
}

static void
a_needle_is_bounded(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf key = { 0 };
	const struct fuzzy *f;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&key, "W%d ", i);
	f = fuzzy_new(a, buf_span(&key));
	assert_int_equal(f->n, LIMIT_FUZZY_WORDS);
	assert_int_equal(f->need, LIMIT_FUZZY_WORDS - 1);

	buf_reset(&key);
	for (int i = 0; i < 9000; i++)
		buf_byte(&key, 'A');
	f = fuzzy_new(a, buf_span(&key));
	assert_int_equal(f->n, 1);
	assert_int_equal(f->word[0].edits, 0);
	buf_byte(&key, '\0');
	assert_int_equal(in_pieces((const char *)key.p,
			     span_head(buf_span(&key), 9000), 700),
	    75);
	assert_int_equal(in_pieces((const char *)key.p,
			     span_head(buf_span(&key), 8999), 700),
	    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_fit_more_or_less),
		cmocka_unit_test(edits_are_those_of_the_whole_table),
		cmocka_unit_test(the_best_of_all_texts_counts_by_their_weight),
		cmocka_unit_test(a_long_run_is_no_word),
		cmocka_unit_test(a_needle_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
