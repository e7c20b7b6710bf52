#include "gate/state.h"

/* Mechanisms that show a secret to whoever listens. */
static bool
is_plain_text(struct span name)
{
	static const struct span plain[] = { SPAN_INIT("PLAIN"),
		SPAN_INIT("LOGIN") };

	for (size_t i = 0; i < COUNT(plain); i++)
		if (span_eq_nocase(name, plain[i]))
			return true;
	return false;
}

static bool
has_suffix(struct span name, struct span suffix)
{
	return name.n > suffix.n &&
	       span_eq_nocase(span_from(name, name.n - suffix.n), suffix);
}

bool
login_allowed(const struct conn *c)
{
	return c->tls || c->gate->config->auth.plaintext_login;
}

static bool
has_identity(const struct conn *c)
{
	CLEANUP(buf_clear) struct buf name = { 0 };

	return stream_tls_identity(c->stream, &name);
}

/* Of a mechanism that auth has. */
static enum mechanism_use
use_of(const struct conn *c, struct span name)
{
	struct tls_facts facts;

	if (is_plain_text(name) && !login_allowed(c))
		return MECHANISM_NEEDS_TLS;
	if (has_suffix(name, SPAN("-PLUS")) &&
	    !stream_tls_facts(c->stream, &facts))
		return MECHANISM_UNKNOWN;
	if (span_eq_nocase(name, SPAN("EXTERNAL")) && !has_identity(c))
		return MECHANISM_UNKNOWN;
	return MECHANISM_OFFERED;
}

/* The next word of *names, which one space ends. */
static struct span
next_name(struct span *names)
{
	size_t n = span_find(*names, ' ');
	struct span name = span_head(*names, n);

	*names = span_from(*names, n + 1);
	return name;
}

enum mechanism_use
mechanism_use(const struct conn *c, struct span name)
{
	struct span names = buf_span(&c->gate->mechs);

	while (names.n > 0)
		if (span_eq_nocase(next_name(&names), name))
			return use_of(c, name);
	return MECHANISM_UNKNOWN;
}

/*
 * IMAP4rev1 is first, and IDLE is announced although it needs a login: some
 * old clients look no further (see also RFC 9051 section 6.1.1).
 */
void
conn_capability(struct buf *b, const struct conn *c)
{
	const struct config *config = c->gate->config;
	struct span names = buf_span(&c->gate->mechs);
	struct span name;

	BUF_LIT(b, "IMAP4rev1 IMAP4rev2 IDLE SASL-IR ID ENABLE ");
	if (config->imap.literal == LITERAL_MINUS)
		BUF_LIT(b, "LITERAL-");
	else
		BUF_LIT(b, "LITERAL+");
	if (!c->tls && c->gate->tls != NULL)
		BUF_LIT(b, " STARTTLS");
	if (!login_allowed(c))
		BUF_LIT(b, " LOGINDISABLED");
	while (names.n > 0) {
		name = next_name(&names);
		if (use_of(c, name) != MECHANISM_OFFERED)
			continue;
		BUF_LIT(b, " AUTH=");
		buf_add(b, name);
	}
}
