#include "base/test.h"

#include "mail/lmtp_address.h"

static void
paths_are_taken_apart(void **state)
{
	static const struct {
		const char *in;
		const char *text;
		const char *user;
		const char *folder;
	} cases[] = {
		{ "<>", "", "", "" },
		{ "<a@b>", "a@b", "a@b", "" },
		{ "<postmaster>", "postmaster", "postmaster", "" },
		{ "<ann+lists@example.com>", "ann+lists@example.com",
		    "ann@example.com", "lists" },
		{ "<ann+a+b@x>", "ann+a+b@x", "ann@x", "a+b" },
		{ "<ann+@x>", "ann+@x", "ann@x", "" },
		{ "<+ann@x>", "+ann@x", "+ann@x", "" },
		{ "<+ann+f@x>", "+ann+f@x", "+ann@x", "f" },
		{ "<ann+f>", "ann+f", "ann", "f" },
		{ "<a.b..c.@x.example>", "a.b..c.@x.example",
		    "a.b..c.@x.example", "" },
		{ "<\"a b\"@x>", "\"a b\"@x", "a b@x", "" },
		{ "<\"a\\\"\\\\>@<+in box\"@x>", "\"a\\\"\\\\>@<+in box\"@x",
		    "a\"\\>@<@x", "in box" },
		{ "<\"\"@x>", "\"\"@x", "@x", "" },
		{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "a@[192.0.2.1]", "" },
		{ "<a@[IPv6:::1]>", "a@[IPv6:::1]", "a@[IPv6:::1]", "" },
		{ "<@one.example,@two:a@b>", "a@b", "a@b", "" },
		{ "<gr\u00fcn+post@b\u00fcro.example>",
		    "gr\u00fcn+post@b\u00fcro.example",
		    "gr\u00fcn@b\u00fcro.example", "post" },
		{ "<SRS0=a=b=c.d=e/f!g@x_y.example>",
		    "SRS0=a=b=c.d=e/f!g@x_y.example",
		    "SRS0=a=b=c.d=e/f!g@x_y.example", "" },
	};
	CLEANUP(buf_clear) struct buf scratch = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span in = span_str(cases[i].in);
		struct lmtp_path path;
		struct lmtp_mailbox m;

		if (!lmtp_path_take(&in, &path))
			fail_msg("%s is refused", cases[i].in);
		assert_int_equal(in.n, 0);
		m = lmtp_path_mailbox(&path, '+', &scratch);
		if (!span_eq(path.text, span_str(cases[i].text)) ||
		    !span_eq(m.user, span_str(cases[i].user)) ||
		    !span_eq(m.folder, span_str(cases[i].folder)))
			fail_msg("%s: %.*s, %.*s, %.*s", cases[i].in,
			    SPAN_ARG(path.text), SPAN_ARG(m.user),
			    SPAN_ARG(m.folder));
	}
}

static void
what_is_no_path_is_refused(void **state)
{
	static const struct span cases[] = {
		SPAN_INIT(""),
		SPAN_INIT("<"),
		SPAN_INIT("a@b"),
		SPAN_INIT("<a@b"),
		SPAN_INIT("<a@>"),
		SPAN_INIT("<@b>"),
		SPAN_INIT("<@b:>"),
		SPAN_INIT("<@b,a@c>"),
		SPAN_INIT("<@b"),
		SPAN_INIT("<a b@c>"),
		SPAN_INIT("<a@b c>"),
		SPAN_INIT("< a@b>"),
		SPAN_INIT("<a@@b>"),
		SPAN_INIT("<a@b@c>"),
		SPAN_INIT("<a<b@c>"),
		SPAN_INIT("<\"a@b>"),
		SPAN_INIT("<\"a\\"),
		SPAN_INIT("<\"a\"b@c>"),
		SPAN_INIT("<\"a\nb\"@c>"),
		SPAN_INIT("<\"a\\\rb\"@c>"),
		SPAN_INIT("<a\0b@c>"),
		SPAN_INIT("<a@[]>"),
		SPAN_INIT("<a@[1>"),
		SPAN_INIT("<a@["),
		SPAN_INIT("<a@[1[]>"),
		SPAN_INIT("<gr\xfcn@b>"),
		SPAN_INIT("<a@b\xc3>"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lmtp_path path = { .text = SPAN("same") };
		struct span in = cases[i];

		if (lmtp_path_take(&in, &path))
			fail_msg("case %zu is taken", i);
		assert_true(span_eq(in, cases[i]));
		assert_span(path.text, "same");
	}
}

static void
utf8_is_noticed_and_the_rest_is_left(void **state)
{
	struct span in = SPAN("<\u00e4@x> SIZE=5");
	struct lmtp_path path;

	(void)state;
	assert_true(lmtp_path_take(&in, &path));
	assert_true(path.has_utf8);
	assert_span(in, " SIZE=5");
	in = SPAN("<a@x>");
	assert_true(lmtp_path_take(&in, &path));
	assert_false(path.has_utf8);
}

static void
without_a_delimiter_there_are_no_subaddresses(void **state)
{
	CLEANUP(buf_clear) struct buf scratch = { 0 };
	struct span in = SPAN("<a+b-c@x>");
	struct lmtp_path path;
	struct lmtp_mailbox m;

	(void)state;
	assert_true(lmtp_path_take(&in, &path));
	m = lmtp_path_mailbox(&path, 0, &scratch);
	assert_span(m.user, "a+b-c@x");
	assert_span(m.folder, "");
	m = lmtp_path_mailbox(&path, '-', &scratch);
	assert_span(m.user, "a+b@x");
	assert_span(m.folder, "c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_taken_apart),
		cmocka_unit_test(what_is_no_path_is_refused),
		cmocka_unit_test(utf8_is_noticed_and_the_rest_is_left),
		cmocka_unit_test(without_a_delimiter_there_are_no_subaddresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
