#include "base/test.h"

#include "base/buf.h"
#include "imap/mailbox_name.h"

static const struct name_limits limits = { .bytes = 40, .depth = 4 };

#define OK "ok "

static const struct {
	const char *wire;
	bool utf8;
	const char *want; /* OK and the name, or a part of the reason */
} names[] = {
	{ "Drafts", false, OK "Drafts" },
	{ "a/b c/d", false, OK "a/b c/d" },
	/* Pitfall 26 */
	{ "inbox", false, OK "INBOX" },
	{ "InBoX", true, OK "INBOX" },
	{ "inbox/Sent", false, OK "INBOX/Sent" },
	{ "Inbox/inbox", false, OK "INBOX/inbox" },
	{ "inboxes", false, OK "inboxes" },
	{ "a/inbox", false, OK "a/inbox" },
	/* Pitfalls 24 and 25 */
	{ "&AOk-", false, OK "\xc3\xa9" },
	{ "\xc3\xa9", true, OK "\xc3\xa9" },
	{ "R&-D", false, OK "R&D" },
	{ "R&D", true, OK "R&D" },
	{ "R&-D", true, OK "R&-D" },
	{ "R&D", false, "not valid modified UTF-7" },
	{ "\xc3\xa9", false, "not valid modified UTF-7" },
	{ "\xc3", true, "not valid UTF-8" },
	/* NFC: e and a combining acute accent are one character. */
	{ "e\xcc\x81", true, OK "\xc3\xa9" },
	{ "e&AwE-", false, OK "\xc3\xa9" },
	{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", true, OK "\xed\x95\x9c" },
	/* Pitfall 27 */
	{ "", false, "empty" },
	{ "/", false, "empty part" },
	{ "/a", false, "empty part" },
	{ "a/", false, "empty part" },
	{ "a//b", false, "empty part" },
	/* Controls, also where they are wrapped. */
	{ "a\tb", true, "control" },
	{ "a\x7f", true, "control" },
	{ "&AAk-", false, "control" },
	{ "\xc2\x85", true, "control" },
	{ "a\xe2\x80\xa8"
	  "b",
	    true, "control" },
	{ "a\xe2\x80\xa9"
	  "b",
	    true, "control" },
	{ "a\xe2\x80\xa6\xc2\xa0", true, OK "a\xe2\x80\xa6\xc2\xa0" },
	/* Bounds */
	{ "1234567890123456789012345678901234567890", false,
	    OK "1234567890123456789012345678901234567890" },
	{ "12345678901234567890123456789012345678901", false, "too long" },
	{ "a/b/c/d", false, OK "a/b/c/d" },
	{ "a/b/c/d/e", false, "too many levels" },
	/* Nothing but our own rules. */
	{ "..", false, OK ".." },
	{ "100%*", false, OK "100%*" },
};

static void
names_are_decoded_or_refused_with_a_reason(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct span name = SPAN("untouched");
		const char *fault = mailbox_name_parse(span_str(names[i].wire),
		    names[i].utf8, &limits, a, &name);

		if (fault != NULL) {
			if (strstr(fault, names[i].want) == NULL)
				fail_msg("%s: %s", names[i].wire, fault);
			assert_span(name, "untouched");
		} else if (!span_eq(name, span_str(names[i].want + 3)) ||
			   memcmp(names[i].want, OK, 3) != 0) {
			fail_msg("%s gave %.*s", names[i].wire, SPAN_ARG(name));
		}
	}
}

static void
names_have_parents(void **state)
{
	(void)state;
	assert_span(mailbox_name_parent(SPAN("a/b/c")), "a/b");
	assert_span(mailbox_name_parent(SPAN("a/b")), "a");
	assert_span(mailbox_name_parent(SPAN("a")), "");
	assert_span(mailbox_name_parent(SPAN("")), "");
	assert_true(mailbox_name_is_below(SPAN("a/b/c"), SPAN("a")));
	assert_true(mailbox_name_is_below(SPAN("a/b"), SPAN("a")));
	assert_true(mailbox_name_is_below(SPAN("a"), SPAN("")));
	assert_false(mailbox_name_is_below(SPAN(""), SPAN("")));
	assert_false(mailbox_name_is_below(SPAN("a"), SPAN("a")));
	assert_false(mailbox_name_is_below(SPAN("ab/c"), SPAN("a")));
}

static void
inbox_is_known(void **state)
{
	(void)state;
	assert_true(mailbox_name_is_inbox(SPAN("INBOX")));
	assert_false(mailbox_name_is_inbox(SPAN("INBOX/a")));
	assert_true(mailbox_name_in_inbox(SPAN("INBOX")));
	assert_true(mailbox_name_in_inbox(SPAN("INBOX/a")));
	assert_false(mailbox_name_in_inbox(SPAN("INBOXES")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_decoded_or_refused_with_a_reason),
		cmocka_unit_test(names_have_parents),
		cmocka_unit_test(inbox_is_known),
	};

	return cmocka_run_group_tests_name("mailbox_name", tests, NULL, NULL);
}
