#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/accounts.h"
#include "cli/instance.h"
#include "cli/report.h"
#include "cli/say.h"
#include "io/tls.h"
#include "master/folders.h"
#include "master/listener.h"
#include "store/store.h"

#define DAY_SECS  86400
#define DAYS_SOON 14

struct check {
	struct report *report;
	const struct settings *settings;
	const struct config *config;
	bool runs;
};

static void
check_names(const struct check *c, const char *file,
    const struct tls_cert *cert, const struct tls_cert_facts *facts)
{
	CLEANUP(buf_clear) struct buf names = { 0 };
	const char *host = c->config->instance.hostname;

	for (size_t i = 0; i < facts->name_count; i++) {
		buf_str(&names, i > 0 ? ", " : "");
		buf_add(&names, facts->names[i]);
	}
	report(c->report, FINDING_OK, "certificate", "%s is for %.*s", file,
	    SPAN_ARG(buf_span(&names)));
	if (c->config->tls.certificate.n == 1 && !tls_cert_is_for(cert, host))
		report(c->report, FINDING_WARNING, "certificate",
		    "%s is not for this server's name %s (instance.hostname): "
		    "clients that use the name will warn",
		    file, host);
	if (facts->self_signed)
		report(c->report, FINDING_WARNING, "certificate",
		    "%s is self-signed: clients will warn", file);
}

static void
check_dates(const struct check *c, const char *file,
    const struct tls_cert_facts *facts)
{
	int64_t now = clock_wall();
	int64_t days = (facts->not_after_wall - now) / DAY_SECS;

	if (now < facts->not_before_wall)
		report(c->report, FINDING_PROBLEM, "certificate",
		    "%s is not valid yet: is this machine's clock right?",
		    file);
	else if (now >= facts->not_after_wall)
		report(c->report, FINDING_PROBLEM, "certificate",
		    "%s has expired: get a new one", file);
	else
		report(c->report,
		    days < DAYS_SOON ? FINDING_WARNING : FINDING_OK,
		    "certificate", "%s is valid for %lld more days", file,
		    (long long)days);
}

static void
check_key_file(const struct check *c, const char *file)
{
	struct stat st;

	if (stat(file, &st) == 0 && (st.st_mode & S_IRWXO) != 0)
		report(c->report, FINDING_WARNING, "certificate",
		    "%s can be read by everybody: \"chmod 600 %s\"", file,
		    file);
}

static void
check_certificate(const struct check *c, size_t i)
{
	CLEANUP(arena_free) struct arena *arena = arena_new();
	CLEANUP(buf_clear) struct buf why = { 0 };
	const char *file = c->config->tls.certificate.items[i];
	struct msg_certificate pem = settings_certificate(c->settings, i);
	const struct tls_cert cert = { .chain = pem.chain, .key = pem.key };
	struct tls_cert_facts facts;

	check_key_file(c, c->config->tls.key.items[i]);
	if (tls_cert_inspect(arena, &cert, &why, &facts) != ST_OK) {
		report(c->report, FINDING_PROBLEM, "certificate", "%s: %.*s",
		    file, SPAN_ARG(buf_span(&why)));
		return;
	}
	check_names(c, file, &cert, &facts);
	check_dates(c, file, &facts);
}

static void
check_certificates(const struct check *c)
{
	size_t n = c->config->tls.certificate.n;

	for (size_t i = 0; i < n; i++)
		check_certificate(c, i);
	if (n == 0 && !c->config->auth.plaintext_login)
		report(c->report, FINDING_WARNING, "certificate",
		    "there is none and auth.plaintext-login is no: only SCRAM "
		    "logs in");
}

static void
check_folders(const struct check *c)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };

	if (folders_check(c->config, &problems) == ST_OK)
		report(c->report, FINDING_OK, "folders", "%s and %s",
		    c->config->instance.data, c->config->instance.run);
	report_lines(c->report, FINDING_PROBLEM, "folders", &problems);
}

static void
check_addresses(const struct check *c, enum listen_kind kind,
    const struct config_addresses *addresses)
{
	for (size_t i = 0; i < addresses->n; i++) {
		const struct config_address *a = &addresses->items[i];
		CLEANUP(buf_clear) struct buf problems = { 0 };
		const char *setting = listener_setting(kind);

		if (listener_try(a, setting, &problems) == ST_OK)
			report(c->report, FINDING_OK, "ports", "%s %s is free",
			    setting, a->text);
		report_lines(c->report, FINDING_PROBLEM, "ports", &problems);
	}
}

