#include "base/test.h"

#include "base/span.h"

static void
comparing_minds_length_and_case(void **state)
{
	(void)state;
	assert_true(span_eq_nocase(SPAN("InBoX"), SPAN("INBOX")));
	assert_false(span_eq_nocase(SPAN("INBOX"), SPAN("INBOX/")));
	assert_false(span_eq(SPAN("a"), SPAN("A")));
	assert_true(span_starts_nocase(SPAN("inbox/x"), SPAN("INBOX")));
	assert_false(span_starts(SPAN("in"), SPAN("inbox")));
	assert_true(span_cmp(SPAN("a"), SPAN("ab")) < 0);
	assert_true(span_cmp(SPAN("b"), SPAN("ab")) > 0);
	assert_int_equal(span_cmp((struct span){ 0 }, SPAN("")), 0);
	assert_true(span_cmp_nocase(SPAN("a"), SPAN("B")) < 0);
}

static void
parts_stay_inside(void **state)
{
	(void)state;
	assert_span(span_from(SPAN("abc"), 1), "bc");
	assert_span(span_from(SPAN("abc"), 9), "");
	assert_span(span_head(SPAN("abc"), 9), "abc");
	assert_span(span_trim(SPAN(" \ta b\t ")), "a b");
	assert_span(span_trim(SPAN("  ")), "");
	assert_int_equal(span_find(SPAN("abc"), 'c'), 2);
	assert_int_equal(span_find(SPAN("abc"), 'x'), 3);
	assert_int_equal(span_find((struct span){ 0 }, 'x'), 0);
}

static void
numbers_are_digits_within_a_bound(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_false(span_u64(SPAN(""), 9, &v));
	assert_false(span_u64(SPAN("1x"), 99, &v));
	assert_false(span_u64(SPAN("10"), 9, &v));
	assert_false(span_u64(SPAN("18446744073709551616"), UINT64_MAX, &v));
	assert_int_equal(v, 7);
	assert_true(span_u64(SPAN("18446744073709551615"), UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparing_minds_length_and_case),
		cmocka_unit_test(parts_stay_inside),
		cmocka_unit_test(numbers_are_digits_within_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
