#ifndef SERVICE_MESSAGE_H
#define SERVICE_MESSAGE_H

#include "base/buf.h"
#include "base/status.h"
#include "io/packet.h"
#include "service/msg_login.h"

/*
 * What the processes say to each other.
 *
 * One packet (io/packet.h) is one message: the packet's type, and as its
 * payload the fields, packed with base/pack.h.  One table, in message.c,
 * says for each type who may send it to whom and whether a descriptor rides
 * with it.  A packet that is not in the table, or doesn't decode, or breaks
 * a bound of base/limits.h is ST_BAD: the receiver logs it and ends that
 * channel.  service/service.h sends and receives them on channels.
 *
 * Ownership  Spans of a decoded message borrow from the payload, those of a
 *            message to encode are the caller's.  Descriptors are not part
 *            of struct message; they go beside it.
 */
enum role {
	ROLE_MASTER,
	ROLE_GATE,
	ROLE_AUTH,
	ROLE_MAIL,
	ROLE_COUNT,
};

/* One lower-case word: "gate". */
const char *role_name(enum role r);

enum message_type {
	/* From the master, to every child. */
	MSG_SETTINGS = 1, /* at the start, and after a SIGHUP */
	MSG_PEER,         /* fd: a fresh channel to that process */
	MSG_LISTEN,       /* fd: a listening socket */
	MSG_COUNTERS,     /* fd: the memory of service/counters.h */
	MSG_STOP,         /* finish, say goodbye, exit 0 */
	/* From every child, to the master. */
	MSG_READY,
	/* From a gate, to auth. */
	MSG_AUTH_START,
	MSG_AUTH_STEP,
	MSG_AUTH_ABORT,
	MSG_AUTH_PASSWORD,
	/* From auth, to a gate. */
	MSG_AUTH_CHALLENGE,
	MSG_AUTH_OK,
	MSG_AUTH_NO,
	MSG_AUTH_MECHS, /* unasked: at the start, and when it has changed */
	/* From a gate, to mail. */
	MSG_SESSION, /* fd: the client's socket, or the pump's other end */
	/* From mail, to auth. */
	MSG_REDEEM,
	MSG_LOOKUP,
	/* From auth, to mail. */
	MSG_ACCOUNT,
	MSG_ACCOUNT_GONE, /* deleted, or may not log in any more */
	MSG_ACCOUNT_LIMITS,
	MSG_TYPES,
};

struct msg_certificate {
	struct span chain; /* PEM, the leaf first */
	struct span key;   /* PEM */
};

/* Only a gate is given certificates, keys and what belongs to them. */
struct msg_settings {
	struct span file; /* the settings file's name, and its text */
	struct span text;
	size_t n_certificates;
	struct msg_certificate certificates[LIMIT_CERTIFICATES];
	struct span client_ca;  /* PEM, or empty */
	struct span ticket_key; /* see io/tls.h */
	struct span ticket_key_previous;
};

/* A PEER for a process that there was one for already replaces it. */
struct msg_peer {
	enum role role;
	uint32_t index; /* of the gate; 0 for the others */
};

enum listen_kind {
	LISTEN_IMAP,    /* to a gate */
	LISTEN_IMAPS,   /* to a gate: TLS from the first byte */
	LISTEN_LMTP,    /* to mail */
	LISTEN_CONTROL, /* to mail: the command line */
	LISTEN_KINDS,
};

/* LISTENs come before the first PEER. */
struct msg_listen {
	enum listen_kind kind;
	struct span address; /* as the settings name it, for the log */
};

struct msg_counters {
	uint32_t row; /* this process's own */
};

struct msg_ready {
	enum role role;
};

struct message {
	enum message_type type;
	union {
		struct msg_settings settings;
		struct msg_peer peer;
		struct msg_listen listen;
		struct msg_counters counters;
		struct msg_ready ready;
		struct msg_auth_start auth_start;
		struct msg_auth_step auth_step;
		struct msg_auth_abort auth_abort;
		struct msg_auth_password auth_password;
		struct msg_auth_challenge auth_challenge;
		struct msg_auth_ok auth_ok;
		struct msg_auth_no auth_no;
		struct msg_auth_mechs auth_mechs;
		struct msg_session session;
		struct msg_redeem redeem;
		struct msg_lookup lookup;
		struct msg_account account;
		struct msg_account_gone account_gone;
		struct msg_account_limits account_limits;
	};
};

/* "auth-start", for the log. */
const char *message_name(enum message_type t);

/* Whether a descriptor must ride with it; otherwise none may. */
bool message_has_fd(enum message_type t);

/*
 * Replaces what out holds by the payload.  ST_LIMIT if a field is above its
 * bound: what came from a client is compared with base/limits.h before.
 */
enum status message_encode(const struct message *m, struct buf *out);

/* ST_BAD, with *why as a short reason for the log; why may be NULL. */
enum status message_decode(enum role from, enum role to, const struct packet *p,
    struct message *out, const char **why);

#endif
