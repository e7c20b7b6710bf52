#ifndef SERVICE_MSG_LOGIN_H
#define SERVICE_MSG_LOGIN_H

#include "base/limits.h"
#include "base/span.h"

/*
 * The messages of a login: gate asks auth, gives the connection to mail with
 * a ticket, and mail redeems the ticket at auth.  service/message.h says who
 * sends which, and what holds for all.
 */

/* RFC 5929, RFC 9266: what this TLS connection could be bound with. */
struct msg_binding {
	struct span type; /* "tls-exporter" */
	struct span data;
};

#define MSG_BINDINGS 3

/*
 * The gate chooses ids; one names an exchange until AUTH_OK, AUTH_NO or
 * AUTH_ABORT.  Blobs are decoded from base64.
 */
struct msg_auth_start {
	uint64_t id;
	struct span peer; /* IP address, as text */
	bool tls;
	struct span mechanism; /* as the client wrote it */
	bool has_initial;      /* RFC 4959: an empty one is not none */
	struct span initial;
	size_t n_bindings;
	struct msg_binding bindings[MSG_BINDINGS];
	struct span identity; /* the verified certificate's name, or empty */
};

struct msg_auth_step {
	uint64_t id;
	struct span blob;
};

struct msg_auth_abort {
	uint64_t id;
};

struct msg_auth_password {
	uint64_t id;
	struct span peer;
	bool tls;
	struct span user;
	struct span password;
};

struct msg_auth_challenge {
	uint64_t id;
	struct span blob;
};

#define MSG_TICKET_BYTES 16

struct msg_auth_ok {
	uint64_t id;
	struct span ticket; /* MSG_TICKET_BYTES */
	struct span final;  /* the server's last word, to be sent as a
	                     * challenge that is answered with nothing;
	                     * empty if there is none */
};

enum refusal {
	REFUSAL_FAILED,      /* AUTHENTICATIONFAILED */
	REFUSAL_DISABLED,    /* AUTHORIZATIONFAILED: a true but barred user */
	REFUSAL_UNAVAILABLE, /* UNAVAILABLE: it isn't the client's fault */
	REFUSAL_LIMIT,       /* too many failures: later */
	REFUSAL_BAD,         /* BAD: what was sent isn't the mechanism's */
	REFUSAL_COUNT,
};

struct msg_auth_no {
	uint64_t id;
	enum refusal code;
	struct span text; /* for the client; may be empty */
};

/*
 * Names with one space between, in order of preference.  The gate leaves out
 * those that don't fit the connection (-PLUS, EXTERNAL, plain text).
 */
struct msg_auth_mechs {
	struct span names;
};

/*
 * A connection that has logged in, with all that mail needs to go on: mail
 * writes the tagged OK.  The gate doesn't touch the socket again, or pumps
 * bytes for it if the connection has TLS.
 */
struct msg_session {
	struct span ticket; /* MSG_TICKET_BYTES */
	struct span tag;
	bool authenticate; /* else LOGIN */
	struct span input; /* what the client sent after that command */
	struct span peer;  /* IP addresses, as text */
	uint32_t peer_port;
	struct span local;
	uint32_t local_port;
	bool tls;                /* then fd is the pump's end, and the gate
	                          * counts the connection, not mail */
	struct span tls_version; /* "TLSv1.3" */
	struct span tls_cipher;
};

/* mail chooses ids; each is answered by one ACCOUNT. */
struct msg_redeem {
	uint64_t id;
	struct span ticket; /* MSG_TICKET_BYTES */
};

struct msg_lookup {
	uint64_t id;
	struct span user; /* an address or a name, without a subaddress */
};

enum account_result {
	ACCOUNT_FOUND,
	ACCOUNT_UNKNOWN,     /* no such user, or the ticket isn't good */
	ACCOUNT_DISABLED,    /* found, but may not log in */
	ACCOUNT_UNAVAILABLE, /* can't say now: try later */
	ACCOUNT_RESULTS,
};

struct msg_account {
	uint64_t id;
	enum account_result result;
	uint64_t account;     /* 0 unless FOUND or DISABLED, as what follows */
	struct span name;     /* canonical */
	uint64_t quota_bytes; /* 0: no limit; defaults are applied */
	uint64_t quota_messages; /* 0: no limit */
};

struct msg_account_gone {
	uint64_t account;
};

/* Unasked, when they have changed: as in an ACCOUNT. */
struct msg_account_limits {
	uint64_t account;
	uint64_t quota_bytes;
	uint64_t quota_messages;
};

#endif
