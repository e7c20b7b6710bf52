#include "base/test.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

#include "config/config.h"
#include "config/value.h"

#define FILE_NAME "/etc/newel/newel.conf"

static const struct config *
good(const char *text)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	const struct config *c = NULL;

	if (config_parse(span_str(text), FILE_NAME, &c, &problems) != ST_OK)
		fail_msg("%s: %.*s", text, SPAN_ARG(buf_span(&problems)));
	assert_int_equal(problems.n, 0);
	return c;
}

static void
an_empty_file_gives_every_default(void **state)
{
	CLEANUP(config_unref) const struct config *c = good("");

	(void)state;
	assert_string_equal(c->file, FILE_NAME);
	assert_string_equal(c->instance.data, "/var/lib/newel");
	assert_true(strlen(c->instance.hostname) > 0);
	assert_string_equal(c->instance.gate_user, "newel");
	assert_int_equal(c->listen.imap.n, 2);
	assert_string_equal(c->listen.imap.items[0].text, "0.0.0.0:143");
	assert_string_equal(c->listen.imap.items[1].text, "[::]:143");
	assert_string_equal(c->listen.lmtp.items[0].text, "/run/newel/lmtp");
	assert_string_equal(c->tls.certificate.items[0],
	    "/etc/newel/certificate.pem");
	assert_false(c->auth.plaintext_login);
	assert_int_equal(c->auth.mechanisms.n, 0);
	assert_int_equal(c->auth.remember_ms, 600000);
	assert_string_equal(c->store.driver, "rocks");
	assert_int_equal(c->limits.append, LIMIT_APPEND);
	assert_int_equal(c->limits.idle_ms, LIMIT_IDLE_MS);
	assert_int_equal(c->quota.bytes, 0);
	assert_int_equal(c->quota.over, OVER_QUOTA_PERMANENT);
	assert_string_equal(c->lmtp.delimiter, "+");
	assert_int_equal(c->imap.literal, LITERAL_PLUS);
	assert_int_equal(c->log.level, LEVEL_INFO);
}

static void
a_typical_file_is_ten_lines(void **state)
{
	CLEANUP(config_unref)
	const struct config *c =
	    good("# the mail of example.org\n"
		 "instance { hostname = mail.example.org }\n"
		 "listen {\n"
		 "\timap = { \"192.0.2.1:143\", '[2001:db8::1]:143' }\n"
		 "\timaps = *:993  # both families\n"
		 "\tlmtp = { run/lmtp, localhost:24 } lmtp-mode = 0600\n"
		 "}\n"
		 "tls { certificate = { a.pem, /b.pem } key = { a.key, b.key }"
		 " }\n"
		 "limits { append = 1g idle-time = 2h }\n"
		 "auth { mechanisms = { plain, SCRAM-SHA-256 } }\n"
		 "imap { literal = minus } lmtp { delimiter = '' }\n"
		 "quota { over = temporary bytes = 5G } log { level=debug }");

	(void)state;
	assert_string_equal(c->instance.hostname, "mail.example.org");
	assert_int_equal(c->listen.imap.n, 2);
	assert_string_equal(c->listen.imap.items[1].text, "[2001:db8::1]:143");
	assert_false(c->listen.imap.items[1].optional);
	assert_int_equal(c->listen.imaps.n, 2);
	assert_true(c->listen.imaps.items[1].optional);
	assert_int_equal(c->listen.lmtp.n, 3);
	assert_string_equal(c->listen.lmtp.items[0].text,
	    "/etc/newel/run/lmtp");
	assert_int_equal(c->listen.lmtp.items[0].addr.ss_family, AF_UNIX);
	assert_string_equal(c->listen.lmtp.items[2].text, "[::1]:24");
	assert_int_equal(c->listen.lmtp_mode, 0600);
	assert_string_equal(c->tls.certificate.items[0], "/etc/newel/a.pem");
	assert_string_equal(c->tls.certificate.items[1], "/b.pem");
	assert_string_equal(c->tls.key.items[1], "/etc/newel/b.key");
	assert_int_equal(c->limits.append, UINT64_C(1) << 30);
	assert_int_equal(c->limits.idle_ms, 7200000);
	assert_int_equal(c->auth.mechanisms.n, 2);
	assert_string_equal(c->auth.mechanisms.items[0], "PLAIN");
	assert_int_equal(c->imap.literal, LITERAL_MINUS);
	assert_string_equal(c->lmtp.delimiter, "");
	assert_int_equal(c->quota.over, OVER_QUOTA_TEMPORARY);
	assert_int_equal(c->log.level, LEVEL_DEBUG);
}

