#ifndef AUTH_MECH_H
#define AUTH_MECH_H

#include "base/buf.h"
#include "base/status.h"

/*
 * SASL mechanisms (RFC 4422), seen from the server: what a client sends is
 * taken step by step until it is clear who wants in, and whether they may.
 *
 * PLAIN, LOGIN and EXTERNAL are read here; SCRAM is GNU SASL's.  No mechanism
 * allows acting for somebody else: an authorization identity is empty or the
 * user's own.
 *
 * Threads    All of one context in one thread.
 */
struct mech_context;
struct Gsasl;
struct directory;
struct config;

/* The directory is borrowed: SCRAM's keys and certificates are looked up. */
struct mech_context *mech_context_new(struct directory *d);
void mech_context_free(struct mech_context **c);

enum mech_needs {
	MECH_CLEAR = 1 << 0,   /* sends the password: not without TLS */
	MECH_BINDING = 1 << 1, /* a TLS connection's channel binding */
	MECH_CERTIFICATE = 1 << 2,
};

struct mech_kind {
	const char *name;
	const char *setting; /* its name in auth.mechanisms */
	unsigned needs;
	const struct mech_ops *ops;
	int variant; /* for ops */
};

/* In order of preference; the last has no name. */
extern const struct mech_kind mech_kinds[];

/* NULL if there is none such, or the settings leave it out. */
const struct mech_kind *mech_find(const struct config *c, struct span name);

/* The names of those that the settings have, with spaces between. */
void mech_names(const struct config *c, struct buf *out);

struct mech_binding {
	struct span type; /* "tls-exporter" */
	struct span data;
};

/* What is known of the connection; copied where it is needed. */
struct mech_facts {
	const struct mech_binding *bindings;
	size_t binding_count;
	struct span certificate; /* the verified name, or empty */
};

enum mech_result {
	MECH_CHALLENGE, /* out waits for a response */
	MECH_PASSWORD,  /* user and password are to be checked */
	MECH_RIGHT,     /* it is account; out is the last word, or empty */
	MECH_WRONG,     /* it isn't: see reason */
	MECH_MALFORMED, /* what came isn't the mechanism's: see reason */
	MECH_BROKEN,    /* the directory failed: logged */
};

/* One exchange.  What it says is good until the next step. */
struct mech {
	const struct mech_kind *kind;
	struct mech_context *context;
	struct buf out;
	struct buf user; /* as typed; also of a WRONG, as far as it is known */
	struct buf password; /* as typed */
	uint64_t account;
	const char *reason; /* for the log */
};

struct mech *mech_new(struct mech_context *c, const struct mech_kind *kind,
    const struct mech_facts *facts);
void mech_free(struct mech **m); /* wipes it */

/*
 * The first step comes with the initial response or, if response is NULL,
 * without; all others have one.
 */
enum mech_result mech_step(struct mech *m, const struct span *response);

/* What a mechanism implements; its own struct begins with a struct mech. */
struct mech_ops {
	size_t size;
	const char *first; /* the challenge before any response */
	void (*start)(struct mech *m, const struct mech_facts *facts);
	enum mech_result (*step)(struct mech *m, struct span response);
	void (*finish)(struct mech *m);
};

extern const struct mech_ops mech_plain_ops;
extern const struct mech_ops mech_login_ops;
extern const struct mech_ops mech_external_ops;
extern const struct mech_ops mech_scram_ops;

/* For the mechanisms: whether authzid may be used by user. */
bool mech_may_act_as(struct span user, struct span authzid);

struct mech_context {
	struct directory *directory;
	struct Gsasl *gsasl;
};

#endif
