#include "auth/state.h"

#include <assert.h>

#include "auth/exchange.h"
#include "auth/login.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/loop.h"

#define TICK_MS    1000
#define SEEN_TICKS 60

static struct directory_options
directory_options(const struct config *c)
{
	return (struct directory_options){
		.path = c->instance.directory,
		.create = true,
		.costs = {
			.argon2_kib = (uint32_t)(c->auth.argon2_memory / 1024),
			.argon2_passes = (uint32_t)c->auth.argon2_passes,
			.argon2_lanes = (uint32_t)c->auth.argon2_lanes,
			.scram_iterations = SECRET_SCRAM_ITERATIONS,
		},
	};
}

static struct failures_settings
failures_settings(const struct config *c)
{
	return (struct failures_settings){
		.per_address = c->auth.failures_per_address,
		.per_user = c->auth.failures_per_user,
		.time_ms = c->auth.failure_time_ms,
		.delay_ms = c->auth.failure_delay_ms,
	};
}

static uint64_t
limit(uint64_t own, uint64_t setting)
{
	if (own == 0)
		return setting;
	return own == ACCOUNT_NO_QUOTA ? 0 : own;
}

/* Changes */

static void
tell_mail(struct auth *a, const struct message *m)
{
	for (struct client *c = a->clients; c != NULL; c = c->next)
		if (c->role == ROLE_MAIL)
			a->o.send(a->o.ctx, c->peer, m);
}

static void
say_gone(struct auth *a, uint64_t account)
{
	const struct message m = {
		.type = MSG_ACCOUNT_GONE,
		.account_gone = { .account = account },
	};

	tell_mail(a, &m);
}

/* One that was deleted meanwhile is gone. */
static void
say_limits(struct auth *a, uint64_t account)
{
	const struct config_quota *quota = &a->o.config->quota;
	struct message m = { .type = MSG_ACCOUNT_LIMITS };
	struct account found;

	if (directory_find_id(a->directory, account, &found) != ST_OK)
		return;
	m.account_limits = (struct msg_account_limits){
		.account = account,
		.quota_bytes = limit(found.quota_bytes, quota->bytes),
		.quota_messages = limit(found.quota_messages, quota->messages),
	};
	tell_mail(a, &m);
}

static void
on_change(void *ctx, uint64_t account, enum directory_change c)
{
	struct auth *a = ctx;

	a->changes++;
	if (c != CHANGE_LOGIN) {
		buf_add(&a->limited, span_of(&account, sizeof(account)));
		return;
	}
	remember_forget(a->remember, account);
	say_gone(a, account);
}

/* The directory may not be asked while it tells. */
enum status
auth_poll(struct auth *a)
{
	enum status st = directory_poll(a->directory, on_change, a);

	for (size_t at = 0; at < a->limited.n; at += sizeof(uint64_t)) {
		uint64_t account;

		memcpy(&account, a->limited.p + at, sizeof(account));
		say_limits(a, account);
	}
	buf_reset(&a->limited);
	return st;
}

/* A poll that fails is logged there, and tried again. */
static void
on_tick(uv_timer_t *timer)
{
	struct auth *a = timer->data;
	enum status st = auth_poll(a);

	(void)st;
	if (++a->ticks % SEEN_TICKS == 0)
		seen_write(a->seen);
}

/* Settings */

static void
say_mechanisms(struct client *gate)
{
	CLEANUP(buf_clear) struct buf names = { 0 };
	struct message m = { .type = MSG_AUTH_MECHS };

	mech_names(gate->auth->o.config, &names);
	m.auth_mechs.names = buf_span(&names);
	gate->auth->o.send(gate->auth->o.ctx, gate->peer, &m);
}

void
auth_settings(struct auth *a, const struct config *c)
{
	struct directory_options d = directory_options(c);
	struct failures_settings f = failures_settings(c);

	a->o.config = c;
	directory_set_costs(a->directory, &d.costs);
	workers_set_costs(a->workers, &d.costs);
	failures_set(a->failures, &f);
	for (struct client *k = a->clients; k != NULL; k = k->next)
		if (k->role == ROLE_GATE)
			say_mechanisms(k);
}

/* Beginning and end */

static enum status
open_all(struct auth *a)
{
	const struct config *c = a->o.config;
	struct directory_options d = directory_options(c);
	enum status st = directory_open(&d, &a->directory);

	if (st != ST_OK)
		return st;
	return workers_new(a->o.loop, c->auth.threads, &d, &a->workers);
}

enum status
auth_new(const struct auth_options *o, struct auth **out)
{
	struct failures_settings f = failures_settings(o->config);
	struct auth *a = MEM_NEW(struct auth);
	enum status st;

	a->o = *o;
	st = open_all(a);
	if (st != ST_OK) {
		auth_free(&a);
		return st;
	}
	a->known = known_new(a->directory);
	a->seen = seen_new(a->workers);
	a->mechs = mech_context_new(a->directory);
	a->tickets = tickets_new();
	a->remember = remember_new();
	a->failures = failures_new(&f);
	a->timer = MEM_NEW(uv_timer_t);
	a->timer->data = a;
	uv_timer_init(loop_uv(o->loop), a->timer);
	uv_timer_start(a->timer, on_tick, TICK_MS, TICK_MS);
	*out = a;
	return ST_OK;
}

