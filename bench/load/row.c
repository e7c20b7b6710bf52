#include "load/row.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/mem.h"

static double
own_cpu_secs(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

void
tally_begin(struct tally *t)
{
	char line[16];

	puts("ready");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		die("nobody said go");
	t->cpu_secs = -own_cpu_secs();
	t->begin_ns = now_ns();
}

void
tally_end(struct tally *t)
{
	t->end_ns = now_ns();
	t->cpu_secs += own_cpu_secs();
	t->stop = true;
}

void
tally_op(struct tally *t, int64_t start_ns)
{
	spread_add(&t->took, now_ns() - start_ns);
	t->ops++;
}

void
tally_print(struct tally *t, const char *row)
{
	printf("{\"row\":\"%s\",\"seconds\":%.6f,\"ops\":%llu,"
	       "\"refused\":%llu,\"bytes\":%llu,\"load_cpu\":%.3f,"
	       "\"p50_us\":%u,\"p99_us\":%u",
	    row, (double)(t->end_ns - t->begin_ns) / 1e9,
	    (unsigned long long)t->ops, (unsigned long long)t->refused,
	    (unsigned long long)t->bytes, t->cpu_secs,
	    spread_permille_us(&t->took, 500),
	    spread_permille_us(&t->took, 990));
	if (t->steps.n > 0)
		printf(",\"steps\":[%.*s]", SPAN_ARG(t->steps));
	puts("}");
	fflush(stdout);
	spread_clear(&t->took);
	buf_clear(&t->steps);
}

void
options_add_user(struct buf *out, const struct options *o, unsigned i)
{
	struct span name = span_str(o->user);
	size_t at = span_find(name, '%');

	buf_add(out, span_head(name, at));
	if (at < name.n)
		buf_u64(out, i % o->users);
	buf_add(out, span_from(name, at + 1));
}

#define AT_ONCE 16 /* logins under way while a crew gathers */

static void
open_next(struct crew *c)
{
	struct worker *w = &c->workers[c->opened];

	w->crew = c;
	w->index = c->opened++;
	w->rng = w->index;
	w->imap.password = c->o->password;
	options_add_user(&w->imap.user, c->o, w->index);
	imap_start(&w->imap, &c->o->imap, c->on);
}

void
crew_gather(struct crew *c, const struct options *o, struct tally *t,
    const struct imap_events *on)
{
	*c = (struct crew){ .o = o, .t = t, .on = on, .todo = o->count };
	c->workers = mem_array(o->connections, sizeof(c->workers[0]));
	while (c->opened < MIN(o->connections, (unsigned)AT_ONCE))
		open_next(c);
	loop_run(&t->stop);
}

void
crew_here(struct worker *w)
{
	struct crew *c = w->crew;

	c->there++;
	if (c->opened < c->o->connections)
		open_next(c);
	c->t->stop = c->there == c->o->connections;
}

void
crew_work(struct crew *c, void (*go)(struct worker *w))
{
	c->t->stop = false;
	tally_begin(c->t);
	c->busy = c->o->connections;
	for (unsigned i = 0; i < c->o->connections; i++) {
		c->workers[i].imap.bytes = 0;
		go(&c->workers[i]);
	}
	loop_run(&c->t->stop);
}

void
crew_rest(struct worker *w)
{
	struct crew *c = w->crew;

	c->t->refused += w->imap.refused;
	c->t->bytes += w->imap.bytes;
	if (--c->busy == 0)
		tally_end(c->t);
}

void
crew_dismiss(struct crew *c)
{
	for (unsigned i = 0; i < c->o->connections; i++)
		if (c->workers[i].imap.conn.fd >= 0)
			imap_drop(&c->workers[i].imap);
	for (unsigned i = 0; i < c->o->connections; i++)
		buf_clear(&c->workers[i].imap.user);
	mem_free(&c->workers);
}
