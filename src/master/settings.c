#include "master/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/tls.h"

struct settings {
	const struct config *config;
	struct buf text;
	size_t n;
	struct buf chains[LIMIT_CERTIFICATES];
	struct buf keys[LIMIT_CERTIFICATES];
	struct buf client_ca;
};

/* Up to max bytes; what is wrong is said with the file's name. */
static enum status
read_file(const char *path, size_t max, struct buf *out, struct buf *problems)
{
	ssize_t n = 1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd != -1 && n > 0 && out->n <= max) {
		n = read(fd, buf_room(out, 4096), 4096);
		if (n > 0)
			buf_added(out, (size_t)n);
	}
	if (fd == -1 || n == -1)
		buf_printf(problems, "%s: %s\n", path, strerror(errno));
	else if (out->n > max)
		buf_printf(problems, "%s: is larger than %zu bytes\n", path,
		    max);
	if (fd != -1)
		close(fd);
	return fd == -1 || n == -1 || out->n > max ? ST_BAD : ST_OK;
}

static enum status
read_config(struct settings *s, const char *file, struct buf *problems)
{
	enum status st;

	st = read_file(file, LIMIT_SETTINGS_FILE, &s->text, problems);
	if (st != ST_OK)
		return st;
	return config_parse(buf_span(&s->text), file, &s->config, problems);
}

/* Goes on after a fault, so that all are said. */
static enum status
read_certificates(struct settings *s, struct buf *problems)
{
	const struct config_tls *tls = &s->config->tls;
	size_t before = problems->n;

	for (size_t i = 0; i < tls->certificate.n; i++) {
		(void)!read_file(tls->certificate.items[i],
		    LIMIT_CERTIFICATE_FILE, &s->chains[i], problems);
		(void)!read_file(tls->key.items[i], LIMIT_CERTIFICATE_FILE,
		    &s->keys[i], problems);
	}
	s->n = tls->certificate.n;
	if (*tls->client_ca != '\0')
		(void)!read_file(tls->client_ca, LIMIT_CERTIFICATE_FILE,
		    &s->client_ca, problems);
	return problems->n == before ? ST_OK : ST_BAD;
}

/* What a gate would refuse is refused here, before it is told of it. */
static enum status
try_tls(const struct settings *s, struct buf *problems)
{
	struct tls_cert certs[LIMIT_CERTIFICATES];
	struct tls_settings t = { .certs = certs,
		.cert_count = s->n,
		.client_ca = buf_span(&s->client_ca) };
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct tls_context *c = NULL;
	enum status st;

	if (s->n == 0)
		return ST_OK;
	for (size_t i = 0; i < s->n; i++)
		certs[i] = (struct tls_cert){ buf_span(&s->chains[i]),
			buf_span(&s->keys[i]) };
	st = tls_context_new(&t, &why, &c);
	if (st != ST_OK)
		buf_printf(problems, "%s: the section tls: %.*s\n",
		    s->config->file, SPAN_ARG(buf_span(&why)));
	tls_context_unref(&c);
	return st;
}

/* One packet has room for all. */
static enum status
try_size(const struct settings *s, struct buf *problems)
{
	CLEANUP(buf_clear) struct buf payload = { 0 };
	struct message m;

	settings_message(s, ROLE_GATE, &m);
	if (message_encode(&m, &payload) == ST_OK &&
	    payload.n <= LIMIT_PACKET_FILE)
		return ST_OK;
	buf_printf(problems,
	    "%s: the settings and the certificates are more than %d bytes\n",
	    s->config->file, LIMIT_PACKET_FILE);
	return ST_BAD;
}

enum status
settings_load_plain(const char *file, struct settings **out,
    struct buf *problems)
{
	CLEANUP(settings_free) struct settings *s = MEM_NEW(struct settings);
	enum status st;

	st = read_config(s, file, problems);
	if (st == ST_OK)
		*out = TAKE(s);
	return st;
}

enum status
settings_load(const char *file, struct settings **out, struct buf *problems)
{
	CLEANUP(settings_free) struct settings *s = NULL;
	enum status st;

	st = settings_load_plain(file, &s, problems);
	if (st == ST_OK)
		st = read_certificates(s, problems);
	if (st == ST_OK)
		st = try_tls(s, problems);
	if (st == ST_OK)
		st = try_size(s, problems);
	if (st == ST_OK)
		*out = TAKE(s);
	return st;
}

void
settings_free(struct settings **s)
{
	if (*s == NULL)
		return;
	for (size_t i = 0; i < LIMIT_CERTIFICATES; i++) {
		buf_clear(&(*s)->chains[i]);
		buf_clear(&(*s)->keys[i]);
	}
	buf_clear(&(*s)->client_ca);
	buf_clear(&(*s)->text);
	config_unref(&(*s)->config);
	mem_free(s);
}

const struct config *
settings_config(const struct settings *s)
{
	return s->config;
}

struct msg_certificate
settings_certificate(const struct settings *s, size_t i)
{
	return (struct msg_certificate){ buf_span(&s->chains[i]),
		buf_span(&s->keys[i]) };
}

void
settings_message(const struct settings *s, enum role to, struct message *out)
{
	struct msg_settings *m = &out->settings;

	*out = (struct message){ .type = MSG_SETTINGS };
	m->file = span_str(s->config->file);
	m->text = buf_span(&s->text);
	if (to != ROLE_GATE)
		return;
	m->n_certificates = s->n;
	for (size_t i = 0; i < s->n; i++)
		m->certificates[i] = settings_certificate(s, i);
	m->client_ca = buf_span(&s->client_ca);
}
