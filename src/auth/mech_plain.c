#include "auth/mech.h"
#include "base/limits.h"

/*
 * The mechanisms that send the password: PLAIN (RFC 4616), and LOGIN, which
 * is no standard, but all that some clients have.
 */
static enum mech_result
malformed(struct mech *m, const char *reason)
{
	m->reason = reason;
	return MECH_MALFORMED;
}

static enum mech_result
wrong(struct mech *m, const char *reason)
{
	m->reason = reason;
	return MECH_WRONG;
}

static enum mech_result
take_password(struct mech *m, struct span password)
{
	if (password.n == 0)
		return wrong(m, "no-password");
	if (password.n > LIMIT_PASSWORD)
		return wrong(m, "too-long");
	buf_add(&m->password, password);
	return MECH_PASSWORD;
}

/* [authzid] NUL authcid NUL passwd */
static enum mech_result
plain_step(struct mech *m, struct span r)
{
	struct span authzid = span_head(r, span_find(r, '\0')), user, password;

	r = span_from(r, authzid.n + 1);
	user = span_head(r, span_find(r, '\0'));
	if (user.n == r.n)
		return malformed(m, "not-plain");
	password = span_from(r, user.n + 1);
	if (span_find(password, '\0') < password.n)
		return malformed(m, "not-plain");
	buf_add(&m->user, span_head(user, LIMIT_USER_NAME));
	if (user.n == 0 || user.n > LIMIT_USER_NAME)
		return wrong(m, "no-user");
	if (!mech_may_act_as(user, authzid))
		return wrong(m, "acts-for-another");
	return take_password(m, password);
}

const struct mech_ops mech_plain_ops = {
	.size = sizeof(struct mech),
	.first = "",
	.step = plain_step,
};

/* The user's name comes first, often as the initial response. */
struct login {
	struct mech mech;
	bool has_user;
};

static enum mech_result
login_step(struct mech *m, struct span r)
{
	struct login *l = (struct login *)m;

	if (span_find(r, '\0') < r.n)
		return malformed(m, "not-login");
	if (l->has_user)
		return take_password(m, r);
	if (r.n == 0 || r.n > LIMIT_USER_NAME)
		return malformed(m, "not-login");
	l->has_user = true;
	buf_add(&m->user, r);
	BUF_LIT(&m->out, "Password:");
	return MECH_CHALLENGE;
}

const struct mech_ops mech_login_ops = {
	.size = sizeof(struct login),
	.first = "Username:",
	.step = login_step,
};
