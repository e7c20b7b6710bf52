#include "io/tls.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/tls_private.h"

/* What remains of TLS 1.2: forward secret and authenticated encryption. */
#define CIPHERS_12 "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"

/* All of TLS 1.3; the first costs the least, and each is good enough. */
#define CIPHERS_13 \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"

/* The 80 bytes of a ticket key. */
struct ticket_key {
	unsigned char name[16];
	unsigned char mac[32];
	unsigned char aes[32];
};
_Static_assert(sizeof(struct ticket_key) == TLS_TICKET_KEY_BYTES,
    "tls.h says so");

/* One for each certificate; new connections begin with the first. */
struct tls_context {
	atomic_uint refs;
	SSL_CTX **ctx;
	size_t count;
	EVP_CIPHER *sealer;        /* of tickets; finding it anew costs time */
	struct ticket_key keys[2]; /* the current one, and the one before */
	size_t key_count;
};

void
tls_must(bool ok)
{
	if (ok)
		return;
	log_event(NULL, LEVEL_ERROR, "tls.library.failed");
	exit(EX_OSERR);
}

void
tls_init(void)
{
	tls_must(OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1);
}

SSL_CTX *
tls_context_ssl(const struct tls_context *c)
{
	return c->ctx[0];
}

struct tls_context *
tls_context_ref(struct tls_context *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
tls_context_unref(struct tls_context **c)
{
	struct tls_context *gone = TAKE(*c);

	if (gone == NULL || atomic_fetch_sub(&gone->refs, 1) > 1)
		return;
	for (size_t i = 0; i < gone->count; i++)
		SSL_CTX_free(gone->ctx[i]);
	EVP_CIPHER_free(gone->sealer);
	OPENSSL_cleanse(gone->keys, sizeof(gone->keys));
	mem_free(&gone->ctx);
	mem_free(&gone);
}

/* The certificate that is for the name that the client wants (RFC 6066). */
static int
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL has it so */
on_server_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct tls_context *c = arg;

	(void)alert;
	for (size_t i = 0; name != NULL && i < c->count; i++) {
		X509 *leaf = SSL_CTX_get0_certificate(c->ctx[i]);

		if (X509_check_host(leaf, name, 0, 0, NULL) == 1) {
			SSL_set_SSL_CTX(ssl, c->ctx[i]);
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_NOACK;
}

/*
 * "imap" if it is offered (RFC 7301).  Otherwise nothing is chosen: clients
 * are about that offer "http/1.1" on every port, and mean no harm.
 */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_n,
    const unsigned char *offered, unsigned n, void *arg)
{
	static const unsigned char imap[] = "\4imap";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_n, imap, sizeof(imap) - 1,
		offered, n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* Whether it was good is asked when a client wants to log in with it. */
static int
on_client_cert(int good, X509_STORE_CTX *store)
{
	(void)store;
	if (good == 0)
		ERR_clear_error(); /* it would fail the handshake later */
	return 1;
}

static bool
start_sealing(const struct tls_context *c, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, unsigned char *iv, struct ticket_key *k, bool seal)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(OSSL_MAC_PARAM_KEY, k->mac,
		    sizeof(k->mac)),
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    sizeof(digest) - 1),
		OSSL_PARAM_END,
	};

	return EVP_CipherInit_ex(cipher, c->sealer, NULL, k->aes, iv, seal) ==
	           1 &&
	       EVP_MAC_CTX_set_params(mac, params) == 1;
}

/* 0: not ours; 1: good; 2: good, but a new one should be given. */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	struct tls_context *c = SSL_CTX_get_app_data(ctx);

	if (seal == 1) {
		memcpy(name, c->keys[0].name, sizeof(c->keys[0].name));
		if (RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1 ||
		    !start_sealing(c, cipher, mac, iv, &c->keys[0], true))
			return -1;
		return 1;
	}
	for (size_t i = 0; i < c->key_count; i++) {
		struct ticket_key *k = &c->keys[i];

		if (memcmp(name, k->name, sizeof(k->name)) != 0)
			continue;
		if (!start_sealing(c, cipher, mac, iv, k, false))
			return -1;
		return i == 0 ? 1 : 2;
	}
	return 0;
}

