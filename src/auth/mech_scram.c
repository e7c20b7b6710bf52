#include "auth/mech_scram.h"

#include <assert.h>
#include <stdio.h>

#include "auth/mech.h"
#include "base/limits.h"
#include "base/mem.h"
#include "directory/directory.h"

/*
 * SCRAM (RFC 5802, RFC 7677) by GNU SASL, from the keys that are stored, so
 * the password isn't needed.  For a user who isn't there it goes on with keys
 * that fit no password.
 */
struct scram {
	struct mech mech;
	Gsasl_session *session;
	uint64_t account; /* whose keys they are; 0: nobody's */
	enum status keys; /* ST_AGAIN: not asked for yet */
};

static void
set_base64(Gsasl_session *s, Gsasl_property p, const void *data, size_t n)
{
	char *text = NULL;
	int rc = gsasl_base64_to(data, n, &text, NULL);

	if (rc == GSASL_OK)
		rc = gsasl_property_set(s, p, text);
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	gsasl_free(text);
	assert(rc == GSASL_OK); /* else there is no memory */
}

static void
give_keys(struct scram *s, const char *user)
{
	enum scram_hash h = (enum scram_hash)s->mech.kind->variant;
	struct directory *d = s->mech.context->directory;
	struct scram_keys k;
	char iterations[16];

	s->keys = directory_scram(d, span_str(user), h, &k, &s->account);
	if (s->keys != ST_OK)
		return;
	snprintf(iterations, sizeof(iterations), "%u", k.iterations);
	gsasl_property_set(s->session, GSASL_SCRAM_ITER, iterations);
	set_base64(s->session, GSASL_SCRAM_SALT, k.salt, k.salt_n);
	set_base64(s->session, GSASL_SCRAM_STOREDKEY, k.stored_key,
	    scram_key_bytes(h));
	set_base64(s->session, GSASL_SCRAM_SERVERKEY, k.server_key,
	    scram_key_bytes(h));
	explicit_bzero(&k, sizeof(k));
}

/*
 * What isn't set is asked for here.  The first of the keys is asked for when
 * the user's name is known; channel bindings that aren't there are asked for
 * as well, to see whether the client was talked out of using one.
 */
int
mech_scram_callback(Gsasl *g, Gsasl_session *session, Gsasl_property property)
{
	struct scram *s = gsasl_session_hook_get(session);
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);

	(void)g;
	if (property != GSASL_SCRAM_ITER || user == NULL || s->keys != ST_AGAIN)
		return GSASL_NO_CALLBACK;
	give_keys(s, user);
	return s->keys == ST_OK ? GSASL_OK : GSASL_NO_CALLBACK;
}

static void
scram_start(struct mech *m, const struct mech_facts *facts)
{
	struct scram *s = (struct scram *)m;
	int rc =
	    gsasl_server_start(m->context->gsasl, m->kind->name, &s->session);

	assert(rc == GSASL_OK);
	s->keys = ST_AGAIN;
	gsasl_session_hook_set(s->session, s);
	for (size_t i = 0; i < facts->binding_count; i++) {
		const struct mech_binding *b = &facts->bindings[i];

		if (span_eq(b->type, SPAN("tls-exporter")))
			set_base64(s->session, GSASL_CB_TLS_EXPORTER, b->data.p,
			    b->data.n);
		else if (span_eq(b->type, SPAN("tls-unique")))
			set_base64(s->session, GSASL_CB_TLS_UNIQUE, b->data.p,
			    b->data.n);
	}
}

static void
scram_finish(struct mech *m)
{
	gsasl_finish(((struct scram *)m)->session);
}

static enum mech_result
wrong(struct scram *s, const char *reason)
{
	s->mech.reason = reason;
	return MECH_WRONG;
}

static enum mech_result
refuse(struct scram *s, int rc)
{
	if (s->keys != ST_OK && s->keys != ST_AGAIN)
		return MECH_BROKEN;
	if (rc != GSASL_AUTHENTICATION_ERROR) {
		s->mech.reason = "not-scram";
		return MECH_MALFORMED;
	}
	if (s->keys == ST_AGAIN)
		return wrong(s, "channel-binding");
	if (s->account == 0)
		return wrong(s, "unknown-user");
	return wrong(s, (s->mech.kind->needs & MECH_BINDING) != 0
			    ? "wrong-password-or-binding"
			    : "wrong-password");
}

/* After the client's first message. */
static enum mech_result
check_identity(struct scram *s)
{
	const char *user = gsasl_property_fast(s->session, GSASL_AUTHID);
	const char *authzid = gsasl_property_fast(s->session, GSASL_AUTHZID);

	if (s->mech.user.n > 0)
		return MECH_CHALLENGE;
	buf_add(&s->mech.user, span_head(span_str(user), LIMIT_USER_NAME));
	if (authzid != NULL &&
	    !mech_may_act_as(span_str(user), span_str(authzid)))
		return wrong(s, "acts-for-another");
	return MECH_CHALLENGE;
}

/*
 * The library reads C strings, so there may be no NUL; and it would let a
 * client that names a channel binding go on without one.
 */
static bool
may_be_scram(const struct scram *s, struct span r)
{
	bool binds = r.n > 0 && r.p[0] == 'p';

	if (span_find(r, '\0') < r.n)
		return false;
	return s->keys != ST_AGAIN || !binds ||
	       (s->mech.kind->needs & MECH_BINDING) != 0;
}

static enum mech_result
scram_step(struct mech *m, struct span r)
{
	struct scram *s = (struct scram *)m;
	char *out = NULL;
	size_t n = 0;
	int rc = GSASL_MECHANISM_PARSE_ERROR;

	if (r.n > 0 && may_be_scram(s, r))
		rc = gsasl_step(s->session, (const char *)r.p, r.n, &out, &n);
	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE)
		buf_add(&m->out, span_of(out, n));
	gsasl_free(out);
	if (s->keys != ST_OK)
		return refuse(s, rc);
	if (rc == GSASL_NEEDS_MORE)
		return check_identity(s);
	if (rc != GSASL_OK)
		return refuse(s, rc);
	m->account = s->account;
	return m->account != 0 ? MECH_RIGHT : wrong(s, "unknown-user");
}

const struct mech_ops mech_scram_ops = {
	.size = sizeof(struct scram),
	.first = "",
	.start = scram_start,
	.step = scram_step,
	.finish = scram_finish,
};
