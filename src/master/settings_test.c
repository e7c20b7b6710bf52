#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/tls.h"
#include "master/settings.h"

static char dir[64];

static void
write_file(const char *name, struct span text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

static void
write_certificate(const char *chain_name, const char *key_name)
{
	static const char *const names[] = { "mail.example.org" };
	CLEANUP(buf_clear) struct buf chain = { 0 };
	CLEANUP(buf_clear) struct buf key = { 0 };

	tls_cert_make(names, 1, 30, &chain, &key);
	write_file(chain_name, buf_span(&chain));
	write_file(key_name, buf_span(&key));
}

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/newel-settings-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
remove_dir(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static enum status
load(struct settings **out, struct buf *problems)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/newel.conf", dir);
	return settings_load(path, out, problems);
}

static void
only_gates_are_told_the_keys(void **state)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	CLEANUP(settings_free) struct settings *s = NULL;
	struct message m;

	(void)state;
	write_certificate("a.pem", "a.key");
	write_certificate("b.pem", "b.key");
	write_file("newel.conf",
	    SPAN("tls { certificate = { a.pem, b.pem } key = { a.key, b.key } "
		 "client-ca = a.pem }"));
	assert_ok(load(&s, &problems));

	settings_message(s, ROLE_GATE, &m);
	assert_int_equal(m.settings.n_certificates, 2);
	assert_true(span_starts(m.settings.certificates[1].chain,
	    SPAN("-----BEGIN CERTIFICATE-----")));
	assert_true(span_starts(m.settings.certificates[1].key,
	    SPAN("-----BEGIN PRIVATE KEY-----")));
	assert_true(
	    span_eq(m.settings.client_ca, m.settings.certificates[0].chain));

	settings_message(s, ROLE_MAIL, &m);
	assert_true(span_starts(m.settings.text, SPAN("tls { certificate")));
	assert_int_equal(m.settings.n_certificates, 0);
	assert_int_equal(m.settings.client_ca.n, 0);
	settings_message(s, ROLE_AUTH, &m);
	assert_int_equal(m.settings.n_certificates, 0);
}

static const struct {
	const char *text;
	const char *has; /* in the problems */
} bad[] = {
	{ "limits { apend = 1 }", "newel.conf:1: there is no setting" },
	{ "tls { certificate = none.pem key = a.key }",
	    "/none.pem: No such file or directory\n" },
	{ "tls { certificate = a.pem key = none.key }",
	    "/none.key: No such file or directory\n" },
	{ "tls { certificate = a.pem key = b.key }", "the section tls: " },
	{ "tls { certificate = a.key key = a.key }", "the section tls: " },
	{ "tls { certificate = a.pem key = a.key client-ca = a.key }",
	    "the section tls: " },
	{ "tls { certificate = big key = a.key }",
	    "/big: is larger than 262144 bytes\n" },
};

static void
what_cannot_be_served_with_is_refused(void **state)
{
	CLEANUP(buf_clear) struct buf big = { 0 };

	(void)state;
	memset(buf_room(&big, LIMIT_CERTIFICATE_FILE + 1), 'x',
	    LIMIT_CERTIFICATE_FILE + 1);
	buf_added(&big, LIMIT_CERTIFICATE_FILE + 1);
	write_file("big", buf_span(&big));
	write_certificate("a.pem", "a.key");
	write_certificate("b.pem", "b.key");
	for (size_t i = 0; i < COUNT(bad); i++) {
		CLEANUP(buf_clear) struct buf problems = { 0 };
		struct settings *s = NULL;

		write_file("newel.conf", span_str(bad[i].text));
		assert_int_equal(load(&s, &problems), ST_BAD);
		assert_null(s);
		buf_byte(&problems, '\0');
		if (strstr((const char *)problems.p, bad[i].has) == NULL)
			fail_msg("%s: %s", bad[i].text, problems.p);
	}
}

static void
the_settings_alone_need_no_keys(void **state)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	CLEANUP(settings_free) struct settings *s = NULL;
	char path[128];

	(void)state;
	write_file("newel.conf", SPAN("limits { append = 3M }"));
	snprintf(path, sizeof(path), "%s/newel.conf", dir);
	assert_int_equal(settings_load(path, &s, &problems), ST_BAD);
	assert_ok(settings_load_plain(path, &s, &problems));
	assert_int_equal(settings_config(s)->limits.append, 3 << 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_gates_are_told_the_keys,
		    make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
		    what_cannot_be_served_with_is_refused, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(the_settings_alone_need_no_keys,
		    make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
