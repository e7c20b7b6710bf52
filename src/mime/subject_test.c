#include "base/test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "mime/subject.h"

static const struct {
	const char *subject;
	const char *want;
	bool is_reply;
} cases[] = {
	{ "Hello", "Hello", false },
	{ "Re: Hello", "Hello", true },
	{ "re:Hello", "Hello", true },
	{ "RE : Hello", "Hello", true },
	{ "Fw: Hello", "Hello", true },
	{ "Fwd: Hello", "Hello", true },
	{ "Re: Fwd: RE: fw: Hello", "Hello", true },
	{ "Re[2]: Hello", "Hello", true },
	{ "Re [2] : Hello", "Hello", true },
	{ "[list] Hello", "Hello", false },
	{ "[a] [b]  [c]Hello", "Hello", false },
	{ "[list] Re: Hello", "Hello", true },
	{ "Re: [list] Hello", "Hello", true },
	{ "[a] Re: [b] Fwd: [c] Hello", "Hello", true },
	{ "Hello (fwd)", "Hello", true },
	{ "Hello (FWD) (fwd)  ", "Hello", true },
	{ "[Fwd: Hello]", "Hello", true },
	{ "[fwd: [Fwd: Re: Hello (fwd)]]", "Hello", true },
	{ "Re: [Fwd: [list] Hello]", "Hello", true },

	/* the last blob is the base, if there would be none */
	{ "[list]", "[list]", false },
	{ "[a][b]", "[b]", false },
	{ "Re: [list]", "[list]", true },
	{ "[list] Re:", "", true },
	{ "Re:", "", true },
	{ "Re: Re:", "", true },
	{ "(fwd)", "", true },
	{ "[fwd:]", "", true },
	{ "", "", false },
	{ "   ", "", false },

	/* what only looks like it */
	{ "Reply: Hello", "Reply: Hello", false },
	{ "Re Hello", "Re Hello", false },
	{ "Re[2] Hello", "Re[2] Hello", false },
	{ "Re[[2]]: Hello", "Re[[2]]: Hello", false },
	{ "[a[b] Hello", "[a[b] Hello", false },
	{ "[fwd: Hello", "[fwd: Hello", false },
	{ "Hello (fwd) there", "Hello (fwd) there", false },
	{ "(fwd", "(fwd", false },
	{ "AW: Hello", "AW: Hello", false },
	{ "fwdd: Hello", "fwdd: Hello", false },

	/* step 1 */
	{ "=?utf-8?Q?Re:_Gr=C3=BC=C3=9Fe?=",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e",
	    true },
	{ "Re:\tone\r\n\ttwo   three", "one two three", true },
	{ "=?utf-8?Q?_=20_a?=", "a", false },
};

static void
base_subjects_follow_rfc_5256(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		bool is_reply = !cases[i].is_reply;
		struct span got;

		got = base_subject(a, span_str(cases[i].subject), &is_reply);
		assert_string_equal(arena_str(a, got), cases[i].want);
		assert_int_equal(is_reply, cases[i].is_reply);
	}
}

static void
a_base_subject_has_a_bound(void **state)
{
	static const char *const pieces[] = { "x", "\xc3\xa4", "[a]",
		"Re:", "(fwd)", "[fwd:" };

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf value = { 0 };
		bool is_reply;

		while (value.n < LIMIT_HEADER_BYTES)
			buf_str(&value, pieces[i]);
		assert_true(base_subject(a, buf_span(&value), &is_reply).n <=
			    LIMIT_SORT_KEY);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_subjects_follow_rfc_5256),
		cmocka_unit_test(a_base_subject_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
