#include "service/message.h"

#include <assert.h>

#include "base/pack.h"

#define BIT(role) (1U << (role))
#define CHILDREN  (BIT(ROLE_GATE) | BIT(ROLE_AUTH) | BIT(ROLE_MAIL))

/*
 * Both ways through one list of fields: codec_span() and its like pack the
 * field when packing, and else read it.  The first fault sticks.
 */
struct codec {
	struct buf *out; /* NULL when reading */
	struct unpack in;
	bool bad;
};

static void
codec_u64(struct codec *c, uint64_t *v, uint64_t max)
{
	if (c->out != NULL)
		pack_u64(c->out, *v);
	else
		*v = unpack_u64(&c->in);
	if (*v > max)
		c->bad = true;
}

static void
codec_u32(struct codec *c, uint32_t *v, uint32_t max)
{
	uint64_t wide = *v;

	codec_u64(c, &wide, max);
	*v = wide <= max ? (uint32_t)wide : 0;
}

static void
codec_bool(struct codec *c, bool *v)
{
	uint64_t wide = *v ? 1 : 0;

	codec_u64(c, &wide, 1);
	*v = wide == 1;
}

/* An enum of `count` values; v is what it was, the new one is returned. */
static unsigned
codec_enum(struct codec *c, unsigned v, unsigned count)
{
	uint32_t wide = v;

	codec_u32(c, &wide, count - 1);
	return wide;
}

static void
codec_span(struct codec *c, struct span *s, size_t max)
{
	if (c->out != NULL)
		pack_span(c->out, *s);
	else
		*s = unpack_span(&c->in);
	if (s->n > max)
		c->bad = true;
}

static void
codec_ticket(struct codec *c, struct span *s)
{
	codec_span(c, s, MSG_TICKET_BYTES);
	if (s->n != MSG_TICKET_BYTES)
		c->bad = true;
}

static void
code_settings(struct codec *c, struct message *m)
{
	struct msg_settings *s = &m->settings;
	uint64_t n = s->n_certificates;

	codec_span(c, &s->file, LIMIT_PATH);
	codec_span(c, &s->text, LIMIT_SETTINGS_FILE);
	codec_u64(c, &n, LIMIT_CERTIFICATES);
	s->n_certificates = n <= LIMIT_CERTIFICATES ? (size_t)n : 0;
	for (size_t i = 0; i < s->n_certificates; i++) {
		codec_span(c, &s->certificates[i].chain,
		    LIMIT_CERTIFICATE_FILE);
		codec_span(c, &s->certificates[i].key, LIMIT_CERTIFICATE_FILE);
	}
	codec_span(c, &s->client_ca, LIMIT_CERTIFICATE_FILE);
	codec_span(c, &s->ticket_key, LIMIT_BINDING);
	codec_span(c, &s->ticket_key_previous, LIMIT_BINDING);
}

static void
code_peer(struct codec *c, struct message *m)
{
	m->peer.role = codec_enum(c, m->peer.role, ROLE_COUNT);
	codec_u32(c, &m->peer.index, LIMIT_GATES - 1);
	if (m->peer.role == ROLE_MASTER)
		c->bad = true;
}

static void
code_listen(struct codec *c, struct message *m)
{
	m->listen.kind = codec_enum(c, m->listen.kind, LISTEN_KINDS);
	codec_span(c, &m->listen.address, LIMIT_ADDRESS_TEXT);
}

static void
code_counters(struct codec *c, struct message *m)
{
	codec_u32(c, &m->counters.row, LIMIT_PROCESSES - 1);
}

static void
code_nothing(struct codec *c, struct message *m)
{
	(void)c;
	(void)m;
}

static void
code_ready(struct codec *c, struct message *m)
{
	m->ready.role = codec_enum(c, m->ready.role, ROLE_COUNT);
}

static void
code_bindings(struct codec *c, struct msg_auth_start *m)
{
	uint64_t n = m->n_bindings;

	codec_u64(c, &n, MSG_BINDINGS);
	m->n_bindings = n <= MSG_BINDINGS ? (size_t)n : 0;
	for (size_t i = 0; i < m->n_bindings; i++) {
		codec_span(c, &m->bindings[i].type, LIMIT_MECHANISM);
		codec_span(c, &m->bindings[i].data, LIMIT_BINDING);
	}
}

static void
code_auth_start(struct codec *c, struct message *m)
{
	struct msg_auth_start *a = &m->auth_start;

	codec_u64(c, &a->id, UINT64_MAX);
	codec_span(c, &a->peer, LIMIT_ADDRESS_TEXT);
	codec_bool(c, &a->tls);
	codec_span(c, &a->mechanism, LIMIT_MECHANISM);
	codec_bool(c, &a->has_initial);
	codec_span(c, &a->initial, LIMIT_SASL_BLOB);
	code_bindings(c, a);
	codec_span(c, &a->identity, LIMIT_TLS_NAME);
}

