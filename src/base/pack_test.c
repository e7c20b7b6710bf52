#include "base/test.h"

#include "base/pack.h"

static void
everything_comes_back(void **state)
{
	static const uint64_t u[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX,
		UINT64_MAX };
	static const int64_t s[] = { 0, -1, 1, INT64_MIN, INT64_MAX };
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct unpack in;

	(void)state;
	for (size_t i = 0; i < COUNT(u); i++)
		pack_u64(&b, u[i]);
	for (size_t i = 0; i < COUNT(s); i++)
		pack_i64(&b, s[i]);
	pack_span(&b, SPAN("INBOX"));
	pack_span(&b, (struct span){ 0 });
	pack_be64(&b, 0x0102030405060708);
	pack_be32(&b, 0xfffefdfc);

	in = unpack_over(buf_span(&b));
	for (size_t i = 0; i < COUNT(u); i++)
		assert_true(unpack_u64(&in) == u[i]);
	for (size_t i = 0; i < COUNT(s); i++)
		assert_true(unpack_i64(&in) == s[i]);
	assert_span(unpack_span(&in), "INBOX");
	assert_int_equal(unpack_span(&in).n, 0);
	assert_true(unpack_be64(&in) == 0x0102030405060708);
	assert_true(unpack_be32(&in) == 0xfffefdfc);
	assert_true(unpack_end(&in));
}

static void
a_cut_value_is_an_error_that_sticks(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
		{ "", 0 },
		{ "\x80", 1 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct unpack in =
		    unpack_over(span_of(cases[i].bytes, cases[i].n));

		assert_true(unpack_u64(&in) == 0);
		assert_false(unpack_ok(&in));
		assert_int_equal(unpack_span(&in).n, 0);
		assert_false(unpack_end(&in));
	}
}

static void
a_length_past_the_end_is_an_error(void **state)
{
	struct unpack in = unpack_over(SPAN("\x05"
					    "abcd"));

	(void)state;
	assert_int_equal(unpack_span(&in).n, 0);
	assert_false(unpack_ok(&in));
	in = unpack_over(SPAN("\x80\x80\x80\x80\x10"));
	assert_int_equal(unpack_u32(&in), 0);
	assert_false(unpack_ok(&in));
	in = unpack_over(SPAN("abc"));
	assert_int_equal(unpack_be32(&in), 0);
	assert_false(unpack_ok(&in));
}

/* Whatever follows them. */
static void
numbers_of_every_length_come_back(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		for (int less = 0; less < 2; less++) {
			for (size_t more = 0; more < 12; more++) {
				CLEANUP(buf_clear) struct buf b = { 0 };
				uint64_t v = ((uint64_t)1 << bits) - less;
				struct unpack u;

				pack_u64(&b, v);
				for (size_t i = 0; i < more; i++)
					buf_byte(&b, 0xff);
				u = unpack_over(buf_span(&b));
				assert_int_equal(unpack_u64(&u), v);
				assert_true(unpack_ok(&u));
				assert_int_equal(u.rest.n, more);
			}
		}
	}
}

static void
a_number_may_be_longer_than_it_need_be(void **state)
{
	static const char *const bytes[] = { "\x81", "\x81\x80",
		"\x81\x80\x80\x80\x80\x80", "\x81\x80\x80\x80\x80\x80\x80",
		"\x81\x80\x80\x80\x80\x80\x80\x80\x80" };

	(void)state;
	for (size_t i = 0; i < COUNT(bytes); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		struct unpack u;

		buf_str(&b, bytes[i]);
		buf_byte(&b, 0);
		u = unpack_over(buf_span(&b));
		assert_int_equal(unpack_u64(&u), 1);
		assert_true(unpack_end(&u));
	}
}

static void
a_number_that_does_not_end_is_an_error(void **state)
{
	(void)state;
	for (size_t n = 1; n < 20; n++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		struct unpack u;

		while (b.n < n)
			buf_byte(&b, 0x80);
		u = unpack_over(buf_span(&b));
		assert_int_equal(unpack_u64(&u), 0);
		assert_false(unpack_ok(&u));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_back),
		cmocka_unit_test(a_cut_value_is_an_error_that_sticks),
		cmocka_unit_test(a_length_past_the_end_is_an_error),
		cmocka_unit_test(numbers_of_every_length_come_back),
		cmocka_unit_test(a_number_may_be_longer_than_it_need_be),
		cmocka_unit_test(a_number_that_does_not_end_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
