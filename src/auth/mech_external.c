#include "auth/mech.h"
#include "base/limits.h"
#include "directory/directory.h"

/*
 * EXTERNAL (RFC 4422 appendix A): the client's certificate says who it is,
 * and TLS has verified it.
 */
struct external {
	struct mech mech;
	unsigned char certificate[LIMIT_TLS_NAME];
	size_t certificate_n;
};

static void
external_start(struct mech *m, const struct mech_facts *facts)
{
	struct external *e = (struct external *)m;

	if (facts->certificate.n > LIMIT_TLS_NAME)
		return;
	e->certificate_n =
	    span_copy(e->certificate, LIMIT_TLS_NAME, facts->certificate);
}

static enum mech_result
wrong(struct mech *m, const char *reason)
{
	m->reason = reason;
	return MECH_WRONG;
}

/* r is the authorization identity. */
static enum mech_result
external_step(struct mech *m, struct span r)
{
	struct external *e = (struct external *)m;
	struct span certificate = span_of(e->certificate, e->certificate_n);
	struct account a;
	enum status st;

	if (r.n > LIMIT_USER_NAME || span_find(r, '\0') < r.n) {
		m->reason = "not-external";
		return MECH_MALFORMED;
	}
	buf_add(&m->user, r);
	if (certificate.n == 0)
		return wrong(m, "no-certificate");
	st = directory_find_certificate(m->context->directory, certificate, &a);
	if (st == ST_NOTFOUND) {
		if (r.n == 0)
			buf_add(&m->user, certificate);
		return wrong(m, "unknown-certificate");
	}
	if (st != ST_OK)
		return MECH_BROKEN;
	buf_reset(&m->user);
	buf_str(&m->user, a.name);
	if (!mech_may_act_as(buf_span(&m->user), r))
		return wrong(m, "acts-for-another");
	m->account = a.id;
	return MECH_RIGHT;
}

const struct mech_ops mech_external_ops = {
	.size = sizeof(struct external),
	.first = "",
	.start = external_start,
	.step = external_step,
};
