#include "base/mem.h"
#include "gate/state.h"
#include "service/counters.h"

/*
 * Bytes between a client with TLS and mail, both ways.  What one end doesn't
 * take is not read from the other, so a pump holds about LIMIT_PUMP bytes
 * each way at most, and none while it is idle.
 */
struct pump {
	struct gate *gate;
	struct pump *prev;
	struct pump *next;
	struct stream *client;
	struct stream *mail;
	struct address peer;
	bool draining; /* mail has closed */
	bool waiting;  /* for the client to take what it was sent */
};

static void
set_waiting(struct pump *p, bool waiting)
{
	if (p->waiting == waiting)
		return;
	p->waiting = waiting;
	if (waiting)
		p->gate->waiting_count++;
	else
		p->gate->waiting_count--;
	gate_changed(p->gate);
}

static void
pump_free(struct pump *p)
{
	struct gate *g = p->gate;

	if (p->prev != NULL)
		p->prev->next = p->next;
	else
		g->pumps = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	g->pump_count--;
	set_waiting(p, false);
	counters_add(g->counters, GAUGE_CONNECTIONS, -1);
	counters_leave(g->counters, COUNTED_ADDRESS, address_span(&p->peer));
	stream_free(&p->client);
	stream_free(&p->mail);
	mem_free(&p);
	gate_changed(g);
}

/* All or nothing: what isn't taken waits in the stream that it came from. */
static size_t
move(struct stream *from, struct stream *to, struct span in)
{
	if (!stream_room(to)) {
		stream_pause(from);
		return 0;
	}
	buf_add(stream_out(to), in);
	return in.n;
}

static size_t
on_client_input(void *ctx, struct span in)
{
	struct pump *p = ctx;

	return p->draining ? in.n : move(p->client, p->mail, in);
}

static void
on_client_room(void *ctx)
{
	struct pump *p = ctx;

	set_waiting(p, false);
	if (p->draining)
		pump_free(p);
	else
		stream_resume(p->mail);
}

/* A client that says that it will send no more may still be answered. */
static void
on_client_end(void *ctx, enum stream_end why)
{
	struct pump *p = ctx;

	if (why == STREAM_EOF && !p->draining)
		stream_shutdown(p->mail);
	else
		pump_free(p);
}

static size_t
on_mail_input(void *ctx, struct span in)
{
	struct pump *p = ctx;
	size_t taken = move(p->mail, p->client, in);

	if (taken < in.n)
		set_waiting(p, true);
	return taken;
}

static void
on_mail_room(void *ctx)
{
	struct pump *p = ctx;

	stream_resume(p->client);
}

/* Mail never closes one way only: it is done with this client. */
static void
on_mail_end(void *ctx, enum stream_end why)
{
	struct pump *p = ctx;

	(void)why;
	if (p->draining)
		return;
	stream_shutdown(p->client);
	if (stream_flush(p->client) == ST_AGAIN) {
		p->draining = true;
		set_waiting(p, true);
		return;
	}
	pump_free(p);
}

static const struct stream_ops client_ops = { on_client_input, on_client_room,
	on_client_end };
static const struct stream_ops mail_ops = { on_mail_input, on_mail_room,
	on_mail_end };

void
pump_new(struct gate *g, struct stream *client, int mail,
    const struct address *peer)
{
	struct pump *p = MEM_NEW(struct pump);

	p->gate = g;
	p->peer = *peer;
	p->next = g->pumps;
	if (p->next != NULL)
		p->next->prev = p;
	g->pumps = p;
	g->pump_count++;

	p->mail = stream_new(g->loop, mail, &mail_ops, p);
	p->client = client;
	stream_set_limit(p->mail, LIMIT_PUMP);
	stream_set_limit(p->client, LIMIT_PUMP);
	stream_set_ops(p->client, &client_ops, p);
	stream_resume(p->client);
}

/*
 * The kernel says that there is room only when there is much.  Mail would take
 * a slow client for one that doesn't read: so what goes is sent before that.
 */
void
pump_tick(struct gate *g, int64_t now_ms)
{
	struct pump *next;

	if (g->waiting_count == 0)
		return;
	for (struct pump *p = g->pumps; p != NULL; p = next) {
		next = p->next;
		if (p->waiting)
			(void)stream_flush(p->client);
		if (stream_stalled_ms(p->client, now_ms) <=
		    g->config->limits.stall_ms)
			continue;
		log_event(NULL, LEVEL_INFO, "gate.pump.stalled",
		    LF_SPAN("peer", address_span(&p->peer)),
		    LF_STR("setting", "limits.stall-time"));
		pump_free(p);
	}
}

void
pump_free_all(struct gate *g)
{
	while (g->pumps != NULL)
		pump_free(g->pumps);
}
