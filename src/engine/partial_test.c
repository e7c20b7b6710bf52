#include "base/test.h"

#include "engine/partial.h"

static void
ranges_count_from_either_end(void **state)
{
	static const struct {
		struct partial_range p;
		const char *want;
	} cases[] = {
		{ { 1, 3, false }, "2:3,7" },
		{ { 3, 1, false }, "2:3,7" },
		{ { 4, 100, false }, "8:9,20" },
		{ { 7, 9, false }, "" },
		{ { 1, 2, true }, "9,20" },
		{ { 5, 900, true }, "2:3" },
		{ { 7, 8, true }, "" },
		{ { 1, UINT32_MAX, false }, "2:3,7:9,20" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(uidset_clear) struct uidset s = { 0 };
		CLEANUP(buf_clear) struct buf b = { 0 };

		uidset_add_range(&s, 2, 3);
		uidset_add_range(&s, 7, 9);
		uidset_add(&s, 20);
		partial_keep(&s, &cases[i].p);
		uidset_write(&b, &s);
		buf_byte(&b, '\0');
		assert_string_equal((const char *)b.p, cases[i].want);
	}
}

static void
a_range_is_written_as_it_was_read(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	partial_write(&b, &(struct partial_range){ 1, 100, true });
	assert_span(buf_span(&b), "-1:-100");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_count_from_either_end),
		cmocka_unit_test(a_range_is_written_as_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
