#include "base/test.h"

#include "base/limits.h"
#include "mime/header.h"

/* Fields as "name=value|", with '-' for a line that is no field. */
static void
fields_are_read_as_they_are_found(void **state)
{
	static const struct {
		const char *block;
		const char *want;
	} cases[] = {
		{ "A: 1\r\nB: 2\r\n\r\n", "A=1|B=2|" },
		{ "A: 1\nB: 2\n\n", "A=1|B=2|" },
		{ "A: 1\r\nB: 2", "A=1|B=2|" },
		{ "A:1\r\n\r\nB: 2\r\n", "A=1|" },
		{ "A: 1\r\n  more \r\n\tmore\r\nB: 2\r\n",
		    "A=1\r\n  more \r\n\tmore|B=2|" },
		{ "A:\r\n 1\r\nB:\r\n", "A=1|B=|" },
		{ "A : 1\r\nB\t: 2\r\n", "A=1|B=2|" },
		{ "A: 1\r\nno field\r\nB: 2\r\n", "A=1|-=no field|B=2|" },
		{ "From jane Mon\r\nA: 1\r\n", "-=From jane Mon|A=1|" },
		{ ">From jane\r\nA: 1\r\n", "-=>From jane|A=1|" },
		{ " 1\r\nA: 1\r\n", "-=1|A=1|" },
		{ ": 1\r\nA: 1\r\n", "-=: 1|A=1|" },
		{ "A: 1\rB: 2\r\nC: 3\r\n", "A=1\rB: 2|C=3|" },
		{ "A: 1\r\n \r\n 2\r\n\r\n", "A=1\r\n \r\n 2|" },
		{ "\xc3\xa4: 1\r\nA: 1\r\n", "-=\xc3\xa4: 1|A=1|" },
		{ "", "" },
		{ "\r\n", "" },
		{ "A", "-=A|" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct header_iter it = { span_str(cases[i].block) };
		struct header_field f;

		while (header_next(&it, &f)) {
			buf_add(&got, f.name.n > 0 ? f.name : SPAN("-"));
			buf_byte(&got, '=');
			buf_add(&got, f.value);
			buf_byte(&got, '|');
		}
		buf_byte(&got, '\0');
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

static void
unfolding_leaves_one_line(void **state)
{
	static const struct {
		struct span value;
		const char *want;
	} cases[] = {
		{ SPAN_INIT("plain"), "plain" },
		{ SPAN_INIT("a\r\n b"), "a b" },
		{ SPAN_INIT("a\n b"), "a b" },
		{ SPAN_INIT("a\r\n\tb\tc"), "a b\tc" },
		{ SPAN_INIT("a\r\n  b\r\n c"), "a  b c" },
		{ SPAN_INIT("a\rb"), "ab" },
		{ SPAN_INIT("a\0b\r\n\0 c"), "ab c" },
		{ SPAN_INIT(""), "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };

		header_unfold(cases[i].value, &got);
		buf_byte(&got, '\0');
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

static void
a_header_ends_at_its_empty_line(void **state)
{
	static const struct {
		const char *message;
		size_t want;
	} cases[] = {
		{ "A: 1\r\n\r\nbody", 8 },
		{ "A: 1\n\nbody", 6 },
		{ "A: 1\r\n b\r\n\r\nbody", 12 },
		{ "A: 1\r\nno field\r\n\r\nbody", 18 },
		{ "A: 1\r\n \r\n\r\nbody", 11 },
		{ "From x\r\nA: 1\r\n\r\nbody", 16 },
		{ "A: 1\r\n", 6 },
		{ "A: 1", 4 },
		{ "\r\nbody", 2 },
		{ "\nbody", 1 },
		{ "no field\r\nA: 1\r\n\r\nbody", 0 },
		{ "", 0 },
	};
	CLEANUP(buf_clear) struct buf endless = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(header_length(span_str(cases[i].message)),
		    cases[i].want);

	while (endless.n < LIMIT_HEADER_BYTES * UINT64_C(2))
		buf_str(&endless, "A: 12345\r\n");
	assert_in_range(header_length(buf_span(&endless)), LIMIT_HEADER_BYTES,
	    LIMIT_HEADER_BYTES + 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read_as_they_are_found),
		cmocka_unit_test(unfolding_leaves_one_line),
		cmocka_unit_test(a_header_ends_at_its_empty_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
