#include "base/test.h"

#include <stdlib.h>

#include "engine/sort.h"

#define MANY 2000

/* The ranks, checked against what they should be, in steps of each size. */
static void
check(const struct sort_column *columns, uint32_t column_count,
    const uint32_t *want, uint32_t n)
{
	static const size_t works[] = { 1, 3, SIZE_MAX };

	for (size_t w = 0; w < COUNT(works); w++) {
		CLEANUP(sort_free)
		struct sort *s = sort_new(columns, column_count, n);

		while (!sort_step(s, works[w]))
			;
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(sort_at(s, i), want[i]);
	}
}

/* RFC 5256 section 3, A283: SORT (SUBJECT REVERSE DATE) gives 5 3 4 1 2. */
static void
later_columns_decide_where_earlier_ones_are_equal(void **state)
{
	static const struct span subjects[] = { SPAN_INIT("ZOO"),
		SPAN_INIT("ZOO"), SPAN_INIT("BEER"), SPAN_INIT("BEER"),
		SPAN_INIT("") };
	static const int64_t dates[] = { 20, 10, 9, 3, 30 };
	static const struct sort_column columns[] = {
		{ .strings = subjects },
		{ .numbers = dates, .reverse = true },
	};
	static const uint32_t want[] = { 4, 2, 3, 0, 1 };

	(void)state;
	check(columns, 2, want, 5);
}

static void
reversing_a_column_leaves_equal_messages_in_mailbox_order(void **state)
{
	static const int64_t sizes[] = { 1, 2, 1, 2, -1, INT64_MAX };
	static const struct sort_column up = { .numbers = sizes };
	static const struct sort_column down = { .numbers = sizes,
		.reverse = true };
	static const uint32_t want_up[] = { 4, 0, 2, 1, 3, 5 };
	static const uint32_t want_down[] = { 5, 1, 3, 0, 2, 4 };

	(void)state;
	check(&up, 1, want_up, 6);
	check(&down, 1, want_down, 6);
}

static void
strings_are_in_the_order_of_their_octets(void **state)
{
	static const struct span s[] = {
		SPAN_INIT(""),
		SPAN_INIT("\0"),
		SPAN_INIT("\0\0"),
		SPAN_INIT("ABCDEF"),
		SPAN_INIT("ABCDEFG"),
		SPAN_INIT("ABCDEFG\0"),
		SPAN_INIT("ABCDEFG\0\0\0\0\0\0\0"),
		SPAN_INIT("ABCDEFGH"),
		SPAN_INIT("ABCDEFGHIJKLMN"),
		SPAN_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
		SPAN_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZ\x01"),
		SPAN_INIT("ABCDEFGHIJKLMNOPQRSTUVWXYZ\xff"),
		SPAN_INIT("\xff"),
	};
	struct span shuffled[COUNT(s)];
	uint32_t up[COUNT(s)];
	uint32_t down[COUNT(s)];
	struct sort_column column = { .strings = shuffled };

	(void)state;
	for (uint32_t i = 0; i < COUNT(s); i++) {
		uint32_t to = (i * 5 + 3) % COUNT(s);

		shuffled[to] = s[i];
		up[i] = to;
		down[COUNT(s) - 1 - i] = to;
	}
	check(&column, 1, up, COUNT(s));
	column.reverse = true;
	check(&column, 1, down, COUNT(s));
}

static void
nothing_to_sort_is_sorted_at_once(void **state)
{
	static const uint32_t want[] = { 0 };
	static const int64_t number = 1;
	static const struct sort_column column = { .numbers = &number };
	CLEANUP(sort_free) struct sort *none = sort_new(&column, 1, 0);
	struct sort *never = NULL;

	(void)state;
	assert_true(sort_step(none, 0));
	check(&column, 1, want, 1);
	check(&column, 0, want, 1);
	sort_free(&never);
}

static struct {
	struct span subjects[MANY];
	int64_t numbers[MANY];
	struct span from[MANY];
} many;

static int
by_rules(const void *a, const void *b)
{
	uint32_t i = *(const uint32_t *)a;
	uint32_t j = *(const uint32_t *)b;
	int d = span_cmp(many.subjects[i], many.subjects[j]);

	if (d == 0)
		d = (many.numbers[j] > many.numbers[i]) -
		    (many.numbers[j] < many.numbers[i]);
	if (d == 0)
		d = span_cmp(many.from[i], many.from[j]);
	return d != 0 ? d : (i > j) - (i < j);
}

static void
many_messages_are_sorted_as_a_comparison_sorts_them(void **state)
{
	static const char text[] = "AAAAAAAAAAAAAAAAAAAAAAAABAAAABBBAAAAAAAAAA";
	static uint32_t want[MANY];
	static const struct sort_column columns[] = {
		{ .strings = many.subjects },
		{ .numbers = many.numbers, .reverse = true },
		{ .strings = many.from },
	};

	(void)state;
	srandom(2);
	for (uint32_t i = 0; i < MANY; i++) {
		many.subjects[i] =
		    span_of(text + random() % 8, (size_t)random() % 32);
		many.numbers[i] = random() % 3 - 1;
		many.from[i] = span_of(text + random() % 3, 24);
		want[i] = i;
	}
	qsort(want, MANY, sizeof(*want), by_rules);
	check(columns, 3, want, MANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    later_columns_decide_where_earlier_ones_are_equal),
		cmocka_unit_test(
		    reversing_a_column_leaves_equal_messages_in_mailbox_order),
		cmocka_unit_test(strings_are_in_the_order_of_their_octets),
		cmocka_unit_test(nothing_to_sort_is_sorted_at_once),
		cmocka_unit_test(
		    many_messages_are_sorted_as_a_comparison_sorts_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
