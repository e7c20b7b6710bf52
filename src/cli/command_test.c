#include "base/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/fixture.h"
#include "cli/say.h"
#include "io/tls.h"

static const struct {
	const char *line;
	int code;
	const char *has;
} usages[] = {
	{ "", 2, "usage: newel [-c FILE] COMMAND" },
	{ "--help", 0, "  user add NAME         add an account\n" },
	{ "help", 0, "  serve                 run the server" },
	{ "help user", 0, "user passwd NAME" },
	{ "help user add", 0, "usage: newel user add [-c FILE] " },
	{ "user", 2, "user passwd NAME" },
	{ "user --help", 0, "user passwd NAME" },
	{ "user ad", 2, "user passwd NAME" },
	{ "user certificate", 2, "user certificate add NAME" },
	{ "user certificate --help", 0, "user certificate add NAME" },
	{ "user certificate add", 2, "something is missing" },
	{ "help user certificate add", 0,
	    "usage: newel user certificate add [-c FILE] [--pem FILE] NAME "
	    "[CERTIFICATE]\n" },
	{ "user certificate add bob", 2, "either a CERTIFICATE or --pem" },
	{ "user certificate add bob x --pem y", 2,
	    "either a CERTIFICATE or --pem" },
	{ "user passwd bob --password-stdin --password-hash-stdin", 2,
	    "either --password-stdin or --password-hash-stdin" },
	{ "user add --help", 0, "[--quota-bytes SIZE]" },
	{ "user add", 2, "newel: user add: something is missing" },
	{ "user add a b", 2, "\"b\" is one word too many" },
	{ "init --imp", 2,
	    "newel: init: there is no option --imp; \"newel init --help\" "
	    "explains it" },
	{ "fly", 2, "there is no command \"fly\"" },
	{ "-x fly", 2, "there is no option -x" },
	{ "-c", 2, "-c needs the name of a settings file" },
	{ "version", 0, "newel " NEWEL_VERSION "\n" },
	{ "version --json", 0, "{\"version\":\"" NEWEL_VERSION "\"}\n" },
	{ "-c /nowhere user list", 1,
	    "newel: /nowhere: No such file or directory\n" },
	{ "user list -c /nowhere", 1, "newel: /nowhere: No such file" },
	{ "check -c /nowhere", 1, "problem  settings     /nowhere: No such" },
};

static void
usage_is_explained_and_exits_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(usages); i++) {
		int code = fixture_run(usages[i].line, "");

		if (code != usages[i].code ||
		    strstr(fixture_output, usages[i].has) == NULL)
			fail_msg("newel %s: %d:\n%s", usages[i].line, code,
			    fixture_output);
	}
}

static void
every_command_explains_itself(void **state)
{
	size_t n;
	const struct command *all = command_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s --help", all[i].name);
		assert_int_equal(fixture_run(line, ""), 0);
		assert_non_null(strstr(fixture_output, all[i].summary));
	}
}

/* newel(8) has each command and each of its options. */
static void
the_manual_knows_every_command_and_option(void **state)
{
	static char manual[1 << 17];
	FILE *f = fopen(SOURCE_ROOT "/man/newel.8", "r");
	size_t n;
	const struct command *all = command_table(&n);

	(void)state;
	assert_non_null(f);
	manual[fread(manual, 1, sizeof(manual) - 1, f)] = '\0';
	(void)fclose(f);
	for (size_t i = 0; i < n; i++) {
		const struct option *o = all[i].grammar.options;
		char item[64];
		const char *at;
		const char *end;

		snprintf(item, sizeof(item), "\n.Cm %s\n", all[i].name);
		at = strstr(manual, item);
		snprintf(item, sizeof(item), "\n.It Cm %s", all[i].name);
		if (at == NULL)
			at = strstr(manual, item);
		if (at == NULL)
			fail_msg("the manual lacks %s", all[i].name);
		end = strstr(at + 1, "\n.It");
		for (; o != NULL && o->name != NULL; o++) {
			const char *found;

			snprintf(item, sizeof(item), "Fl Fl %s", o->name + 2);
			found = strstr(at, item);
			if (found == NULL || (end != NULL && found > end))
				fail_msg("the manual lacks %s of %s", o->name,
				    all[i].name);
		}
	}
}

