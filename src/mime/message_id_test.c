#include "base/test.h"

#include "base/limits.h"
#include "mime/header.h"

static void
write_ids(struct buf *out, struct message_ids ids)
{
	for (size_t i = 0; i < ids.n; i++) {
		buf_add(out, ids.id[i]);
		buf_byte(out, '|');
	}
	buf_byte(out, '\0');
}

static void
ids_are_normalised(void **state)
{
	static const struct {
		const char *value;
		const char *want;
	} cases[] = {
		/* RFC 5256 section 3 */
		{ "<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>",
		    "01KF8JCEOCBS0045PS@xxx.yyy.com|" },
		{ "<01KF8JCEOCBS0045PS@xxx.yyy.com>",
		    "01KF8JCEOCBS0045PS@xxx.yyy.com|" },
		/* RFC 5322 section 4.5.4 and appendix A.5 */
		{ " : <1234   @   local(blah)  .machine .example>",
		    "1234@local.machine.example|" },
		{ "<5678.21-Nov-1997@example.com>",
		    "5678.21-Nov-1997@example.com|" },

		{ "<a@b> <c@d>\r\n <e@f>", "a@b|c@d|e@f|" },
		{ "<a@b><c@d>,<e@f>", "a@b|c@d|e@f|" },
		{ "Your message of Monday <a@b> (Joe <joe@x>)", "a@b|joe@x|" },
		{ "<\"a\\\"b\"@c>", "a\"b@c|" },
		{ "<\"a b\"@c>", "a b@c|" },
		{ "<a@b\r\n c>", "a@bc|" },
		{ "<a@[1.2.3.4]>", "a@[1.2.3.4]|" },
		{ "<a@b@c>", "a@b@c|" },
		{ "<A@B>", "A@B|" },

		{ "a@b", "" },
		{ "<a>", "" },
		{ "<@b>", "" },
		{ "<a@>", "" },
		{ "<>", "" },
		{ "<", "" },
		{ "<a@b", "" },
		{ "<a <c@d>", "c@d|" },
		{ "<junk> <c@d>", "c@d|" },
		{ "<\"a@b> <c@d>", "\"a@b|c@d|" },
		{ "<(a@b>", "(a@b|" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf got = { 0 };

		write_ids(&got,
		    message_ids_parse(a, span_str(cases[i].value), 10));
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

static void
of_too_many_ids_the_last_are_kept(void **state)
{
	static const char *const want[] = { "", "i12@x|", "i11@x|i12@x|",
		"i10@x|i11@x|i12@x|" };
	CLEANUP(buf_clear) struct buf value = { 0 };

	(void)state;
	for (int i = 0; i <= 12; i++)
		buf_printf(&value, "<i%d@x> ", i);
	for (size_t max = 0; max < COUNT(want); max++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf got = { 0 };

		write_ids(&got, message_ids_parse(a, buf_span(&value), max));
		assert_string_equal((char *)got.p, want[max]);
	}
}

static size_t
ids_with_one_of(struct arena *a, size_t bytes)
{
	CLEANUP(buf_clear) struct buf value = { 0 };

	buf_str(&value, "<a@");
	while (value.n <= bytes)
		buf_byte(&value, 'b');
	buf_str(&value, "> <c@d>");
	return message_ids_parse(a, buf_span(&value), 10).n;
}

static void
an_id_has_a_bound(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	assert_int_equal(ids_with_one_of(a, LIMIT_MESSAGE_ID - 1), 2);
	assert_int_equal(ids_with_one_of(a, LIMIT_MESSAGE_ID), 2);
	assert_int_equal(ids_with_one_of(a, LIMIT_MESSAGE_ID + 1), 1);
}

static void
hostile_ids_are_read_in_linear_time(void **state)
{
	static const char *const pieces[] = { "<(a@b>", "<\"a@b>", "<", "<a@",
		"<a@(" };

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf value = { 0 };

		while (value.n < 1000000)
			buf_str(&value, pieces[i]);
		assert_true(
		    message_ids_parse(a, buf_span(&value), 200).n <= 200);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_normalised),
		cmocka_unit_test(of_too_many_ids_the_last_are_kept),
		cmocka_unit_test(an_id_has_a_bound),
		cmocka_unit_test(hostile_ids_are_read_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
