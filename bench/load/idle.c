/*
 * Sessions that have selected a mailbox and idle (RFC 2177).  For the row idle,
 * what they cost is looked at while this program waits in tally_begin.  For
 * the row wake, one more session of each user then appends a message: an
 * operation is a session that is told of it.
 */
#include "load/mail.h"
#include "load/row.h"

/* In the row wake the first o->users sessions are those that append. */
static bool
appends(const struct worker *w)
{
	return w->crew->on->untagged != NULL && w->index < w->crew->o->users;
}

static void
on_ready(struct imap *c)
{
	const struct options *o = worker_of(c)->crew->o;
	struct buf command = { 0 };

	if (appends(worker_of(c))) {
		crew_here(worker_of(c));
		return;
	}
	buf_printf(&command, "SELECT %s", o->mailbox);
	imap_send(c, buf_span(&command));
	buf_clear(&command);
}

static void
on_done(struct imap *c, bool ok)
{
	if (!ok)
		die("%.*s: SELECT or APPEND was refused", SPAN_ARG(c->user));
	if (appends(worker_of(c)))
		crew_rest(worker_of(c));
	else
		imap_send(c, SPAN("IDLE"));
}

static void
on_more(struct imap *c)
{
	crew_here(worker_of(c));
}

/* The first thing that an idle session is told while it is measured. */
static void
on_untagged(struct imap *c, struct span line)
{
	struct worker *w = worker_of(c);
	size_t word = line.n - MIN(line.n, sizeof("EXISTS") - 1);

	if (w->began_ns == 0 || w->at > 0 ||
	    !span_eq_nocase(span_from(line, word), SPAN("EXISTS")))
		return;
	w->at = 1;
	tally_op(w->crew->t, w->began_ns);
	crew_rest(w);
}

static void
wake(struct worker *w)
{
	struct buf command = { 0 };

	w->began_ns = now_ns();
	if (!appends(w))
		return;
	buf_printf(&command, "APPEND %s", w->crew->o->mailbox);
	mail_add_append(&command, w->index, w->crew->o->size);
	imap_send(&w->imap, buf_span(&command));
	buf_clear(&command);
}

void
row_idle(const struct options *o, struct tally *t)
{
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done,
		.more = on_more };
	struct crew crew;

	crew_gather(&crew, o, t, &events);
	crew_work(&crew, crew_rest);
	t->ops = o->connections;
	crew_dismiss(&crew);
}

void
row_wake(const struct options *o, struct tally *t)
{
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done,
		.more = on_more,
		.untagged = on_untagged };
	struct crew crew;

	if (o->connections <= o->users)
		die("wake: more --connections than --users");
	crew_gather(&crew, o, t, &events);
	crew_work(&crew, wake);
	crew_dismiss(&crew);
}
