#include "base/test.h"

#include <stdlib.h>

#include "search/gram.h"

#define MANY 100

struct list {
	uint64_t gram[MANY];
	size_t n;
};

static void
note(void *ctx, uint64_t gram)
{
	struct list *l = ctx;

	assert_true(gram > 0 && gram < GRAM_END);
	assert_true(l->n < MANY);
	l->gram[l->n++] = gram;
}

/* The grams of a text that comes in pieces of so many octets. */
static struct list
grams_of(const char *text, size_t piece)
{
	struct list l = { .n = 0 };
	struct gram_run r = { 0 };
	struct span s = span_str(text);

	for (; s.n > 0; s = span_from(s, piece))
		gram_read(&r, span_head(s, piece), note, &l);
	gram_end(&r, note, &l);
	return l;
}

static bool
has(const struct list *l, struct gram_range r)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->gram[i] >= r.first && l->gram[i] <= r.last)
			return true;
	return false;
}

/* Whether the text is found by the needle's ranges. */
static bool
found(const char *text, const char *needle)
{
	struct list l = grams_of(text, SIZE_MAX / 2);
	struct gram_range r[GRAM_RANGES];
	size_t n = gram_ranges(span_str(needle), r);

	for (size_t i = 0; i < n; i++)
		if (!has(&l, r[i]))
			return false;
	return true;
}

static void
test_a_gram_begins_at_each_letter(void **state)
{
	(void)state;
	assert_int_equal(grams_of("STAIRS", 100).n, 6);
	assert_int_equal(grams_of("A", 100).n, 1);
	assert_int_equal(grams_of("AN OAK, NEW.", 100).n, 8);
	assert_int_equal(grams_of("", 100).n, 0);
	assert_int_equal(grams_of(" -- \t", 100).n, 0);
}

static void
test_pieces_make_no_difference(void **state)
{
	static const char text[] = "THE NEWEL HOLDS A STAIR OF 12 STEPS";
	struct list whole = grams_of(text, sizeof(text));

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		struct list l = grams_of(text, piece);

		assert_int_equal(l.n, whole.n);
		assert_memory_equal(l.gram, whole.gram,
		    whole.n * sizeof(*l.gram));
	}
}

static void
test_every_part_of_a_text_is_found(void **state)
{
	static const char text[] = "RE: \xc3\x89 T\xcc\x81 OAK-STAIRS (12) "
				   "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xf0"
				   "\x9f\x98\x80!";

	(void)state;
	for (size_t from = 0; from < sizeof(text) - 1; from++) {
		for (size_t n = 1; n < sizeof(text) - from; n++) {
			char *part = strndup(text + from, n);

			assert_true(found(text, part));
			free(part);
		}
	}
}

static void
test_what_a_text_lacks_is_told(void **state)
{
	(void)state;
	assert_false(found("OAK STAIRS", "STEEL"));
	assert_false(found("OAK STAIRS", "STAIRSX"));
	assert_false(found("OAK STAIRS", "Z"));
	assert_false(found("OAK STAIRS", "AZ"));
	assert_false(found("OAK STAIRS", "OAR"));
	assert_false(found("OAK STAIRS", "AI "));
	assert_false(found("\xe6\x97\xa5", "\xe6\x9c\xac"));
}

static void
test_nothing_is_said_of_what_has_no_letter(void **state)
{
	struct gram_range r[GRAM_RANGES];

	(void)state;
	assert_int_equal(gram_ranges(SPAN(""), r), 0);
	assert_int_equal(gram_ranges(SPAN("-*-"), r), 0);
	assert_int_equal(gram_ranges(SPAN("AB\x81"), r), 0);
	assert_int_equal(gram_ranges(SPAN("AB\xe6\x97"), r), 0);
}

static void
test_a_long_needle_is_cut(void **state)
{
	char text[2000];
	struct gram_range r[GRAM_RANGES];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('A' + (i * i / 7 + i) % 26);
	assert_true(gram_ranges(span_of(text, sizeof(text)), r) <= GRAM_RANGES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_gram_begins_at_each_letter),
		cmocka_unit_test(test_pieces_make_no_difference),
		cmocka_unit_test(test_every_part_of_a_text_is_found),
		cmocka_unit_test(test_what_a_text_lacks_is_told),
		cmocka_unit_test(test_nothing_is_said_of_what_has_no_letter),
		cmocka_unit_test(test_a_long_needle_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