static void
on_closed(uv_handle_t *timer)
{
	uv_timer_t *t = (uv_timer_t *)timer;

	mem_free(&t);
}

void
auth_free(struct auth **pa)
{
	struct auth *a = *pa;

	if (a == NULL)
		return;
	while (a->clients != NULL)
		auth_peer_down(a, a->clients->peer);
	workers_free(&a->workers);
	seen_free(&a->seen, a->directory);
	if (a->timer != NULL)
		uv_close((uv_handle_t *)a->timer, on_closed);
	known_free(&a->known);
	mech_context_free(&a->mechs);
	tickets_free(&a->tickets);
	remember_free(&a->remember);
	failures_free(&a->failures);
	directory_close(&a->directory);
	buf_clear(&a->limited);
	mem_free(pa);
}

/* Peers */

static struct client **
place_of(struct auth *a, const void *peer)
{
	struct client **c = &a->clients;

	while (*c != NULL && (*c)->peer != peer)
		c = &(*c)->next;
	return c;
}

/* A mail that is there before this auth may have missed changes. */
static void
tell_again(struct auth *a)
{
	enum status st = directory_rewind(a->directory);

	if (st == ST_OK)
		st = auth_poll(a);
	if (st != ST_OK)
		log_event(NULL, LEVEL_WARN, "auth.changes.unknown",
		    LF_STR("reason", status_name(st)));
}

void
auth_peer_up(struct auth *a, enum role role, void *peer)
{
	struct client *c = MEM_NEW(struct client);

	c->auth = a;
	c->peer = peer;
	c->role = role;
	c->next = a->clients;
	a->clients = c;
	if (role == ROLE_MAIL)
		tell_again(a);
	if (role != ROLE_GATE)
		return;
	c->ids = table_new(LIMIT_EXCHANGES, sizeof(struct exchange *));
	say_mechanisms(c);
}

void
auth_peer_down(struct auth *a, void *peer)
{
	struct client **place = place_of(a, peer), *c = *place;

	if (c == NULL)
		return;
	while (c->exchanges != NULL)
		exchange_drop(c->exchanges);
	*place = c->next;
	table_free(&c->ids);
	mem_free(&c);
}

/* What mail asks */

/* st is that of finding the account. */
static void
say_account(struct client *mail, uint64_t id, enum status st,
    const struct account *a)
{
	const struct config_quota *quota = &mail->auth->o.config->quota;
	struct message m = { .type = MSG_ACCOUNT, .account = { .id = id } };

	if (st == ST_OK)
		m.account = (struct msg_account){
			.id = id,
			.result = a->enabled ? ACCOUNT_FOUND : ACCOUNT_DISABLED,
			.account = a->id,
			.name = span_str(a->name),
			.quota_bytes = limit(a->quota_bytes, quota->bytes),
			.quota_messages =
			    limit(a->quota_messages, quota->messages),
		};
	else
		m.account.result =
		    st == ST_NOTFOUND ? ACCOUNT_UNKNOWN : ACCOUNT_UNAVAILABLE;
	mail->auth->o.send(mail->auth->o.ctx, mail->peer, &m);
}

static bool
redeem(struct client *mail, const struct msg_redeem *m)
{
	struct auth *a = mail->auth;
	enum status st = ST_NOTFOUND;
	struct account found;
	uint64_t id =
	    tickets_redeem(a->tickets, m->ticket, loop_now_ms(a->o.loop));

	if (id == 0)
		log_event(NULL, LEVEL_WARN, "auth.ticket.refused");
	else
		st = auth_poll(a);
	if (st == ST_OK)
		st = known_find_id(a->known, a->changes, id, &found);
	say_account(mail, m->id, st, &found);
	return true;
}

static bool
lookup(struct client *mail, const struct msg_lookup *m)
{
	struct account found;
	enum status st = directory_find(mail->auth->directory, m->user, &found);

	say_account(mail, m->id, st, &found);
	return true;
}

bool
auth_message(struct auth *a, void *peer, const struct message *m)
{
	struct client *c = *place_of(a, peer);

	assert(c != NULL);
	switch ((int)m->type) {
	case MSG_AUTH_START:
		return login_start(c, &m->auth_start);
	case MSG_AUTH_STEP:
		return login_step(c, &m->auth_step);
	case MSG_AUTH_ABORT:
		return login_abort(c, &m->auth_abort);
	case MSG_AUTH_PASSWORD:
		return login_password(c, &m->auth_password);
	case MSG_REDEEM:
		return redeem(c, &m->redeem);
	case MSG_LOOKUP:
		return lookup(c, &m->lookup);
	default:
		return false;
	}
}
