#include "base/test.h"

#include "mime/header.h"

/* One address a line: name|route|mailbox|host; {group and } for its ends. */
static void
write_list(struct buf *out, struct address_list list)
{
	for (size_t i = 0; i < list.n; i++) {
		const struct address *a = &list.a[i];

		if (a->kind == ADDRESS_GROUP)
			buf_printf(out, "{%.*s\n", SPAN_ARG(a->name));
		else if (a->kind == ADDRESS_GROUP_END)
			buf_str(out, "}\n");
		else
			buf_printf(out, "%.*s|%.*s|%.*s|%.*s\n",
			    SPAN_ARG(a->name), SPAN_ARG(a->route),
			    SPAN_ARG(a->mailbox), SPAN_ARG(a->host));
	}
	buf_byte(out, '\0');
}

static const struct {
	const char *value;
	const char *want;
} cases[] = {
	/* RFC 5322 appendix A */
	{ "John Doe <jdoe@machine.example>",
	    "John Doe||jdoe|machine.example\n" },
	{ "\"Joe Q. Public\" <john.q.public@example.com>",
	    "Joe Q. Public||john.q.public|example.com\n" },
	{ "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
	    "Mary Smith||mary|x.test\n||jdoe|example.org\n"
	    "Who?||one|y.test\n" },
	{ "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" "
	  "<sysservices@example.net>",
	    "||boss|nil.test\n"
	    "Giant; \"Big\" Box||sysservices|example.net\n" },
	{ "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
	    "{A Group\nEd Jones||c|a.test\n||joe|where.test\n"
	    "John||jdoe|one.test\n}\n" },
	{ "Undisclosed recipients:;", "{Undisclosed recipients\n}\n" },
	{ "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
	    "Pete||pete|silly.test\n" },
	{ "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)"
	  "public.example>,\r\n         joe@example.org,\r\n  John "
	  "<jdoe@one.test> (my dear friend); (the end of the group)",
	    "{A Group\nChris Jones||c|public.example\n||joe|example.org\n"
	    "John||jdoe|one.test\n}\n" },
	{ "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;",
	    "{Hidden recipients\n}\n" },
	{ "Joe Q. Public <john.q.public@example.com>",
	    "Joe Q. Public||john.q.public|example.com\n" },
	{ "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
	    "Mary Smith|@node.test|mary|example.net\n"
	    "||jdoe|test.example\n" },
	{ "John Doe <jdoe@machine(comment).  example>",
	    "John Doe||jdoe|machine.example\n" },
	{ "Mary Smith\r\n          \r\n          <mary@example.net>",
	    "Mary Smith||mary|example.net\n" },

	/* routes */
	{ "<@a.test,@b.test:c@d.test>", "|@a.test,@b.test|c|d.test\n" },
	{ "X <@a, , @b:c@d>", "X|@a,@b|c|d\n" },
	{ "<@a.test>", "|||a.test\n" },

	/* names */
	{ "joe@x.test (Joe Smith)", "Joe Smith||joe|x.test\n" },
	{ "joe@x.test (a) (Joe \\(S\\) (Smith))",
	    "Joe (S) (Smith)||joe|x.test\n" },
	{ "joe@x.test <joe@x.test>", "joe@x.test||joe|x.test\n" },
	{ "\"\" <joe@x.test>", "||joe|x.test\n" },
	{ "\"Joe\" \"Smith\" <j@x>", "Joe Smith||j|x\n" },
	{ "J. R. Smith <j@x>", "J. R. Smith||j|x\n" },
	{ "=?utf-8?Q?Smith,_Joe_<x>?= <j@x>",
	    "=?utf-8?Q?Smith,_Joe_<x>?=||j|x\n" },
	{ "=?utf-8?Q?a?= =?utf-8?Q?b?= <j@x>",
	    "=?utf-8?Q?a?= =?utf-8?Q?b?=||j|x\n" },
	{ "J\xc3\xb6rg <j\xc3\xb6rg@ex\xc3\xa4mple.test>",
	    "J\xc3\xb6rg||j\xc3\xb6rg|ex\xc3\xa4mple.test\n" },

	/* local parts and domains */
	{ "\"joe smith\"@x.test", "||joe smith|x.test\n" },
	{ "joe . smith @ x . test", "||joe.smith|x.test\n" },
	{ "joe@[192.0.2.1]", "||joe|[192.0.2.1]\n" },
	{ "joe@[IPv6:2001:db8::1], b@c", "||joe|[IPv6:2001:db8::1]\n||b|c\n" },
	{ "joe@[192.0.2.1", "||joe|[192.0.2.1\n" },
	{ "<a@b@c>", "||a@b|c\n" },
	{ "a@b@c", "||a@b|c\n" },
	{ "<mailto:joe@x>", "||mailto:joe|x\n" },

	/* what is no address */
	{ "root", "||root|\n" },
	{ "<root>", "||root|\n" },
	{ "Joe Smith", "Joe Smith|||\n" },
	{ "MAILER-DAEMON <>", "MAILER-DAEMON|||\n" },
	{ "<>", "|||\n" },
	{ "joe@", "||joe|\n" },
	{ "@x.test", "|||x.test\n" },
	{ "", "" },
	{ ",,;:,", "" },
	{ ">", "" },
	{ "\r\n \t", "" },

	/* missing and broken separators */
	{ "a@b c@d", "||a|b\n||c|d\n" },
	{ "A <a@b> C <c@d>", "A||a|b\nC||c|d\n" },
	{ "A <a@b> junk, c@d", "A||a|b\n||c|d\n" },
	{ "a@b; c@d", "||a|b\n||c|d\n" },
	{ "A <a@b, C <c@d>", "A||a|b\nC||c|d\n" },
	{ "A <<a@b>>, c@d", "A||a|b\n||c|d\n" },
	{ "\"A <a@b>", "\"A||a|b\n" },
	{ "A (b <a@b>", "A (b||a|b\n" },
	{ "A \\<a@b>", "A \\||a|b\n" },
	{ "g: a@b", "{g\n||a|b\n}\n" },
	{ "g: h: a@b; c@d", "{g\n||a|b\n}\n||c|d\n" },
	{ ": a@b;", "||a|b\n" },
	{ "a@b\rX: y", "||a|b\n{X\n||y|\n}\n" },
};

static void
lists_are_read_as_people_write_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf got = { 0 };

		write_list(&got,
		    address_parse(a, span_str(cases[i].value), 100));
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

static void
a_list_is_cut_but_its_group_ends(void **state)
{
	static const struct {
		size_t max;
		const char *want;
	} cuts[] = {
		{ 0, "" },
		{ 1, "" },
		{ 2, "{g\n}\n" },
		{ 3, "{g\n||a|b\n}\n" },
		{ 4, "{g\n||a|b\n||c|d\n}\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf got = { 0 };

		write_list(&got,
		    address_parse(a, SPAN("g: a@b, c@d, e@f;"), cuts[i].max));
		assert_string_equal((char *)got.p, cuts[i].want);
	}
}

/* Each would take minutes if something were read again and again. */
static void
hostile_lists_are_read_in_linear_time(void **state)
{
	static const char *const pieces[] = { "(", "\"", "@[", "<@", "=?a?q?",
		"<(", "(\"<a@b>", ";:", "@a" };

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf value = { 0 };

		while (value.n < 1000000)
			buf_str(&value, pieces[i]);
		assert_true(address_parse(a, buf_span(&value), 1000).n <= 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_as_people_write_them),
		cmocka_unit_test(a_list_is_cut_but_its_group_ends),
		cmocka_unit_test(hostile_lists_are_read_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
