#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <sys/socket.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/status.h"

/*
 * The settings file as typed, checked values.  newel.conf(5) says what each
 * means; the table in config/table.c gives each its name, its default and
 * its range, and is the one place that knows them.
 *
 * Units      Sizes are bytes, times milliseconds.
 * Ownership  A config owns all that it points to, is never changed once
 *            made, and is counted, so that threads may share it.
 * Errors     config_parse() says what is wrong in lines for a person; it
 *            opens no file and logs nothing.
 */
struct config_list {
	const char **items;
	size_t n;
};

/* Where to listen. */
struct config_address {
	const char *text; /* numeric, or a path */
	struct sockaddr_storage addr;
	socklen_t len;
	bool optional; /* the IPv6 half of "*" or "localhost" */
};

struct config_addresses {
	struct config_address *items;
	size_t n;
};

enum over_quota { OVER_QUOTA_PERMANENT, OVER_QUOTA_TEMPORARY };
enum literal_kind { LITERAL_PLUS, LITERAL_MINUS };

/* Paths are absolute: the file's folder stands before relative ones. */
struct config_instance {
	const char *data;      /* folder, with these two in it: */
	const char *mail;      /* folder of user: the store, the indexes */
	const char *store;     /* folder in that */
	const char *index;     /* folder in mail: search indexes */
	const char *directory; /* folder of auth_user: the accounts */
	const char *run;       /* folder, with these two in it: */
	const char *empty;     /* folder: what a gate sees as its root */
	struct config_addresses control; /* socket: the command line */
	const char *hostname;
	const char *user; /* of mail, if the master is root */
	const char *gate_user;
	const char *auth_user;
	uint64_t gates;        /* 0: one for each core */
	uint64_t mail_threads; /* 0: one for each core */
};

struct config_listen {
	struct config_addresses imap;
	struct config_addresses imaps;
	struct config_addresses lmtp;
	uint64_t lmtp_mode;     /* of LMTP's UNIX sockets */
	const char *lmtp_group; /* empty: as it comes */
};

/* certificate[i] belongs to key[i]; the first is for clients without SNI. */
struct config_tls {
	struct config_list certificate;
	struct config_list key;
	const char *client_ca; /* empty: clients aren't asked for one */
};

struct config_auth {
	bool plaintext_login;
	/* Empty: all that there are.  SCRAM-... stands for its -PLUS too. */
	struct config_list mechanisms;
	uint64_t threads;
	int64_t remember_ms; /* a password that was right; 0: not at all */
	uint64_t failures_per_address;
	uint64_t failures_per_user;
	int64_t failure_time_ms;    /* until failures are forgotten */
	int64_t failure_delay_ms;   /* before the first no; it doubles */
	uint64_t password_length;   /* the least */
	uint64_t password_strength; /* the least zxcvbn score, 0 to 4 */
	uint64_t argon2_memory;     /* bytes */
	uint64_t argon2_passes;
	uint64_t argon2_lanes;
};

struct config_store {
	const char *driver; /* "rocks" or "memory" */
	uint64_t cache;
};

/* Each is the LIMIT_ of base/limits.h with its name in the comment. */
struct config_limits {
	uint64_t command_line;
	uint64_t append;
	uint64_t search_nesting;
	uint64_t mailbox_name;
	uint64_t mailbox_depth;
	uint64_t mailboxes;
	uint64_t mime_nesting;
	uint64_t mime_parts;
	uint64_t connections_per_address;
	uint64_t connections_per_user;
	uint64_t preauth_connections;
	int64_t login_ms;
	int64_t idle_ms;
	int64_t stall_ms;
	uint64_t output;
};

/* For accounts that have none of their own; 0 is no limit. */
struct config_quota {
	uint64_t bytes;
	uint64_t messages;
	uint64_t over; /* enum over_quota */
};

struct config_lmtp {
	const char *delimiter; /* one character, or empty: no subaddresses */
	bool create_mailbox;   /* that a subaddress names and isn't there */
};

struct config_imap {
	uint64_t literal; /* enum literal_kind */
};

struct config_log {
	uint64_t level; /* enum log_level */
};

struct config {
	const char *file; /* absolute */
	struct config_instance instance;
	struct config_listen listen;
	struct config_tls tls;
	struct config_auth auth;
	struct config_store store;
	struct config_limits limits;
	struct config_quota quota;
	struct config_lmtp lmtp;
	struct config_imap imap;
	struct config_log log;
};

/*
 * text is a whole settings file, and file its name, absolute, for messages
 * and for relative paths.  ST_BAD: problems holds a line for each fault,
 * "FILE:LINE: what is wrong, and what to do\n".
 */
enum status config_parse(struct span text, const char *file,
    const struct config **out, struct buf *problems);

/* All defaults, for tests. */
const struct config *config_default(void);

/* Whether all settings of a section have the same values in both. */
bool config_same(const struct config *a, const struct config *b,
    const char *section);

const struct config *config_ref(const struct config *c);
void config_unref(const struct config **c);

#endif
