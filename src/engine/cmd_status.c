#include "engine/object_id.h"
#include "engine/status.h"
#include "imap/args_mailbox.h"

/* STATUS: RFC 9051 section 6.3.11, RFC 7162, 7889, 8438, 8474, 9208. */

static enum status
count_recent(const struct mailbox *mb, uint32_t *out)
{
	uint32_t seq;
	enum status st = version_seq(mb->current, mb->recent_uid, &seq);

	if (st == ST_OK)
		*out = mb->current->totals.count + 1 - seq;
	return st;
}

enum status
status_write(struct session *s, const struct mbox *m, unsigned items)
{
	const struct version *v;
	struct mailbox *mb;
	struct buf *b = session_out(s);
	uint32_t recent = 0;
	const char *before = "";
	enum status st = mailbox_open(s->account, m->id, &mb);

	if (st == ST_OK && (items & STATUS_RECENT) != 0)
		st = count_recent(mb, &recent);
	if (st != ST_OK)
		return st;
	v = mb->current;
	const struct {
		unsigned item;
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ STATUS_MESSAGES, "MESSAGES", v->totals.count },
		{ STATUS_RECENT, "RECENT", recent },
		{ STATUS_UIDNEXT, "UIDNEXT", v->uidnext },
		{ STATUS_UIDVALIDITY, "UIDVALIDITY", v->uidvalidity },
		{ STATUS_UNSEEN, "UNSEEN", v->totals.unseen },
		{ STATUS_DELETED, "DELETED", v->totals.deleted },
		{ STATUS_SIZE, "SIZE", v->totals.bytes },
		{ STATUS_HIGHESTMODSEQ, "HIGHESTMODSEQ", v->modseq },
		{ STATUS_APPENDLIMIT, "APPENDLIMIT", s->config->append_limit },
		/* RFC 9208 section 5.2: in bytes, unlike STORAGE. */
		{ STATUS_DELETED_STORAGE, "DELETED-STORAGE",
		    v->totals.deleted_bytes },
	};

	BUF_LIT(b, "* STATUS ");
	write_mailbox(b, m->name, session_utf8(s));
	BUF_LIT(b, " (");
	for (size_t i = 0; i < COUNT(numbers); i++) {
		if ((items & numbers[i].item) == 0)
			continue;
		buf_str(b, before);
		buf_str(b, numbers[i].name);
		buf_byte(b, ' ');
		buf_u64(b, numbers[i].value);
		before = " ";
	}
	if ((items & STATUS_MAILBOXID) != 0)
		buf_printf(b, "%sMAILBOXID (M%llu)", before,
		    (unsigned long long)m->id);
	if ((items & STATUS_OBJECTID) != 0) {
		buf_str(b, b->p[b->n - 1] == '(' ? "OBJECTID " : " OBJECTID ");
		object_id_write_mailbox(b, s, m->id);
	}
	BUF_LIT(b, ")\r\n");
	return ST_OK;
}

void
status_enable(struct session *s, unsigned items)
{
	if ((items & STATUS_HIGHESTMODSEQ) != 0)
		session_enable_condstore(s);
	if ((items & STATUS_OBJECTID) != 0)
		session_enable_objectid(s);
}

enum step
run_status(struct cmd *c)
{
	const struct status_args *args = c->args;
	struct session *s = c->session;
	const struct mbox *m = mbox_find(s->account->list, args->name);

	if (m == NULL || !m->exists)
		return cmd_finish(c, ST_NOTFOUND, "");
	status_enable(s, args->items);
	return cmd_finish(c, status_write(s, m, args->items), "Done");
}
