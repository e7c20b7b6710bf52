#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/accounts.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/mail_link.h"
#include "cli/password.h"
#include "cli/say.h"

/*
 * A weak password is refused at the prompt and asked for again; one on
 * standard input is taken, since a script can't think of another.
 */
static enum status
new_password(const struct accounts *accounts, const struct args *a,
    struct buf *out)
{
	bool from_stdin = args_value(a, "--password-stdin") != NULL;
	enum status st;

	for (;;) {
		CLEANUP(buf_clear) struct buf why = { 0 };

		st = from_stdin ? password_read(out)
		                : password_ask(a->words[0], out);
		if (st != ST_OK)
			return st;
		st = accounts_policy(accounts, span_str(a->words[0]),
		    buf_span(out), &why);
		if (st == ST_OK)
			return ST_OK;
		say_error("%s%.*s", from_stdin ? "warning: " : "",
		    SPAN_ARG(buf_span(&why)));
		if (from_stdin)
			return ST_OK;
	}
}

static enum status
import_secret(const struct accounts *accounts, struct secret *out)
{
	CLEANUP(password_clear) struct buf hash = { 0 };
	enum status st;

	st = password_read(&hash);
	if (st != ST_OK)
		return st;
	st = secret_import(&accounts->costs, buf_span(&hash), out);
	if (st == ST_BAD)
		say_error("this is no hash that can be checked here: it begins "
			  "with $argon2id$, $argon2i$, $2a$, $2b$, $2y$, $y$, "
			  "$5$ or $6$, perhaps behind Dovecot's {SCHEME}");
	else if (st == ST_LIMIT)
		say_error("this hash takes more time or memory to check than a "
			  "login may");
	else if (st != ST_OK)
		say_error("the password can't be hashed: there is no memory "
			  "for it");
	return st;
}

static enum status
make_secret(const struct accounts *accounts, const struct args *a,
    struct secret *out)
{
	CLEANUP(password_clear) struct buf password = { 0 };
	enum status st;

	if (args_value(a, "--password-hash-stdin") != NULL)
		return import_secret(accounts, out);
	st = new_password(accounts, a, &password);
	if (st != ST_OK)
		return st;
	st = secret_make(&accounts->costs, buf_span(&password), out);
	if (st != ST_OK)
		say_error("the password can't be hashed: there is no memory "
			  "for it");
	return st;
}

static void
json_quota(struct json *j, const char *key, uint64_t quota)
{
	json_key(j, key);
	if (quota == 0)
		json_str(j, "default");
	else if (quota == ACCOUNT_NO_QUOTA)
		json_str(j, "none");
	else
		json_u64(j, quota);
}

static void
json_account(struct json *j, const struct account *acc)
{
	json_open(j, '{');
	json_key(j, "id");
	json_u64(j, acc->id);
	json_key(j, "name");
	json_str(j, acc->name);
	json_key(j, "enabled");
	json_bool(j, acc->enabled);
	json_quota(j, "quota_bytes", acc->quota_bytes);
	json_quota(j, "quota_messages", acc->quota_messages);
	json_key(j, "created");
	json_u64(j, (uint64_t)acc->created_wall);
	json_key(j, "last_login");
	if (acc->last_login_wall == 0)
		json_null(j);
	else
		json_u64(j, (uint64_t)acc->last_login_wall);
	json_close(j, '}');
}

static void
say_account_json(const struct account *acc)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct json j = { .out = &text };

	json_account(&j, acc);
	say_json(&text);
}

static enum exit_code
add(struct accounts *accounts, const struct args *a)
{
	struct account acc = { 0 };
	struct secret s = { 0 };
	struct span name = span_str(a->words[0]);

	if (!accounts_quota(a, "--quota-bytes", SETTING_SIZE,
		&acc.quota_bytes) ||
	    !accounts_quota(a, "--quota-messages", SETTING_COUNT,
		&acc.quota_messages))
		return EXIT_USAGE;
	if (accounts_absent(accounts, name) != ST_OK ||
	    make_secret(accounts, a, &s) != ST_OK ||
	    accounts_done(directory_add(accounts->directory, name, &s, &acc.id),
		name) != ST_OK)
		return EXIT_FAILED;
	if ((acc.quota_bytes > 0 || acc.quota_messages > 0) &&
	    accounts_done(directory_set_quota(accounts->directory, acc.id,
			      acc.quota_bytes, acc.quota_messages),
		name) != ST_OK)
		return EXIT_FAILED;
	if (args_value(a, "--json") != NULL &&
	    accounts_find(accounts, name, &acc) == ST_OK)
		say_account_json(&acc);
	return EXIT_DONE;
}

static void
say_quota(const char *what, uint64_t quota, bool size)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	if (quota == 0)
		BUF_LIT(&text, "default");
	else if (quota == ACCOUNT_NO_QUOTA)
		BUF_LIT(&text, "none");
	else if (size)
		say_size(quota, &text);
	else
		buf_u64(&text, quota);
	say("%s%.*s\n", what, SPAN_ARG(buf_span(&text)));
}

static void
say_moment(const char *what, int64_t wall)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	say_time(wall, &text);
	say("%s%.*s\n", what, SPAN_ARG(buf_span(&text)));
}

