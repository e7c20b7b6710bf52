#include "engine/object_id.h"

uint64_t
object_id_email(const struct session *s, const struct msg_facts *f)
{
	return session_objectid(s) ? f->email : f->content;
}

static void
write_bare(struct buf *b, char kind, uint64_t id)
{
	buf_byte(b, (unsigned char)kind);
	buf_u64(b, id);
}

void
object_id_write(struct buf *b, char kind, uint64_t id)
{
	buf_byte(b, '(');
	write_bare(b, kind, id);
	buf_byte(b, ')');
}

void
object_id_write_mailbox(struct buf *b, const struct session *s,
    uint64_t mailbox)
{
	BUF_LIT(b, "(MAILBOXID ");
	write_bare(b, 'M', mailbox);
	BUF_LIT(b, " ACCOUNTID ");
	write_bare(b, 'A', s->account->id);
	buf_byte(b, ')');
}

void
object_id_write_message(struct buf *b, const struct session *s,
    const struct msg_facts *f)
{
	BUF_LIT(b, "(EMAILID ");
	write_bare(b, 'E', object_id_email(s, f));
	BUF_LIT(b, " THREADID ");
	write_bare(b, 'T', f->thread);
	buf_byte(b, ')');
}

void
object_id_write_code(struct buf *b, const struct session *s, uint64_t mailbox)
{
	if (session_objectid(s)) {
		BUF_LIT(b, "OBJECTID ");
		object_id_write_mailbox(b, s, mailbox);
	} else {
		BUF_LIT(b, "MAILBOXID ");
		object_id_write(b, 'M', mailbox);
	}
}

uint64_t
object_id_read(struct span id, char kind)
{
	uint64_t n = 0;

	if (id.n > 1 && id.p[0] == (unsigned char)kind && id.p[1] != '0')
		(void)span_u64(span_from(id, 1), UINT64_MAX, &n);
	return n;
}
