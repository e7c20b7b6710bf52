#include "base/test.h"

#include "engine/idmap.h"

static void
a_number_is_found_again_by_its_id(void **state)
{
	CLEANUP(idmap_clear) struct idmap m = { 0 };

	(void)state;
	idmap_init(&m);
	assert_int_equal(idmap_find(&m, 1), IDMAP_NEW);
	for (uint32_t i = 1; i < 50000; i++) {
		uint32_t *number = idmap_at(&m, i * UINT64_C(0x100000001));

		assert_int_equal(*number, IDMAP_NEW);
		*number = i;
	}
	for (uint32_t i = 1; i < 50000; i++)
		assert_int_equal(*idmap_at(&m, i * UINT64_C(0x100000001)), i);
	assert_int_equal(idmap_find(&m, UINT64_C(0x100000001)), 1);
	assert_int_equal(idmap_find(&m, UINT64_MAX), IDMAP_NEW);
	assert_int_equal(*idmap_at(&m, UINT64_MAX), IDMAP_NEW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_found_again_by_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
