#include "directory/directory.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/log.h"
#include "base/random.h"
#include "directory/backend.h"
#include "directory/name.h"

#define FAKE_SALT_BYTES 16

enum status
directory_open(const struct directory_options *o, struct directory **out)
{
	return directory_sqlite_open(o, out);
}

void
directory_close(struct directory **d)
{
	if (*d != NULL)
		(*d)->ops->close(*d);
	*d = NULL;
}

void
directory_set_costs(struct directory *d, const struct secret_costs *c)
{
	d->costs = *c;
}

enum status
directory_verify(struct directory *d)
{
	return d->ops->verify(d);
}

enum status
directory_find(struct directory *d, struct span name, struct account *out)
{
	char prepared[LIMIT_USER_NAME + 1];

	if (name_prepare(name, prepared) != ST_OK)
		return ST_NOTFOUND;
	return d->ops->find(d, span_str(prepared), out);
}

enum status
directory_find_id(struct directory *d, uint64_t id, struct account *out)
{
	return d->ops->find_id(d, id, out);
}

enum status
directory_find_certificate(struct directory *d, struct span certificate,
    struct account *out)
{
	enum status st;

	if (certificate.n == 0 || certificate.n > LIMIT_TLS_NAME)
		return ST_NOTFOUND;
	st = d->ops->find_certificate(d, certificate, out);
	return st == ST_NOTFOUND ? directory_find(d, certificate, out) : st;
}

enum status
directory_list(struct directory *d, struct span prefix, directory_visit_fn *fn,
    void *ctx)
{
	return d->ops->list(d, prefix, fn, ctx);
}

enum status
directory_add(struct directory *d, struct span name, const struct secret *s,
    uint64_t *out_id)
{
	static const struct secret none;
	char prepared[LIMIT_USER_NAME + 1];

	if (name_prepare(name, prepared) != ST_OK)
		return ST_BAD;
	return d->ops->add(d, span_str(prepared), s == NULL ? &none : s,
	    out_id);
}

enum status
directory_set_secret(struct directory *d, uint64_t id, const struct secret *s)
{
	return d->ops->set_secret(d, id, s);
}

enum status
directory_set_enabled(struct directory *d, uint64_t id, bool on)
{
	return d->ops->set_enabled(d, id, on);
}

enum status
directory_set_quota(struct directory *d, uint64_t id, uint64_t bytes,
    uint64_t messages)
{
	return d->ops->set_quota(d, id, MIN(bytes, ACCOUNT_NO_QUOTA),
	    MIN(messages, ACCOUNT_NO_QUOTA));
}

enum status
directory_delete(struct directory *d, uint64_t id)
{
	return d->ops->delete (d, id);
}

enum status
directory_certificate_add(struct directory *d, uint64_t id,
    struct span certificate)
{
	if (certificate.n == 0 || certificate.n > LIMIT_TLS_NAME)
		return ST_BAD;
	return d->ops->certificate_add(d, id, certificate);
}

enum status
directory_certificate_remove(struct directory *d, struct span certificate)
{
	return d->ops->certificate_remove(d, certificate);
}

enum status
directory_certificates(struct directory *d, uint64_t id,
    directory_certificate_fn *fn, void *ctx)
{
	return d->ops->certificates(d, id, fn, ctx);
}

/*
 * Done when a login has just brought the password, so a failure costs the
 * user nothing: the next login tries again.
 */
static void
upgrade(struct directory *d, const struct account *a, const char *was,
    struct span password)
{
	struct secret s;
	enum status st = secret_make(&d->costs, password, &s);

	if (st == ST_OK)
		st = d->ops->upgrade(d, a->id, was, &s);
	explicit_bzero(&s, sizeof(s));
	if (st == ST_OK)
		log_event(d->log, LEVEL_INFO, "account.password.upgraded",
		    LF_STR("user", a->name));
	else
		log_event(d->log, LEVEL_WARN, "account.password.not-upgraded",
		    LF_STR("user", a->name), LF_STR("reason", status_name(st)));
}

static enum status
check(struct directory *d, const struct account *a, struct span password)
{
	char hash[SECRET_HASH_MAX];
	enum status st = d->ops->hash(d, a->id, hash);

	if (st != ST_OK)
		return st;
	if (hash[0] == '\0') {
		secret_pretend(&d->costs, password);
		return ST_DENIED;
	}
	st = secret_check(hash, password);
	if (st == ST_OK && secret_outdated(&d->costs, hash))
		upgrade(d, a, hash, password);
	return st;
}

enum status
directory_check(struct directory *d, struct span name, struct span password,
    struct account *out)
{
	struct account a;
	enum status st = directory_find(d, name, &a);

	if (st == ST_NOTFOUND)
		secret_pretend(&d->costs, password);
	if (st == ST_OK)
		st = check(d, &a, password);
	if (st == ST_OK)
		*out = a;
	return st;
}

/* As for a user whose password was set with the settings of now. */
static void
fake_scram(const struct directory *d, struct span name, enum scram_hash h,
    struct scram_keys *out)
{
	unsigned char text[1 + LIMIT_USER_NAME], mac[EVP_MAX_MD_SIZE];

	assert(name.n <= LIMIT_USER_NAME);
	text[0] = (unsigned char)h;
	(void)span_copy(text + 1, LIMIT_USER_NAME, name);
	HMAC(EVP_sha256(), d->key, sizeof(d->key), text, 1 + name.n, mac, NULL);
	*out = (struct scram_keys){ .salt_n = FAKE_SALT_BYTES,
		.iterations = d->costs.scram_iterations };
	memcpy(out->salt, mac, FAKE_SALT_BYTES);
	random_bytes(out->stored_key, sizeof(out->stored_key));
	random_bytes(out->server_key, sizeof(out->server_key));
}

enum status
directory_scram(struct directory *d, struct span name, enum scram_hash h,
    struct scram_keys *out, uint64_t *out_id)
{
	char prepared[LIMIT_USER_NAME + 1];
	enum status st = ST_NOTFOUND;

	name = span_head(name, LIMIT_USER_NAME);
	if (name_prepare(name, prepared) == ST_OK) {
		name = span_str(prepared);
		st = d->ops->scram(d, name, h, out, out_id);
	}
	if (st != ST_NOTFOUND)
		return st;
	fake_scram(d, name, h, out);
	*out_id = 0;
	return ST_OK;
}

enum status
directory_seen(struct directory *d, const uint64_t *ids, size_t n, int64_t wall)
{
	return d->ops->seen(d, ids, n, wall);
}

enum status
directory_poll(struct directory *d, directory_change_fn *fn, void *ctx)
{
	return d->ops->poll(d, fn, ctx);
}

enum status
directory_rewind(struct directory *d)
{
	return d->ops->rewind(d);
}
