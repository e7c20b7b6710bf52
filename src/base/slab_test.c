#include "base/slab.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

enum { SIZE = 5000, MANY = 2000 }; /* of which about 400 are in a chunk */

static void
mark(unsigned char *block, size_t i)
{
	memset(block, (int)(i % 251), SIZE);
}

static void
check(const unsigned char *block, size_t i)
{
	for (size_t at = 0; at < SIZE; at++)
		assert_int_equal(block[at], i % 251);
}

static void
blocks_are_apart(void **state)
{
	struct slab s = SLAB_INIT(SIZE);
	unsigned char **block = mem_array(MANY, sizeof(*block));

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		block[i] = slab_take(&s);
		assert_int_equal((uintptr_t)block[i] % 64, 0);
		mark(block[i], i);
	}
	assert_true(s.chunks >= MANY * (size_t)SIZE / MEM_HUGE);
	for (size_t i = 0; i < MANY; i++)
		check(block[i], i);
	for (size_t i = 0; i < MANY; i++)
		slab_give(&s, block[i]);
	assert_int_equal(s.chunks, 0);
	slab_give(&s, NULL);
	free(block);
}

/* In an order that fills chunks and empties them by turns. */
static void
what_is_given_back_is_taken_again(void **state)
{
	struct slab s = SLAB_INIT(SIZE);
	unsigned char **block = mem_array(MANY, sizeof(*block));
	size_t most = 0;

	(void)state;
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 0; i < MANY; i++) {
			if (block[i] == NULL && (i * 7 + round) % 3 != 0) {
				block[i] = slab_take(&s);
				mark(block[i], i);
			} else if (block[i] != NULL && (i + round) % 2 == 0) {
				check(block[i], i);
				slab_give(&s, TAKE(block[i]));
			}
		}
		most = MAX(most, s.chunks);
	}
	assert_true(most * MEM_HUGE <= (size_t)2 * MANY * SIZE);
	for (size_t i = 0; i < MANY; i++) {
		if (block[i] != NULL)
			check(block[i], i);
		slab_give(&s, block[i]);
	}
	assert_int_equal(s.chunks, 0);
	free(block);
}

static struct slab shared = SLAB_INIT(SIZE);

static void *
take_and_give(void *arg)
{
	unsigned char *block[100] = { NULL };
	size_t seed = *(size_t *)arg;

	for (size_t i = 0; i < 20000; i++) {
		size_t at = (i * seed) % COUNT(block);

		if (block[at] == NULL) {
			block[at] = slab_take(&shared);
			block[at][0] = block[at][SIZE - 1] =
			    (unsigned char)seed;
			continue;
		}
		assert_int_equal(block[at][0], seed);
		assert_int_equal(block[at][SIZE - 1], seed);
		slab_give(&shared, TAKE(block[at]));
	}
	for (size_t at = 0; at < COUNT(block); at++)
		slab_give(&shared, block[at]);
	return NULL;
}

static void
threads_share_one(void **state)
{
	size_t seed[] = { 3, 7, 11, 13 };
	pthread_t t[COUNT(seed)];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, take_and_give,
				     &seed[i]),
		    0);
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	assert_int_equal(shared.chunks, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_apart),
		cmocka_unit_test(what_is_given_back_is_taken_again),
		cmocka_unit_test(threads_share_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
