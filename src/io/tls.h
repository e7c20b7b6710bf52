#ifndef IO_TLS_H
#define IO_TLS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

/*
 * What a server needs to speak TLS, made from bytes in memory: no file is
 * opened here, OpenSSL's own settings included.
 *
 * Versions   TLS 1.3 and 1.2; of 1.2 only what is forward secret and AEAD.
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

	/*
	 * PEM: who may sign clients' certificates; empty: none are asked for.
	 * A client whose certificate isn't good is served as one without.
	 */
	struct span client_ca;

	/*
	 * Random and secret, the same in all processes; empty: one is made.
	 * Sessions that the previous key has sealed still resume.
	 */
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
};

/*
 * For `newel check`: what a certificate says, after making sure that key and
 * chain fit together.  Everything borrows from the arena.
 */
struct tls_cert_facts {
	struct span subject; /* "CN = mail.example.org" */
	struct span issuer;
	const struct span *names; /* DNS names and IP addresses */
	size_t name_count;
	int64_t not_before_wall;
	int64_t not_after_wall;
	bool self_signed;
};
enum status tls_cert_inspect(struct arena *a, const struct tls_cert *cert,
    struct buf *why, struct tls_cert_facts *out);

/*
 * What a client's certificate calls its owner, by which AUTH=EXTERNAL knows
 * him: its first mail address, or else its common name.  pem may have the
 * rest of a chain and a key behind it.  ST_BAD.
 */
enum status tls_cert_owner(struct span pem, struct buf *why, struct buf *out);

/* Whether the certificate is for this host name (RFC 6125). */
bool tls_cert_is_for(const struct tls_cert *cert, const char *host);

/*
 * A new self-signed certificate with its P-256 key, PEM.  names are DNS names
 * and IP addresses, at least one; the first is the subject.
 */
void tls_cert_make(const char *const *names, size_t name_count, uint32_t days,
    struct buf *chain, struct buf *key);

#endif
