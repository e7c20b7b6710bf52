#include "cli/accounts.h"

#include "cli/instance.h"
#include "cli/say.h"
#include "directory/name.h"
#include "directory/policy.h"

static struct secret_costs
costs_of(const struct config *c)
{
	return (struct secret_costs){
		.argon2_kib = (uint32_t)(c->auth.argon2_memory / 1024),
		.argon2_passes = (uint32_t)c->auth.argon2_passes,
		.argon2_lanes = (uint32_t)c->auth.argon2_lanes,
		.scram_iterations = SECRET_SCRAM_ITERATIONS,
	};
}

enum status
accounts_open(const struct config *c, bool create, struct accounts *out)
{
	struct accounts made = { .config = c, .costs = costs_of(c) };
	const struct directory_options o = { .path = c->instance.directory,
		.create = create,
		.costs = made.costs };
	enum status st;

	st = directory_open(&o, &made.directory);
	if (st == ST_NOTFOUND)
		say_error("there are no accounts in %s: \"newel init\" makes a "
			  "new instance",
		    c->instance.directory);
	else if (st == ST_BAD)
		say_error("the accounts in %s were written by a newer newel",
		    c->instance.directory);
	else if (st != ST_OK)
		say_error("the accounts in %s can't be opened",
		    c->instance.directory);
	if (st == ST_OK)
		*out = made;
	return st;
}

void
accounts_close(struct accounts *accounts)
{
	directory_close(&accounts->directory);
}

struct call {
	const struct args *args;
	enum exit_code (*fn)(struct accounts *accounts, const struct args *a);
	enum exit_code code;
};

static enum status
call(const struct config *c, void *ctx)
{
	struct call *call = ctx;
	struct accounts accounts;
	enum status st;

	st = accounts_open(c, false, &accounts);
	if (st != ST_OK)
		return st;
	call->code = call->fn(&accounts, call->args);
	accounts_close(&accounts);
	return ST_OK;
}

enum exit_code
accounts_run_on(const struct config *c, const struct args *a,
    enum exit_code (*fn)(struct accounts *accounts, const struct args *a))
{
	struct call made = { a, fn, EXIT_FAILED };

	if (instance_as(c, ROLE_AUTH, call, &made) != ST_OK)
		return EXIT_FAILED;
	return made.code;
}

enum exit_code
accounts_run(const struct args *a,
    enum exit_code (*fn)(struct accounts *accounts, const struct args *a))
{
	CLEANUP(settings_free) struct settings *s = NULL;

	if (instance_load(a, &s) != ST_OK)
		return EXIT_FAILED;
	return accounts_run_on(settings_config(s), a, fn);
}

enum status
accounts_done(enum status st, struct span name)
{
	switch (st) {
	case ST_OK:
		break;
	case ST_NOTFOUND:
		say_error("there is no account \"%.*s\"", SPAN_ARG(name));
		break;
	case ST_EXISTS:
		say_error("there is an account \"%.*s\" already",
		    SPAN_ARG(name));
		break;
	case ST_BAD:
		say_error("\"%.*s\" can't be a name: it is USER or "
			  "USER@DOMAIN, without spaces",
		    SPAN_ARG(name));
		break;
	case ST_AGAIN:
	case ST_DENIED:
	case ST_LIMIT:
	case ST_QUOTA:
	case ST_FULL:
	case ST_CORRUPT:
	case ST_IO:
		say_error("the accounts can't be read or written");
		break;
	}
	return st;
}

enum status
accounts_find(const struct accounts *accounts, struct span name,
    struct account *out)
{
	return accounts_done(directory_find(accounts->directory, name, out),
	    name);
}

enum status
accounts_absent(const struct accounts *accounts, struct span name)
{
	char prepared[LIMIT_USER_NAME + 1];
	struct account found;
	enum status st;

	st = name_prepare(name, prepared);
	if (st == ST_OK)
		st = directory_find(accounts->directory, name, &found);
	if (st == ST_NOTFOUND)
		return ST_OK;
	return accounts_done(st == ST_OK ? ST_EXISTS : st, name);
}

bool
accounts_quota(const struct args *a, const char *option, enum setting_kind kind,
    uint64_t *out)
{
	const struct setting any = { .kind = kind, .max = INT64_MAX };
	CLEANUP(buf_clear) struct buf why = { 0 };
	const char *text = args_value(a, option);

	if (text == NULL)
		return true;
	if (strcmp(text, "none") == 0) {
		*out = ACCOUNT_NO_QUOTA;
		return true;
	}
	if (value_number(&any, text, out, &why))
		return true;
	say_error("%s %.*s", option, SPAN_ARG(buf_span(&why)));
	return false;
}

enum status
accounts_policy(const struct accounts *accounts, struct span name,
    struct span password, struct buf *why)
{
	const struct config_auth *auth = &accounts->config->auth;
	const struct policy p = { auth->password_length,
		auth->password_strength };

	return policy_check(&p, name, password, why);
}
