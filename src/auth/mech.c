#include "auth/mech.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "auth/mech_scram.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/config.h"
#include "directory/name.h"
#include "directory/secret.h"

const struct mech_kind mech_kinds[] = {
	{ "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", MECH_BINDING, &mech_scram_ops,
	    SCRAM_SHA256 },
	{ "SCRAM-SHA-256", "SCRAM-SHA-256", 0, &mech_scram_ops, SCRAM_SHA256 },
	{ "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", MECH_BINDING, &mech_scram_ops,
	    SCRAM_SHA1 },
	{ "SCRAM-SHA-1", "SCRAM-SHA-1", 0, &mech_scram_ops, SCRAM_SHA1 },
	{ "PLAIN", "PLAIN", MECH_CLEAR, &mech_plain_ops, 0 },
	{ "LOGIN", "LOGIN", MECH_CLEAR, &mech_login_ops, 0 },
	{ "EXTERNAL", "EXTERNAL", MECH_CERTIFICATE, &mech_external_ops, 0 },
	{ 0 },
};

struct mech_context *
mech_context_new(struct directory *d)
{
	struct mech_context *c = MEM_NEW(struct mech_context);
	int rc = gsasl_init(&c->gsasl);

	if (rc != GSASL_OK) {
		fprintf(stderr,
		    "level=error event=auth.sasl.unavailable"
		    " error=\"%s\"\n",
		    gsasl_strerror(rc));
		exit(EX_SOFTWARE);
	}
	gsasl_callback_set(c->gsasl, mech_scram_callback);
	c->directory = d;
	return c;
}

void
mech_context_free(struct mech_context **c)
{
	if (*c == NULL)
		return;
	gsasl_done((*c)->gsasl);
	mem_free(c);
}

static bool
has(const struct config *c, const struct mech_kind *kind)
{
	const struct config_list *l = &c->auth.mechanisms;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i], kind->setting) == 0)
			return true;
	return l->n == 0;
}

const struct mech_kind *
mech_find(const struct config *c, struct span name)
{
	const struct mech_kind *k = mech_kinds;

	for (; k->name != NULL; k++)
		if (span_eq_nocase(name, span_str(k->name)))
			return has(c, k) ? k : NULL;
	return NULL;
}

void
mech_names(const struct config *c, struct buf *out)
{
	for (const struct mech_kind *k = mech_kinds; k->name != NULL; k++)
		if (has(c, k))
			buf_printf(out, "%s%s", out->n > 0 ? " " : "", k->name);
}

struct mech *
mech_new(struct mech_context *c, const struct mech_kind *kind,
    const struct mech_facts *facts)
{
	struct mech *m = mem_alloc(kind->ops->size);

	m->kind = kind;
	m->context = c;
	if (kind->ops->start != NULL)
		kind->ops->start(m, facts);
	return m;
}

static void
wipe(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	buf_clear(b);
}

void
mech_free(struct mech **m)
{
	if (*m == NULL)
		return;
	if ((*m)->kind->ops->finish != NULL)
		(*m)->kind->ops->finish(*m);
	wipe(&(*m)->out);
	wipe(&(*m)->user);
	wipe(&(*m)->password);
	explicit_bzero(*m, (*m)->kind->ops->size);
	mem_free(m);
}

enum mech_result
mech_step(struct mech *m, const struct span *response)
{
	buf_reset(&m->out);
	if (response != NULL)
		return m->kind->ops->step(m, *response);
	buf_str(&m->out, m->kind->ops->first);
	return MECH_CHALLENGE;
}

bool
mech_may_act_as(struct span user, struct span authzid)
{
	char a[LIMIT_USER_NAME + 1], b[LIMIT_USER_NAME + 1];

	if (authzid.n == 0)
		return true;
	return name_prepare(user, a) == ST_OK &&
	       name_prepare(authzid, b) == ST_OK && strcmp(a, b) == 0;
}
