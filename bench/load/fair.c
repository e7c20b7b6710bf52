/*
 * What other sessions notice of two that keep the server busy.  One sorts,
 * threads and searches a large mailbox, one fetches every message of another,
 * again and again; meanwhile 20 sessions ask NOOP every 20 ms, and in 10
 * accounts one session changes something that another, in IDLE, is told of.
 * All are of accounts of their own.  An operation is a NOOP.
 */
#include "load/mail.h"
#include "load/row.h"
#include "load/words.h"

/*
 * Sessions in this order.  Sessions that act belong to the users of those that
 * watch, as users are counted round.
 */
#define PAIRS       10
#define PROBES      20
#define AT_PROBES   PAIRS
#define AT_SORTER   (AT_PROBES + PROBES)
#define AT_FETCHER  (AT_SORTER + 1)
#define USERS       (AT_FETCHER + 1)
#define CONNECTIONS (USERS + PAIRS)

#define TICK_NS   1000000
#define ACT_TICKS 10
#define ACT_NS    (INT64_C(1) * TICK_NS * ACT_TICKS * PAIRS)
#define WAITING   4096 /* NOOPs of one session, at most */

struct fair {
	struct crew crew;
	struct spread notices;
	struct spread ticks; /* how late the generator itself was */
	int64_t sent_ns[PROBES][WAITING];
	int64_t acted_ns[PAIRS]; /* 0: its watcher has been told */
	int64_t due_ns;
	int64_t stop_ns;
	uint32_t tick;
	unsigned sorts;
	unsigned fetches;
};

static struct fair fair;

static void
on_ready(struct imap *c)
{
	const struct worker *w = worker_of(c);
	struct buf command = { 0 };

	buf_printf(&command, "SELECT %s", w->crew->o->mailbox);
	imap_send(c, buf_span(&command));
	buf_clear(&command);
}

static void
on_more(struct imap *c)
{
	crew_here(worker_of(c));
}

static void
keep_busy(struct worker *w)
{
	static const struct span work[] = {
		SPAN_INIT("SORT (DATE) UTF-8 ALL"),
		SPAN_INIT("THREAD REFERENCES UTF-8 ALL"),
		SPAN_INIT("SEARCH SUBJECT " WORD_SUBJECT),
		SPAN_INIT("SEARCH TEXT " WORD_COMMON),
	};

	if (w->index == AT_SORTER)
		imap_send(&w->imap, work[fair.sorts % COUNT(work)]);
	else
		imap_send(&w->imap, SPAN("FETCH 1:* BODY.PEEK[]"));
}

static void
on_done(struct imap *c, bool ok)
{
	struct worker *w = worker_of(c);
	int64_t *sent = fair.sent_ns[(w->index - AT_PROBES) % PROBES];

	if (!ok)
		die("%.*s: refused", SPAN_ARG(c->user));
	if (c->answered == 2 && w->index < PAIRS) {
		imap_send(c, SPAN("IDLE"));
	} else if (c->answered == 2 && w->index >= USERS) {
		imap_send(c, SPAN("STORE 1 -FLAGS.SILENT (\\Flagged)"));
	} else if (c->answered == 2 || fair.stop_ns == 0) {
		crew_here(w);
	} else if (w->index >= AT_PROBES && w->index < AT_SORTER) {
		tally_op(w->crew->t, sent[c->answered % WAITING]);
	} else if (w->index == AT_SORTER) {
		fair.sorts++;
		keep_busy(w);
	} else if (w->index == AT_FETCHER) {
		fair.fetches++;
		keep_busy(w);
	}
}

/* What a watcher is told first is what the other did. */
static void
on_untagged(struct imap *c, struct span line)
{
	const struct worker *w = worker_of(c);

	if (w->index >= PAIRS || fair.acted_ns[w->index] == 0 ||
	    !ascii_digit(line.p[2]))
		return;
	spread_add_late(&fair.notices, now_ns() - fair.acted_ns[w->index],
	    ACT_NS);
	fair.acted_ns[w->index] = 0;
}