static const struct {
	const char *text;
	const char *file; /* what is said behind its name */
} bad[] = {
	/* names */
	{ "limits {\n\tapend = 1M\n}\n",
	    ":2: there is no setting \"apend\": did you mean \"append\"?\n" },
	{ "# c\n# c\nlimit { }",
	    ":3: there is no section \"limit\": did you mean \"limits\"?\n" },
	{ "limits { flying-pigs = 1 }",
	    ":1: there is no setting \"flying-pigs\": newel.conf(5) lists "
	    "them\n" },
	{ "append = 1M",
	    ":1: \"append\" belongs in the section \"limits\": limits { append "
	    "= ... }\n" },
	{ "auth { append = 1M }",
	    ":1: \"append\" belongs in the section \"limits\": limits { append "
	    "= ... }\n" },
	/* grammar */
	{ "limits {\n\n append = 1M\n", ":1: this \"{\" has no \"}\"\n" },
	{ "limits { append = \"1M }\n",
	    ":1: this string has no end: put a \" behind it\n" },
	{ "limits {\n append =\n idle-time = 40m }",
	    ":2: no value after \"=\": put it on the same line\n" },
	{ "limits { append 1M }",
	    ":1: no \"=\" after \"append\": write NAME = VALUE\n" },
	{ "limits = 1M",
	    ":1: no \"{\" after \"limits\": write SECTION { NAME = VALUE ... "
	    "}\n" },
	{ "limits { append = { 1M } }",
	    ":1: unexpected \"{\": a list is { A, B }, one value is without "
	    "braces\n" },
	{ "}", ":1: unexpected closing brace\n" },
	{ "limits { \"\" = 1 }", ":1: this can't be read\n" },
	{ "log { level = in\1fo }",
	    ":1: a control character (0x01): settings are text\n" },
	/* twice */
	{ "limits { append = 1M\n append = 2M }",
	    ":2: \"append\" is set in line 1 already\n" },
	{ "listen { imap = *:1\n imap = *:2 }",
	    ":2: \"imap\" is set in line 1 already: a list is { A, B }\n" },
	{ "listen { imap = { *:1, *:2\n} }\nlisten { imap = *:3 }",
	    ":3: \"imap\" is set in line 1 already: a list is { A, B }\n" },
	/* values */
	{ "limits { append = lots }",
	    ":1: limits.append is \"lots\", must be a size, such as 64M (K, M, "
	    "G or T)\n" },
	{ "limits { append = 99999999999999T }",
	    ":1: limits.append is \"99999999999999T\", must be a size, such as "
	    "64M (K, M, G or T)\n" },
	{ "limits { append = 1 }",
	    ":1: limits.append is 1, must be at least 1K\n" },
	{ "limits { append = 1T }",
	    ":1: limits.append is 1T, must be at most 2G\n" },
	{ "limits { idle-time = 40 }",
	    ":1: limits.idle-time is \"40\", must be a time, such as 30s or 5m "
	    "(s, m, h or d)\n" },
	{ "limits { idle-time = 1m }",
	    ":1: limits.idle-time is 1m, must be at least 30m\n" },
	{ "limits { mailboxes = -1 }",
	    ":1: limits.mailboxes is \"-1\", must be a number\n" },
	{ "limits { mailboxes = 10K }",
	    ":1: limits.mailboxes is \"10K\", must be a number\n" },
	{ "auth { plaintext-login = maybe }",
	    ":1: auth.plaintext-login is \"maybe\", must be yes or no\n" },
	{ "auth { mechanisms = { PLAIN,\nNTLM } }",
	    ":1: auth.mechanisms is \"NTLM\", must be one of: PLAIN LOGIN "
	    "SCRAM-SHA-256 SCRAM-SHA-1 EXTERNAL\n" },
	{ "store { driver = mongo }",
	    ":1: store.driver is \"mongo\", must be one of: rocks memory\n" },
	{ "log { level = loud }",
	    ":1: log.level is \"loud\", must be one of: debug info warn "
	    "error\n" },
	{ "lmtp { delimiter = '--' }",
	    ":1: lmtp.delimiter has 2 characters, must have 0 to 1\n" },
	{ "listen { lmtp-mode = rw }",
	    ":1: listen.lmtp-mode is \"rw\", must be a mode, such as 0660\n" },
	{ "listen { lmtp-mode = 4777 }",
	    ":1: listen.lmtp-mode is 4777, must be at most 0777\n" },
	/* addresses */
	{ "listen { imap = 143 }",
	    ":1: listen.imap is \"143\", must be ADDRESS:PORT, such as *:143, "
	    "192.0.2.1:143 or [2001:db8::1]:143\n" },
	{ "listen { imap = mail.example.org:143 }",
	    ":1: listen.imap is \"mail.example.org:143\", must be "
	    "ADDRESS:PORT, such as *:143, 192.0.2.1:143 or "
	    "[2001:db8::1]:143\n" },
	{ "listen { imap = ::1:143 }",
	    ":1: listen.imap is \"::1:143\", must be ADDRESS:PORT, such as "
	    "*:143, 192.0.2.1:143 or [2001:db8::1]:143\n" },
	{ "listen { imap = *:0 }",
	    ":1: listen.imap is \"*:0\", its port must be 1 to 65535\n" },
	{ "listen { imap = *:65536 }",
	    ":1: listen.imap is \"*:65536\", its port must be 1 to 65535\n" },
	{ "listen { imap = /run/imap }",
	    ":1: listen.imap is \"/run/imap\", must be ADDRESS:PORT, such as "
	    "*:143, 192.0.2.1:143 or [2001:db8::1]:143\n" },
	/* settings together */
	{ "instance {\n run = "
	  "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"
	  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb }",
	    ":2: instance.run: the socket in it is "
	    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/control, "
	    "must be a path of at most 107 bytes\n" },
	{ "tls {\n certificate = { a, b }\n key = a }",
	    ":3: there are 2 certificates and 1 keys: tls.certificate and "
	    "tls.key must name one file each, in the same order\n" },
	{ "tls { certificate = {} key = { } }",
	    ":1: listen.imaps needs a certificate: set tls.certificate and "
	    "tls.key, or listen.imaps = {}\n" },
	{ "listen { imaps = '' } tls { certificate = '' key = {} client-ca = x "
	  "}",
	    ":1: tls.client-ca needs a certificate: set tls.certificate and "
	    "tls.key\n" },
};

