#include <inttypes.h>

#include "cli/accounts.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/mail_link.h"
#include "cli/say.h"

/* One resource: how much is used, of how much. */
struct usage {
	const char *name;
	bool is_size;
	uint64_t used;
	uint64_t limit; /* 0: none */
};

static uint64_t
limit_of(uint64_t own, uint64_t common)
{
	if (own == ACCOUNT_NO_QUOTA)
		return 0;
	return own != 0 ? own : common;
}

static uint64_t
percent(const struct usage *u)
{
	return (uint64_t)((double)u->used * 100 / (double)u->limit);
}

static void
say_usage(const struct usage *u)
{
	CLEANUP(buf_clear) struct buf used = { 0 };
	CLEANUP(buf_clear) struct buf limit = { 0 };

	if (u->is_size)
		say_size(u->used, &used);
	else
		buf_u64(&used, u->used);
	if (u->limit == 0)
		BUF_LIT(&limit, "no limit");
	else if (u->is_size)
		say_size(u->limit, &limit);
	else
		buf_u64(&limit, u->limit);
	if (u->limit != 0)
		buf_printf(&limit, " (%" PRIu64 "%%)", percent(u));
	say("%-9s %.*s of %.*s\n", u->name, SPAN_ARG(buf_span(&used)),
	    SPAN_ARG(buf_span(&limit)));
}

static void
json_usage(struct json *j, const struct usage *u)
{
	json_key(j, u->name);
	json_open(j, '{');
	json_key(j, "used");
	json_u64(j, u->used);
	json_key(j, "limit");
	if (u->limit == 0)
		json_null(j);
	else
		json_u64(j, u->limit);
	json_key(j, "percent");
	if (u->limit == 0)
		json_null(j);
	else
		json_u64(j, percent(u));
	json_close(j, '}');
}

static void
answer(const struct args *a, const struct mail_link *l, struct usage *usages,
    size_t n)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct json j = { .out = &text };

	json_open(&j, '{');
	json_key(&j, "name");
	json_str(&j, mail_link_account(l)->name);
	for (size_t i = 0; i < n; i++)
		json_usage(&j, &usages[i]);
	json_close(&j, '}');
	if (args_value(a, "--json") != NULL) {
		say_json(&text);
		return;
	}
	for (size_t i = 0; i < n; i++)
		say_usage(&usages[i]);
}

static enum exit_code
show(const struct args *a)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;
	struct control_request r = { .op = CONTROL_USAGE };
	struct usage usages[] = { { .name = "bytes", .is_size = true },
		{ .name = "messages" } };
	struct control_reply reply;

	if (mail_link_open(a, a->words[0], &l) != ST_OK ||
	    mail_link_do(l, &r, a->words[0], &reply) != ST_OK)
		return EXIT_FAILED;
	usages[0].used = unpack_u64(&reply.rest);
	usages[1].used = unpack_u64(&reply.rest);
	usages[0].limit = limit_of(mail_link_account(l)->quota_bytes,
	    mail_link_config(l)->quota.bytes);
	usages[1].limit = limit_of(mail_link_account(l)->quota_messages,
	    mail_link_config(l)->quota.messages);
	answer(a, l, usages, COUNT(usages));
	return EXIT_DONE;
}

static enum exit_code
set(struct accounts *accounts, const struct args *a)
{
	struct span name = span_str(a->words[0]);
	struct account acc;

	if (accounts_find(accounts, name, &acc) != ST_OK)
		return EXIT_FAILED;
	if (!accounts_quota(a, "--bytes", SETTING_SIZE, &acc.quota_bytes) ||
	    !accounts_quota(a, "--messages", SETTING_COUNT,
		&acc.quota_messages))
		return EXIT_USAGE;
	if (accounts_done(directory_set_quota(accounts->directory, acc.id,
			      acc.quota_bytes, acc.quota_messages),
		name) != ST_OK)
		return EXIT_FAILED;
	return EXIT_DONE;
}

enum exit_code
run_quota(const struct args *a)
{
	enum exit_code code = EXIT_DONE;

	if (args_value(a, "--bytes") != NULL ||
	    args_value(a, "--messages") != NULL)
		code = accounts_run(a, set);
	return code == EXIT_DONE ? show(a) : code;
}
