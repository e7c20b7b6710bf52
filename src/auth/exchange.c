#include "auth/exchange.h"

#include "base/mem.h"
#include "directory/name.h"
#include "io/loop.h"

static struct table_key
key_of(const struct client *gate, uint64_t id)
{
	return table_key_of(gate->ids, 0, span_of(&id, sizeof(id)));
}

struct exchange *
exchange_find(struct client *gate, uint64_t id)
{
	struct exchange **x = table_find(gate->ids, key_of(gate, id));

	return x == NULL ? NULL : *x;
}

enum status
exchange_new(struct client *gate, uint64_t id, struct span peer,
    struct exchange **out)
{
	struct exchange *x, **place;

	if (exchange_find(gate, id) != NULL)
		return ST_BAD;
	if (gate->exchange_count >= LIMIT_EXCHANGES)
		return ST_LIMIT;
	x = MEM_NEW(struct exchange);
	x->auth = gate->auth;
	x->gate = gate;
	x->id = id;
	x->peer_n = span_copy(x->peer, sizeof(x->peer), peer);
	uv_timer_init(loop_uv(gate->auth->o.loop), &x->timer);

	place = table_put(gate->ids, key_of(gate, id));
	*place = x;
	gate->exchange_count++;
	x->next = gate->exchanges;
	if (x->next != NULL)
		x->next->prev = x;
	gate->exchanges = x;
	*out = x;
	return ST_OK;
}

static void
leave_gate(struct exchange *x)
{
	if (x->gate == NULL)
		return;
	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		x->gate->exchanges = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	table_remove(x->gate->ids, key_of(x->gate, x->id));
	x->gate->exchange_count--;
	x->gate = NULL;
}

static void
on_closed(uv_handle_t *timer)
{
	struct exchange *x = timer->data;

	mem_free(&x);
}

void
exchange_drop(struct exchange *x)
{
	leave_gate(x);
	uv_timer_stop(&x->timer);
	if (x->state == EXCHANGE_CHECK)
		return;
	mech_free(&x->mech);
	if (x->password.p != NULL)
		explicit_bzero(x->password.p, x->password.cap);
	buf_clear(&x->password);
	x->timer.data = x;
	uv_close((uv_handle_t *)&x->timer, on_closed);
}

/* What can't be a name is counted as it was typed. */
void
exchange_set_user(struct exchange *x, struct span typed)
{
	size_t n;

	x->user_n = span_copy(x->user, sizeof(x->user), typed);
	if (name_prepare(typed, x->name) == ST_OK)
		return;
	n = span_copy(x->name, sizeof(x->name) - 1, typed);
	x->name[n] = '\0';
}

struct login_source
exchange_source(const struct exchange *x)
{
	return (struct login_source){
		.peer = span_of(x->peer, x->peer_n),
		.user = span_str(x->name),
	};
}

static void
say(struct client *gate, const struct message *m)
{
	if (gate != NULL)
		gate->auth->o.send(gate->auth->o.ctx, gate->peer, m);
}

static void
on_too_late(uv_timer_t *timer)
{
	struct exchange *x = timer->data;

	exchange_no(x, REFUSAL_FAILED, "The login took too long");
}

void
exchange_challenge(struct exchange *x, struct span blob)
{
	const struct message m = {
		.type = MSG_AUTH_CHALLENGE,
		.auth_challenge = { .id = x->id, .blob = blob },
	};

	x->state = EXCHANGE_THEIRS;
	x->timer.data = x;
	if (!uv_is_active((uv_handle_t *)&x->timer))
		uv_timer_start(&x->timer, on_too_late, LIMIT_EXCHANGE_MS, 0);
	say(x->gate, &m);
}

void
exchange_ok(struct exchange *x, struct span ticket, struct span final)
{
	const struct message m = {
		.type = MSG_AUTH_OK,
		.auth_ok = { .id = x->id, .ticket = ticket, .final = final },
	};

	say(x->gate, &m);
	exchange_drop(x);
}

void
client_no(struct client *gate, uint64_t id, enum refusal why, const char *text)
{
	const struct message m = {
		.type = MSG_AUTH_NO,
		.auth_no = { .id = id, .code = why, .text = span_str(text) },
	};

	say(gate, &m);
}

void
exchange_no(struct exchange *x, enum refusal why, const char *text)
{
	client_no(x->gate, x->id, why, text);
	exchange_drop(x);
}

static void
on_later(uv_timer_t *timer)
{
	struct exchange *x = timer->data;

	exchange_no(x, x->refusal, x->text);
}

void
exchange_no_after(struct exchange *x, int64_t delay_ms, enum refusal why,
    const char *text)
{
	if (delay_ms <= 0 || x->gate == NULL) {
		exchange_no(x, why, text);
		return;
	}
	x->state = EXCHANGE_LATER;
	x->refusal = why;
	x->text = text;
	x->timer.data = x;
	uv_timer_start(&x->timer, on_later, (uint64_t)delay_ms, 0);
}
