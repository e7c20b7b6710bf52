#include "base/test.h"

#include <stdlib.h>

#include "imap/seqset.h"

static const struct {
	const char *text;
	uint32_t max;
	const char *want; /* NULL: no sequence-set */
	uint32_t top;
} cases[] = {
	{ "1", 10, "1", 1 },
	{ "2,4:7,9,12:*", 15, "2,4:7,9,12:15", 12 }, /* RFC 9051 section 9 */
	{ "*:4,5:7", 10, "4:10", 7 },
	{ "*", 10, "10", 0 },
	{ "7:4", 10, "4:7", 7 },
	{ "5,5,5:5", 10, "5", 5 },
	{ "9,7,5,1:3", 10, "1:3,5,7,9", 9 },
	{ "1:3,2:8,4", 10, "1:8", 8 },
	{ "4294967295", 10, "4294967295", UINT32_MAX },
	/* Pitfall 18: the last message, even if the number is beyond it. */
	{ "25:*", 10, "10:25", 25 },
	{ "*:25", 10, "10:25", 25 },
	{ "4294967295:*", 10, "10:4294967295", UINT32_MAX },
	/* Pitfall 19: an empty mailbox. */
	{ "*", 0, "", 0 },
	{ "1:*", 0, "", 1 },
	{ "*:*,3", 0, "3", 3 },

	{ "", 10, NULL, 0 },
	{ "0", 10, NULL, 0 },
	{ "01", 10, NULL, 0 },
	{ "1:0", 10, NULL, 0 },
	{ "4294967296", 10, NULL, 0 },
	{ "99999999999999999999999", 10, NULL, 0 },
	{ "1,", 10, NULL, 0 },
	{ ",1", 10, NULL, 0 },
	{ "1,,2", 10, NULL, 0 },
	{ "1:", 10, NULL, 0 },
	{ ":1", 10, NULL, 0 },
	{ "1:2:3", 10, NULL, 0 },
	{ "**", 10, NULL, 0 },
	{ "1*", 10, NULL, 0 },
	{ "$,1", 10, NULL, 0 },
	{ "1:$", 10, NULL, 0 },
	{ "-1", 10, NULL, 0 },
};

static void
sets_resolve_to_ascending_ranges(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(uidset_clear) struct uidset set = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		struct seq_set s;

		if (!seq_set_parse(span_str(cases[i].text), a, &s)) {
			if (cases[i].want != NULL)
				fail_msg("%s is a set", cases[i].text);
			continue;
		}
		if (cases[i].want == NULL)
			fail_msg("%s is no set", cases[i].text);
		seq_set_resolve(&s, cases[i].max, &set);
		uidset_write(&b, &set);
		buf_byte(&b, 0);
		assert_string_equal((const char *)b.p, cases[i].want);
		assert_int_equal(seq_set_top(&s), cases[i].top);
	}
}

static void
the_saved_result_is_left_to_the_session(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(uidset_clear) struct uidset set = { 0 };
	struct seq_set s;

	(void)state;
	assert_true(seq_set_parse(SPAN("$"), a, &s));
	assert_true(s.saved);
	uidset_add(&set, 5);
	seq_set_resolve(&s, 10, &set);
	assert_true(uidset_empty(&set));
}

/* As many ranges as fit a line, in the worst order. */
static void
a_long_descending_set_is_no_work(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(uidset_clear) struct uidset set = { 0 };
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct seq_set s;

	(void)state;
	for (uint32_t n = 200000; n > 0; n -= 2)
		buf_printf(&b, "%u,", n);
	BUF_LIT(&b, "1");
	assert_true(seq_set_parse(buf_span(&b), a, &s));
	seq_set_resolve(&s, 300000, &set);
	assert_int_equal(uidset_count(&set), 100001);
}

/* Random sets against a plain array of members. */
static void
resolving_agrees_with_a_plain_array(void **state)
{
	CLEANUP(uidset_clear) struct uidset set = { 0 };
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct seq_range r[6];
		struct seq_set s = { .r = r, .n = 6 };
		uint32_t max = (uint32_t)rand_r(&seed) % 20;
		bool member[32] = { false };

		for (size_t i = 0; i < s.n; i++) {
			r[i].from = (uint32_t)rand_r(&seed) % 30;
			r[i].to = (uint32_t)rand_r(&seed) % 30;
			for (uint32_t u = 1; u < 32; u++) {
				uint32_t x = r[i].from ? r[i].from : max;
				uint32_t y = r[i].to ? r[i].to : max;

				member[u] |= x > 0 && y > 0 && u >= MIN(x, y) &&
				             u <= MAX(x, y);
			}
		}
		seq_set_resolve(&s, max, &set);
		for (uint32_t u = 1; u < 32; u++)
			assert_int_equal(uidset_has(&set, u), member[u]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_resolve_to_ascending_ranges),
		cmocka_unit_test(the_saved_result_is_left_to_the_session),
		cmocka_unit_test(a_long_descending_set_is_no_work),
		cmocka_unit_test(resolving_agrees_with_a_plain_array),
	};

	return cmocka_run_group_tests_name("seqset", tests, NULL, NULL);
}
