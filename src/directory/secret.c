#include "directory/secret.h"

#include <argon2.h>
#include <assert.h>
#include <crypt.h>
#include <gsasl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "directory/name.h"

#define SALT_BYTES   16
#define DIGEST_BYTES 32

/* How the hashes that can be checked begin. */
enum scheme {
	SCHEME_ARGON2ID,
	SCHEME_ARGON2I,
	SCHEME_SHA,
	SCHEME_BCRYPT,
	SCHEME_YESCRYPT
};

static const struct {
	struct span begin;
	enum scheme scheme;
} schemes[] = {
	{ SPAN_INIT("$argon2id$"), SCHEME_ARGON2ID },
	{ SPAN_INIT("$argon2i$"), SCHEME_ARGON2I },
	{ SPAN_INIT("$5$"), SCHEME_SHA },
	{ SPAN_INIT("$6$"), SCHEME_SHA },
	{ SPAN_INIT("$2a$"), SCHEME_BCRYPT },
	{ SPAN_INIT("$2b$"), SCHEME_BCRYPT },
	{ SPAN_INIT("$2y$"), SCHEME_BCRYPT },
	{ SPAN_INIT("$y$"), SCHEME_YESCRYPT },
};

/* The prefixes of Dovecot whose hashes are of these schemes. */
static const struct span prefixes[] = {
	SPAN_INIT("{ARGON2ID}"),
	SPAN_INIT("{ARGON2I}"),
	SPAN_INIT("{SHA256-CRYPT}"),
	SPAN_INIT("{SHA512-CRYPT}"),
	SPAN_INIT("{BLF-CRYPT}"),
	SPAN_INIT("{CRYPT}"),
};

/*
 * Stands before an argon2id hash that was imported: it is of the password as
 * typed, and stays until a good login brings the password.
 */
#define IMPORTED "{ARGON2ID}"

/* The password as it is hashed: prepared, or else as typed. */
struct prepared {
	char p[LIMIT_PASSWORD_PREPARED + 1];
	size_t n;
	bool by_saslprep;
};

static struct prepared *
prepare(struct span typed)
{
	struct prepared *pw = MEM_NEW(struct prepared);

	pw->by_saslprep = name_prepare_password(typed, pw->p, &pw->n) == ST_OK;
	if (!pw->by_saslprep)
		pw->n = span_copy(pw->p, LIMIT_PASSWORD_PREPARED, typed);
	return pw;
}

static void
prepared_free(struct prepared **pw)
{
	if (*pw != NULL)
		explicit_bzero(*pw, sizeof(**pw));
	mem_free(pw);
}

size_t
scram_key_bytes(enum scram_hash h)
{
	return h == SCRAM_SHA1 ? GSASL_HASH_SHA1_SIZE : GSASL_HASH_SHA256_SIZE;
}

/* What the client knows is computed on the way, and dropped. */
void
scram_derive(enum scram_hash h, struct span prepared, struct scram_keys *keys)
{
	char salted[GSASL_HASH_MAX_SIZE], client_key[GSASL_HASH_MAX_SIZE];
	int rc;

	rc = PKCS5_PBKDF2_HMAC((const char *)prepared.p, (int)prepared.n,
	    keys->salt, (int)keys->salt_n, (int)keys->iterations,
	    h == SCRAM_SHA1 ? EVP_sha1() : EVP_sha256(),
	    (int)scram_key_bytes(h), (unsigned char *)salted);
	assert(rc == 1);
	rc = gsasl_scram_secrets_from_salted_password(h == SCRAM_SHA1
							  ? GSASL_HASH_SHA1
							  : GSASL_HASH_SHA256,
	    salted, client_key, (char *)keys->server_key,
	    (char *)keys->stored_key);
	assert(rc == GSASL_OK);
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client_key, sizeof(client_key));
}

static void
make_scram(const struct secret_costs *costs, const struct prepared *pw,
    enum scram_hash h, struct scram_keys *out)
{
	random_bytes(out->salt, SALT_BYTES);
	out->salt_n = SALT_BYTES;
	out->iterations = costs->scram_iterations;
	scram_derive(h, span_of(pw->p, pw->n), out);
}