/* Runs "LINE -c HOME/x/newel.conf". */
static mode_t
mode_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/x/%s", fixture_home, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
init_makes_a_complete_instance(void **state)
{
	char line[128];

	(void)state;
	assert_int_equal(mode_of("newel.conf"), 0644);
	assert_int_equal(mode_of("certificate.pem"), 0644);
	assert_int_equal(mode_of("key.pem"), 0600);
	assert_int_equal(mode_of("data/mail"), 0700);
	assert_int_equal(mode_of("data/directory"), 0700);
	if (fixture_on_instance("check", "") != 0)
		fail_msg("%s", fixture_output);
	assert_non_null(strstr(fixture_output, "Fit to serve.\n"));
	assert_non_null(strstr(fixture_output, "localhost, 127.0.0.1, ::1\n"));
	assert_non_null(
	    strstr(fixture_output, "listen.imap 127.0.0.1:61143 is free"));
	assert_non_null(strstr(fixture_output, "ok       accounts     0 in "));
	assert_non_null(strstr(fixture_output, "/lmtp is free\n"));

	snprintf(line, sizeof(line), "init %s/x", fixture_home);
	assert_int_equal(fixture_run(line, ""), 1);
	assert_non_null(
	    strstr(fixture_output, "is not empty: nothing was changed"));
}

static void
init_refuses_what_cannot_be_listened_on(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "init %s/y --imap 143", fixture_home);
	assert_int_equal(fixture_run(line, ""), 1);
	assert_non_null(
	    strstr(fixture_output, "listen.imap is \"143\", must be "));
}

static void
check_says_what_is_not_fit(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "chmod 604 %s/x/key.pem", fixture_home);
	assert_int_equal(system(line), 0);
	assert_int_equal(fixture_on_instance("check --json", ""), 0);
	assert_non_null(
	    strstr(fixture_output, "key.pem can be read by everybody"));

	snprintf(line, sizeof(line), "echo no >%s/x/key.pem", fixture_home);
	assert_int_equal(system(line), 0);
	assert_int_equal(fixture_on_instance("check", ""), 1);
	assert_non_null(strstr(fixture_output, "problem  settings "));
	assert_non_null(strstr(fixture_output, "ok       accounts "));
	assert_non_null(
	    strstr(fixture_output, "Not fit to serve: 1 problem.\n"));
	assert_int_equal(fixture_on_instance("check --json", ""), 1);
	assert_non_null(
	    strstr(fixture_output, "[{\"result\":\"problem\",\"part\":"));
}

/* Command lines in their order, and what each answers. */
struct step {
	const char *line;
	const char *given;
	int code;
	const char *has;
};

static void
take_steps(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int code = fixture_on_instance(steps[i].line, steps[i].given);

		if (code != steps[i].code ||
		    strstr(fixture_output, steps[i].has) == NULL)
			fail_msg("newel %s: %d:\n%s", steps[i].line, code,
			    fixture_output);
	}
}

static void
users_are_added_shown_changed_and_deleted(void **state)
{
	static const struct step steps[] = {
		{ "user list", "", 0, "" },
		{ "user list --json", "", 0, "[]\n" },
		{ "user add Ann@Example.org --password-stdin --quota-bytes 1G",
		    "stair-7-oak-banister\n", 0, "" },
		{ "user add ann@example.org --password-stdin", "x\n", 1,
		    "there is an account \"ann@example.org\" already" },
		{ "user add bob --password-stdin --json", "secret", 0,
		    "\"name\":\"bob\",\"enabled\":true,\"quota_bytes\":"
		    "\"default\"" },
		{ "user add carl --password-stdin", "", 1,
		    "no password was given" },
		{ "user add carl --password-stdin --quota-bytes big", "x\n", 2,
		    "--quota-bytes is \"big\", must be a size" },
		{ "user add a@b@c --password-stdin", "x\n", 1,
		    "can't be a name" },
		{ "user list", "", 0, "ann@example.org " },
		{ "user list --json b", "", 0, "[{\"id\":2,\"name\":\"bob\"" },
		{ "user show ann@example.org", "", 0, "quota, bytes    1G\n" },
		{ "user show bob --json", "", 0, "\"last_login\":null}" },
		{ "user disable bob", "", 0, "" },
		{ "user show bob", "", 0, "may log in      no\n" },
		{ "user enable bob", "", 0, "" },
		{ "user show bob", "", 0, "may log in      yes\n" },
		{ "user passwd bob --password-stdin", "other-words-7\n", 0,
		    "" },
		{ "user delete bob", "", 0, "" },
		{ "user show bob", "", 1, "there is no account \"bob\"" },
		{ "user passwd bob --password-stdin", "x\n", 1,
		    "there is no account \"bob\"" },
		{ "user delete bob", "", 1, "there is no account \"bob\"" },
	};

	(void)state;
	take_steps(steps, COUNT(steps));
}

