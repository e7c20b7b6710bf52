/*
 * Connect, log in, SELECT, FETCH one message, log out, again and again: what
 * a webmail or a phone does.  One operation is one such visit.
 */
#include "load/row.h"

static void
visit(struct worker *w)
{
	struct crew *c = w->crew;

	if (c->todo == 0) {
		crew_rest(w);
		return;
	}
	c->todo--;
	w->at = 1;
	w->began_ns = now_ns();
	imap_start(&w->imap, &c->o->imap, c->on);
}

/* The first visit comes before the measurement. */
static void
on_ready(struct imap *c)
{
	imap_send(c, SPAN("SELECT INBOX"));
}

static void
on_done(struct imap *c, bool ok)
{
	struct worker *w = worker_of(c);

	if (!ok)
		die("%.*s: refused in a visit", SPAN_ARG(c->user));
	if (c->leaving && w->at == 0) {
		crew_here(w);
	} else if (c->leaving) {
		tally_op(w->crew->t, w->began_ns);
		visit(w);
	} else if (c->sent == 2) {
		imap_send(c, SPAN("FETCH 1 BODY.PEEK[]"));
	} else {
		imap_logout(c);
	}
}

void
row_login(const struct options *o, struct tally *t)
{
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done };
	struct crew crew;

	crew_gather(&crew, o, t, &events);
	crew_work(&crew, visit);
	crew_dismiss(&crew);
}
