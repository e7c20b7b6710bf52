#include "cli/fixture.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/passage.h"

/*
 * Commands about mail while no server runs: each has a mail process of its
 * own, with a store on disk.
 */

/* Runs a shell command in the tests' folder. */
static void PRINTF(1, 2) sh(const char *fmt, ...)
{
	char all[4096];
	size_t n;
	va_list ap;

	n = (size_t)snprintf(all, sizeof(all), "cd %s && ", fixture_home);
	va_start(ap, fmt);
	(void)vsnprintf(all + n, sizeof(all) - n, fmt, ap);
	va_end(ap);
	if (system(all) != 0)
		fail_msg("%s", all);
}

static void
newel(int want, const char *line)
{
	int code = fixture_on_instance(line, "correct horse battery\n");

	if (code != want)
		fail_msg("newel %s: %d:\n%s", line, code, fixture_output);
}

/* The same with a path below the tests' folder at its end. */
static void
newel_path(int want, const char *line, const char *path)
{
	char all[256];

	snprintf(all, sizeof(all), "%s %s/%s", line, fixture_home, path);
	newel(want, all);
}

static void
said(const char *text)
{
	if (strstr(fixture_output, text) == NULL)
		fail_msg("\"%s\" is not in:\n%s", text, fixture_output);
}

static void
add_users(void)
{
	newel(0, "user add ann --password-stdin --quota-bytes 1K");
	newel(0, "user add bob --password-stdin");
	newel(0, "user add carl --password-stdin");
}

static int
make(void **state)
{
	if (fixture_make(state) != 0)
		return -1;
	add_users();
	/* Where the server's user may not pass, root's files lie beside it. */
	if (geteuid() != 0 || passage_possible())
		return chmod(fixture_home, 0700);
	return 0;
}

/* A Maildir as Dovecot leaves one, and what else may lie in it. */
static void
make_maildir(void)
{
	sh("mkdir -p m/cur m/new m/tmp 'm/.Entw&APw-rfe.v1&AC4-2/cur' "
	   "m/.Spam/cur m/..bad/cur m/.empty");
	sh("for i in 1 2 3; do printf 'Subject: %%s\\nX: y\\n\\nHi\\nFrom x\\n'"
	   " $i >m/cur/$i.a.h:2,S; touch -d @$((1700000000 + i)) "
	   "m/cur/$i.a.h:2,S; done");
	sh("mv m/cur/2.a.h:2,S m/cur/2.a.h:2,FPRab");
	sh("printf 'Subject: crlf\\r\\n\\r\\nbare\\n' >m/new/4.a.h");
	sh("printf '3 V4711 N90 Gx\\n10 :3.a.h\\n20 :1.a.h\\n30 :2.a.h\\n' "
	   ">m/dovecot-uidlist");
	sh("printf '0 $Work\\n1 later\\n' >m/dovecot-keywords");
	sh("printf 'V\\t2\\n\\nEntw&APw-rfe\\tv1&AC4-2\\n' >m/subscriptions");
	sh("cp m/cur/1* 'm/.Entw&APw-rfe.v1&AC4-2/cur/'");
	sh("cp m/cur/2* m/.Spam/cur/");
	sh("ln -s /etc/passwd m/cur/link; ln -s ../x m/.linked; "
	   "mkfifo m/cur/fifo; touch m/.notes m/cur/.hidden");
}

static void
a_maildir_comes_and_goes_unchanged(void **state)
{
	(void)state;
	make_maildir();
	newel_path(1, "import ann --maildir", "m");
	said("INBOX: 4 imported, 2 left out\n");
	said("6 messages imported into 3 mailboxes\n");
	said("m/cur/link: a symbolic link, which isn't followed\n");
	said("m/cur/fifo: not a plain file\n");
	said("m/.linked: a symbolic link");
	said("m/..bad: this can't be the name of a mailbox\n");
	newel_path(1, "import ann --maildir", "m");
	said("0 messages imported into 3 mailboxes; 6 were there already\n");

	newel_path(0, "export ann --maildir", "o1");
	newel_path(0, "export ann --maildir", "o1");
	said("0 exported, 6 there already\n");
	sh("grep -q 'V4711 N91' o1/dovecot-uidlist");
	sh("grep -q '^10 :1700000003' o1/dovecot-uidlist");
	sh("test -f o1/cur/1700000002.*:2,FPRab");
	sh("cmp o1/cur/1700000001.* m/cur/1.a.h:2,S");
	sh("test $(stat -c %%Y o1/cur/1700000001.*) = 1700000001");
	sh("grep -q '^Entw&APw-rfe.v1&AC4-2$' o1/subscriptions");

	newel_path(0, "import bob --maildir", "o1");
	newel_path(0, "export bob --maildir", "o2");
	sh("diff -r o1 o2");
}

static void
flags_are_brought_up_to_date(void **state)
{
	(void)state;
	sh("mv o1/cur/1700000001.*:2,S o1/cur/other");
	sh("mv o1/cur/other \"o1/cur/$(grep '^20 :' o1/dovecot-uidlist | "
	   "cut -d: -f2):2,\"");
	newel_path(0, "export ann --maildir", "o1");
	sh("diff -r o1 o2");
	sh("sed -i s/V4711/V4712/ o1/dovecot-uidlist");
	newel_path(1, "export ann --maildir", "o1");
	said("o1: there is mail of another mailbox\n");
}