static void
what_is_wrong_is_said_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		CLEANUP(buf_clear) struct buf problems = { 0 };
		const struct config *c = NULL;
		char want[512];

		snprintf(want, sizeof(want), FILE_NAME "%s", bad[i].file);
		assert_int_equal(config_parse(span_str(bad[i].text), FILE_NAME,
				     &c, &problems),
		    ST_BAD);
		assert_null(c);
		buf_byte(&problems, '\0');
		assert_string_equal(problems.p, want);
	}
}

static void
all_wrong_values_are_said_at_once_up_to_a_bound(void **state)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	CLEANUP(buf_clear) struct buf text = { 0 };
	const struct config *c = NULL;
	size_t lines = 0;

	(void)state;
	buf_str(&text, "listen { imap = {");
	for (size_t i = 0; i < 100; i++)
		buf_printf(&text, "x%zu,", i);
	buf_str(&text, "} } limits { append = x idle-time = y }");
	assert_int_equal(config_parse(buf_span(&text), FILE_NAME, &c,
			     &problems),
	    ST_BAD);
	for (size_t i = 0; i < problems.n; i++)
		lines += problems.p[i] == '\n' ? 1 : 0;
	assert_int_equal(lines, 20);
}

static void
an_error_leaves_nothing_behind_for_the_next_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		CLEANUP(config_unref) const struct config *c = NULL;
		CLEANUP(buf_clear) struct buf problems = { 0 };

		(void)!config_parse(span_str(bad[i].text), FILE_NAME, &c,
		    &problems);
		c = good("limits { append = 3M }");
		assert_int_equal(c->limits.append, 3 << 20);
	}
}