static void
code_auth_step(struct codec *c, struct message *m)
{
	codec_u64(c, &m->auth_step.id, UINT64_MAX);
	codec_span(c, &m->auth_step.blob, LIMIT_SASL_BLOB);
}

static void
code_auth_abort(struct codec *c, struct message *m)
{
	codec_u64(c, &m->auth_abort.id, UINT64_MAX);
}

static void
code_auth_password(struct codec *c, struct message *m)
{
	struct msg_auth_password *a = &m->auth_password;

	codec_u64(c, &a->id, UINT64_MAX);
	codec_span(c, &a->peer, LIMIT_ADDRESS_TEXT);
	codec_bool(c, &a->tls);
	codec_span(c, &a->user, LIMIT_USER_NAME);
	codec_span(c, &a->password, LIMIT_PASSWORD);
}

static void
code_auth_challenge(struct codec *c, struct message *m)
{
	codec_u64(c, &m->auth_challenge.id, UINT64_MAX);
	codec_span(c, &m->auth_challenge.blob, LIMIT_SASL_BLOB);
}

static void
code_auth_ok(struct codec *c, struct message *m)
{
	codec_u64(c, &m->auth_ok.id, UINT64_MAX);
	codec_ticket(c, &m->auth_ok.ticket);
	codec_span(c, &m->auth_ok.final, LIMIT_SASL_BLOB);
}

static void
code_auth_no(struct codec *c, struct message *m)
{
	codec_u64(c, &m->auth_no.id, UINT64_MAX);
	m->auth_no.code = codec_enum(c, m->auth_no.code, REFUSAL_COUNT);
	codec_span(c, &m->auth_no.text, LIMIT_REFUSAL_TEXT);
}

static void
code_auth_mechs(struct codec *c, struct message *m)
{
	codec_span(c, &m->auth_mechs.names, LIMIT_MECHANISMS);
}

static void
code_session(struct codec *c, struct message *m)
{
	struct msg_session *s = &m->session;

	codec_ticket(c, &s->ticket);
	codec_span(c, &s->tag, LIMIT_TAG);
	codec_bool(c, &s->authenticate);
	codec_span(c, &s->input, LIMIT_SESSION_INPUT);
	codec_span(c, &s->peer, LIMIT_ADDRESS_TEXT);
	codec_u32(c, &s->peer_port, UINT16_MAX);
	codec_span(c, &s->local, LIMIT_ADDRESS_TEXT);
	codec_u32(c, &s->local_port, UINT16_MAX);
	codec_bool(c, &s->tls);
	codec_span(c, &s->tls_version, LIMIT_TLS_NAME);
	codec_span(c, &s->tls_cipher, LIMIT_TLS_NAME);
}

static void
code_redeem(struct codec *c, struct message *m)
{
	codec_u64(c, &m->redeem.id, UINT64_MAX);
	codec_ticket(c, &m->redeem.ticket);
}

static void
code_lookup(struct codec *c, struct message *m)
{
	codec_u64(c, &m->lookup.id, UINT64_MAX);
	codec_span(c, &m->lookup.user, LIMIT_USER_NAME);
}

static void
code_account(struct codec *c, struct message *m)
{
	struct msg_account *a = &m->account;

	codec_u64(c, &a->id, UINT64_MAX);
	a->result = codec_enum(c, a->result, ACCOUNT_RESULTS);
	codec_u64(c, &a->account, UINT64_MAX);
	codec_span(c, &a->name, LIMIT_USER_NAME);
	codec_u64(c, &a->quota_bytes, UINT64_MAX);
	codec_u64(c, &a->quota_messages, UINT64_MAX);
}

static void
code_account_gone(struct codec *c, struct message *m)
{
	codec_u64(c, &m->account_gone.account, UINT64_MAX);
}

static void
code_account_limits(struct codec *c, struct message *m)
{
	struct msg_account_limits *a = &m->account_limits;

	codec_u64(c, &a->account, UINT64_MAX);
	codec_u64(c, &a->quota_bytes, UINT64_MAX);
	codec_u64(c, &a->quota_messages, UINT64_MAX);
}

struct row {
	const char *name;
	unsigned from; /* sets of BIT(role) */
	unsigned to;
	bool fd;
	void (*code)(struct codec *c, struct message *m);
};

