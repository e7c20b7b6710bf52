#include "base/test.h"

#include "cli/maildir.h"
#include "imap/flag.h"

/* What folders and mailboxes are called, both ways. */
static const struct {
	const char *folder;
	const char *mailbox;
} names[] = {
	{ ".Sent", "Sent" },
	{ ".Work.2024", "Work/2024" },
	{ ".INBOX.Old", "INBOX/Old" },
	{ ".Entw&APw-rfe", "Entw\303\274rfe" },
	{ ".&ZeVnLIqe-", "\346\227\245\346\234\254\350\252\236" },
	{ ".A&-B", "A&B" },
	{ ".v1&AC4-2", "v1.2" },
	{ ".&AC4-&AC4-", ".." },
	{ ".&AC4-&AC4-.&AC4-.etc", ".././etc" },
	{ ".a b", "a b" },
};

static void
folders_and_mailboxes_have_each_others_names(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		CLEANUP(buf_clear) struct buf folder = { 0 };
		struct span mailbox = SPAN("");

		maildir_folder_of(span_str(names[i].mailbox), &folder);
		if (!span_eq(buf_span(&folder), span_str(names[i].folder)) ||
		    !maildir_folder_name(span_str(names[i].folder), a,
			&mailbox) ||
		    !span_eq(mailbox, span_str(names[i].mailbox)))
			fail_msg("%s: %.*s, %.*s", names[i].folder,
			    SPAN_ARG(buf_span(&folder)), SPAN_ARG(mailbox));
	}
}

static void
folders_of_other_programs_are_understood(void **state)
{
	static const struct {
		const char *folder;
		const char *mailbox; /* NULL: it can't be one */
	} cases[] = {
		{ ".Entw\303\274rfe", "Entw\303\274rfe" }, /* UTF-8 */
		{ ".a&b", "a&b" }, /* not modified UTF-7 */
		{ ".inbox.x", "INBOX/x" },
		{ ".", NULL },
		{ "..", NULL },
		{ ".a..b", NULL },
		{ ".a.", NULL },
		{ ".a/b", NULL },
		{ ".\377", NULL },
		{ "a", NULL },
		{ "", NULL },
	};
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span got = SPAN("");
		bool is =
		    maildir_folder_name(span_str(cases[i].folder), a, &got);

		if (is != (cases[i].mailbox != NULL) ||
		    (is && !span_eq(got, span_str(cases[i].mailbox))))
			fail_msg("%s: %.*s", cases[i].folder, SPAN_ARG(got));
	}
}

static void
a_files_name_has_its_flags(void **state)
{
	static const struct {
		const char *name;
		const char *base;
		unsigned flags;
		bool passed;
		uint32_t keywords;
		const char *info; /* as it is written again */
	} cases[] = {
		{ "1.a.h:2,", "1.a.h", 0, false, 0, ":2," },
		{ "1.a.h", "1.a.h", 0, false, 0, ":2," },
		{ "1.a.h,S=5,W=6:2,FS", "1.a.h,S=5,W=6",
		    FLAG_FLAGGED | FLAG_SEEN, false, 0, ":2,FS" },
		{ "1:2,DFPRST", "1", FLAGS_SYSTEM, true, 0, ":2,DFPRST" },
		{ "1:2,TSRPFD", "1", FLAGS_SYSTEM, true, 0, ":2,DFPRST" },
		{ "1:2,Saz", "1", FLAG_SEEN, false, 0x2000001, ":2,Saz" },
		{ "1:2,SXY!", "1", FLAG_SEEN, false, 0, ":2,S" },
		{ "1:2,S,F", "1", FLAG_SEEN, false, 0, ":2,S" },
		{ "1:1,S", "1", 0, false, 0, ":2," },
		{ "1:", "1", 0, false, 0, ":2," },
		{ "\377\n:2,S", "\377\n", FLAG_SEEN, false, 0, ":2,S" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf info = { 0 };
		struct maildir_file f;

		assert_true(maildir_file_parse(span_str(cases[i].name), &f));
		maildir_file_info(&f, &info);
		if (!span_eq(f.base, span_str(cases[i].base)) ||
		    f.flags != cases[i].flags || f.passed != cases[i].passed ||
		    f.keywords != cases[i].keywords ||
		    !span_eq(buf_span(&info), span_str(cases[i].info)))
			fail_msg("%s", cases[i].name);
	}
}

static void
other_files_are_no_messages(void **state)
{
	struct maildir_file f;

	(void)state;
	assert_false(maildir_file_parse(SPAN(""), &f));
	assert_false(maildir_file_parse(SPAN(".nfs0001"), &f));
	assert_false(maildir_file_parse(SPAN(":2,S"), &f));
}

static void
uidlists_of_all_versions_are_read(void **state)
{
	static const char *const texts[] = {
		"3 V12 N40 G0011aabb\n"
		"7 :1.a.h\n"
		"9 S55 W66 :1.b.h,S=55\n"
		"x :1.c.h\n"
		"0 :1.d.h\n"
		"12\n"
		"\n"
		"39 :1.a:2,S\n",
		"1 12 40\n"
		"7 1.a.h\n"
		"9 1.b.h,S=55\n"
		"39 1.a:2,S",
	};
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct maildir_uids u;

		maildir_uids_read(span_str(texts[i]), a, &u);
		assert_int_equal(u.uidvalidity, 12);
		assert_int_equal(u.uidnext, 40);
		assert_int_equal(u.n, 3);
		assert_int_equal(maildir_uid(&u, SPAN("1.a.h")), 7);
		assert_int_equal(maildir_uid(&u, SPAN("1.b.h,S=55")), 9);
		assert_int_equal(maildir_uid(&u, SPAN("1.a")), 39);
		assert_int_equal(maildir_uid(&u, SPAN("1.c.h")), 0);
	}
}

