/*
 * The mixed session load: what many clients do to their INBOX, drawn by
 * weights.  As many messages come as go, so the mailbox keeps its size.
 */
#include "load/mail.h"
#include "load/row.h"

#define SPAN_OF_FETCH 20 /* messages in one FETCH of metadata */
#define SMALL_MAILBOX 20 /* below it, more is appended than deleted */

static void
add_set(struct buf *b, struct worker *w, uint32_t many)
{
	uint32_t n = MIN(w->imap.exists, many);
	uint32_t first = 1 + rng_below(&w->rng, w->imap.exists - n + 1);

	buf_u64(b, first);
	if (n > 1) {
		buf_byte(b, ':');
		buf_u64(b, first + n - 1);
	}
}

static void
make_list(struct buf *b, struct worker *w)
{
	(void)w;
	buf_str(b, "LIST \"\" \"*\"");
}

static void
make_status(struct buf *b, struct worker *w)
{
	static const char *const names[] = { "Sent", "Drafts", "Trash" };

	buf_printf(b, "STATUS %s (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)",
	    names[rng_below(&w->rng, COUNT(names))]);
}

static void
make_select(struct buf *b, struct worker *w)
{
	(void)w;
	buf_str(b, "SELECT INBOX");
}

static void
make_fetch_list(struct buf *b, struct worker *w)
{
	buf_str(b, "FETCH ");
	add_set(b, w, SPAN_OF_FETCH);
	buf_str(b, " (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)");
}

static void
make_fetch_structure(struct buf *b, struct worker *w)
{
	buf_str(b, "FETCH ");
	add_set(b, w, 1);
	buf_str(b, " (UID BODYSTRUCTURE)");
}

static void
make_fetch_body(struct buf *b, struct worker *w)
{
	buf_str(b, "FETCH ");
	add_set(b, w, 1);
	buf_str(b, " (UID BODY.PEEK[])");
}

static void
make_store(struct buf *b, struct worker *w)
{
	static const char *const changes[] = { "+FLAGS (\\Seen)",
		"-FLAGS (\\Seen)", "+FLAGS (\\Flagged)", "FLAGS (\\Answered)" };

	buf_str(b, "STORE ");
	add_set(b, w, 1);
	buf_byte(b, ' ');
	buf_str(b, changes[rng_below(&w->rng, COUNT(changes))]);
}

static void
make_delete(struct buf *b, struct worker *w)
{
	buf_str(b, "STORE ");
	add_set(b, w, 1);
	buf_str(b, " +FLAGS (\\Deleted)");
}

static void
make_expunge(struct buf *b, struct worker *w)
{
	(void)w;
	buf_str(b, "EXPUNGE");
}

static void
make_append(struct buf *b, struct worker *w)
{
	buf_str(b, "APPEND INBOX");
	mail_add_append(b, rng_below(&w->rng, 1000000), 0);
}

static void
make_noop(struct buf *b, struct worker *w)
{
	(void)w;
	buf_str(b, "NOOP");
}

/* In percent. */
static const struct {
	uint32_t weight;
	bool needs_message;
	void (*make)(struct buf *b, struct worker *w);
} kinds[] = {
	{ 4, false, make_list },
	{ 8, false, make_status },
	{ 6, false, make_select },
	{ 20, true, make_fetch_list },
	{ 6, true, make_fetch_structure },
	{ 20, true, make_fetch_body },
	{ 12, true, make_store },
	{ 8, true, make_delete },
	{ 4, false, make_expunge },
	{ 8, false, make_append },
	{ 4, false, make_noop },
};

static void
make_command(struct buf *b, struct worker *w)
{
	uint32_t r = rng_below(&w->rng, 100);
	size_t i = 0;

	while (r >= kinds[i].weight)
		r -= kinds[i++].weight;
	if ((kinds[i].needs_message && w->imap.exists == 0) ||
	    (kinds[i].make == make_delete && w->imap.exists < SMALL_MAILBOX))
		make_append(b, w);
	else
		kinds[i].make(b, w);
}

static void
next(struct worker *w)
{
	struct crew *c = w->crew;
	static struct buf command;

	if (c->todo == 0) {
		crew_rest(w);
		return;
	}
	c->todo--;
	w->at++;
	w->began_ns = now_ns();
	if (c->o->every > 0 && w->at % c->o->every == 0) {
		imap_logout(&w->imap);
		return;
	}
	buf_reset(&command);
	make_command(&command, w);
	imap_send(&w->imap, buf_span(&command));
}

static void
on_ready(struct imap *c)
{
	struct worker *w = worker_of(c);

	if (w->at > 0) {
		tally_op(w->crew->t, w->began_ns);
		w->began_ns = now_ns();
	}
	imap_send(c, SPAN("SELECT INBOX"));
}

static void
on_done(struct imap *c, bool ok)
{
	struct worker *w = worker_of(c);

	(void)ok;
	if (w->at == 0) {
		crew_here(w);
		w->at = 1;
		return;
	}
	tally_op(w->crew->t, w->began_ns);
	if (c->leaving) {
		w->began_ns = now_ns();
		imap_start(c, &w->crew->o->imap, w->crew->on);
		return;
	}
	next(w);
}

void
row_mixed(const struct options *o, struct tally *t)
{
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done };
	struct crew crew;

	crew_gather(&crew, o, t, &events);
	crew_work(&crew, next);
	crew_dismiss(&crew);
}