static void
nothing_in_a_file_is_expanded(void **state)
{
	CLEANUP(config_unref) const struct config *c = NULL;

	(void)state;
	setenv("NEWEL_TEST", "expanded", 1);
	c = good("instance {\n"
		 " data = \"/a${NEWEL_TEST}\\\"\\\\\\n$b\"\n"
		 " run = '/a\\n${NEWEL_TEST}'\n"
		 " hostname = $NEWEL_TEST*+(//x\n"
		 "}");
	assert_string_equal(c->instance.data, "/a${NEWEL_TEST}\"\\\\n$b");
	assert_string_equal(c->instance.run, "/a\\n${NEWEL_TEST}");
	assert_string_equal(c->instance.hostname, "$NEWEL_TEST*+(//x");
}

static void
sections_are_compared_value_by_value(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		const char *section;
		bool same;
	} cases[] = {
		{ "", "", "listen", true },
		{ "listen { imap = *:143 }", "", "listen", true },
		{ "listen { imap = *:144 }", "", "listen", false },
		{ "listen { imap = 0.0.0.0:143 }", "", "listen", false },
		{ "listen { imap = *:144 }", "", "instance", true },
		{ "store { cache = 1G }", "store { cache = 1024M }", "store",
		    true },
		{ "store { driver = memory }", "", "store", false },
		{ "instance { user = x }", "", "instance", false },
		{ "auth { plaintext-login = yes }", "", "auth", false },
		{ "auth { mechanisms = PLAIN }", "", "auth", false },
		{ "auth { mechanisms = PLAIN }", "auth { mechanisms = LOGIN }",
		    "auth", false },
		{ "auth { mechanisms = PLAIN }", "auth { mechanisms = plain }",
		    "auth", true },
		{ "limits { idle-time = 1h }", "", "limits", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(config_unref) const struct config *a = good(cases[i].a);
		CLEANUP(config_unref) const struct config *b = good(cases[i].b);

		assert_int_equal(config_same(a, b, cases[i].section),
		    cases[i].same);
	}
}

static void
a_config_lives_as_long_as_someone_holds_it(void **state)
{
	const struct config *a = good("limits { append = 3M }");
	const struct config *b = config_ref(a);

	(void)state;
	config_unref(&a);
	assert_null(a);
	assert_int_equal(b->limits.append, 3 << 20);
	config_unref(&b);
	config_unref(&b);
}

static void
every_default_is_within_its_own_bounds(void **state)
{
	size_t n;
	const struct setting *all = setting_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_clear) struct buf text = { 0 };
		CLEANUP(buf_clear) struct buf why = { 0 };
		uint64_t v;

		if (all[i].kind >= SETTING_WORD)
			continue;
		value_format(&all[i], all[i].number, &text);
		buf_byte(&text, '\0');
		if (!value_number(&all[i], (const char *)text.p, &v, &why))
			fail_msg("%s.%s %.*s", all[i].section, all[i].name,
			    SPAN_ARG(buf_span(&why)));
		assert_int_equal(v, all[i].number);
	}
}

static char *
slurp(const char *path)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		fail_msg("%s can't be opened", path);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

/* base/limits.h names the settings that change a limit: all must be there. */
static void
every_limit_that_has_a_name_is_a_setting(void **state)
{
	const char *at = slurp(SOURCE_ROOT "/src/base/limits.h");
	size_t found = 0;

	(void)state;
	while ((at = strstr(at, "limits.")) != NULL) {
		char name[64] = "";
		size_t n = 0;

		at += strlen("limits.");
		while (islower((unsigned char)at[n]) || at[n] == '-')
			n++;
		if (n == 1) /* limits.h */
			continue;
		assert_true(n < sizeof(name));
		memcpy(name, at, n);
		if (setting_section(name) == NULL ||
		    strcmp(setting_section(name), "limits") != 0)
			fail_msg("limits.%s is not a setting", name);
		found++;
	}
	assert_true(found > 10);
}

