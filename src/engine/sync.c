#include "engine/sync.h"

#include "engine/collect.h"
#include "engine/session.h"

void
sync_clear(struct sync *y)
{
	version_unref(&y->to);
	uidset_clear(&y->gone);
}

void
sync_told(struct session *s, uint64_t modseq)
{
	s->told_newer = s->mailbox->current != s->version;
	if (modseq != 0)
		uint64_list_add(&s->told, modseq);
}

static bool
was_told(const struct session *s, uint64_t modseq)
{
	for (size_t i = s->told.n; i > 0; i--)
		if (s->told.v[i - 1] == modseq)
			return true;
	return false;
}

void
sync_claim_recent(struct session *s, const struct version *v)
{
	struct mailbox *mb = s->mailbox;

	if (s->version != NULL && s->version->uidnext == v->uidnext)
		return;
	if (mb->recent_uid < v->uidnext) {
		uidset_add_range(&s->recent, mb->recent_uid, v->uidnext - 1);
		if (!s->read_only)
			mb->recent_uid = v->uidnext;
	}
}

/* Lines between two looks at the room for them. */
#define LINES 64

/* From the last on, so that each number is right when it is read. */
static enum step
write_expunges(struct session *s)
{
	struct uidset *gone = &s->sync.gone;

	while (gone->n > 0) {
		struct uidrange *last = &gone->r[gone->n - 1];
		struct buf *b = session_out(s);
		uint32_t n = MIN(last->hi - last->lo + 1, (uint32_t)LINES);

		if (!session_room(s) || cmd_slice_over(&s->cmd))
			return STEP_MORE;
		for (; n > 0; n--) {
			BUF_LIT(b, "* ");
			buf_u64(b, last->hi--);
			BUF_LIT(b, " EXPUNGE\r\n");
		}
		if (last->hi < last->lo)
			gone->n--;
	}
	return STEP_DONE;
}

static enum step
write_gone(struct session *s)
{
	struct buf *b = session_out(s);

	if (uidset_empty(&s->sync.gone))
		return STEP_DONE;
	if ((s->enabled & ENABLED_QRESYNC) == 0)
		return write_expunges(s);
	BUF_LIT(b, "* VANISHED ");
	uidset_write(b, &s->sync.gone);
	BUF_LIT(b, "\r\n");
	uidset_reset(&s->sync.gone);
	return STEP_DONE;
}

/* \Recent messages that are still there. */
static uint32_t
count_recent(struct session *s, const struct version *v)
{
	uint32_t n;

	return version_count_uids(v, &s->recent, &n) == ST_OK ? n : 0;
}

void
sync_write_counts(struct session *s, const struct version *v)
{
	struct buf *b = session_out(s);

	BUF_LIT(b, "* ");
	buf_u64(b, v->totals.count);
	BUF_LIT(b, " EXISTS\r\n");
	if (session_rev2(s))
		return;
	BUF_LIT(b, "* ");
	buf_u64(b, count_recent(s, v));
	BUF_LIT(b, " RECENT\r\n");
}

void
sync_write_keywords(struct session *s, const struct version *v)
{
	struct buf *b = session_out(s);
	struct span names[LIMIT_KEYWORDS];
	unsigned n = keywords_count(v->keywords);

	keywords_unref(&s->keywords);
	s->keywords = keywords_ref(v->keywords);
	for (unsigned i = 0; i < n; i++)
		names[i] = keywords_name(v->keywords, i);
	BUF_LIT(b, "* FLAGS ");
	write_flags(b, FLAGS_SYSTEM, names, n);
	BUF_LIT(b, "\r\n* OK [PERMANENTFLAGS (");
	if (!s->read_only) {
		struct buf list = { 0 };

		write_flags(&list, FLAGS_SYSTEM, names, n);
		buf_add(b, span_of(list.p + 1, list.n - 2));
		buf_clear(&list);
		if (n < LIMIT_KEYWORDS)
			BUF_LIT(b, " \\*");
	}
	BUF_LIT(b, ")] Flags that stay\r\n");
}

