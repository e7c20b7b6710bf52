/*
 * Each session appends its share of the messages to its user's mailbox, the
 * same ones in every run, `batch` of them with each command (RFC 3502).
 */
#include "load/mail.h"
#include "load/row.h"

static void
next(struct worker *w)
{
	const struct options *o = w->crew->o;
	unsigned share = o->count / o->connections;
	unsigned n = MIN(share - w->at, o->batch);
	static struct buf command;

	if (n == 0) {
		crew_rest(w);
		return;
	}
	buf_reset(&command);
	buf_printf(&command, "APPEND %s", o->mailbox);
	for (unsigned i = 0; i < n; i++)
		mail_add_append(&command,
		    o->from + w->index * share + w->at + i, o->size);
	w->at += n;
	w->began_ns = now_ns();
	imap_send(&w->imap, buf_span(&command));
}

static void
on_ready(struct imap *c)
{
	crew_here(worker_of(c));
}

static void
on_done(struct imap *c, bool ok)
{
	struct worker *w = worker_of(c);

	if (!ok)
		die("%.*s: an APPEND was refused", SPAN_ARG(c->user));
	tally_op(w->crew->t, w->began_ns);
	next(w);
}

void
row_append(const struct options *o, struct tally *t)
{
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done };
	struct crew crew;

	crew_gather(&crew, o, t, &events);
	crew_work(&crew, next);
	t->ops = (uint64_t)(o->count / o->connections) * o->connections;
	crew_dismiss(&crew);
}