static void
an_mbox_comes_and_goes_unchanged(void **state)
{
	(void)state;
	newel_path(0, "export ann --mbox", "b1");
	newel_path(0, "import carl --mailbox Copy --mbox", "b1/INBOX.mbox");
	said("Copy: 4 imported\n");
	newel_path(0, "import carl --mailbox Copy --mbox", "b1/INBOX.mbox");
	said("Copy: 0 imported, 4 there already\n");
	newel_path(0, "export carl --mailbox Copy --mbox", "b2");
	sh("diff b1/INBOX.mbox b2/Copy.mbox");
	sh("ls b1 | grep -q '^Entw&APw-rfe.v1&AC4-2.mbox$'");
	newel_path(1, "import carl --mbox", "m/cur/1.a.h:2,S");
	said("not in mbox format");
	newel_path(1, "import carl --mbox", "nothing");
	newel_path(1, "import carl --mbox", "m");
	newel_path(1, "import carl --maildir", "nothing");
	newel_path(1, "import carl --maildir", "b1");
	said("not a Maildir");
	newel_path(1, "export carl --mailbox None --mbox", "b2");
	said("there is no mailbox \"None\"");
	newel(2, "import carl");
	newel(2, "export carl --mbox a --maildir b");
}

/* Many of the same, and more at once than one request may have. */
static void
a_large_mbox_comes_whole_and_once(void **state)
{
	(void)state;
	sh("awk 'BEGIN { for (i = 0; i < 1500; i++) printf "
	   "\"From a Thu Jan  1 00:00:00 2026\\nSubject: %%d\\n\\nHi\\n\\n\", "
	   "i %% 700 }' >large.mbox");
	sh("for i in 1 2 3; do printf 'From a Thu Jan  1 00:00:00 2026\\n"
	   "Subject: large\\n\\n'; head -c 2500000 /dev/zero | tr '\\0' $i | "
	   "fold; printf '\\n\\n'; done >>large.mbox");
	newel_path(0, "import carl --mailbox Large --mbox", "large.mbox");
	said("Large: 1503 imported\n");
	newel_path(0, "import carl --mailbox Large --mbox", "large.mbox");
	said("Large: 0 imported, 1503 there already\n");
	newel_path(0, "export carl --mailbox Large --mbox", "b3");
	newel_path(0, "import bob --mailbox Large --mbox", "b3/Large.mbox");
	said("Large: 1503 imported\n");
}

static void
what_can_not_be_written_is_named_and_the_rest_goes_on(void **state)
{
	(void)state;
	sh("mkdir -p b4/INBOX.mbox");
	newel_path(1, "export ann --mbox", "b4");
	said("b4/INBOX.mbox: Is a directory\n");
	sh("ls b4 | grep -q '^Entw&APw-rfe.v1&AC4-2.mbox$'");
	sh("test ! -e b4/.newel-export");
	newel_path(1, "export ann --mbox", "large.mbox");
	newel_path(1, "export ann --maildir", "large.mbox");
	sh("cmp b4/Spam.mbox b1/Spam.mbox");
}

static void
mailboxes_and_quotas_are_shown(void **state)
{
	(void)state;
	newel(0, "mailbox list ann");
	said("  Spam  \\Junk\n");
	said("  Sent  \\Sent\n");
	said("  Junk\n");
	newel(0, "mailbox create ann A/B");
	newel(1, "mailbox create ann A/B");
	said("newel: A/B: there is one already\n");
	newel(0, "mailbox rename ann A C");
	newel(0, "mailbox delete ann C/B");
	newel(1, "mailbox delete ann C/B");
	newel(0, "mailbox list ann --json");
	said("{\"name\":\"C\",\"messages\":0,");
	said("\"uidvalidity\":4711,\"uidnext\":91,");
	newel(0, "quota ann");
	said(" of 1K (");
	newel(0, "quota bob --json");
	said("\"limit\":null,\"percent\":null");
	newel(1, "quota dora");
	said("there is no account \"dora\"");
}

static void
one_command_at_a_time_has_the_store(void **state)
{
	char path[128];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/x/data/mail/store/lock", fixture_home);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	newel(1, "quota ann");
	said("the mail is in use");
	close(fd);
	newel(0, "quota ann");
}

static void
an_accounts_mail_goes_with_it(void **state)
{
	(void)state;
	newel(0, "user delete ann");
	newel(1, "quota ann");
	newel(0, "user add ann --password-stdin");
	newel(0, "quota ann");
	said("messages  0 of no limit\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_maildir_comes_and_goes_unchanged),
		cmocka_unit_test(flags_are_brought_up_to_date),
		cmocka_unit_test(an_mbox_comes_and_goes_unchanged),
		cmocka_unit_test(a_large_mbox_comes_whole_and_once),
		cmocka_unit_test(
		    what_can_not_be_written_is_named_and_the_rest_goes_on),
		cmocka_unit_test(mailboxes_and_quotas_are_shown),
		cmocka_unit_test(one_command_at_a_time_has_the_store),
		cmocka_unit_test(an_accounts_mail_goes_with_it),
	};

	return cmocka_run_group_tests(tests, make, fixture_remove);
}
