#ifndef DIRECTORY_DIRECTORY_H
#define DIRECTORY_DIRECTORY_H

#include "base/limits.h"
#include "base/span.h"
#include "base/status.h"
#include "directory/secret.h"

/*
 * Who there is: accounts, their credentials, their limits.
 *
 * The directory is opened at the same time by auth and by the command line.
 * Each change is on disk before its function returns, and the others see it
 * with their next call.
 *
 * Units      Times are seconds since 1970 by the wall.
 * Ownership  What a find gives is a copy.  A visitor's arguments are its
 *            for the call only, and it may not use the directory.
 * Names      Any name is taken as it was typed and prepared here
 *            (directory/name.h); struct account has the prepared one.
 * Errors     ST_IO       the disk or the database refused: logged.
 *            ST_CORRUPT  the database fails its own checks: logged.
 * Threads    A directory is used by one thread at a time; open it again for
 *            another thread.
 */
struct directory;
struct log;

struct directory_options {
	const char *path; /* of its folder */
	bool create;      /* if there is none yet; the folder must be there */
	struct secret_costs costs;
	const struct log *log; /* borrowed */
};

/*
 * ST_NOTFOUND: there is none and create is false.  ST_BAD: written by a
 * newer program (the log says which format).  An older one is upgraded.
 */
enum status directory_open(const struct directory_options *o,
    struct directory **out);
void directory_close(struct directory **d);

/* Reads everything and compares it with itself.  ST_CORRUPT. */
enum status directory_verify(struct directory *d);

/* For what is hashed from now on. */
void directory_set_costs(struct directory *d, const struct secret_costs *c);

/* Accounts */

/* Quotas: 0 leaves it to the settings, this is none at all. */
#define ACCOUNT_NO_QUOTA ((uint64_t)INT64_MAX)

struct account {
	uint64_t id; /* never 0, and never used again after a delete */
	char name[LIMIT_USER_NAME + 1];
	bool enabled;
	uint64_t quota_bytes;
	uint64_t quota_messages;
	int64_t created_wall;
	int64_t last_login_wall; /* to the hour; 0: never */
};

/* ST_NOTFOUND, also for what can't be a name. */
enum status directory_find(struct directory *d, struct span name,
    struct account *out);
enum status directory_find_id(struct directory *d, uint64_t id,
    struct account *out);

/* In order of names, those that begin with prefix; false ends it early. */
typedef bool directory_visit_fn(void *ctx, const struct account *a);
enum status directory_list(struct directory *d, struct span prefix,
    directory_visit_fn *fn, void *ctx);

/*
 * s may be NULL: nobody can log in with a password then.
 * ST_BAD: not a name.  ST_EXISTS.
 */
enum status directory_add(struct directory *d, struct span name,
    const struct secret *s, uint64_t *out_id);

/* ST_NOTFOUND, as of all that follow with an id. */
enum status directory_set_secret(struct directory *d, uint64_t id,
    const struct secret *s);
enum status directory_set_enabled(struct directory *d, uint64_t id, bool on);
enum status directory_set_quota(struct directory *d, uint64_t id,
    uint64_t bytes, uint64_t messages);
enum status directory_delete(struct directory *d, uint64_t id);

/*
 * Names of client certificates (SASL EXTERNAL), compared byte by byte, each
 * of one account.  A certificate that was given to none belongs to the
 * account that has its name, if there is one.
 * ST_BAD: empty or longer than LIMIT_TLS_NAME.  ST_EXISTS: given to
 * an account already.
 */
enum status directory_certificate_add(struct directory *d, uint64_t id,
    struct span certificate);
/* ST_NOTFOUND. */
enum status directory_certificate_remove(struct directory *d,
    struct span certificate);
typedef bool directory_certificate_fn(void *ctx, struct span certificate);
enum status directory_certificates(struct directory *d, uint64_t id,
    directory_certificate_fn *fn, void *ctx);
enum status directory_find_certificate(struct directory *d,
    struct span certificate, struct account *out);

/* Logins.  Whether the account is enabled is for the caller to look at. */

/*
 * ST_OK: the password is right; a hash that is imported or has other costs
 * is replaced.  ST_DENIED: it is wrong.  ST_NOTFOUND: there is no such
 * account, found out in the same time.  Takes tens of milliseconds.
 */
enum status directory_check(struct directory *d, struct span name,
    struct span password, struct account *out);

/*
 * What SCRAM's server needs.  Where there are no such keys, *out_id is 0 and
 * *out are ones that no password fits: always the same salt for a name, so
 * that a stranger doesn't learn who exists.
 */
enum status directory_scram(struct directory *d, struct span name,
    enum scram_hash h, struct scram_keys *out, uint64_t *out_id);

/* Notes logins at a time; those less than an hour after the last are not
 * written.  Ids of accounts that are gone are passed over. */
enum status directory_seen(struct directory *d, const uint64_t *ids, size_t n,
    int64_t wall);

/*
 * Tells of the accounts that were changed through other opens of the
 * directory since the last poll; costs microseconds if there are none.
 * directory_rewind() makes the next poll go back ten minutes, as the first
 * one does, for whoever may have missed something.
 */
enum directory_change {
	CHANGE_LIMITS, /* quota; one more certificate */
	CHANGE_LOGIN,  /* password, enabled or not, deleted; one certificate
	                  less: who has it may be who shouldn't */
};
typedef void directory_change_fn(void *ctx, uint64_t id,
    enum directory_change c);
enum status directory_poll(struct directory *d, directory_change_fn *fn,
    void *ctx);
enum status directory_rewind(struct directory *d);

#endif
