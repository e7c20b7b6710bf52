/*
 * Each session appends its share of the messages to its user's mailbox, the
 * same ones in every run, `batch` of them with each command (RFC 3502).
 */
#include "base/mem.h"
#include "load/mail.h"
#include "load/row.h"

/* So many are made before the clock runs, about 100 MB. */
#define MADE_MOST 20000

static struct {
	struct buf messages; /* as an APPEND has them, one behind the other */
	size_t *end;         /* of each; NULL: each is made when it is sent */
} made;

static void
make_all(const struct options *o)
{
	made.end = mem_array(o->count, sizeof(*made.end));
	for (unsigned i = 0; i < o->count; i++) {
		mail_add_append(&made.messages, o->from + i, o->size);
		made.end[i] = made.messages.n;
	}
}

static void
add_message(struct buf *out, const struct options *o, unsigned i)
{
	struct span all = buf_span(&made.messages);

	if (made.end == NULL)
		mail_add_append(out, o->from + i, o->size);
	else
		buf_add(out, span_from(span_head(all, made.end[i]),
				 i > 0 ? made.end[i - 1] : 0));
}

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
		add_message(&command, o, w->index * share + w->at + i);
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

	if (o->count <= MADE_MOST)
		make_all(o);
	crew_gather(&crew, o, t, &events);
	crew_work(&crew, next);
	t->ops = (uint64_t)(o->count / o->connections) * o->connections;
	crew_dismiss(&crew);
	buf_clear(&made.messages);
	mem_free(&made.end);
}