static enum status
make_hash(const struct secret_costs *costs, const struct prepared *pw,
    char out[SECRET_HASH_MAX])
{
	unsigned char salt[SALT_BYTES];
	int rc;

	random_bytes(salt, sizeof(salt));
	rc = argon2id_hash_encoded(costs->argon2_passes, costs->argon2_kib,
	    costs->argon2_lanes, pw->p, pw->n, salt, sizeof(salt), DIGEST_BYTES,
	    out, SECRET_HASH_MAX);
	if (rc == ARGON2_OK)
		return ST_OK;
	assert(
	    rc == ARGON2_MEMORY_ALLOCATION_ERROR || rc == ARGON2_THREAD_FAIL);
	return ST_IO;
}

enum status
secret_make(const struct secret_costs *costs, struct span password,
    struct secret *out)
{
	CLEANUP(prepared_free) struct prepared *pw = NULL;
	struct secret s = { 0 };
	enum status st;

	if (password.n > LIMIT_PASSWORD)
		return ST_LIMIT;
	pw = prepare(password);
	st = make_hash(costs, pw, s.hash);
	if (st != ST_OK)
		return st;
	s.has_scram = pw->by_saslprep;
	for (int h = 0; s.has_scram && h < SCRAM_HASHES; h++)
		make_scram(costs, pw, (enum scram_hash)h, &s.scram[h]);
	*out = s;
	return ST_OK;
}

static bool
find_scheme(struct span hash, enum scheme *out)
{
	for (size_t i = 0; i < COUNT(schemes); i++)
		if (span_starts(hash, schemes[i].begin)) {
			*out = schemes[i].scheme;
			return true;
		}
	return false;
}

/* The number behind a label of a hash's parameters, or 0. */
static unsigned long
parameter(const char *hash, const char *label)
{
	const char *at = strstr(hash, label);

	return at == NULL ? 0 : strtoul(at + strlen(label), NULL, 10);
}

/* Whether one check would take more than one login may. */
static bool
too_costly(enum scheme scheme, const char *hash)
{
	switch (scheme) {
	case SCHEME_ARGON2ID:
	case SCHEME_ARGON2I:
		return parameter(hash, "$m=") > LIMIT_HASH_KIB ||
		       parameter(hash, ",t=") > LIMIT_HASH_PASSES ||
		       parameter(hash, ",p=") > LIMIT_HASH_LANES;
	case SCHEME_SHA:
		return parameter(hash, "$rounds=") > LIMIT_HASH_ROUNDS;
	case SCHEME_BCRYPT:
		return strtoul(hash + strlen("$2b$"), NULL, 10) >
		       LIMIT_HASH_BCRYPT;
	case SCHEME_YESCRYPT:
		break; /* written by crypt(3), which chose it for logins */
	}
	return false;
}

/* What is behind the last '$' of a hash of crypt(3); bcrypt has its salt
 * there too. */
static size_t
digest_bytes(enum scheme scheme, const char *hash)
{
	if (scheme == SCHEME_BCRYPT)
		return 53;
	return scheme == SCHEME_SHA && hash[1] == '6' ? 86 : 43;
}

/* crypt(3) looks at the salt alone: a hash that was cut would fit nobody. */
static bool
well_formed_crypt(enum scheme scheme, const char *hash)
{
	const char *digest = strrchr(hash, '$') + 1;
	size_t n = strlen(digest);

	return crypt_checksalt(hash) != CRYPT_SALT_INVALID &&
	       digest > hash + strlen("$5$") &&
	       n == digest_bytes(scheme, hash) &&
	       strspn(digest, "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz") == n;
}

/* Whether the library that is to check a hash can read it. */
static bool
well_formed(enum scheme scheme, const char *hash)
{
	int rc;

	if (scheme != SCHEME_ARGON2ID && scheme != SCHEME_ARGON2I)
		return well_formed_crypt(scheme, hash);
	rc = argon2_verify(hash, "", 0,
	    scheme == SCHEME_ARGON2ID ? Argon2_id : Argon2_i);
	return rc == ARGON2_VERIFY_MISMATCH || rc == ARGON2_OK;
}

static struct span
without_prefix(struct span text)
{
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (span_starts_nocase(text, prefixes[i]))
			return span_from(text, prefixes[i].n);
	return text;
}