static void
hashes_of_other_servers_are_taken(void **state)
{
	static const struct step steps[] = {
		{ "user add eve --password-hash-stdin",
		    "{SHA256-CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
		    "GNooZaBBGWEc5\n",
		    0, "" },
		{ "user passwd eve --password-hash-stdin",
		    "$2b$05$CCCCCCCCCCCCCCCCCCCCC."
		    "E5YPO9kmyuRGyh0XouQYb4YMJKvyOe"
		    "W\n",
		    0, "" },
		{ "user passwd eve --password-hash-stdin", "secret\n", 1,
		    "no hash that can be checked here" },
		{ "user passwd eve --password-hash-stdin",
		    "{SSHA}qgmTFcLJAGMBnoTRnGgKKuZMvFxkdEXs\n", 1,
		    "no hash that can be checked here" },
		{ "user passwd eve --password-hash-stdin",
		    "$5$rounds=999999999$x$"
		    "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8\n",
		    1, "more time or memory" },
		{ "user passwd eve --password-hash-stdin", "\n", 1,
		    "no password was given" },
		{ "user delete eve", "", 0, "" },
	};

	(void)state;
	take_steps(steps, COUNT(steps));
}

/* In phone.pem, with its key behind it. */
static void
make_certificate(const char *name)
{
	CLEANUP(buf_clear) struct buf chain = { 0 };
	CLEANUP(buf_clear) struct buf key = { 0 };
	char path[128];
	FILE *f;

	tls_cert_make(&name, 1, 1, &chain, &key);
	snprintf(path, sizeof(path), "%s/phone.pem", fixture_home);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(chain.p, 1, chain.n, f), chain.n);
	assert_int_equal(fwrite(key.p, 1, key.n, f), key.n);
	assert_int_equal(fclose(f), 0);
}

static void
certificates_are_given_listed_and_taken_away(void **state)
{
	static const struct step steps[] = {
		{ "user add ann --password-stdin", "stair-7-oak-banister\n", 0,
		    "" },
		{ "user add bob --password-stdin", "stair-7-oak-banister\n", 0,
		    "" },
		{ "user certificate list ann --json", "", 0, "[]\n" },
		{ "user certificate add ann phone", "", 0,
		    "until tls.client-ca is set" },
		{ "user certificate add ann ann@example.org", "", 0, "" },
		{ "user certificate list ann", "", 0,
		    "ann@example.org\nphone\n" },
		{ "user certificate list ann --json", "", 0,
		    "[\"ann@example.org\",\"phone\"]\n" },
		{ "user certificate add bob phone", "", 1,
		    "\"phone\" was given to an account already" },
		{ "user certificate remove bob phone", "", 1,
		    "bob has no certificate \"phone\"" },
		{ "user certificate remove ann phone", "", 0, "" },
		{ "user certificate list ann --json", "", 0,
		    "[\"ann@example.org\"]\n" },
		{ "user certificate add carl phone", "", 1,
		    "there is no account \"carl\"" },
		{ "user certificate list carl", "", 1,
		    "there is no account \"carl\"" },
		{ "user certificate add ann --pem /nowhere", "", 1,
		    "/nowhere: No such file" },
		{ "user certificate add ann --pem /dev/null", "", 1,
		    "/dev/null: there is no certificate in PEM form" },
		{ "user delete ann", "", 0, "" },
		{ "user delete bob", "", 0, "" },
	};
	char line[160];

	(void)state;
	take_steps(steps, COUNT(steps));
	make_certificate("phone.example");
	assert_int_equal(fixture_on_instance("user add ann --password-stdin",
			     "stair-7-oak-banister\n"),
	    0);
	snprintf(line, sizeof(line),
	    "user certificate add ann --pem %s/phone.pem", fixture_home);
	assert_int_equal(fixture_on_instance(line, ""), 0);
	assert_int_equal(fixture_on_instance("user certificate list ann", ""),
	    0);
	assert_string_equal(fixture_output, "phone.example\n");
}

