#include "config/table.h"

#include "config/config.h"

#define KIB  UINT64_C(1024)
#define MIB  (1024 * KIB)
#define GIB  (1024 * MIB)
#define TIB  (1024 * GIB)
#define SECS UINT64_C(1000)
#define MINS (60 * SECS)
#define HOUR (60 * MINS)
#define DAYS (24 * HOUR)

static const char *const mechanisms[] = { "PLAIN", "LOGIN", "SCRAM-SHA-256",
	"SCRAM-SHA-1", "EXTERNAL", NULL };
static const char *const drivers[] = { "rocks", "memory", NULL };
/* In the order of their enums. */
static const char *const over_quota[] = { "permanent", "temporary", NULL };
static const char *const literals[] = { "plus", "minus", NULL };
static const char *const levels[] = { "debug", "info", "warn", "error", NULL };

/* clang-format off */
#define FIELD(section_, name_, kind_, field_) \
	.section = #section_, .name = (name_), .kind = (kind_), \
	.offset = offsetof(struct config, section_.field_)

#define YES_NO(section, name, field, value) \
	{ FIELD(section, name, SETTING_BOOL, field), .number = (value) }
#define NUMBER(section, name, kind, field, value, low, high) \
	{ FIELD(section, name, SETTING_##kind, field), .number = (value), \
	  .min = (low), .max = (high) }
#define CHOICE(section, name, field, of) \
	{ FIELD(section, name, SETTING_CHOICE, field), .words = (of) }
#define STRING(section, name, field, value, low, high) \
	{ FIELD(section, name, SETTING_TEXT, field), .text = (value), \
	  .min = (low), .max = (high) }
#define PATH(section, name, field, value) \
	{ FIELD(section, name, SETTING_PATH, field), .text = (value) }
#define PATHS(section, name, field, value) \
	{ FIELD(section, name, SETTING_PATHS, field), .text = (value) }
#define ADDRESSES(section, name, field, value, unix_) \
	{ FIELD(section, name, SETTING_ADDRESSES, field), .text = (value), \
	  .unix_too = (unix_) }

static const struct setting table[] = {
	PATH(instance, "data", data, "/var/lib/newel"),
	PATH(instance, "run", run, "/run/newel"),
	STRING(instance, "hostname", hostname, NULL, 0, 253),
	STRING(instance, "user", user, "newel", 1, 32),
	STRING(instance, "gate-user", gate_user, NULL, 0, 32),
	STRING(instance, "auth-user", auth_user, NULL, 0, 32),
	NUMBER(instance, "gates", COUNT, gates, 0, 0, LIMIT_GATES),
	NUMBER(instance, "mail-threads", COUNT, mail_threads, 0, 0, 256),

	ADDRESSES(listen, "imap", imap, "*:143", false),
	ADDRESSES(listen, "imaps", imaps, "*:993", false),
	ADDRESSES(listen, "lmtp", lmtp, "/run/newel/lmtp", true),
	NUMBER(listen, "lmtp-mode", MODE, lmtp_mode, 0660, 0, 0777),
	STRING(listen, "lmtp-group", lmtp_group, NULL, 0, 32),

	PATHS(tls, "certificate", certificate, "certificate.pem"),
	PATHS(tls, "key", key, "key.pem"),
	PATH(tls, "client-ca", client_ca, NULL),

	YES_NO(auth, "plaintext-login", plaintext_login, false),
	{ FIELD(auth, "mechanisms", SETTING_WORDS, mechanisms), .words = mechanisms },
	NUMBER(auth, "threads", COUNT, threads, 2, 1, 64),
	NUMBER(auth, "remember-time", TIME, remember_ms, 10 * MINS, 0, DAYS),
	NUMBER(auth, "failures-per-address", COUNT, failures_per_address, 100, 1, 1000000),
	NUMBER(auth, "failures-per-user", COUNT, failures_per_user, 20, 1, 1000000),
	NUMBER(auth, "failure-time", TIME, failure_time_ms, 10 * MINS, SECS, 7 * DAYS),
	NUMBER(auth, "failure-delay", TIME, failure_delay_ms, SECS, 0, LIMIT_FAILURE_MS),
	NUMBER(auth, "password-length", COUNT, password_length, 8, 1, LIMIT_PASSWORD),
	NUMBER(auth, "password-strength", COUNT, password_strength, 2, 0, 4),
	NUMBER(auth, "argon2-memory", SIZE, argon2_memory, 19 * MIB, 8 * MIB, LIMIT_HASH_KIB * KIB),
	NUMBER(auth, "argon2-passes", COUNT, argon2_passes, 2, 1, LIMIT_HASH_PASSES),
	NUMBER(auth, "argon2-lanes", COUNT, argon2_lanes, 1, 1, LIMIT_HASH_LANES),

	{ FIELD(store, "driver", SETTING_WORD, driver), .text = "rocks", .words = drivers },
	NUMBER(store, "cache", SIZE, cache, 256 * MIB, MIB, TIB),

	NUMBER(limits, "command-line", SIZE, command_line, LIMIT_COMMAND_LINE, 8 * KIB, 16 * MIB),
	NUMBER(limits, "append", SIZE, append, LIMIT_APPEND, KIB, 2 * GIB),
	NUMBER(limits, "search-nesting", COUNT, search_nesting, LIMIT_SEARCH_NESTING, 1, LIMIT_SEARCH_DEPTH),
	NUMBER(limits, "mailbox-name", SIZE, mailbox_name, LIMIT_MAILBOX_NAME, 64, LIMIT_MAILBOX_NAME),
	NUMBER(limits, "mailbox-depth", COUNT, mailbox_depth, LIMIT_MAILBOX_DEPTH, 1, 200),
	NUMBER(limits, "mailboxes", COUNT, mailboxes, LIMIT_MAILBOXES, 10, 1000000),
	NUMBER(limits, "mime-nesting", COUNT, mime_nesting, LIMIT_MIME_DEPTH, 1, LIMIT_MIME_DEPTH),
	NUMBER(limits, "mime-parts", COUNT, mime_parts, LIMIT_MIME_PARTS, 1, 100000),
	NUMBER(limits, "connections-per-address", COUNT, connections_per_address, LIMIT_CONNECTIONS_PER_ADDRESS, 1, 1000000),
	NUMBER(limits, "connections-per-user", COUNT, connections_per_user, LIMIT_CONNECTIONS_PER_USER, 1, 1000000),
	NUMBER(limits, "preauth-connections", COUNT, preauth_connections, LIMIT_PREAUTH_CONNECTIONS, 1, 1000000),
	NUMBER(limits, "login-time", TIME, login_ms, LIMIT_LOGIN_MS, 5 * SECS, HOUR),
	NUMBER(limits, "idle-time", TIME, idle_ms, LIMIT_IDLE_MS, 30 * MINS, DAYS),
	NUMBER(limits, "stall-time", TIME, stall_ms, LIMIT_STALL_MS, 5 * SECS, DAYS),
	NUMBER(limits, "output", SIZE, output, LIMIT_OUTPUT, 16 * KIB, 64 * MIB),

	NUMBER(quota, "bytes", SIZE, bytes, 0, 0, INT64_MAX),
	NUMBER(quota, "messages", COUNT, messages, 0, 0, INT64_MAX),
	CHOICE(quota, "over", over, over_quota),

	STRING(lmtp, "delimiter", delimiter, "+", 0, 1),
	YES_NO(lmtp, "create-mailbox", create_mailbox, false),

	CHOICE(imap, "literal", literal, literals),

	{ FIELD(log, "level", SETTING_CHOICE, level), .number = LEVEL_INFO, .words = levels },
};
/* clang-format on */

const struct setting *
setting_table(size_t *out_count)
{
	*out_count = COUNT(table);
	return table;
}

const char *
setting_section(const char *name)
{
	for (size_t i = 0; i < COUNT(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].section;
	return NULL;
}

/*
 * How many letters must be changed, put in, left out or swapped with their
 * neighbour to make b of a (optimal string alignment).
 */
#define DISTANCE_MAX 40

struct distance {
	const char *a;
	const char *b;
	/* of the first i letters of a to the first j of b */
	size_t of[DISTANCE_MAX + 1][DISTANCE_MAX + 1];
};

static size_t
distance_at(const struct distance *d, size_t i, size_t j)
{
	size_t differ = d->a[i - 1] != d->b[j - 1] ? 1 : 0;
	size_t least = d->of[i - 1][j - 1] + differ;

	least = MIN(least, d->of[i - 1][j] + 1);
	least = MIN(least, d->of[i][j - 1] + 1);
	if (i > 1 && j > 1 && d->a[i - 1] == d->b[j - 2] &&
	    d->a[i - 2] == d->b[j - 1])
		least = MIN(least, d->of[i - 2][j - 2] + 1);
	return least;
}

static size_t
distance(const char *a, const char *b)
{
	struct distance d = { .a = a, .b = b };
	size_t an = strlen(a);
	size_t bn = strlen(b);

	if (an > DISTANCE_MAX || bn > DISTANCE_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= an; i++)
		d.of[i][0] = i;
	for (size_t j = 0; j <= bn; j++)
		d.of[0][j] = j;
	for (size_t i = 1; i <= an; i++)
		for (size_t j = 1; j <= bn; j++)
			d.of[i][j] = distance_at(&d, i, j);
	return d.of[an][bn];
}

const char *
setting_suggest(const char *section, const char *name)
{
	size_t best = 1 + strlen(name) / 3;
	const char *found = NULL;

	for (size_t i = 0; i < COUNT(table); i++) {
		const char *other;
		size_t d;

		if (section != NULL && strcmp(table[i].section, section) != 0)
			continue;
		other = section != NULL ? table[i].name : table[i].section;
		d = distance(name, other);
		if (d < best || (d == best && found == NULL)) {
			best = d;
			found = other;
		}
	}
	return found;
}
