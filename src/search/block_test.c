#include "base/test.h"

#include <stdlib.h>

#include "search/block.h"
#include "search/gram.h"

#define BASE 1000

/* One block with grams 10, 20, ... of which each has `docs` documents. */
static struct buf
make(uint64_t grams, uint64_t docs)
{
	struct block_writer w = { 0 };
	struct buf out = { 0 };
	struct span data;
	uint64_t gram;

	block_start(&w, BASE);
	for (uint64_t g = 1; g <= grams; g++)
		for (uint64_t d = 0; d < docs; d++)
			assert_false(block_add(&w, g * 10, BASE + g + d * 3));
	assert_int_equal(block_take(&w, 9, GRAM_END, &gram, &data), ST_OK);
	assert_int_equal(gram, 10);
	buf_add(&out, data);
	assert_int_equal(block_take(&w, 9, GRAM_END, &gram, &data),
	    ST_NOTFOUND);
	block_clear(&w);
	return out;
}

static void
test_what_was_written_is_read(void **state)
{
	CLEANUP(buf_clear) struct buf b = make(5, 7);
	struct block_reader r;

	(void)state;
	assert_int_equal(block_open(&r, buf_span(&b), 9, 10), ST_OK);
	for (uint64_t g = 1; g <= 5; g++) {
		uint64_t doc = BASE;
		struct span docs;

		assert_int_equal(block_next(&r), ST_OK);
		assert_int_equal(r.gram, g * 10);
		docs = r.docs;
		for (uint64_t d = 0; d < 7; d++) {
			assert_true(docs_next(&docs, &doc));
			assert_int_equal(doc, BASE + g + d * 3);
		}
		assert_false(docs_next(&docs, &doc));
	}
	assert_int_equal(block_next(&r), ST_NOTFOUND);
	assert_int_equal(r.end, GRAM_END);
}

static void
test_a_document_counts_once(void **state)
{
	struct block_writer w = { 0 };
	struct block_reader r;
	struct span data;
	uint64_t gram;
	uint64_t doc = BASE;

	(void)state;
	block_start(&w, BASE);
	for (int i = 0; i < 3; i++)
		assert_false(block_add(&w, 7, BASE + 5));
	assert_int_equal(block_take(&w, 9, 8, &gram, &data), ST_OK);
	assert_int_equal(block_open(&r, data, 9, gram), ST_OK);
	assert_int_equal(block_next(&r), ST_OK);
	assert_true(docs_next(&r.docs, &doc));
	assert_false(docs_next(&r.docs, &doc));
	block_clear(&w);
}

static void
test_a_full_block_is_to_be_taken(void **state)
{
	struct block_writer w = { 0 };
	uint64_t gram = 1;
	struct span data;

	(void)state;
	block_start(&w, BASE);
	while (!block_add(&w, gram, BASE))
		gram += 1000;
	assert_int_equal(block_take(&w, 9, gram, &gram, &data), ST_OK);
	assert_int_equal(gram, 1);
	assert_in_range(data.n, BLOCK_BYTES, BLOCK_BYTES + 50);
	block_clear(&w);
}

static void
test_any_damage_is_noticed(void **state)
{
	CLEANUP(buf_clear) struct buf b = make(5, 7);
	struct block_reader r;

	(void)state;
	for (size_t bit = 0; bit < b.n * 8; bit++) {
		b.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(block_open(&r, buf_span(&b), 9, 10),
		    ST_CORRUPT);
		b.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(block_open(&r, span_head(buf_span(&b), n), 9,
				     10),
		    ST_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_a_document_counts_once),
		cmocka_unit_test(test_a_full_block_is_to_be_taken),
		cmocka_unit_test(test_any_damage_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
