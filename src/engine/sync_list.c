#include "engine/sync_list.h"

#include "engine/list_line.h"

void
sync_list_clear(struct sync_list *y)
{
	mbox_list_unref(&y->known);
	mbox_list_unref(&y->to);
}

void
sync_list_start(struct session *s)
{
	if (s->sync_list.known == NULL)
		s->sync_list.known = mbox_list_ref(s->account->list);
}

static void
write_line(struct session *s, struct span name, const struct mbox *m,
    const struct mbox *old)
{
	struct buf *b = session_out(s);
	struct list_line line = { .list = s->sync_list.to,
		.name = name,
		.mbox = m,
		.subscribed = true };

	list_line_write(s, &line);
	if (old != NULL && !span_eq(old->name, name)) {
		BUF_LIT(b, " (\"OLDNAME\" (");
		write_mailbox(b, old->name, session_utf8(s));
		BUF_LIT(b, "))");
	}
	BUF_LIT(b, "\r\n");
}

/* A name that was there and isn't any more, nor under another one. */
static void
tell_gone(struct session *s, const struct mbox *m)
{
	const struct mbox_list *to = s->sync_list.to;

	if (mbox_find(to, m->name) == NULL && mbox_by_id(to, m->id) == NULL)
		write_line(s, m->name, NULL, NULL);
}

static void
tell_changed(struct session *s, const struct mbox *m)
{
	const struct mbox_list *known = s->sync_list.known;

	/* Entries that did not change are the same in both lists. */
	if (mbox_find(known, m->name) != m)
		write_line(s, m->name, m, mbox_by_id(known, m->id));
}

enum step
sync_list_step(struct session *s)
{
	struct sync_list *y = &s->sync_list;

	if (y->to == NULL) {
		if (y->known == NULL || y->known == s->account->list)
			return STEP_DONE;
		y->to = mbox_list_ref(s->account->list);
		y->old = 0;
		y->at = 0;
	}
	while (y->old < y->known->n || y->at < y->to->n) {
		if (!session_room(s) || cmd_slice_over(&s->cmd))
			return STEP_MORE;
		if (y->old < y->known->n)
			tell_gone(s, y->known->item[y->old++]);
		else
			tell_changed(s, y->to->item[y->at++]);
	}
	mbox_list_unref(&y->known);
	y->known = TAKE(y->to);
	return STEP_DONE;
}