enum status
secret_import(const struct secret_costs *costs, struct span text,
    struct secret *out)
{
	char hash[SECRET_HASH_MAX] = "";
	struct span bare;
	enum scheme scheme;

	if (span_starts_nocase(text, SPAN("{PLAIN}")))
		return secret_make(costs, span_from(text, 7), out);
	bare = without_prefix(text);
	if (bare.n + strlen(IMPORTED) >= sizeof(hash) ||
	    span_find(bare, '\0') < bare.n || !find_scheme(bare, &scheme))
		return ST_BAD;
	memcpy(hash, bare.p, bare.n);
	if (too_costly(scheme, hash))
		return ST_LIMIT;
	if (!well_formed(scheme, hash))
		return ST_BAD;
	*out = (struct secret){ 0 };
	snprintf(out->hash, sizeof(out->hash), "%s%s",
	    scheme == SCHEME_ARGON2ID ? IMPORTED : "", hash);
	return ST_OK;
}

/* Takes the same time wherever the first difference is. */
static bool
same(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char differ = 0;

	if (n != strlen(b))
		return false;
	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

static enum status
check_crypt(const char *hash, struct span password)
{
	struct crypt_data *data;
	const char *got;
	bool good;

	if (password.n >= CRYPT_MAX_PASSPHRASE_SIZE ||
	    span_find(password, '\0') < password.n)
		return ST_DENIED;
	data = MEM_NEW(struct crypt_data);
	(void)span_copy(data->input, sizeof(data->input) - 1, password);
	got = crypt_r(data->input, hash, data);
	good = got != NULL && got[0] != '*' && same(got, hash);
	explicit_bzero(data, sizeof(*data));
	mem_free(&data);
	return good ? ST_OK : ST_DENIED;
}

static enum status
check_argon2(const char *hash, struct span password, argon2_type type)
{
	switch (argon2_verify(hash, password.p, password.n, type)) {
	case ARGON2_OK:
		return ST_OK;
	case ARGON2_MEMORY_ALLOCATION_ERROR:
	case ARGON2_THREAD_FAIL:
		return ST_IO;
	default:
		return ST_DENIED;
	}
}

static enum status
check_prepared(const char *hash, struct span password)
{
	CLEANUP(prepared_free) struct prepared *pw = prepare(password);

	return check_argon2(hash, span_of(pw->p, pw->n), Argon2_id);
}

enum status
secret_check(const char *hash, struct span password)
{
	enum scheme scheme;

	if (password.n > LIMIT_PASSWORD)
		return ST_DENIED;
	if (span_starts(span_str(hash), SPAN(IMPORTED)))
		return check_argon2(hash + strlen(IMPORTED), password,
		    Argon2_id);
	if (!find_scheme(span_str(hash), &scheme))
		return ST_DENIED;
	switch (scheme) {
	case SCHEME_ARGON2ID:
		return check_prepared(hash, password);
	case SCHEME_ARGON2I:
		return check_argon2(hash, password, Argon2_i);
	case SCHEME_SHA:
	case SCHEME_BCRYPT:
	case SCHEME_YESCRYPT:
		break;
	}
	return check_crypt(hash, password);
}

void
secret_pretend(const struct secret_costs *costs, struct span password)
{
	static const unsigned char salt[SALT_BYTES];
	CLEANUP(prepared_free) struct prepared *pw = NULL;
	unsigned char digest[DIGEST_BYTES];

	pw = prepare(span_head(password, LIMIT_PASSWORD));
	(void)argon2id_hash_raw(costs->argon2_passes, costs->argon2_kib,
	    costs->argon2_lanes, pw->p, pw->n, salt, sizeof(salt), digest,
	    sizeof(digest));
}

bool
secret_outdated(const struct secret_costs *costs, const char *hash)
{
	char begin[80];

	snprintf(begin, sizeof(begin), "$argon2id$v=%d$m=%u,t=%u,p=%u$",
	    ARGON2_VERSION_13, costs->argon2_kib, costs->argon2_passes,
	    costs->argon2_lanes);
	return strncmp(hash, begin, strlen(begin)) != 0;
}
