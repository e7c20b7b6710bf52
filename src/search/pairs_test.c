#include "base/test.h"

#include <stdlib.h>

#include "search/gram.h"
#include "search/pairs.h"

static uint64_t
random_gram(void)
{
	uint64_t g =
	    ((uint64_t)random() << 31 | (uint64_t)random()) % (GRAM_END - 1);

	return g + 1;
}

static void
test_pairs_are_sorted(void **state)
{
	struct pairs s = { 0 };
	struct pairs_iter it = { .pairs = &s };
	uint64_t last = 0;
	uint64_t last_doc = 0;
	uint64_t gram;
	uint64_t doc;
	size_t n = 0;

	(void)state;
	srandom(1);
	for (doc = 1000; doc < 1040; doc += 3) {
		pairs_document(&s, doc);
		for (int i = 0; i < 500; i++)
			pairs_add(&s,
			    i % 2 == 0 ? (uint64_t)i + 1 : random_gram());
	}
	assert_int_equal(s.first, 1000);
	assert_int_equal(pairs_count(&s), 14 * 500);
	assert_true(s.narrow_n >= 420 && s.wide_n >= 3500);
	pairs_sort(&s);
	while (pairs_next(&it, &gram, &doc)) {
		assert_true(last < gram || (last == gram && last_doc < doc));
		assert_true(doc >= 1000 && doc < 1040);
		last = gram;
		last_doc = doc;
		n++;
	}
	assert_int_equal(n, 14 * 500);
	pairs_clear(&s);
}

static void
test_grams_that_come_again_are_left_out(void **state)
{
	struct pairs s = { 0 };

	(void)state;
	/* More documents than there are numbers to tell them apart by. */
	for (uint64_t doc = 5; doc < 45; doc++) {
		pairs_document(&s, doc);
		for (int again = 0; again < 3; again++) {
			pairs_add(&s, 977);
			pairs_add(&s, GRAM_END - 1);
		}
	}
	assert_int_equal(pairs_count(&s), 2 * 40);
	pairs_clear(&s);
}

/* Too many to remember: then they come twice, and none is missing. */
static void
test_all_grams_of_a_long_document_are_there(void **state)
{
	struct pairs s = { 0 };
	struct pairs_iter it = { .pairs = &s };
	uint64_t last_gram = 0;
	uint64_t last_doc = 0;
	uint64_t gram;
	uint64_t doc;
	size_t n = 0;

	(void)state;
	for (doc = 5; doc < 7; doc++) {
		pairs_document(&s, doc);
		for (int again = 0; again < 3; again++)
			for (uint64_t g = 1; g < 20000; g++)
				pairs_add(&s, g * 977);
	}
	pairs_sort(&s);
	while (pairs_next(&it, &gram, &doc)) {
		n += gram != last_gram || doc != last_doc;
		last_gram = gram;
		last_doc = doc;
	}
	assert_int_equal(n, 2 * 19999);
	pairs_clear(&s);
}

static void
test_a_document_can_be_written_in_parts(void **state)
{
	struct pairs s = { 0 };
	struct pairs_iter it = { .pairs = &s };
	uint64_t gram;
	uint64_t doc;

	(void)state;
	pairs_document(&s, 8);
	pairs_add(&s, 3);
	pairs_document(&s, 9);
	pairs_add(&s, 3);
	pairs_reset(&s);
	pairs_add(&s, 3); /* known: it was written */
	pairs_add(&s, 4);
	assert_int_equal(pairs_count(&s), 1);
	assert_true(pairs_next(&it, &gram, &doc));
	assert_int_equal(gram, 4);
	assert_int_equal(doc, 9);
	assert_false(pairs_next(&it, &gram, &doc));
	pairs_clear(&s);
}

static void
test_memory_has_a_bound(void **state)
{
	struct pairs s = { 0 };
	struct pairs_iter it = { .pairs = &s };
	uint64_t gram = 0;
	uint64_t got;
	uint64_t doc;

	(void)state;
	pairs_document(&s, 1);
	while (pairs_count(&s) < PAIRS_MAX)
		pairs_add(&s, ++gram);
	assert_true(s.narrow_cap <= PAIRS_MAX && s.wide_cap <= PAIRS_MAX);
	pairs_sort(&s);
	for (uint64_t want = 1; want <= gram; want++) {
		assert_true(pairs_next(&it, &got, &doc));
		assert_int_equal(got, want);
	}
	pairs_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs_are_sorted),
		cmocka_unit_test(test_grams_that_come_again_are_left_out),
		cmocka_unit_test(test_all_grams_of_a_long_document_are_there),
		cmocka_unit_test(test_a_document_can_be_written_in_parts),
		cmocka_unit_test(test_memory_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
