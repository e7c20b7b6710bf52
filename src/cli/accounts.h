#ifndef CLI_ACCOUNTS_H
#define CLI_ACCOUNTS_H

#include "cli/command.h"
#include "config/config.h"
#include "config/value.h"
#include "directory/directory.h"

/*
 * The directory, opened for a command: on a running server as on a stopped
 * one.  The functions with a status have said what is wrong.
 */
struct accounts {
	const struct config *config;
	struct secret_costs costs;
	struct directory *directory;
};

/* Opens the directory of the instance, as its user, and calls fn with it. */
enum exit_code accounts_run(const struct args *a,
    enum exit_code (*fn)(struct accounts *accounts, const struct args *a));

/* The same with settings that are loaded already. */
enum exit_code accounts_run_on(const struct config *c, const struct args *a,
    enum exit_code (*fn)(struct accounts *accounts, const struct args *a));

/* For init and check.  create: if there is none yet. */
enum status accounts_open(const struct config *c, bool create,
    struct accounts *out);
void accounts_close(struct accounts *accounts);

/* ST_NOTFOUND. */
enum status accounts_find(const struct accounts *accounts, struct span name,
    struct account *out);

/* ST_EXISTS; ST_BAD if it can't be a name. */
enum status accounts_absent(const struct accounts *accounts, struct span name);

/* Says what a status of the directory means for that account. */
enum status accounts_done(enum status st, struct span name);

/*
 * The quota that an option sets: "64M", a number, or none, as
 * directory_set_quota() has it.  *out stays if the option isn't there; false
 * if it can't be a quota.
 */
bool accounts_quota(const struct args *a, const char *option,
    enum setting_kind kind, uint64_t *out);

/* ST_DENIED: why says what is weak about a password. */
enum status accounts_policy(const struct accounts *accounts, struct span name,
    struct span password, struct buf *why);

#endif
