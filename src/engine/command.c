#include "engine/command.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/change.h"
#include "engine/session.h"
#include "imap/args_append.h"
#include "imap/args_fetch.h"
#include "imap/args_list.h"
#include "imap/args_mailbox.h"
#include "imap/args_session.h"
#include "imap/args_sort.h"
#include "imap/args_store.h"

/* The longest that one step may take before others have their turn. */
#define SLICE_US   2000
#define LOOK_EVERY 32 /* rows between two looks at the clock */

/* A reply's text is at most so long, so that a line stays a line. */
#define TEXT_MAX 500

/* clang-format off */
static const struct command commands[] = {
	/* name          allowed in      flags           arguments          action */
	{ "APPEND",       STATE_USER,     0,              parse_append,      run_append },
	{ "CAPABILITY",   STATE_USER,     0,              parse_none,        run_capability },
	{ "CHECK",        STATE_SELECTED, 0,              parse_none,        run_noop },
	{ "CLOSE",        STATE_SELECTED, CMD_NO_SYNC,    parse_none,        run_close },
	{ "COMPRESS",     STATE_USER,     0,              parse_compress,    run_compress },
	{ "COPY",         STATE_SELECTED, 0,              parse_copy,        run_copy },
	{ "CREATE",       STATE_USER,     0,              parse_create,      run_create },
	{ "DELETE",       STATE_USER,     0,              parse_mailbox,     run_delete },
	{ "ENABLE",       STATE_USER,     0,              parse_enable,      run_enable },
	{ "EXAMINE",      STATE_USER,     CMD_NO_SYNC,    parse_select,      run_examine },
	{ "EXPUNGE",      STATE_SELECTED, CMD_WRITES,     parse_none,        run_expunge },
	{ "FETCH",        STATE_SELECTED, CMD_NO_EXPUNGE, parse_fetch,       run_fetch },
	{ "GETQUOTA",     STATE_USER,     0,              parse_getquota,    run_getquota },
	{ "GETQUOTAROOT", STATE_USER,     0,              parse_mailbox,     run_getquotaroot },
	{ "ID",           STATE_USER,     0,              parse_id,          run_id },
	{ "IDLE",         STATE_USER,     0,              parse_none,        run_idle },
	{ "LIST",         STATE_USER,     0,              parse_list,        run_list },
	{ "LOGOUT",       STATE_USER,     CMD_NO_SYNC,    parse_none,        run_logout },
	{ "LSUB",         STATE_USER,     0,              parse_lsub,        run_lsub },
	{ "MOVE",         STATE_SELECTED, CMD_WRITES,     parse_copy,        run_move },
	{ "NAMESPACE",    STATE_USER,     0,              parse_none,        run_namespace },
	{ "NOOP",         STATE_USER,     0,              parse_none,        run_noop },
	{ "RENAME",       STATE_USER,     0,              parse_rename,      run_rename },
	{ "SEARCH",       STATE_SELECTED, CMD_NO_EXPUNGE, parse_search,      run_search },
	{ "SELECT",       STATE_USER,     CMD_NO_SYNC,    parse_select,      run_select },
	{ "SETQUOTA",     STATE_USER,     0,              parse_setquota,    run_setquota },
	{ "SORT",         STATE_SELECTED, CMD_NO_EXPUNGE, parse_sort,        run_sort },
	{ "STATUS",       STATE_USER,     0,              parse_status,      run_status },
	{ "STORE",        STATE_SELECTED, CMD_NO_EXPUNGE | CMD_WRITES, parse_store, run_store },
	{ "SUBSCRIBE",    STATE_USER,     0,              parse_mailbox,     run_subscribe },
	{ "THREAD",       STATE_SELECTED, CMD_NO_EXPUNGE, parse_thread,      run_thread },
	{ "UID COPY",     STATE_SELECTED, 0,              parse_uid_copy,    run_copy },
	{ "UID EXPUNGE",  STATE_SELECTED, CMD_WRITES,     parse_uid_expunge, run_uid_expunge },
	{ "UID FETCH",    STATE_SELECTED, 0,              parse_uid_fetch,   run_fetch },
	{ "UID MOVE",     STATE_SELECTED, CMD_WRITES,     parse_uid_copy,    run_move },
	{ "UID SEARCH",   STATE_SELECTED, 0,              parse_uid_search,  run_search },
	{ "UID SORT",     STATE_SELECTED, 0,              parse_uid_sort,    run_sort },
	{ "UID STORE",    STATE_SELECTED, CMD_WRITES,     parse_uid_store,   run_store },
	{ "UID THREAD",   STATE_SELECTED, 0,              parse_uid_thread,  run_thread },
	{ "UNSELECT",     STATE_SELECTED, CMD_NO_SYNC,    parse_none,        run_unselect },
	{ "UNSUBSCRIBE",  STATE_USER,     0,              parse_mailbox,     run_unsubscribe },
};

