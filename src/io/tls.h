#ifndef IO_TLS_H
#define IO_TLS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

/*
 * What a server needs to speak TLS, made from bytes in memory: no file is
 * opened here.
 *
 * Versions   TLS 1.2 and 1.3; for 1.2 forward secret AEAD suites alone.
 * Ownership  A context copies what it needs and is counted: a stream holds
 *            the one it began with, so new settings are a new context.
 * Threads    A context may be shared; counting it is atomic.
 * Errors     ST_BAD, with one line for the administrator appended to why.
 */
struct tls_context;

/* Both PEM; the leaf comes first in the chain. */
struct tls_cert {
	struct span chain;
	struct span key;
};

#define TLS_TICKET_KEY_BYTES 80

struct tls_settings {
	/* The first is for clients that name no host that we know (SNI). */
	const struct tls_cert *certs;
	size_t cert_count;

	/* PEM: who may sign clients' certificates; empty: none are asked for */
	struct span client_ca;

	/* Secret, the same in all processes, or empty: a random one.  Sessions
	 * that the previous key has sealed still resume. */
	struct span ticket_key;
	struct span ticket_key_previous;
};

enum status tls_context_new(const struct tls_settings *t, struct buf *why,
    struct tls_context **out);
struct tls_context *tls_context_ref(struct tls_context *c);
void tls_context_unref(struct tls_context **c);

/* Of a stream whose handshake is done (stream_tls_facts()); borrowed. */
struct tls_facts {
	const char *version; /* "TLSv1.3" */
	const char *cipher;
	const char *server_name; /* SNI; NULL if the client sent none */
	bool resumed;
	bool has_client_cert; /* it was sent and verified */
};

/*
 * For `newel check`: what a certificate says, and whether key and chain fit.
 * Times are seconds since 1970.  Everything borrows from the arena.
 */
struct tls_cert_facts {
	struct span subject; /* its common name, or else its whole subject */
	struct span issuer;
	const struct span *names; /* DNS names and addresses */
	size_t name_count;
	int64_t not_before_wall;
	int64_t not_after_wall;
	bool self_signed;
};
enum status tls_cert_inspect(struct arena *a, const struct tls_cert *cert,
    struct buf *why, struct tls_cert_facts *out);

/* Whether the certificate is for this host name (RFC 6125). */
bool tls_cert_names_host(const struct tls_cert_facts *f, struct span host);

/*
 * A new self-signed certificate with its P-256 key, PEM.  names are the DNS
 * names and addresses; the first is the subject.
 */
enum status tls_cert_make(const struct span *names, size_t name_count,
    uint32_t days, struct buf *chain, struct buf *key);

#endif