static void
write_counts(struct session *s)
{
	const struct version *to = s->sync.to;

	sync_claim_recent(s, to);
	if (to->uidnext != s->version->uidnext)
		sync_write_counts(s, to);
	if (to->keywords != s->keywords)
		sync_write_keywords(s, to);
}

static enum step
write_flag_changes(struct session *s)
{
	struct row row;

	while (session_room(s) && !cmd_slice_over(&s->cmd)) {
		enum status st = rows_next(&s->sync.rows, &row);

		if (st != ST_OK)
			return STEP_DONE; /* the end, or what can't be read */
		if (row.state->uid >= s->version->uidnext)
			return STEP_DONE; /* new: EXISTS has said it */
		if (!was_told(s, row.state->modseq))
			session_write_flags(s, s->sync.to, &row);
	}
	return STEP_MORE;
}

/*
 * What was told of messages is newer than an expunge that must wait: the
 * client isn't to think that it knows all up to there (RFC 7162 section 3.2).
 */
static void
hold_back(struct session *s)
{
	if (s->told_newer && (s->enabled & ENABLED_QRESYNC) != 0)
		buf_printf(session_out(s),
		    "* OK [HIGHESTMODSEQ %llu] VANISHED is delayed\r\n",
		    (unsigned long long)s->version->modseq);
}

/*
 * What is told of flags is newer than this: where the session's own changes
 * are all there were, that is nothing.  It has told them in their order.
 */
static uint64_t
known_up_to(const struct session *s)
{
	uint64_t known = s->version->modseq;

	for (size_t i = 0; i < s->told.n; i++)
		known += s->told.v[i] == known + 1;
	return known;
}

/* Messages compared between two looks at the clock. */
#define COMPARED 4096

/* What went, as UIDs for VANISHED and as sequence numbers for EXPUNGE. */
static bool
begin(struct session *s)
{
	struct sync *y = &s->sync;

	if (s->mailbox == NULL || s->mailbox->gone ||
	    s->mailbox->current == s->version)
		return false;
	y->to = version_ref(s->mailbox->current);
	y->stage = SYNC_COMPARE;
	y->compare = (struct version_gone){ .from = s->version,
		.to = y->to,
		.by_uid = (s->enabled & ENABLED_QRESYNC) != 0 };
	uidset_reset(&y->gone);
	return true;
}

/* STEP_DONE: there is something to tell, or y->to is NULL again. */
static enum step
compare(struct session *s, bool no_expunge)
{
	struct sync *y = &s->sync;
	enum status st;

	do
		st = version_gone_next(&y->compare, COMPARED, &y->gone);
	while (st == ST_AGAIN && !cmd_slice_over_now(&s->cmd));
	if (st == ST_AGAIN)
		return STEP_MORE;
	if (st == ST_OK && y->to->uidvalidity != s->version->uidvalidity)
		st = ST_CORRUPT;
	if (st != ST_OK) {
		sync_clear(y);
		session_bye(s, "The mailbox can't be read any more");
	} else if (no_expunge && !uidset_empty(&y->gone)) {
		sync_clear(y);
		hold_back(s);
	}
	return STEP_DONE;
}

enum step
sync_step(struct session *s, bool no_expunge)
{
	struct sync *y = &s->sync;

	if (y->to == NULL && !begin(s))
		return STEP_DONE;
	if (y->stage == SYNC_COMPARE) {
		if (compare(s, no_expunge) != STEP_DONE)
			return STEP_MORE;
		if (y->to == NULL)
			return STEP_DONE;
		y->stage = SYNC_GONE;
		y->rows = rows_all(y->to);
		rows_only_above(&y->rows, known_up_to(s));
	}
	if (y->stage == SYNC_GONE) {
		if (write_gone(s) != STEP_DONE)
			return STEP_MORE;
		y->stage = SYNC_COUNTS;
	}
	if (y->stage == SYNC_COUNTS) {
		write_counts(s);
		y->stage = SYNC_FLAGS;
	}
	if (write_flag_changes(s) != STEP_DONE)
		return STEP_MORE;

	version_unref(&s->version);
	s->version = TAKE(y->to);
	sync_clear(y);
	s->told.n = 0;
	s->told_newer = false;
	collect_kick(s->account);
	return STEP_DONE;
}
