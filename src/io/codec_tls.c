#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>

#include "base/limits.h"
#include "base/mem.h"
#include "io/stream_private.h"
#include "io/tls.h"
#include "io/tls_private.h"

struct codec_tls {
	struct codec codec;
	struct tls_context *context;
	SSL *ssl;

	/* Only during a call of decode, encode or finish. */
	struct span *in;
	struct buf *out;
};

/*
 * OpenSSL reads from the bytes at hand and writes to a buffer, so that a turn
 * costs one read and one write however many records there are, and an idle
 * connection owns no buffer of OpenSSL's either.
 */
static int
bio_read(BIO *b, char *p, size_t cap, size_t *out_n)
{
	struct codec_tls *t = BIO_get_data(b);
	struct span some;

	BIO_clear_retry_flags(b);
	if (t->in == NULL || t->in->n == 0) {
		BIO_set_retry_read(b);
		return 0;
	}
	some = span_head(*t->in, cap);
	memcpy(p, some.p, some.n);
	*t->in = span_from(*t->in, some.n);
	*out_n = some.n;
	return 1;
}

static int
bio_write(BIO *b, const char *p, size_t n, size_t *out_n)
{
	struct codec_tls *t = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	buf_add(t->out, span_of(p, n));
	*out_n = n;
	return 1;
}

static long
bio_ctrl(BIO *b, int cmd, long num, void *p)
{
	(void)b;
	(void)num;
	(void)p;
	return cmd == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *bio_method;

static void
make_bio_method(void)
{
	bio_method =
	    BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
	tls_must(bio_method != NULL);
	BIO_meth_set_read_ex(bio_method, bio_read);
	BIO_meth_set_write_ex(bio_method, bio_write);
	BIO_meth_set_ctrl(bio_method, bio_ctrl);
}

static enum status
result(struct codec_tls *t, int rc)
{
	const char *reason;

	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_NONE:
		return ST_OK;
	case SSL_ERROR_WANT_READ:
		return ST_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return ST_NOTFOUND;
	default:
		reason = ERR_reason_error_string(ERR_peek_error());
		t->codec.why = reason != NULL ? reason : "not TLS";
		ERR_clear_error();
		return ST_BAD;
	}
}

static enum status
decode(struct codec *c, struct span *wire, struct buf *reply,
    unsigned char *room, size_t cap, size_t *out_n)
{
	struct codec_tls *t = (struct codec_tls *)c;
	enum status st = ST_OK;

	ERR_clear_error();
	t->in = wire;
	t->out = reply;
	if (!SSL_is_init_finished(t->ssl))
		st = result(t, SSL_do_handshake(t->ssl));
	if (st == ST_OK)
		st = result(t, SSL_read_ex(t->ssl, room, cap, out_n));
	t->in = NULL;
	t->out = NULL;
	return st;
}

/* The BIO takes everything, so SSL_write() takes all or fails for good. */
static enum status
encode(struct codec *c, struct span plain, struct buf *wire)
{
	struct codec_tls *t = (struct codec_tls *)c;
	enum status st;
	size_t n;

	if (c->why != NULL)
		return ST_BAD;
	if (!SSL_is_init_finished(t->ssl))
		return ST_AGAIN;
	ERR_clear_error();
	t->out = wire;
	st = result(t, SSL_write_ex(t->ssl, plain.p, plain.n, &n));
	t->out = NULL;
	return st == ST_OK ? ST_OK : ST_BAD;
}

static void
finish(struct codec *c, struct buf *wire)
{
	struct codec_tls *t = (struct codec_tls *)c;

	if (!SSL_is_init_finished(t->ssl) || c->why != NULL)
		return;
	ERR_clear_error();
	t->out = wire;
	(void)SSL_shutdown(t->ssl);
	t->out = NULL;
}

static void
tls_free(struct codec *c)
{
	struct codec_tls *t = (struct codec_tls *)c;

	SSL_free(t->ssl);
	tls_context_unref(&t->context);
	mem_free(&t);
}

