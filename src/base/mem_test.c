#include "base/test.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The second number of the line. */
static size_t
resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[128];
	char *at;

	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	(void)fclose(f);
	at = strchr(line, ' ');
	assert_non_null(at);
	return strtoul(at, NULL, 10);
}

/* Each block lies between two that stay. */
static void
small_blocks_that_are_free_leave_no_pages(void **state)
{
	enum { BLOCKS = 1000, BYTES = 65536 };
	void *gone[BLOCKS];
	void *stays[BLOCKS];
	size_t before;

	(void)state;
	if (mallinfo2().arena == 0)
		skip();
	for (size_t i = 0; i < BLOCKS; i++) {
		gone[i] = mem_alloc(BYTES);
		memset(gone[i], 1, BYTES);
		stays[i] = mem_alloc(16);
	}
	before = resident_pages();
	for (size_t i = 0; i < BLOCKS; i++)
		mem_free(&gone[i]);
	mem_trim();
	assert_true(
	    resident_pages() + (size_t)BLOCKS * BYTES / 4096 / 2 < before);
	for (size_t i = 0; i < BLOCKS; i++)
		mem_free(&stays[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_blocks_do_not_stay_in_the_heap),
		cmocka_unit_test(small_blocks_that_are_free_leave_no_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
