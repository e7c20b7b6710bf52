#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/accounts.h"
#include "cli/command.h"
#include "cli/instance.h"
#include "cli/say.h"
#include "io/tls.h"
#include "master/folders.h"
#include "store/store.h"

#define CERTIFICATE_DAYS 3650
#define HOST_NAME        256

struct init {
	const struct args *args;
	char *dir; /* absolute */
	char host[HOST_NAME];
	const char *user;
	struct buf settings;
	const struct config *config;
};

/* Makes it if it isn't there. */
static bool
take_folder(struct init *in)
{
	const char *dir = in->args->words[0];
	const struct dirent *e;
	bool empty = true;
	DIR *d;

	if (mkdir(dir, 0755) == -1 && errno != EEXIST) {
		say_error("%s: %s", dir, strerror(errno));
		return false;
	}
	d = opendir(dir);
	if (d == NULL) {
		say_error("%s: %s", dir, strerror(errno));
		return false;
	}
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			empty = false;
	closedir(d);
	if (!empty) {
		say_error("%s is not empty: nothing was changed", dir);
		return false;
	}
	in->dir = realpath(dir, NULL);
	return in->dir != NULL;
}

static const char *
choose(const struct init *in, const char *option, const char *as_root,
    const char *as_other)
{
	const char *given = args_value(in->args, option);

	if (given != NULL)
		return given;
	return geteuid() == 0 ? as_root : as_other;
}

/* A path is seen from where the command is called, not from DIR. */
static void
add_lmtp(struct init *in)
{
	const char *lmtp = choose(in, "--lmtp", "run/lmtp", "run/lmtp");
	bool given = args_value(in->args, "--lmtp") != NULL;
	char *cwd = NULL;

	buf_str(&in->settings, "\tlmtp = \"");
	if (given && strchr(lmtp, '/') != NULL && lmtp[0] != '/')
		cwd = getcwd(NULL, 0);
	if (cwd != NULL)
		buf_printf(&in->settings, "%s/", cwd);
	free(cwd);
	buf_printf(&in->settings, "%s\"\n", lmtp);
}

static void
write_settings_text(struct init *in)
{
	struct buf *t = &in->settings;

	buf_str(t, "# Newel's settings: newel.conf(5) explains all that there "
		   "are.  Relative paths\n# are relative to this file's "
		   "folder.\n");
	buf_printf(t,
	    "instance {\n\thostname = \"%s\"\n\tdata = data\n"
	    "\trun = run\n",
	    in->host);
	if (in->user != NULL)
		buf_printf(t, "\tuser = \"%s\"\n", in->user);
	buf_printf(t, "}\nlisten {\n\timap = \"%s\"\n\timaps = \"%s\"\n",
	    choose(in, "--imap", "*:143", "*:1143"),
	    choose(in, "--imaps", "*:993", "*:1993"));
	add_lmtp(in);
	buf_str(t, "}\ntls {\n\tcertificate = certificate.pem\n"
		   "\tkey = key.pem\n}\n");
	if (args_value(in->args, "--plaintext-login") != NULL)
		buf_str(t, "auth {\n\tplaintext-login = yes\n}\n");
}

/* Root's processes need a user; one without any rights is always there. */
static void
choose_user(struct init *in)
{
	if (geteuid() != 0 || getpwnam("newel") != NULL)
		return;
	in->user = "nobody";
	say_error("there is no user \"newel\": the server will run as "
		  "\"nobody\".  \"adduser --system --group newel\" makes one; "
		  "then set instance.user and give it the data folder");
}

static bool
parse_settings(struct init *in)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	CLEANUP(buf_clear) struct buf file = { 0 };

	write_settings_text(in);
	buf_printf(&file, "%s/newel.conf", in->dir);
	buf_byte(&file, '\0');
	if (config_parse(buf_span(&in->settings), (const char *)file.p,
		&in->config, &problems) == ST_OK)
		return true;
	say_errors(&problems);
	return false;
}

