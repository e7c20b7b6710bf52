#include "base/test.h"

#include "base/hash.h"

/* The first vectors of the paper's reference table: bytes 0, 1, 2 ... */
static void
the_papers_vectors_hold(void **state)
{
	static const uint64_t want[] = {
		0x726fdb47dd0e0e31,
		0x74f839c593dc67fd,
		0x0d6c8009d9a94f5a,
		0x85676696d7fb7e2d,
		0xcf2794e0277187b7,
		0x18765564cd99a68d,
		0xcbc9466e58fee3ce,
		0xab0200f58b01d137,
		0x93f5f5799a932462,
	};
	static const struct hash_key key = { 0x0706050403020100,
		0x0f0e0d0c0b0a0908 };
	static const unsigned char in[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++)
		assert_true(hash_sip(&key, span_of(in, i)) == want[i]);
}

static void
random_keys_differ(void **state)
{
	struct hash_key a = hash_key_random();
	struct hash_key b = hash_key_random();

	(void)state;
	assert_memory_not_equal(&a, &b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_papers_vectors_hold),
		cmocka_unit_test(random_keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
