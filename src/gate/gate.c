#include "gate/gate.h"

#include "base/mem.h"
#include "gate/state.h"
#include "service/counters.h"

#define TICK_MS 1000

/* Whether the tick has anything to look after; idle pumps need nothing. */
static bool
is_busy(const struct gate *g)
{
	if (g->conn_count > 0 || g->waiting_count > 0)
		return true;
	for (int i = 0; i < AWAY_REASONS; i++)
		if (g->away[i] > 0)
			return true;
	return false;
}

/* One line a second for each reason, however many come. */
static void
log_turned_away(struct gate *g)
{
	static const char *const settings[AWAY_REASONS] = {
		[AWAY_ADDRESS] = "limits.connections-per-address",
		[AWAY_PREAUTH] = "limits.preauth-connections",
		[AWAY_NO_TLS] = "tls.certificate",
	};

	for (int i = 0; i < AWAY_REASONS; i++) {
		if (g->away[i] == 0)
			continue;
		log_event(NULL, LEVEL_WARN, "gate.clients.refused",
		    LF_U64("clients", g->away[i]),
		    LF_STR("setting", settings[i]),
		    LF_SPAN("peer", address_span(&g->away_last[i])));
		g->away[i] = 0;
	}
}

void
gate_turned_away(struct gate *g, enum turned_away why,
    const struct address *peer)
{
	g->away[why]++;
	g->away_last[why] = *peer;
	gate_changed(g);
}

/* The list is in the order of age, so the first young one ends it. */
static void
close_late(struct gate *g, int64_t now_ms)
{
	struct conn *next;

	for (struct conn *c = g->first; c != NULL; c = next) {
		next = c->next;
		if (now_ms - c->since_ms < g->config->limits.login_ms)
			return;
		if (c->state == CONN_CLOSED)
			continue;
		log_event(&c->log, LEVEL_INFO, "gate.login.late",
		    LF_STR("setting", "limits.login-time"));
		conn_bye(c, (struct span){ 0 },
		    "You have not logged in in time");
	}
}

void
gate_tick(struct gate *g, int64_t now_ms)
{
	close_late(g, now_ms);
	pump_tick(g, now_ms);
	listener_tick(g);
	log_turned_away(g);
	if (!is_busy(g))
		uv_timer_stop(&g->tick);
}

static void
on_tick(uv_timer_t *timer)
{
	struct gate *g = timer->data;

	gate_tick(g, loop_now_ms(g->loop));
}

void
gate_changed(struct gate *g)
{
	if (!uv_is_active((uv_handle_t *)&g->tick))
		uv_timer_start(&g->tick, on_tick, TICK_MS, TICK_MS);
	if (g->stopping && !g->finished && g->conn_count == 0 &&
	    g->pump_count == 0) {
		g->finished = true;
		g->links->finished(g->ctx);
	}
}

struct gate *
gate_new(struct loop *l, struct counters *counters,
    const struct gate_links *links, void *ctx)
{
	struct gate *g = MEM_NEW(struct gate);

	g->loop = l;
	g->counters = counters;
	g->links = links;
	g->ctx = ctx;
	g->arena = arena_new();
	uv_timer_init(loop_uv(l), &g->tick);
	g->tick.data = g;
	return g;
}

static void
on_closed(uv_handle_t *handle)
{
	struct gate *g = handle->data;

	mem_free(&g);
}

void
gate_free(struct gate **g)
{
	struct gate *gone = TAKE(*g);

	if (gone == NULL)
		return;
	gone->finished = true;
	listener_free_all(gone);
	conn_each(gone, conn_close);
	conn_free_closed(gone);
	pump_free_all(gone);
	tls_context_unref(&gone->tls);
	config_unref(&gone->config);
	buf_clear(&gone->mechs);
	arena_free(&gone->arena);
	mem_free(&gone->slots);
	uv_close((uv_handle_t *)&gone->tick, on_closed);
}

static void
set_tls(struct gate *g, const struct msg_settings *m)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct tls_cert certs[LIMIT_CERTIFICATES];
	struct tls_context *fresh = NULL;
	const struct tls_settings t = {
		.certs = certs,
		.cert_count = m->n_certificates,
		.client_ca = m->client_ca,
		.ticket_key = m->ticket_key,
		.ticket_key_previous = m->ticket_key_previous,
	};

	for (size_t i = 0; i < m->n_certificates; i++)
		certs[i] = (struct tls_cert){ m->certificates[i].chain,
			m->certificates[i].key };
	if (t.cert_count > 0 && tls_context_new(&t, &why, &fresh) != ST_OK) {
		log_event(NULL, LEVEL_ERROR, "gate.certificate.refused",
		    LF_SPAN("reason", buf_span(&why)));
		return;
	}
	tls_context_unref(&g->tls);
	g->tls = fresh;
}

void
gate_settings(struct gate *g, const struct config *c,
    const struct msg_settings *m)
{
	const struct config *old = g->config;

	g->config = config_ref(c);
	config_unref(&old);
	set_tls(g, m);
}

static void
say_goodbye(struct conn *c)
{
	conn_bye(c, SPAN("UNAVAILABLE"), "The server is shutting down");
}

void
gate_stop(struct gate *g)
{
	g->stopping = true;
	listener_free_all(g);
	conn_each(g, say_goodbye);
	gate_changed(g);
}

static bool
take_mechs(struct gate *g, const struct msg_auth_mechs *m)
{
	buf_reset(&g->mechs);
	buf_add(&g->mechs, m->names);
	if (!g->ready && !g->stopping) {
		g->ready = true;
		listener_start_all(g);
	}
	return true;
}

bool
gate_message(struct gate *g, const struct message *m)
{
	if (m->type == MSG_AUTH_MECHS)
		return take_mechs(g, &m->auth_mechs);
	return gate_login_message(g, m);
}

void
gate_auth_gone(struct gate *g)
{
	conn_each(g, conn_unavailable);
}
