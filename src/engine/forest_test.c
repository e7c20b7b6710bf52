#include "base/test.h"

#include <stdlib.h>

#include "engine/forest.h"

#define NODES 300

static void
a_link_that_would_make_a_loop_is_refused(void **state)
{
	CLEANUP(forest_clear) struct forest f = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(forest_add(&f), i);
	assert_false(forest_link(&f, 0, 0));
	assert_true(forest_link(&f, 0, 1));
	assert_true(forest_link(&f, 1, 2));
	assert_false(forest_link(&f, 1, 0));
	assert_false(forest_link(&f, 2, 0));
	assert_int_equal(forest_parent(&f, 0), FOREST_NONE);
	assert_true(forest_link(&f, 3, 0));
	assert_int_equal(forest_parent(&f, 2), 1);
}

static void
a_cut_makes_a_root_that_can_be_linked_again(void **state)
{
	CLEANUP(forest_clear) struct forest f = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		forest_add(&f);
	assert_true(forest_link(&f, 0, 1));
	assert_true(forest_link(&f, 1, 2));
	assert_true(forest_link(&f, 2, 3));
	forest_cut(&f, 2);
	forest_cut(&f, 2);
	assert_int_equal(forest_parent(&f, 2), FOREST_NONE);
	assert_false(forest_link(&f, 3, 2));
	assert_true(forest_link(&f, 3, 0));
	assert_false(forest_link(&f, 1, 2));
}

/* What it says is what walking up says. */
static bool
is_below(const struct forest *f, uint32_t node, uint32_t above)
{
	while (node != FOREST_NONE && node != above)
		node = forest_parent(f, node);
	return node == above;
}

static void
loops_are_found_in_any_forest(void **state)
{
	CLEANUP(forest_clear) struct forest f = { 0 };

	(void)state;
	srandom(3);
	for (int i = 0; i < NODES; i++)
		forest_add(&f);
	for (int i = 0; i < 20000; i++) {
		uint32_t child = (uint32_t)random() % NODES;
		uint32_t parent = (uint32_t)random() % NODES;
		bool loop;

		if (forest_parent(&f, child) != FOREST_NONE) {
			if (random() % 4 == 0)
				forest_cut(&f, child);
			continue;
		}
		loop = is_below(&f, parent, child);
		assert_int_equal(forest_link(&f, parent, child), !loop);
	}
}

/* Walking up to the root each time would take minutes. */
static void
depth_costs_little(void **state)
{
	CLEANUP(forest_clear) struct forest f = { 0 };
	const uint32_t depth = 200000;

	(void)state;
	for (uint32_t i = 0; i < 2 * depth; i++)
		forest_add(&f);
	for (uint32_t i = 1; i < depth; i++)
		assert_true(forest_link(&f, i - 1, i));
	for (uint32_t i = 0; i < depth / 2; i++) {
		uint32_t top = depth + 2 * i;

		assert_true(forest_link(&f, top, top + 1));
		assert_true(forest_link(&f, depth - 1 - i % 7, top));
		assert_false(forest_link(&f, top, 0));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_that_would_make_a_loop_is_refused),
		cmocka_unit_test(a_cut_makes_a_root_that_can_be_linked_again),
		cmocka_unit_test(loops_are_found_in_any_forest),
		cmocka_unit_test(depth_costs_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
