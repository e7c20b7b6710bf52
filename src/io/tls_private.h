#ifndef IO_TLS_PRIVATE_H
#define IO_TLS_PRIVATE_H

#include <openssl/ssl.h>

#include "io/tls.h"

/* Before anything else of OpenSSL, which would open files otherwise. */
void tls_init(void);

/* What new connections begin with; borrowed. */
SSL_CTX *tls_context_ssl(const struct tls_context *c);

/* OpenSSL fails there only for want of memory: then log and exit. */
void tls_must(bool ok);

/* Appends what, and OpenSSL's reason behind it; empties its error queue. */
void tls_explain(struct buf *why, const char *what);

/*
 * A certificate as OpenSSL's objects: the chain's leaf, the rest of it, and
 * the key, which fits the leaf.  out is { 0 }, and is to be cleared whatever
 * the status is.
 */
struct tls_parsed {
	X509 *leaf;
	STACK_OF(X509) * rest;
	EVP_PKEY *key;
};
enum status tls_cert_parse(const struct tls_cert *cert, struct buf *why,
    struct tls_parsed *out);
void tls_parsed_clear(struct tls_parsed *p);

/* Every certificate of a PEM text; none is an error. */
enum status tls_pem_certs(struct span pem, STACK_OF(X509) * *out);

/* See stream_tls_identity(). */
bool tls_cert_identity(X509 *cert, struct buf *out);

#endif