/* clang-format off */
static const struct row table[MSG_TYPES] = {
	[MSG_SETTINGS]       = { "settings", BIT(ROLE_MASTER), CHILDREN, false, code_settings },
	[MSG_PEER]           = { "peer", BIT(ROLE_MASTER), CHILDREN, true, code_peer },
	[MSG_LISTEN]         = { "listen", BIT(ROLE_MASTER), BIT(ROLE_GATE) | BIT(ROLE_MAIL), true, code_listen },
	[MSG_COUNTERS]       = { "counters", BIT(ROLE_MASTER), CHILDREN, true, code_counters },
	[MSG_STOP]           = { "stop", BIT(ROLE_MASTER), CHILDREN, false, code_nothing },
	[MSG_READY]          = { "ready", CHILDREN, BIT(ROLE_MASTER), false, code_ready },
	[MSG_AUTH_START]     = { "auth-start", BIT(ROLE_GATE), BIT(ROLE_AUTH), false, code_auth_start },
	[MSG_AUTH_STEP]      = { "auth-step", BIT(ROLE_GATE), BIT(ROLE_AUTH), false, code_auth_step },
	[MSG_AUTH_ABORT]     = { "auth-abort", BIT(ROLE_GATE), BIT(ROLE_AUTH), false, code_auth_abort },
	[MSG_AUTH_PASSWORD]  = { "auth-password", BIT(ROLE_GATE), BIT(ROLE_AUTH), false, code_auth_password },
	[MSG_AUTH_CHALLENGE] = { "auth-challenge", BIT(ROLE_AUTH), BIT(ROLE_GATE), false, code_auth_challenge },
	[MSG_AUTH_OK]        = { "auth-ok", BIT(ROLE_AUTH), BIT(ROLE_GATE), false, code_auth_ok },
	[MSG_AUTH_NO]        = { "auth-no", BIT(ROLE_AUTH), BIT(ROLE_GATE), false, code_auth_no },
	[MSG_AUTH_MECHS]     = { "auth-mechs", BIT(ROLE_AUTH), BIT(ROLE_GATE), false, code_auth_mechs },
	[MSG_SESSION]        = { "session", BIT(ROLE_GATE), BIT(ROLE_MAIL), true, code_session },
	[MSG_REDEEM]         = { "redeem", BIT(ROLE_MAIL), BIT(ROLE_AUTH), false, code_redeem },
	[MSG_LOOKUP]         = { "lookup", BIT(ROLE_MAIL), BIT(ROLE_AUTH), false, code_lookup },
	[MSG_ACCOUNT]        = { "account", BIT(ROLE_AUTH), BIT(ROLE_MAIL), false, code_account },
	[MSG_ACCOUNT_GONE]   = { "account-gone", BIT(ROLE_AUTH), BIT(ROLE_MAIL), false, code_account_gone },
	[MSG_ACCOUNT_LIMITS] = { "account-limits", BIT(ROLE_AUTH), BIT(ROLE_MAIL), false, code_account_limits },
};
/* clang-format on */

static const struct row *
row_of(unsigned type)
{
	return type < COUNT(table) && table[type].name != NULL ? &table[type]
	                                                       : NULL;
}

const char *
role_name(enum role r)
{
	static const char *const names[ROLE_COUNT] = {
		[ROLE_MASTER] = "master",
		[ROLE_GATE] = "gate",
		[ROLE_AUTH] = "auth",
		[ROLE_MAIL] = "mail",
	};

	return (size_t)r < COUNT(names) ? names[r] : "?";
}

const char *
message_name(enum message_type t)
{
	const struct row *row = row_of(t);

	return row != NULL ? row->name : "?";
}

bool
message_has_fd(enum message_type t)
{
	const struct row *row = row_of(t);

	return row != NULL && row->fd;
}

enum status
message_encode(const struct message *m, struct buf *out)
{
	const struct row *row = row_of(m->type);
	struct message copy = *m;
	struct codec c = { .out = out };

	assert(row != NULL);
	buf_reset(out);
	row->code(&c, &copy);
	return c.bad ? ST_LIMIT : ST_OK;
}

/* NULL if all is well. */
static const char *
decode(unsigned who_from, unsigned who_to, struct span payload, size_t fd_count,
    struct message *out)
{
	const struct row *row = row_of(out->type);
	struct codec c = { .in = unpack_over(payload) };

	if (row == NULL)
		return "unknown type";
	if ((row->from & who_from) == 0 || (row->to & who_to) == 0)
		return "its sender may not send it";
	if (fd_count != (row->fd ? 1 : 0))
		return row->fd ? "not one descriptor" : "with a descriptor";

	row->code(&c, out);
	if (!unpack_end(&c.in))
		return "fields cut short or left over";
	return c.bad ? "a field out of bounds" : NULL;
}

enum status
message_decode(enum role from, enum role to, const struct packet *p,
    struct message *out, const char **why)
{
	struct message m = { .type = p->type };
	const char *fault;

	fault = decode(BIT(from), BIT(to), p->payload, p->fd_count, &m);
	if (why != NULL)
		*why = fault != NULL ? fault : "";
	if (fault != NULL)
		return ST_BAD;
	*out = m;
	return ST_OK;
}