static void
quotas_are_set_and_shown(void **state)
{
	static const struct step steps[] = {
		{ "user add quinn --password-stdin", "stair-7-oak-banister\n",
		    0, "" },
		{ "quota quinn", "", 0, "of no limit\n" },
		{ "quota quinn --bytes 64M --messages 10", "", 0,
		    "bytes     0 of 64M (0%)\nmessages  0 of 10 (0%)\n" },
		{ "quota quinn --json --messages none", "", 0,
		    "\"messages\":{\"used\":0,\"limit\":null," },
		{ "quota quinn --json", "", 0, "\"limit\":67108864," },
		{ "quota quinn --bytes much", "", 2,
		    "--bytes is \"much\", must be a size" },
		{ "quota nobody --bytes 1M", "", 1,
		    "there is no account \"nobody\"" },
	};

	(void)state;
	take_steps(steps, COUNT(steps));
}

/* Runs a command in the folder of the accounts; "" makes it as it was. */
static void
spoil(const char *how)
{
	char line[512];

	snprintf(line, sizeof(line),
	    "cd %s/x/data && { test -d kept || cp -a directory kept; } && "
	    "rm -r directory && cp -a kept directory && cd directory && %s",
	    fixture_home, *how != '\0' ? how : "rm -r ../kept");
	assert_int_equal(system(line), 0);
}

static void
accounts_that_cannot_be_read_are_not_made_anew(void **state)
{
	static const struct {
		const char *how;
		const char *has;
	} cases[] = {
		{ "rm *", "there are no accounts in " },
		{ "for f in *; do echo no >$f; done", "can't be opened" },
		/* The version, as SQLite keeps it. */
		{ "printf '\\177' | dd of=directory.db bs=1 seek=60 "
		  "conv=notrunc status=none",
		    "were written by a newer newel" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		spoil(cases[i].how);
		for (int k = 0; k < 2; k++) {
			assert_int_equal(fixture_on_instance("user list", ""),
			    1);
			if (strstr(fixture_output, cases[i].has) == NULL)
				fail_msg("%s: %s", cases[i].how,
				    fixture_output);
		}
		assert_int_equal(fixture_on_instance("check", ""), 1);
		assert_non_null(strstr(fixture_output, "problem  accounts "));
	}
	spoil("");
	assert_int_equal(fixture_on_instance("user list", ""), 0);
}

static void
sizes_and_times_are_for_people(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {
		{ 0, "0" },
		{ 1023, "1023" },
		{ 1024, "1K" },
		{ 1536, "1.5K" },
		{ UINT64_C(5) << 30, "5G" },
		{ UINT64_MAX, "15.9E" },
	};
	CLEANUP(buf_clear) struct buf when = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };

		say_size(cases[i].bytes, &b);
		buf_byte(&b, '\0');
		assert_string_equal(b.p, cases[i].want);
	}
	say_time(0, &when);
	assert_span(buf_span(&when), "never");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_is_explained_and_exits_2),
		cmocka_unit_test(every_command_explains_itself),
		cmocka_unit_test(the_manual_knows_every_command_and_option),
		cmocka_unit_test(sizes_and_times_are_for_people),
		cmocka_unit_test_setup_teardown(init_makes_a_complete_instance,
		    fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(
		    init_refuses_what_cannot_be_listened_on, fixture_make,
		    fixture_remove),
		cmocka_unit_test_setup_teardown(check_says_what_is_not_fit,
		    fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(
		    accounts_that_cannot_be_read_are_not_made_anew,
		    fixture_make, fixture_remove),
	};
	const struct CMUnitTest users[] = {
		cmocka_unit_test(users_are_added_shown_changed_and_deleted),
		cmocka_unit_test(hashes_of_other_servers_are_taken),
		cmocka_unit_test(certificates_are_given_listed_and_taken_away),
		cmocka_unit_test(quotas_are_set_and_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) +
	       cmocka_run_group_tests(users, fixture_make, fixture_remove);
}