/* What each status means to a client (RFC 9051 section 7.1, RFC 5530). */
static const struct {
	enum condition condition;
	const char *code;
	const char *text;
} replies[] = {
	[ST_OK]       = { COND_OK,  NULL,            "Done" },
	[ST_AGAIN]    = { COND_NO,  "UNAVAILABLE",   "The disk refuses changes at the moment, try again later" },
	[ST_BAD]      = { COND_BAD, NULL,            "Invalid command or arguments" },
	[ST_NOTFOUND] = { COND_NO,  "NONEXISTENT",   "There is no such mailbox" },
	[ST_EXISTS]   = { COND_NO,  "ALREADYEXISTS", "There is a mailbox of that name" },
	[ST_DENIED]   = { COND_NO,  "NOPERM",        "This is not allowed" },
	[ST_LIMIT]    = { COND_NO,  "LIMIT",         "A limit of this server was reached" },
	[ST_QUOTA]    = { COND_NO,  "OVERQUOTA",     "There is no room left in this account" },
	[ST_FULL]     = { COND_NO,  "UNAVAILABLE",   "The disk of the server is full, nothing was changed" },
	[ST_CORRUPT]  = { COND_NO,  "CORRUPTION",    "Stored data is damaged, tell the administrator" },
	[ST_IO]       = { COND_NO,  "UNAVAILABLE",   "The disk refused it, nothing was changed" },
};
/* clang-format on */

static int
by_name(const void *key, const void *elem)
{
	const struct span *name = key;
	const struct command *c = elem;

	return span_cmp_nocase(*name, span_str(c->name));
}

const struct command *
command_by_name(struct span name)
{
	return bsearch(&name, commands, COUNT(commands), sizeof(commands[0]),
	    by_name);
}

bool
cmd_slice_over_now(const struct cmd *c)
{
	return clock_now_us() - c->slice_us >= SLICE_US;
}

bool
cmd_slice_over(struct cmd *c)
{
	if (++c->ticks % LOOK_EVERY != 0)
		return false;
	return cmd_slice_over_now(c);
}

static enum step
reply(struct cmd *c, enum condition condition, struct span code,
    struct span text)
{
	c->condition = condition;
	c->code = code;
	c->text = span_head(text, TEXT_MAX);
	return STEP_DONE;
}

static struct span
optional(const char *s)
{
	return s == NULL ? (struct span){ 0 } : span_str(s);
}

enum step
cmd_finish(struct cmd *c, enum status st, const char *done)
{
	assert((size_t)st < COUNT(replies));
	return reply(c, replies[st].condition, optional(replies[st].code),
	    span_str(st == ST_OK ? done : replies[st].text));
}

enum step
cmd_finish_code(struct cmd *c, struct span code, const char *done)
{
	return reply(c, COND_OK, code, span_str(done));
}

enum step
cmd_no(struct cmd *c, const char *code, const char *text)
{
	return reply(c, COND_NO, optional(code), span_str(text));
}

enum step
cmd_trycreate(struct cmd *c)
{
	return cmd_no(c, "TRYCREATE", "There is no such mailbox");
}

enum step
cmd_bad(struct cmd *c, const char *text)
{
	return reply(c, COND_BAD, (struct span){ 0 }, span_str(text));
}

static void
committed(void *cmd, enum status st)
{
	struct cmd *c = cmd;

	c->st = st;
	session_wake(c->session);
}

enum step
cmd_submit(struct cmd *c, struct change **change)
{
	change_submit(change, committed, c);
	return STEP_WAIT;
}
