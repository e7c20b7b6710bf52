#include <string.h>
#include <time.h>

#include "base/pack.h"
#include "cli/accounts.h"
#include "cli/instance.h"
#include "cli/mail_link.h"
#include "cli/progress.h"
#include "cli/say.h"

#define POLL_NS 100000000

/* Where it is: 1 if done, messages, messages in all. */
static enum status
ask_progress(struct mail_link *l, const char *user, bool *done, uint64_t *now,
    uint64_t *all)
{
	struct control_request r = { .op = CONTROL_INDEXING };
	struct control_reply reply;
	enum status st = mail_link_do(l, &r, user, &reply);

	if (st != ST_OK)
		return st;
	*done = unpack_u64(&reply.rest) != 0;
	*now = unpack_u64(&reply.rest);
	*all = unpack_u64(&reply.rest);
	return unpack_end(&reply.rest) ? ST_OK : ST_BAD;
}

static enum status
reindex(const struct args *a, const char *user)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;
	CLEANUP(progress_clear) struct progress p = { 0 };
	const struct timespec pause = { .tv_nsec = POLL_NS };
	struct control_request r = { .op = CONTROL_REINDEX };
	struct control_reply reply;
	uint64_t now = 0;
	uint64_t all = 0;
	bool done = false;
	enum status st = mail_link_open(a, user, &l);

	if (st == ST_OK)
		st = mail_link_do(l, &r, user, &reply);
	while (st == ST_OK && !done) {
		st = ask_progress(l, user, &done, &now, &all);
		if (st != ST_OK || done)
			break;
		progress_begin(&p, span_str(user), all);
		progress_show(&p, now);
		(void)nanosleep(&pause, NULL);
	}
	progress_hide();
	if (st == ST_OK)
		say("%s: the search index is built\n", user);
	return st;
}

/* Adds the name of a user, with a NUL. */
static bool
take_name(void *ctx, const struct account *account)
{
	struct buf *names = ctx;

	buf_add(names, span_str(account->name));
	buf_byte(names, '\0');
	return true;
}

static enum status
take_names(const struct config *c, void *names)
{
	struct accounts accounts;
	enum status st = accounts_open(c, false, &accounts);

	if (st != ST_OK)
		return st;
	st = directory_list(accounts.directory, SPAN(""), take_name, names);
	accounts_close(&accounts);
	return accounts_done(st, SPAN(""));
}

static enum status
list_all(const struct args *a, struct buf *names)
{
	CLEANUP(settings_free) struct settings *s = NULL;
	enum status st = instance_load(a, &s);

	return st == ST_OK ? instance_as(settings_config(s), ROLE_AUTH,
				 take_names, names)
	                   : st;
}

enum exit_code
run_reindex(const struct args *a)
{
	CLEANUP(buf_clear) struct buf names = { 0 };
	enum exit_code code = EXIT_DONE;

	for (size_t i = 0; i < a->n; i++) {
		buf_add(&names, span_str(a->words[i]));
		buf_byte(&names, '\0');
	}
	if (a->n == 0 && list_all(a, &names) != ST_OK)
		return EXIT_FAILED;
	/* One that can't be done doesn't keep the others from it. */
	for (size_t at = 0; at < names.n;) {
		const char *user = (const char *)names.p + at;

		if (reindex(a, user) != ST_OK)
			code = EXIT_FAILED;
		at += strlen(user) + 1;
	}
	return code;
}
