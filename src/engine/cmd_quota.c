#include "engine/session.h"
#include "imap/args_mailbox.h"

/*
 * GETQUOTA, GETQUOTAROOT and SETQUOTA: RFC 9208.  All mailboxes of an account
 * have the one root "", whose limits only the administrator sets.
 */

/* STORAGE counts units of 1024 octets (RFC 9208 section 5.1). */
static uint64_t
kilobytes(uint64_t bytes)
{
	return bytes / 1024 + (bytes % 1024 != 0);
}

/* Without a limit there is nothing to say: QUOTA can't be empty. */
static bool
has_quota(const struct session *s)
{
	return s->account->quota_bytes > 0 || s->account->quota_messages > 0;
}

static void
write_quota(struct session *s)
{
	const struct account *a = s->account;
	struct buf *b = session_out(s);
	const char *before = "";

	BUF_LIT(b, "* QUOTA \"\" (");
	if (a->quota_bytes > 0) {
		buf_printf(b, "STORAGE %llu %llu",
		    (unsigned long long)kilobytes(a->current.bytes),
		    (unsigned long long)(a->quota_bytes / 1024));
		before = " ";
	}
	if (a->quota_messages > 0)
		buf_printf(b, "%sMESSAGE %llu %llu", before,
		    (unsigned long long)a->current.messages,
		    (unsigned long long)a->quota_messages);
	BUF_LIT(b, ")\r\n");
}

enum step
run_getquota(struct cmd *c)
{
	const struct quota_args *args = c->args;

	if (args->root.n > 0)
		return cmd_no(c, "NONEXISTENT", "There is no such quota root");
	if (has_quota(c->session))
		write_quota(c->session);
	return cmd_finish(c, ST_OK, "That is the quota");
}

enum step
run_getquotaroot(struct cmd *c)
{
	const struct mailbox_args *args = c->args;
	struct session *s = c->session;
	const struct mbox *m = mbox_find(s->account->list, args->name);
	struct buf *b = session_out(s);

	if (m == NULL || !m->exists)
		return cmd_finish(c, ST_NOTFOUND, "");
	BUF_LIT(b, "* QUOTAROOT ");
	write_mailbox(b, args->name, session_utf8(s));
	BUF_LIT(b, " \"\"\r\n");
	if (has_quota(s))
		write_quota(s);
	return cmd_finish(c, ST_OK, "That is the quota");
}

enum step
run_setquota(struct cmd *c)
{
	return cmd_no(c, "NOPERM", "Only the administrator sets quotas");
}