static bool
write_file(const struct init *in, const char *name, mode_t mode,
    const struct buf *text)
{
	CLEANUP(buf_clear) struct buf path = { 0 };
	bool done;
	int fd;

	buf_printf(&path, "%s/%s", in->dir, name);
	buf_byte(&path, '\0');
	fd = open((const char *)path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    mode);
	done = fd != -1 && fchmod(fd, mode) == 0 &&
	       write(fd, text->p, text->n) == (ssize_t)text->n &&
	       fsync(fd) == 0;
	if (!done)
		say_error("%s: %s", (const char *)path.p, strerror(errno));
	if (fd != -1)
		close(fd);
	return done;
}

static bool
write_files(const struct init *in)
{
	const char *const names[] = { in->host, "localhost", "127.0.0.1",
		"::1" };
	size_t first = strcmp(in->host, "localhost") == 0 ? 1 : 0;
	CLEANUP(buf_clear) struct buf chain = { 0 };
	CLEANUP(buf_clear) struct buf key = { 0 };

	tls_cert_make(names + first, COUNT(names) - first, CERTIFICATE_DAYS,
	    &chain, &key);
	return write_file(in, "certificate.pem", 0644, &chain) &&
	       write_file(in, "key.pem", 0600, &key) &&
	       write_file(in, "newel.conf", 0644, &in->settings);
}

static enum status
make_directory(const struct config *c, void *ctx)
{
	struct accounts accounts;
	enum status st;

	(void)ctx;
	st = accounts_open(c, true, &accounts);
	if (st == ST_OK)
		accounts_close(&accounts);
	return st;
}

static enum status
make_store(const struct config *c, void *ctx)
{
	const struct store_options o = { .driver = c->store.driver,
		.path = c->instance.store,
		.cache_bytes = c->store.cache };
	struct store *s = NULL;
	enum status st;

	(void)ctx;
	st = store_open(&o, &s);
	if (st != ST_OK)
		say_error("the store in %s can't be made", o.path);
	store_close(&s);
	return st;
}

static bool
make_data(const struct init *in)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	enum status st = ST_OK;

	if (mkdir(in->config->instance.data, 0755) == -1) {
		say_error("%s: %s", in->config->instance.data, strerror(errno));
		return false;
	}
	st = folders_make(in->config, &problems);
	say_errors(&problems);
	if (st == ST_OK)
		st = instance_as(in->config, ROLE_AUTH, make_directory, NULL);
	if (st == ST_OK)
		st = instance_as(in->config, ROLE_MAIL, make_store, NULL);
	return st == ST_OK;
}

static void
say_next(const struct init *in)
{
	const char *file = in->config->file;

	say("A new instance is in %s.\n\n", in->dir);
	say("  settings     %s\n", file);
	say("  certificate  %s/certificate.pem\n", in->dir);
	say("               It is self-signed, so clients will warn; replace "
	    "it and key.pem.\n");
	say("\nNext:\n\n");
	say("  newel user add NAME -c %s\n", file);
	say("  newel check -c %s\n", file);
	say("  newel serve -c %s\n", file);
}

static bool
make_all(struct init *in)
{
	if (gethostname(in->host, sizeof(in->host) - 1) == -1)
		strcpy(in->host, "localhost");
	if (!take_folder(in))
		return false;
	choose_user(in);
	return parse_settings(in) && write_files(in) && make_data(in);
}

enum exit_code
run_init(const struct args *a)
{
	struct init in = { .args = a };
	bool made = make_all(&in);

	if (made)
		say_next(&in);
	else if (in.config != NULL)
		say_error("%s is incomplete: remove it before you try again",
		    in.dir);
	free(in.dir);
	buf_clear(&in.settings);
	config_unref(&in.config);
	return made ? EXIT_DONE : EXIT_FAILED;
}
