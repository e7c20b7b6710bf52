#include "base/test.h"

#include "auth/table.h"

static struct table_key
key(struct table *t, unsigned n)
{
	return table_key_of(t, 0, span_of(&n, sizeof(n)));
}

static void
put(struct table *t, unsigned n, unsigned value)
{
	*(unsigned *)table_put(t, key(t, n)) = value;
}

/* 0 if it isn't there. */
static unsigned
get(struct table *t, unsigned n)
{
	unsigned *value = table_find(t, key(t, n));

	return value == NULL ? 0 : *value;
}

static void
what_is_put_is_found(void **state)
{
	struct table *t = table_new(100, sizeof(unsigned));

	(void)state;
	for (unsigned i = 1; i <= 100; i++)
		put(t, i, i * 7);
	for (unsigned i = 1; i <= 100; i++)
		assert_int_equal(get(t, i), i * 7);
	assert_int_equal(get(t, 101), 0);
	assert_int_equal(table_count(t), 100);
	put(t, 50, 1);
	assert_int_equal(get(t, 50), 1);
	assert_int_equal(table_count(t), 100);
	table_free(&t);
	assert_null(t);
}

static void
what_is_removed_is_gone(void **state)
{
	struct table *t = table_new(10, sizeof(unsigned));

	(void)state;
	for (unsigned round = 1; round < 100; round++) {
		for (unsigned i = 1; i <= 10; i++)
			put(t, i * round, i);
		for (unsigned i = 1; i <= 10; i += 2)
			table_remove(t, key(t, i * round));
		for (unsigned i = 1; i <= 10; i++)
			assert_int_equal(get(t, i * round), i % 2 ? 0 : i);
	}
	table_remove(t, key(t, 12345));
	assert_int_equal(table_count(t), 5);
	table_free(&t);
}

static void
a_full_table_drops_the_oldest(void **state)
{
	struct table *t = table_new(3, sizeof(unsigned));

	(void)state;
	put(t, 1, 1);
	put(t, 2, 2);
	put(t, 3, 3);
	put(t, 1, 1); /* now the youngest */
	put(t, 4, 4);
	assert_int_equal(get(t, 2), 0);
	put(t, 5, 5);
	assert_int_equal(get(t, 3), 0);
	assert_int_equal(get(t, 1), 1);
	assert_int_equal(get(t, 4), 4);
	assert_int_equal(get(t, 5), 5);
	table_free(&t);
}

static void
new_values_are_zero(void **state)
{
	struct table *t = table_new(1, sizeof(unsigned));

	(void)state;
	put(t, 1, 99);
	assert_int_equal(*(unsigned *)table_put(t, key(t, 2)), 0);
	put(t, 2, 99);
	table_remove(t, key(t, 2));
	assert_int_equal(*(unsigned *)table_put(t, key(t, 3)), 0);
	table_free(&t);
}

static void
kinds_keep_equal_bytes_apart(void **state)
{
	struct table *t = table_new(2, sizeof(unsigned));

	(void)state;
	*(unsigned *)table_put(t, table_key_of(t, 1, SPAN("x"))) = 1;
	assert_null(table_find(t, table_key_of(t, 2, SPAN("x"))));
	table_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_found),
		cmocka_unit_test(what_is_removed_is_gone),
		cmocka_unit_test(a_full_table_drops_the_oldest),
		cmocka_unit_test(new_values_are_zero),
		cmocka_unit_test(kinds_keep_equal_bytes_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