static void
ask(uint32_t probe)
{
	struct imap *c = &fair.crew.workers[AT_PROBES + probe].imap;

	if (c->sent - c->answered >= WAITING)
		return;
	imap_send(c, SPAN("NOOP"));
	fair.sent_ns[probe][c->sent % WAITING] = c->sent_ns;
}

/* Each sets a flag and takes it back, five times, then a new message comes. */
#define ROUND 11

static void
act(uint32_t pair)
{
	struct worker *w = &fair.crew.workers[USERS + pair];
	struct buf command = { 0 };

	if (fair.acted_ns[pair] != 0 || w->imap.answered < w->imap.sent)
		return;
	w->at++;
	if (w->at % ROUND == 0) {
		buf_printf(&command, "APPEND %s", w->crew->o->mailbox);
		mail_add_append(&command, w->at, w->crew->o->size);
	} else {
		buf_printf(&command, "STORE 1 %cFLAGS.SILENT (\\Flagged)",
		    w->at % ROUND % 2 == 1 ? '+' : '-');
	}
	fair.acted_ns[pair] = now_ns();
	imap_send(&w->imap, buf_span(&command));
	buf_clear(&command);
}

static void
tick(void)
{
	int64_t now = now_ns();

	if (now >= fair.stop_ns) {
		if (!fair.crew.t->stop)
			tally_end(fair.crew.t);
		return;
	}
	spread_add(&fair.ticks, MAX(now - fair.due_ns, INT64_C(0)));
	for (; fair.due_ns <= now; fair.due_ns += TICK_NS, fair.tick++) {
		ask(fair.tick % PROBES);
		if (fair.tick % ACT_TICKS == 0)
			act(fair.tick / ACT_TICKS % PAIRS);
	}
}

static void
go(struct worker *w)
{
	if (w->index == AT_SORTER || w->index == AT_FETCHER)
		keep_busy(w);
	if (w->index > 0)
		return;
	fair.due_ns = now_ns();
	fair.stop_ns = fair.due_ns + w->crew->o->seconds * INT64_C(1000000000);
	loop_every(TICK_NS, tick);
}

/* A notice that never came took as long as it was waited for. */
static void
report(struct tally *t)
{
	const struct worker *fetcher = &fair.crew.workers[AT_FETCHER];

	for (uint32_t i = 0; i < PAIRS; i++)
		if (fair.acted_ns[i] != 0)
			spread_add_late(&fair.notices,
			    t->end_ns - fair.acted_ns[i], ACT_NS);
	for (uint32_t i = 0; i < PROBES; i++) {
		const struct imap *c = &fair.crew.workers[AT_PROBES + i].imap;

		for (unsigned k = c->answered + 1; k <= c->sent; k++)
			spread_add(&t->took,
			    t->end_ns - fair.sent_ns[i][k % WAITING]);
	}
	spread_add_json(&t->took, &t->steps, "noop");
	spread_add_json(&fair.notices, &t->steps, "notice");
	spread_add_json(&fair.ticks, &t->steps, "tick");
	buf_printf(&t->steps,
	    ",{\"name\":\"busy\",\"sorts\":%u,\"fetches\":%u}", fair.sorts,
	    fair.fetches);
	t->bytes = fetcher->imap.bytes;
}

void
row_fair(const struct options *o, struct tally *t)
{
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done,
		.more = on_more,
		.untagged = on_untagged };
	struct options mine = *o;

	mine.users = USERS;
	mine.connections = CONNECTIONS;
	crew_gather(&fair.crew, &mine, t, &events);
	crew_work(&fair.crew, go);
	report(t);
	crew_dismiss(&fair.crew);
	spread_clear(&fair.notices);
	spread_clear(&fair.ticks);
}
