#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/accounts.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/say.h"
#include "io/tls.h"

/* Reads a file that is no secret; a pipe will do. */
static enum status
read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd == -1 ? -1 : 1;

	while (n > 0 && out->n <= LIMIT_CERTIFICATE_FILE) {
		n = read(fd, buf_room(out, 4096), 4096);
		buf_added(out, (size_t)MAX(n, 0));
	}
	if (n == -1)
		say_error("%s: %s", path, strerror(errno));
	else if (n > 0)
		say_error("%s has more than %d bytes", path,
		    LIMIT_CERTIFICATE_FILE);
	if (fd != -1)
		close(fd);
	return n == 0 ? ST_OK : ST_IO;
}

/* Whom the certificate in a file is for, with a NUL behind it. */
static enum status
read_owner(const char *path, struct buf *out)
{
	CLEANUP(buf_clear) struct buf pem = { 0 };
	CLEANUP(buf_clear) struct buf why = { 0 };
	enum status st;

	st = read_file(path, &pem);
	if (st != ST_OK)
		return st;
	st = tls_cert_owner(buf_span(&pem), &why, out);
	if (st != ST_OK)
		say_error("%s: %.*s", path, SPAN_ARG(buf_span(&why)));
	buf_byte(out, '\0');
	return st;
}

/*
 * Runs fn with the certificate as the second word, wherever it was given.
 * A file is read as whoever calls, not as the user of the accounts.
 */
static enum exit_code
run_with_certificate(const struct args *a,
    enum exit_code (*fn)(struct accounts *accounts, const struct args *a))
{
	CLEANUP(buf_clear) struct buf owner = { 0 };
	const char *path = args_value(a, "--pem");
	struct args named = *a;

	if ((path != NULL) == (a->n == 2)) {
		say_error("it is either a CERTIFICATE or --pem FILE");
		return EXIT_USAGE;
	}
	if (path != NULL) {
		if (read_owner(path, &owner) != ST_OK)
			return EXIT_FAILED;
		named.words[named.n++] = (const char *)owner.p;
	}
	return accounts_run(&named, fn);
}

static enum exit_code
add(struct accounts *accounts, const struct args *a)
{
	struct span name = span_str(a->words[0]);
	struct span certificate = span_str(a->words[1]);
	struct account acc;
	enum status st;

	if (accounts_find(accounts, name, &acc) != ST_OK)
		return EXIT_FAILED;
	st =
	    directory_certificate_add(accounts->directory, acc.id, certificate);
	if (st == ST_EXISTS) {
		say_error("the certificate \"%s\" was given to an account "
			  "already",
		    a->words[1]);
		return EXIT_FAILED;
	}
	if (st == ST_BAD) {
		say_error("a certificate's name has 1 to %d bytes",
		    LIMIT_TLS_NAME);
		return EXIT_FAILED;
	}
	if (accounts_done(st, name) != ST_OK)
		return EXIT_FAILED;
	if (*accounts->config->tls.client_ca == '\0')
		say_error("warning: nobody is asked for a certificate until "
			  "tls.client-ca is set");
	return EXIT_DONE;
}

struct list {
	struct json json;
	bool as_json;
};

static bool
list_one(void *ctx, struct span certificate)
{
	struct list *l = ctx;

	if (l->as_json)
		json_span(&l->json, certificate);
	else
		say("%.*s\n", SPAN_ARG(certificate));
	return true;
}

static enum exit_code
list(struct accounts *accounts, const struct args *a)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct list l = { .json = { .out = &text },
		.as_json = args_value(a, "--json") != NULL };
	struct span name = span_str(a->words[0]);
	struct account acc;

	if (accounts_find(accounts, name, &acc) != ST_OK)
		return EXIT_FAILED;
	json_open(&l.json, '[');
	if (accounts_done(directory_certificates(accounts->directory, acc.id,
			      list_one, &l),
		name) != ST_OK)
		return EXIT_FAILED;
	json_close(&l.json, ']');
	if (l.as_json)
		say_json(&text);
	return EXIT_DONE;
}

struct search {
	struct span wanted;
	bool found;
};

static bool
find_one(void *ctx, struct span certificate)
{
	struct search *s = ctx;

	s->found = span_eq(certificate, s->wanted);
	return !s->found;
}

/* The account is named too, so that nobody else loses one by mistake. */
static enum exit_code
take_away(struct accounts *accounts, const struct args *a)
{
	struct search s = { .wanted = span_str(a->words[1]) };
	struct span name = span_str(a->words[0]);
	struct account acc;

	if (accounts_find(accounts, name, &acc) != ST_OK ||
	    accounts_done(directory_certificates(accounts->directory, acc.id,
			      find_one, &s),
		name) != ST_OK)
		return EXIT_FAILED;
	if (!s.found) {
		say_error("%s has no certificate \"%s\"", acc.name,
		    a->words[1]);
		return EXIT_FAILED;
	}
	if (accounts_done(directory_certificate_remove(accounts->directory,
			      s.wanted),
		name) != ST_OK)
		return EXIT_FAILED;
	return EXIT_DONE;
}

enum exit_code
run_user_certificate_add(const struct args *a)
{
	return run_with_certificate(a, add);
}

enum exit_code
run_user_certificate_list(const struct args *a)
{
	return accounts_run(a, list);
}

enum exit_code
run_user_certificate_remove(const struct args *a)
{
	return run_with_certificate(a, take_away);
}
