/*
 * Sessions that have selected a mailbox and idle (RFC 2177).  What they cost
 * is looked at while this program waits in tally_begin.
 */
#include "load/row.h"

static void
on_ready(struct imap *c)
{
	const struct options *o = worker_of(c)->crew->o;
	struct buf command = { 0 };

	buf_printf(&command, "SELECT %s", o->mailbox);
	imap_send(c, buf_span(&command));
	buf_clear(&command);
}

static void
on_done(struct imap *c, bool ok)
{
	if (!ok)
		die("%.*s: SELECT was refused", SPAN_ARG(c->user));
	imap_send(c, SPAN("IDLE"));
}

static void
on_more(struct imap *c)
{
	crew_here(worker_of(c));
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