static const struct codec_ops tls_ops = { decode, encode, finish, tls_free };

struct codec *
codec_tls_new(struct tls_context *context)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct codec_tls *t = MEM_NEW(struct codec_tls);
	BIO *bio;

	pthread_once(&once, make_bio_method);
	t->codec.ops = &tls_ops;
	t->context = tls_context_ref(context);
	t->ssl = SSL_new(tls_context_ssl(context));
	bio = BIO_new(bio_method);
	tls_must(t->ssl != NULL && bio != NULL);
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_accept_state(t->ssl);
	return &t->codec;
}

static SSL *
finished(const struct codec *c)
{
	const struct codec_tls *t = (const struct codec_tls *)c;

	if (c->ops != &tls_ops || !SSL_is_init_finished(t->ssl))
		return NULL;
	return t->ssl;
}

bool
codec_tls_done(const struct codec *c)
{
	return finished(c) != NULL;
}

bool
codec_tls_facts(const struct codec *c, struct tls_facts *out)
{
	SSL *ssl = finished(c);

	if (ssl == NULL)
		return false;
	out->version = SSL_get_version(ssl);
	out->cipher = SSL_get_cipher_name(ssl);
	out->server_name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	out->resumed = SSL_session_reused(ssl) == 1;
	return true;
}

/* RFC 9266; of TLS 1.2 it would need an extension that is hard to ask for. */
static bool
binding_exporter(SSL *ssl, struct buf *out)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	const size_t size = 32;

	if (SSL_version(ssl) < TLS1_3_VERSION ||
	    SSL_export_keying_material(ssl, buf_room(out, size), size, label,
		sizeof(label) - 1, NULL, 0, 0) != 1)
		return false;
	buf_added(out, size);
	return true;
}

/*
 * The first Finished message of the handshake: ours if it resumed a session.
 * It names the connection only with an extended master secret (RFC 7627).
 */
static bool
binding_unique(SSL *ssl, struct buf *out)
{
	const size_t cap = EVP_MAX_MD_SIZE;
	size_t n;

	if (SSL_version(ssl) >= TLS1_3_VERSION ||
	    SSL_get_extms_support(ssl) != 1)
		return false;
	if (SSL_session_reused(ssl) == 1)
		n = SSL_get_finished(ssl, buf_room(out, cap), cap);
	else
		n = SSL_get_peer_finished(ssl, buf_room(out, cap), cap);
	buf_added(out, MIN(n, cap));
	return n > 0;
}

/* The certificate's hash by its own signature's, SHA-256 at the least. */
static bool
binding_end_point(SSL *ssl, struct buf *out)
{
	X509 *cert = SSL_get_certificate(ssl);
	int md = NID_undef;
	unsigned n = 0;

	if (cert == NULL ||
	    OBJ_find_sigid_algs(X509_get_signature_nid(cert), &md, NULL) != 1 ||
	    md == NID_undef)
		return false;
	if (md == NID_md5 || md == NID_sha1)
		md = NID_sha256;
	if (X509_digest(cert, EVP_get_digestbynid(md),
		buf_room(out, EVP_MAX_MD_SIZE), &n) != 1)
		return false;
	buf_added(out, n);
	return true;
}

bool
codec_tls_binding(const struct codec *c, enum tls_binding type, struct buf *out)
{
	SSL *ssl = finished(c);

	if (ssl == NULL)
		return false;
	switch (type) {
	case TLS_BINDING_EXPORTER:
		return binding_exporter(ssl, out);
	case TLS_BINDING_UNIQUE:
		return binding_unique(ssl, out);
	case TLS_BINDING_SERVER_END_POINT:
		return binding_end_point(ssl, out);
	}
	return false;
}

bool
codec_tls_identity(const struct codec *c, struct buf *out)
{
	SSL *ssl = finished(c);
	X509 *cert;

	if (ssl == NULL || SSL_get_verify_result(ssl) != X509_V_OK)
		return false;
	cert = SSL_get0_peer_certificate(ssl);
	return cert != NULL && tls_cert_identity(cert, out);
}