/* The text between a heading and the next one of its kind. */
static struct span
under(const char *text, const char *kind, const char *name)
{
	char heading[64];
	const char *begin;
	const char *end;

	snprintf(heading, sizeof(heading), "\n%s %s\n", kind, name);
	begin = strstr(text, heading);
	if (begin == NULL)
		fail_msg("the manual has no \"%s %s\"", kind, name);
	snprintf(heading, sizeof(heading), "\n%s ", kind);
	end = strstr(begin + 1, heading);
	return span_of(begin,
	    end != NULL ? (size_t)(end - begin) : strlen(begin));
}

/* "64M", or what else the manual has in the parentheses behind a name. */
static void
default_of(const struct setting *s, struct buf *out)
{
	if (s->kind < SETTING_WORD)
		value_format(s, s->number, out);
	else if (s->text != NULL)
		buf_str(out, s->text);
	else
		return; /* described in words */
	buf_byte(out, '\n');
}

/* newel.conf(5) has each setting in its section, with its default. */
static void
the_manual_knows_every_setting_and_its_default(void **state)
{
	const char *manual = slurp(SOURCE_ROOT "/man/newel.conf.5");
	size_t n;
	const struct setting *all = setting_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_clear) struct buf want = { 0 };
		struct span section = under(manual, ".Ss", all[i].section);
		char item[64];
		const unsigned char *at;
		struct span line;

		snprintf(item, sizeof(item), "\n.It Cm %s ", all[i].name);
		at = memmem(section.p, section.n, item, strlen(item));
		if (at == NULL)
			fail_msg("the manual lacks %s.%s", all[i].section,
			    all[i].name);
		line =
		    span_of(at + 1, (size_t)(section.p + section.n - at - 1));
		line = span_head(line, span_find(line, '\n') + 1);
		default_of(&all[i], &want);
		if (want.n == 0)
			BUF_LIT(&want, "Pq No ");
		if (memmem(line.p, line.n, want.p, want.n) == NULL)
			fail_msg("%.*s lacks %.*s", SPAN_ARG(line),
			    SPAN_ARG(buf_span(&want)));
	}
}

static void
near_names_are_suggested(void **state)
{
	static const struct {
		const char *section;
		const char *name;
		const char *want;
	} cases[] = {
		{ "limits", "mailbox", "mailboxes" },
		{ "limits", "comand-line", "command-line" },
		{ "limits", "command_line", "command-line" },
		{ "limits", "lgoin-time", "login-time" },
		{ "tls", "certificates", "certificate" },
		{ NULL, "listener", "listen" },
		{ NULL, "isntance", "instance" },
		{ NULL, "x", NULL },
		{ "tls", "zzzzzz", NULL },
		{ "tls",
		    "a-name-that-is-longer-than-any-setting-will-ever-be-by-"
		    "far",
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got =
		    setting_suggest(cases[i].section, cases[i].name);

		if (cases[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got != NULL ? got : "",
			    cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_gives_every_default),
		cmocka_unit_test(a_typical_file_is_ten_lines),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(
		    all_wrong_values_are_said_at_once_up_to_a_bound),
		cmocka_unit_test(
		    an_error_leaves_nothing_behind_for_the_next_file),
		cmocka_unit_test(nothing_in_a_file_is_expanded),
		cmocka_unit_test(sections_are_compared_value_by_value),
		cmocka_unit_test(a_config_lives_as_long_as_someone_holds_it),
		cmocka_unit_test(every_default_is_within_its_own_bounds),
		cmocka_unit_test(every_limit_that_has_a_name_is_a_setting),
		cmocka_unit_test(
		    the_manual_knows_every_setting_and_its_default),
		cmocka_unit_test(near_names_are_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