static enum exit_code
show(struct accounts *accounts, const struct args *a)
{
	struct account acc;

	if (accounts_find(accounts, span_str(a->words[0]), &acc) != ST_OK)
		return EXIT_FAILED;
	if (args_value(a, "--json") != NULL) {
		say_account_json(&acc);
		return EXIT_DONE;
	}
	say("name            %s\n", acc.name);
	say("id              %" PRIu64 "\n", acc.id);
	say("may log in      %s\n", acc.enabled ? "yes" : "no");
	say_quota("quota, bytes    ", acc.quota_bytes, true);
	say_quota("quota, messages ", acc.quota_messages, false);
	say_moment("created         ", acc.created_wall);
	say_moment("last login      ", acc.last_login_wall);
	return EXIT_DONE;
}

struct list {
	struct json json;
	bool as_json;
	size_t n;
};

static bool
list_one(void *ctx, const struct account *acc)
{
	CLEANUP(buf_clear) struct buf when = { 0 };
	struct list *l = ctx;

	l->n++;
	if (l->as_json) {
		json_account(&l->json, acc);
		return true;
	}
	say_time(acc->last_login_wall, &when);
	if (l->n == 1)
		say("%-40s %-9s %s\n", "NAME", "STATE", "LAST LOGIN");
	say("%-40s %-9s %.*s\n", acc->name,
	    acc->enabled ? "enabled" : "disabled", SPAN_ARG(buf_span(&when)));
	return true;
}

static enum exit_code
list(struct accounts *accounts, const struct args *a)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct list l = { .json = { .out = &text },
		.as_json = args_value(a, "--json") != NULL };
	struct span prefix = span_str(a->n > 0 ? a->words[0] : "");

	json_open(&l.json, '[');
	if (accounts_done(directory_list(accounts->directory, prefix, list_one,
			      &l),
		prefix) != ST_OK)
		return EXIT_FAILED;
	json_close(&l.json, ']');
	if (l.as_json)
		say_json(&text);
	return EXIT_DONE;
}

static enum exit_code
passwd(struct accounts *accounts, const struct args *a)
{
	struct span name = span_str(a->words[0]);
	struct secret s = { 0 };
	struct account acc;

	if (accounts_find(accounts, name, &acc) != ST_OK ||
	    make_secret(accounts, a, &s) != ST_OK ||
	    accounts_done(directory_set_secret(accounts->directory, acc.id, &s),
		name) != ST_OK)
		return EXIT_FAILED;
	return EXIT_DONE;
}

static enum exit_code
set_enabled(struct accounts *accounts, const struct args *a, bool on)
{
	struct span name = span_str(a->words[0]);
	struct account acc;

	if (accounts_find(accounts, name, &acc) != ST_OK ||
	    accounts_done(directory_set_enabled(accounts->directory, acc.id,
			      on),
		name) != ST_OK)
		return EXIT_FAILED;
	return EXIT_DONE;
}

static enum exit_code
disable(struct accounts *accounts, const struct args *a)
{
	return set_enabled(accounts, a, false);
}

static enum exit_code
enable(struct accounts *accounts, const struct args *a)
{
	return set_enabled(accounts, a, true);
}

/* A script has nobody to ask, and means it. */
static bool
is_sure(const struct args *a, const char *name)
{
	char answer[8] = "";

	if (args_value(a, "--yes") != NULL || isatty(STDIN_FILENO) == 0)
		return true;
	say("Delete the account %s?  This can't be undone.  (yes/no) ", name);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       strcmp(answer, "yes\n") == 0;
}

static enum exit_code
delete_entry(struct accounts *accounts, const struct args *a)
{
	struct span name = span_str(a->words[0]);
	struct account acc;

	if (accounts_find(accounts, name, &acc) != ST_OK ||
	    accounts_done(directory_delete(accounts->directory, acc.id),
		name) != ST_OK)
		return EXIT_FAILED;
	return EXIT_DONE;
}

/* The mail goes first: without the account nobody would find it again. */
static enum exit_code
delete_mail(struct mail_link *l, const struct args *a)
{
	struct control_request r = { .op = CONTROL_ERASE };
	const char *name = mail_link_account(l)->name;
	struct control_reply reply;

	if (!is_sure(a, name)) {
		say_error("%s was not deleted", name);
		return EXIT_FAILED;
	}
	if (accounts_run_on(mail_link_config(l), a, disable) != EXIT_DONE)
		return EXIT_FAILED;
	if (mail_link_do(l, &r, name, &reply) == ST_OK)
		return EXIT_DONE;
	say_error("%s may not log in any more, but was not deleted", name);
	return EXIT_FAILED;
}

/* Standard input is one thing. */
static bool
is_one_password(const struct args *a)
{
	if (args_value(a, "--password-stdin") == NULL ||
	    args_value(a, "--password-hash-stdin") == NULL)
		return true;
	say_error("it is either --password-stdin or --password-hash-stdin");
	return false;
}

enum exit_code
run_user_add(const struct args *a)
{
	return is_one_password(a) ? accounts_run(a, add) : EXIT_USAGE;
}

enum exit_code
run_user_delete(const struct args *a)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;

	if (mail_link_open(a, a->words[0], &l) != ST_OK ||
	    delete_mail(l, a) != EXIT_DONE)
		return EXIT_FAILED;
	return accounts_run_on(mail_link_config(l), a, delete_entry);
}

enum exit_code
run_user_disable(const struct args *a)
{
	return accounts_run(a, disable);
}

enum exit_code
run_user_enable(const struct args *a)
{
	return accounts_run(a, enable);
}

enum exit_code
run_user_list(const struct args *a)
{
	return accounts_run(a, list);
}

enum exit_code
run_user_passwd(const struct args *a)
{
	return is_one_password(a) ? accounts_run(a, passwd) : EXIT_USAGE;
}

enum exit_code
run_user_show(const struct args *a)
{
	return accounts_run(a, show);
}
