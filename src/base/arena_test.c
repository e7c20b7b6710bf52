#include "base/test.h"

#include "base/arena.h"

static void
memory_is_zeroed_and_aligned(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t n = 1; n < 300; n++) {
		unsigned char *p = arena_alloc(a, n);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
}

static void
reset_forgets_and_zeroes_again(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	unsigned char *p;

	(void)state;
	memset(arena_alloc(a, 100), 0xff, 100);
	memset(arena_alloc(a, 1 << 20), 0xff, 1 << 20);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);

	p = arena_alloc(a, 1 << 16);
	for (size_t i = 0; i < 1 << 16; i++)
		assert_int_equal(p[i], 0);
}

static void
copies_outlive_their_source(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char src[] = "INBOX";
	struct span copy;
	char *str;

	(void)state;
	copy = arena_dup(a, span_of(src, 5));
	str = arena_str(a, span_of(src, 3));
	memset(src, 'x', 5);
	assert_span(copy, "INBOX");
	assert_string_equal(str, "INB");
	assert_int_equal(arena_dup(a, (struct span){ 0 }).n, 0);
	assert_span(arena_printf(a, "%d-%s", 7, "x"), "7-x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(reset_forgets_and_zeroes_again),
		cmocka_unit_test(copies_outlive_their_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
