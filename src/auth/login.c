#include "auth/login.h"

#include "auth/exchange.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/loop.h"

/* What clients show to people. */
#define SAY_WRONG      "The user name or the password is wrong"
#define SAY_NEEDS_TLS  "Encrypt the connection first"
#define SAY_BLOCKED    "Too many failed logins: try again later"
#define SAY_DISABLED   "This account is disabled"
#define SAY_BUSY       "Logins are not possible now: try again later"
#define SAY_UNKNOWN    "There is no such mechanism"
#define SAY_NO_BINDING "This connection has no channel binding"
#define SAY_MALFORMED  "This is not what the mechanism sends"

static int64_t
now(const struct exchange *x)
{
	return loop_now_ms(x->auth->o.loop);
}

#define LOG_WHO(x) \
	LF_SPAN("user", span_of((x)->user, (x)->user_n)), \
	    LF_SPAN("peer", span_of((x)->peer, (x)->peer_n)), \
	    LF_STR("mechanism", (x)->mechanism), LF_U64("tls", (x)->tls)

static void
log_failed(const struct exchange *x, const char *reason)
{
	log_event(NULL, LEVEL_INFO, "auth.login.failed", LOG_WHO(x),
	    LF_STR("reason", reason));
}

/* Refuses it for what is no guess, so it isn't counted. */
static void
refuse(struct exchange *x, enum refusal why, const char *text,
    const char *reason)
{
	log_failed(x, reason);
	exchange_no(x, why, text);
}

static void
log_block(const struct exchange *x, const struct failures_verdict *v)
{
	if (v->begun == BLOCK_ADDRESS)
		log_event(NULL, LEVEL_WARN, "auth.address.blocked",
		    LF_SPAN("peer", span_of(x->peer, x->peer_n)),
		    LF_U64("failures", v->count),
		    LF_STR("setting", "auth.failures-per-address"));
	else if (v->begun == BLOCK_USER)
		log_event(NULL, LEVEL_WARN, "auth.user.blocked",
		    LF_STR("user", x->name), LF_U64("failures", v->count),
		    LF_STR("setting", "auth.failures-per-user"));
}

static void
wrong(struct exchange *x, const char *reason)
{
	struct login_source who = exchange_source(x);
	struct failures_verdict v =
	    failures_wrong(x->auth->failures, &who, now(x));

	log_failed(x, reason);
	log_block(x, &v);
	exchange_no_after(x, v.delay_ms, REFUSAL_FAILED, SAY_WRONG);
}

static bool
is_blocked(struct exchange *x)
{
	struct login_source who = exchange_source(x);

	switch (failures_blocked(x->auth->failures, &who, now(x))) {
	case BLOCK_ADDRESS:
		refuse(x, REFUSAL_LIMIT, SAY_BLOCKED, "address-blocked");
		return true;
	case BLOCK_USER:
		refuse(x, REFUSAL_LIMIT, SAY_BLOCKED, "user-blocked");
		return true;
	case BLOCK_NONE:
		break;
	}
	return false;
}

static void
right(struct exchange *x, const struct account *a, struct span final)
{
	struct login_source who = exchange_source(x);
	unsigned char ticket[TICKET_BYTES];

	if (!a->enabled) {
		refuse(x, REFUSAL_DISABLED, SAY_DISABLED, "disabled");
		return;
	}
	failures_right(x->auth->failures, &who, now(x));
	if (x->gate == NULL) {
		exchange_drop(x);
		return;
	}
	seen_add(x->auth->seen, a->id);
	tickets_issue(x->auth->tickets, a->id, now(x), ticket);
	log_event(NULL, LEVEL_INFO, "auth.login.done", LOG_WHO(x),
	    LF_U64("account", a->id));
	exchange_ok(x, span_of(ticket, sizeof(ticket)), final);
}

/* The LOGIN command, and the mechanisms that send the password */

static void
check(struct work *w, struct directory *d)
{
	struct exchange *x = (struct exchange *)w;

	x->result = directory_check(d, span_of(x->user, x->user_n),
	    buf_span(&x->password), &x->account);
}

/* The password may have been changed while the old one was looked at. */
static void
remember(struct exchange *x)
{
	int64_t ms = x->auth->o.config->auth.remember_ms;

	if (ms > 0 && auth_poll(x->auth) == ST_OK &&
	    x->changes == x->auth->changes)
		remember_put(x->auth->remember, x->account.id,
		    buf_span(&x->password), now(x) + ms);
}

static void
checked(struct work *w)
{
	struct exchange *x = (struct exchange *)w;

	x->state = EXCHANGE_OURS;
	switch ((int)x->result) {
	case ST_OK:
		remember(x);
		right(x, &x->account, SPAN(""));
		break;
	case ST_DENIED:
		wrong(x, "wrong-password");
		break;
	case ST_NOTFOUND:
		wrong(x, "unknown-user");
		break;
	default:
		refuse(x, REFUSAL_UNAVAILABLE, SAY_BUSY, "unavailable");
		break;
	}
}

static bool
is_remembered(struct exchange *x)
{
	struct auth *a = x->auth;

	return auth_poll(a) == ST_OK &&
	       known_find(a->known, a->changes, span_of(x->user, x->user_n),
		   &x->account) == ST_OK &&
	       remember_knows(a->remember, x->account.id,
		   buf_span(&x->password), now(x));
}