static void
check_group(const struct check *c)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	gid_t gid;

	(void)!listener_group(c->config, &gid, &problems);
	report_lines(c->report, FINDING_PROBLEM, "ports", &problems);
}

static void
check_ports(const struct check *c)
{
	check_group(c);
	if (c->runs) {
		report(c->report, FINDING_OK, "ports",
		    "the server runs, and has its ports");
		return;
	}
	check_addresses(c, LISTEN_IMAP, &c->config->listen.imap);
	check_addresses(c, LISTEN_IMAPS, &c->config->listen.imaps);
	check_addresses(c, LISTEN_LMTP, &c->config->listen.lmtp);
}

static bool
count_one(void *ctx, const struct account *a)
{
	size_t *n = ctx;

	(void)a;
	(*n)++;
	return true;
}

static enum status
check_directory(const struct config *config, void *ctx)
{
	const struct check *c = ctx;
	struct accounts accounts;
	size_t n = 0;
	enum status st;

	st = accounts_open(config, false, &accounts);
	if (st == ST_OK) {
		st = directory_verify(accounts.directory);
		if (st == ST_OK)
			st = directory_list(accounts.directory, SPAN(""),
			    count_one, &n);
		accounts_close(&accounts);
	}
	if (st == ST_OK)
		report(c->report, FINDING_OK, "accounts", "%zu in %s", n,
		    config->instance.directory);
	else
		report(c->report, FINDING_PROBLEM, "accounts",
		    "%s can't be used", config->instance.directory);
	return st;
}

static void
store_problem(void *ctx, const char *line)
{
	const struct check *c = ctx;

	report(c->report, FINDING_PROBLEM, "mail", "%s", line);
}

static enum status
check_store(const struct config *config, void *ctx)
{
	const struct store_options o = { .driver = config->store.driver,
		.path = config->instance.store,
		.cache_bytes = config->store.cache,
		.read_only = true };
	CLEANUP(buf_clear) struct buf size = { 0 };
	struct check *c = ctx;
	struct store *s = NULL;
	enum status st;

	st = store_open(&o, &s);
	if (st != ST_OK) {
		report(c->report, FINDING_PROBLEM, "mail",
		    "%s can't be opened (%s)", o.path, status_name(st));
		return st;
	}
	say_size(store_disk_bytes(s), &size);
	say_progress("reading %.*s of mail ...", SPAN_ARG(buf_span(&size)));
	st = store_check(s, store_problem, c);
	say_progress("%s", "");
	if (st == ST_OK)
		report(c->report, FINDING_OK, "mail",
		    "%.*s in %s, all of it readable", SPAN_ARG(buf_span(&size)),
		    o.path);
	store_close(&s);
	return st;
}

static void
check_data(struct check *c)
{
	(void)!instance_as(c->config, ROLE_AUTH, check_directory, c);
	if (c->runs)
		report(c->report, FINDING_OK, "mail",
		    "the server runs: stop it to have the mail read");
	else
		(void)!instance_as(c->config, ROLE_MAIL, check_store, c);
}

/* Everything that needs the settings to be right. */
static void
check_rest(struct check *c, bool with_certificates)
{
	c->config = settings_config(c->settings);
	c->runs = instance_runs(c->config);
	if (with_certificates)
		check_certificates(c);
	check_folders(c);
	check_ports(c);
	check_data(c);
}

enum exit_code
run_check(const struct args *a)
{
	CLEANUP(settings_free) struct settings *s = NULL;
	CLEANUP(mem_free) char *file = instance_file(a);
	CLEANUP(buf_clear) struct buf problems = { 0 };
	CLEANUP(buf_clear) struct buf again = { 0 };
	struct report r;
	struct check c = { .report = &r };
	bool all;

	report_begin(&r, args_value(a, "--json") != NULL);
	all = settings_load(file, &s, &problems) == ST_OK;
	if (all)
		report(&r, FINDING_OK, "settings", "%s", file);
	report_lines(&r, FINDING_PROBLEM, "settings", &problems);
	if (!all && settings_load_plain(file, &s, &again) != ST_OK)
		s = NULL;
	c.settings = s;
	if (s != NULL)
		check_rest(&c, all);
	report_end(&r);
	return r.problems == 0 ? EXIT_DONE : EXIT_FAILED;
}
