/*
 * One session that runs the commands of the command line in turn, each timed
 * from sending it to its tagged reply, with how many messages a SEARCH found.
 */
#include "load/row.h"

static void
next(struct worker *w)
{
	const char *command = w->crew->o->commands[w->at];

	if (command == NULL) {
		crew_rest(w);
		return;
	}
	w->imap.lines = 0;
	imap_send(&w->imap, span_str(command));
}

/* "* SEARCH 2 3 5": how many numbers. */
static void
on_untagged(struct imap *c, struct span line)
{
	unsigned *found = &worker_of(c)->found;

	if (!span_starts_nocase(line, SPAN("* SEARCH")))
		return;
	for (size_t i = sizeof("* SEARCH") - 1; i + 1 < line.n; i++)
		*found += line.p[i] == ' ' && ascii_digit(line.p[i + 1]);
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
	struct tally *t = w->crew->t;

	tally_op(t, c->sent_ns);
	buf_printf(&t->steps,
	    "%s{\"ms\":%.3f,\"lines\":%llu,\"bytes\":%llu,\"found\":%u,"
	    "\"ok\":%s}",
	    w->at > 0 ? "," : "", (double)(now_ns() - c->sent_ns) / 1e6,
	    (unsigned long long)c->lines, (unsigned long long)c->bytes,
	    w->found, ok ? "true" : "false");
	w->found = 0;
	t->bytes += c->bytes;
	c->bytes = 0;
	w->at++;
	next(w);
}

void
row_script(const struct options *o, struct tally *t)
{
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done,
		.untagged = on_untagged };
	struct crew crew;

	crew_gather(&crew, o, t, &events);
	crew_work(&crew, next);
	crew_dismiss(&crew);
}