static void
try_password(struct exchange *x, struct span password)
{
	if (is_blocked(x))
		return;
	buf_add(&x->password, password);
	if (is_remembered(x)) {
		right(x, &x->account, SPAN(""));
		return;
	}
	x->result = ST_IO;
	x->changes = x->auth->changes;
	x->work.run = check;
	x->work.done = checked;
	x->state = EXCHANGE_CHECK;
	if (workers_add(x->auth->workers, &x->work) == ST_OK)
		return;
	x->state = EXCHANGE_OURS;
	refuse(x, REFUSAL_UNAVAILABLE, SAY_BUSY, "queue-full");
}

/* Steps of a mechanism */

static void
try_account(struct exchange *x)
{
	struct mech *m = x->mech;
	struct account a;
	enum status st;

	if (is_blocked(x))
		return;
	st = directory_find_id(x->auth->directory, m->account, &a);
	if (st == ST_OK)
		right(x, &a, buf_span(&m->out));
	else if (st == ST_NOTFOUND)
		wrong(x, "unknown-user"); /* deleted just now */
	else
		refuse(x, REFUSAL_UNAVAILABLE, SAY_BUSY, "unavailable");
}

static void
step(struct exchange *x, const struct span *response)
{
	struct mech *m = x->mech;
	enum mech_result result;

	x->state = EXCHANGE_OURS;
	result = mech_step(m, response);
	exchange_set_user(x, buf_span(&m->user));
	switch (result) {
	case MECH_CHALLENGE:
		if (!is_blocked(x))
			exchange_challenge(x, buf_span(&m->out));
		break;
	case MECH_PASSWORD:
		try_password(x, buf_span(&m->password));
		break;
	case MECH_RIGHT:
		try_account(x);
		break;
	case MECH_WRONG:
		if (!is_blocked(x))
			wrong(x, m->reason);
		break;
	case MECH_MALFORMED:
		refuse(x, REFUSAL_BAD, SAY_MALFORMED, m->reason);
		break;
	case MECH_BROKEN:
		refuse(x, REFUSAL_UNAVAILABLE, SAY_BUSY, "unavailable");
		break;
	}
}

/* Messages */

static bool
begin(struct client *gate, uint64_t id, struct span peer, bool tls,
    struct exchange **out)
{
	enum status st = exchange_new(gate, id, peer, out);

	if (st == ST_LIMIT)
		client_no(gate, id, REFUSAL_UNAVAILABLE, SAY_BUSY);
	if (st != ST_OK) {
		*out = NULL;
		return st == ST_LIMIT;
	}
	(*out)->tls = tls;
	return true;
}

static bool
may_send_passwords(const struct exchange *x)
{
	return x->tls || x->auth->o.config->auth.plaintext_login;
}

/* False: it is refused. */
static bool
choose_mechanism(struct exchange *x, const struct msg_auth_start *m)
{
	const struct mech_kind *kind =
	    mech_find(x->auth->o.config, m->mechanism);
	struct mech_binding bindings[MSG_BINDINGS];
	struct mech_facts facts = { bindings, m->n_bindings, m->identity };

	x->mechanism = kind == NULL ? "unknown" : kind->name;
	if (kind == NULL) {
		refuse(x, REFUSAL_BAD, SAY_UNKNOWN, "unknown-mechanism");
		return false;
	}
	if ((kind->needs & MECH_CLEAR) != 0 && !may_send_passwords(x)) {
		refuse(x, REFUSAL_FAILED, SAY_NEEDS_TLS, "needs-tls");
		return false;
	}
	if ((kind->needs & MECH_BINDING) != 0 && m->n_bindings == 0) {
		refuse(x, REFUSAL_BAD, SAY_NO_BINDING, "no-binding");
		return false;
	}
	for (size_t i = 0; i < m->n_bindings; i++)
		bindings[i] = (struct mech_binding){ m->bindings[i].type,
			m->bindings[i].data };
	x->mech = mech_new(x->auth->mechs, kind, &facts);
	return true;
}

bool
login_start(struct client *gate, const struct msg_auth_start *m)
{
	struct exchange *x;

	if (!begin(gate, m->id, m->peer, m->tls, &x))
		return false;
	if (x != NULL && choose_mechanism(x, m))
		step(x, m->has_initial ? &m->initial : NULL);
	return true;
}

/* One that isn't there was answered a moment ago: the two have crossed. */
bool
login_step(struct client *gate, const struct msg_auth_step *m)
{
	struct exchange *x = exchange_find(gate, m->id);

	if (x == NULL)
		return true;
	if (x->state != EXCHANGE_THEIRS)
		return false;
	step(x, &m->blob);
	return true;
}

bool
login_password(struct client *gate, const struct msg_auth_password *m)
{
	struct exchange *x;

	if (!begin(gate, m->id, m->peer, m->tls, &x))
		return false;
	if (x == NULL)
		return true;
	x->mechanism = "login-command";
	exchange_set_user(x, m->user);
	if (may_send_passwords(x))
		try_password(x, m->password);
	else
		refuse(x, REFUSAL_FAILED, SAY_NEEDS_TLS, "needs-tls");
	return true;
}

bool
login_abort(struct client *gate, const struct msg_auth_abort *m)
{
	struct exchange *x = exchange_find(gate, m->id);

	if (x != NULL)
		exchange_drop(x);
	return true;
}
