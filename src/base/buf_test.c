#include "base/test.h"

#include "base/buf.h"

static void
bytes_come_back_in_order(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	buf_str(&b, "* ");
	buf_u64(&b, 0);
	buf_byte(&b, ' ');
	buf_u64(&b, UINT64_MAX);
	buf_printf(&b, " %s %d", "UID", -5);
	BUF_LIT(&b, "\r\n");
	assert_span(buf_span(&b), "* 0 18446744073709551615 UID -5\r\n");
	buf_drop(&b, 2);
	assert_span(span_head(buf_span(&b), 2), "0 ");
	buf_drop(&b, b.n);
	assert_int_equal(b.n, 0);
}

static void
it_grows_past_any_start(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_byte(&b, (unsigned char)i);
	assert_int_equal(b.n, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], (unsigned char)i);
	buf_add(&b, (struct span){ 0 });
	assert_int_equal(b.n, 100000);
}

/* Whether it fits what room there is, just not, or not by far. */
static void
what_is_printed_is_whole(void **state)
{
	static const int lengths[] = { 2, 63, 64, 65, 255, 256, 257, 5000 };

	(void)state;
	for (int before = 0; before < 600; before++)
		for (size_t i = 0; i < COUNT(lengths); i++) {
			CLEANUP(buf_clear) struct buf b = { 0 };
			size_t n = (size_t)lengths[i];
			struct span printed;

			for (int k = 0; k < before; k++)
				buf_byte(&b, 'x');
			buf_printf(&b, "%0*d", lengths[i], 7);
			printed = span_from(buf_span(&b), (size_t)before);
			assert_int_equal(printed.n, n);
			assert_int_equal(span_find(printed, '7'), n - 1);
			assert_int_equal(span_find(buf_span(&b), '0'), before);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_back_in_order),
		cmocka_unit_test(it_grows_past_any_start),
		cmocka_unit_test(what_is_printed_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