void
tls_explain(struct buf *why, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	buf_str(why, what);
	if (reason != NULL)
		buf_printf(why, " (%s)", reason);
	ERR_clear_error();
}

static enum status
use_cert(SSL_CTX *ctx, const struct tls_cert *cert, struct buf *why)
{
	CLEANUP(tls_parsed_clear) struct tls_parsed p = { 0 };
	enum status st;

	st = tls_cert_parse(cert, why, &p);
	if (st != ST_OK)
		return st;
	if (SSL_CTX_use_cert_and_key(ctx, p.leaf, p.key, p.rest, 1) != 1) {
		tls_explain(why, "OpenSSL refuses the certificate");
		return ST_BAD;
	}
	return ST_OK;
}

static enum status
use_client_ca(SSL_CTX *ctx, struct span pem, struct buf *why)
{
	STACK_OF(X509) *certs = NULL;
	enum status st;

	if (pem.n == 0)
		return ST_OK;
	st = tls_pem_certs(pem, &certs);
	if (st != ST_OK) {
		tls_explain(why,
		    "there is no certificate among the client CAs");
		return st;
	}
	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *ca = sk_X509_value(certs, i);

		tls_must(
		    X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) == 1 &&
		    SSL_CTX_add_client_CA(ctx, ca) == 1);
	}
	sk_X509_pop_free(certs, X509_free);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_client_cert);
	return ST_OK;
}

static SSL_CTX *
new_ctx(struct tls_context *c)
{
	static const unsigned char id[] = "newel";
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	tls_must(ctx != NULL &&
		 SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
		 SSL_CTX_set_cipher_list(ctx, CIPHERS_12) == 1 &&
		 SSL_CTX_set_ciphersuites(ctx, CIPHERS_13) == 1);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
		SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);

	/*
	 * Sessions live in the clients' tickets, so any process resumes.  One
	 * is enough, as ours may be used again, and a second would be a tenth
	 * of the cost of a handshake.
	 */
	tls_must(SSL_CTX_set_num_tickets(ctx, 1) == 1);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
	SSL_CTX_set_app_data(ctx, c);

	SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
	SSL_CTX_set_tlsext_servername_arg(ctx, c);
	SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
	return ctx;
}

static void
set_keys(struct tls_context *c, const struct tls_settings *t)
{
	const struct span given[] = { t->ticket_key, t->ticket_key_previous };

	for (size_t i = 0; i < COUNT(given); i++) {
		assert(given[i].n == 0 || given[i].n == TLS_TICKET_KEY_BYTES);
		if (given[i].n > 0)
			memcpy(&c->keys[c->key_count++], given[i].p,
			    given[i].n);
	}
	if (c->key_count == 0) {
		c->key_count = 1;
		tls_must(RAND_bytes((unsigned char *)&c->keys[0],
			     sizeof(c->keys[0])) == 1);
	}
}

enum status
tls_context_new(const struct tls_settings *t, struct buf *why,
    struct tls_context **out)
{
	CLEANUP(tls_context_unref) struct tls_context *c = NULL;
	enum status st;

	assert(t->cert_count > 0);
	tls_init();
	c = MEM_NEW(struct tls_context);
	c->refs = 1;
	c->ctx = mem_array(t->cert_count, sizeof(SSL_CTX *));
	c->sealer = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	tls_must(c->sealer != NULL);
	set_keys(c, t);
	for (size_t i = 0; i < t->cert_count; i++) {
		c->ctx[c->count++] = new_ctx(c);
		st = use_cert(c->ctx[i], &t->certs[i], why);
		if (st == ST_OK)
			st = use_client_ca(c->ctx[i], t->client_ca, why);
		if (st != ST_OK)
			return st;
	}
	*out = TAKE(c);
	return ST_OK;
}
