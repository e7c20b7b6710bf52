#include "base/test.h"

#include <malloc.h>

#include "base/mem.h"

/* The blocks that the system took back; a sanitizer's heap counts nothing. */
static void
large_blocks_do_not_stay_in_the_heap(void **state)
{
	size_t before;
	void *p = mem_alloc(1);

	(void)state;
	if (mallinfo2().arena == 0) {
		mem_free(&p);
		skip();
	}
	mem_free(&p);
	mem_give_back();
	for (int i = 0; i < 3; i++) {
		before = mallinfo2().hblkhd;
		p = mem_alloc(20 * MEM_LARGE);
		assert_true(mallinfo2().hblkhd >= before + 20 * MEM_LARGE);
		mem_free(&p);
		assert_int_equal(mallinfo2().hblkhd, before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_blocks_do_not_stay_in_the_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
