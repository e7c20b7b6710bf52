#include "engine/session.h"

/* What a session sees of its mailbox: sets of messages, and their flags. */

/* Read in a step: some 0.1 ms each. */
#define LOAD_LEAVES 16

/* "1:*" of an empty mailbox is nothing; many clients ask for it. */
static bool
beyond(const struct seq_set *set, uint32_t count)
{
	if (seq_set_top(set) <= count)
		return false;
	if (count > 0)
		return true;
	for (size_t i = 0; i < set->n; i++)
		if (set->r[i].from != SEQ_STAR && set->r[i].to != SEQ_STAR)
			return true;
	return false;
}

bool
session_load(struct session *s, const struct seq_set *set, bool uid)
{
	CLEANUP(uidset_clear) struct uidset numbers = { 0 };
	const struct version *v = s->version;

	if (set->saved)
		return version_load(v, &s->saved, true, LOAD_LEAVES) ==
		       ST_AGAIN;
	seq_set_resolve(set, uid ? v->totals.last_uid : v->totals.count,
	    &numbers);
	return version_load(v, &numbers, uid, LOAD_LEAVES) == ST_AGAIN;
}

enum status
session_resolve(struct session *s, const struct seq_set *set, bool uid,
    struct uidset *out)
{
	CLEANUP(uidset_clear) struct uidset numbers = { 0 };
	const struct version *v = s->version;

	if (set->saved)
		return version_only_existing(v, &s->saved, out);
	if (!uid && beyond(set, v->totals.count))
		return ST_BAD;
	seq_set_resolve(set, uid ? v->totals.last_uid : v->totals.count,
	    &numbers);
	return uid ? version_only_existing(v, &numbers, out)
	           : version_uids(v, &numbers, out);
}

const struct version *
session_state(struct session *s, struct row *row)
{
	const struct version *v = s->mailbox->current;
	struct row now;

	if (!s->told_newer || version_find(v, row->state->uid, &now) != ST_OK)
		return s->version;
	row->state = now.state;
	return v;
}

void
session_write_flag_list(struct session *s, struct buf *b,
    const struct version *v, const struct row *row)
{
	struct flags f = row->state->flags;
	struct span names[LIMIT_KEYWORDS];
	unsigned system = f.w[0] & FLAGS_SYSTEM;
	size_t n = 0;

	if (!session_rev2(s) && uidset_has(&s->recent, row->state->uid))
		system |= FLAG_RECENT;
	if (f.w[0] > FLAGS_SYSTEM || f.w[1] != 0) {
		unsigned known = keywords_count(v->keywords);

		for (unsigned i = 0; i < known; i++)
			if (flags_bit(f, FLAG_SYSTEM_COUNT + i))
				names[n++] = keywords_name(v->keywords, i);
	}
	write_flags(b, system, names, n);
}

static void
begin_fetch(struct buf *b, const struct row *row)
{
	BUF_LIT(b, "* ");
	buf_u64(b, row->seq);
	BUF_LIT(b, " FETCH (UID ");
	buf_u64(b, row->state->uid);
}

static void
end_fetch(struct session *s, struct buf *b, const struct row *row)
{
	if (session_condstore(s)) {
		BUF_LIT(b, " MODSEQ (");
		buf_u64(b, row->state->modseq);
		buf_byte(b, ')');
	}
	BUF_LIT(b, ")\r\n");
}

void
session_write_flags(struct session *s, const struct version *v,
    const struct row *row)
{
	struct buf *b = session_out(s);

	begin_fetch(b, row);
	BUF_LIT(b, " FLAGS ");
	session_write_flag_list(s, b, v, row);
	end_fetch(s, b, row);
}

void
session_write_modseq(struct session *s, const struct row *row)
{
	struct buf *b = session_out(s);

	begin_fetch(b, row);
	end_fetch(s, b, row);
}