static void
what_is_no_uidlist_says_nothing(void **state)
{
	static const char *const texts[] = { "", "\n", "4 V1 N2\n1 :a\n",
		"V1 N2\n1 :a\n" };
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct maildir_uids u;

		maildir_uids_read(span_str(texts[i]), a, &u);
		assert_int_equal(u.uidvalidity, 0);
		assert_int_equal(maildir_uid(&u, SPAN("a")), 0);
	}
}

static void
letters_have_keywords(void **state)
{
	struct span k[MAILDIR_LETTERS];

	(void)state;
	maildir_keywords_read(
	    SPAN("0 $Work\n2 later\r\n26 no\nx no\n3 not a word\n25 z"), k);
	assert_span(k[0], "$Work");
	assert_span(k[1], "");
	assert_span(k[2], "later");
	assert_span(k[3], "");
	assert_span(k[25], "z");
}

static void
subscriptions_are_mailboxes(void **state)
{
	static const char *const texts[] = {
		"V\t2\n\nWork\t2024\nv1&AC4-2\nEntw&APw-rfe\n\t\nINBOX\n",
		"Work.2024\nv1&AC4-2\nEntw&APw-rfe\n..\ninbox",
		"Work/2024\nv1&AC4-2\nEntw&APw-rfe\n//\nINBOX\n",
	};
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct maildir_subscriptions s =
		    maildir_subscriptions(span_str(texts[i]));
		struct span name;

		assert_true(maildir_subscription(&s, a, &name));
		assert_span(name, "Work/2024");
		assert_true(maildir_subscription(&s, a, &name));
		assert_span(name, "v1.2");
		assert_true(maildir_subscription(&s, a, &name));
		assert_span(name, "Entw\303\274rfe");
		assert_true(maildir_subscription(&s, a, &name));
		assert_span(name, "INBOX");
		assert_false(maildir_subscription(&s, a, &name));
	}
}

static void
usual_names_have_their_use(void **state)
{
	(void)state;
	assert_int_equal(maildir_use(SPAN("Sent Items")), USE_SENT);
	assert_int_equal(maildir_use(SPAN("spam")), USE_JUNK);
	assert_int_equal(maildir_use(SPAN("INBOX/Trash")), USE_TRASH);
	assert_int_equal(maildir_use(SPAN("Work/Trash")), 0);
	assert_int_equal(maildir_use(SPAN("")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_and_mailboxes_have_each_others_names),
		cmocka_unit_test(folders_of_other_programs_are_understood),
		cmocka_unit_test(a_files_name_has_its_flags),
		cmocka_unit_test(other_files_are_no_messages),
		cmocka_unit_test(uidlists_of_all_versions_are_read),
		cmocka_unit_test(what_is_no_uidlist_says_nothing),
		cmocka_unit_test(letters_have_keywords),
		cmocka_unit_test(subscriptions_are_mailboxes),
		cmocka_unit_test(usual_names_have_their_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
