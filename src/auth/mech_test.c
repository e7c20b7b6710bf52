#include "base/test.h"

#include <gsasl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/mech.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/config.h"
#include "directory/directory.h"

#define PASSWORD "s\xc3\xa9same"

static const struct secret_costs cheap = { 8, 1, 1, 4096 };

/* A directory with anna, and what a connection offers. */
struct world {
	char folder[64];
	struct directory *directory;
	struct mech_context *context;
	const struct config *config;
	Gsasl *client;
	uint64_t anna;
};

static struct world world;

/* What goes wrong here is meant to. */
static void
drop_line(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

static int
set_up(void **state)
{
	struct directory_options o = { .path = world.folder,
		.create = true,
		.costs = cheap };
	struct secret s;

	(void)state;
	log_set_sink(drop_line);
	world = (struct world){ .folder = "/tmp/newel-mech-XXXXXX" };
	if (mkdtemp(world.folder) == NULL ||
	    directory_open(&o, &world.directory) != ST_OK ||
	    secret_make(&cheap, SPAN(PASSWORD), &s) != ST_OK ||
	    directory_add(world.directory, SPAN("anna"), &s, &world.anna) !=
		ST_OK)
		return -1;
	world.context = mech_context_new(world.directory);
	world.config = config_default();
	return gsasl_init(&world.client);
}

static int
tear_down(void **state)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };

	(void)state;
	mech_context_free(&world.context);
	directory_close(&world.directory);
	config_unref(&world.config);
	gsasl_done(world.client);
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		char path[100];

		snprintf(path, sizeof(path), "%s/directory.db%s", world.folder,
		    suffixes[i]);
		unlink(path);
	}
	return rmdir(world.folder);
}

static const struct mech_binding exporter = { SPAN_INIT("tls-exporter"),
	SPAN_INIT("0123456789abcdef0123456789abcdef") };
static const struct mech_binding unique = { SPAN_INIT("tls-unique"),
	SPAN_INIT("unique bytes") };

/* What a client is told to do, and what came of it. */
struct login {
	const char *mechanism;
	const char *user;
	const char *password;
	const char *authzid;
	const struct mech_binding *client_binding;
	const struct mech_binding *server_binding;
	const char *certificate;
	bool initial; /* the client's first message comes with the command */
	/* filled in: */
	char reason[40];
	char user_seen[100];
	char password_seen[100];
	uint64_t account;
	int client_result;
};

static struct mech *
start(const struct login *l)
{
	struct mech_facts facts = { l->server_binding,
		l->server_binding != NULL, SPAN("") };

	if (l->certificate != NULL)
		facts.certificate = span_str(l->certificate);
	return mech_new(world.context,
	    mech_find(world.config, span_str(l->mechanism)), &facts);
}

static void
set_property(Gsasl_session *s, Gsasl_property p, const char *value)
{
	if (value != NULL)
		gsasl_property_set(s, p, value);
}

static Gsasl_session *
start_client(const struct login *l)
{
	Gsasl_session *s;
	char *text;

	assert_int_equal(gsasl_client_start(world.client, l->mechanism, &s),
	    GSASL_OK);
	set_property(s, GSASL_AUTHID, l->user);
	set_property(s, GSASL_PASSWORD, l->password);
	set_property(s, GSASL_AUTHZID, l->authzid);
	if (l->client_binding == NULL)
		return s;
	assert_int_equal(gsasl_base64_to((const char *)
					     l->client_binding->data.p,
			     l->client_binding->data.n, &text, NULL),
	    GSASL_OK);
	set_property(s,
	    span_eq(l->client_binding->type, exporter.type)
		? GSASL_CB_TLS_EXPORTER
		: GSASL_CB_TLS_UNIQUE,
	    text);
	gsasl_free(text);
	return s;
}

static void
copy(char *out, size_t cap, struct span s)
{
	snprintf(out, cap, "%.*s", SPAN_ARG(s));
}

static void
keep_outcome(struct login *l, const struct mech *m)
{
	copy(l->reason, sizeof(l->reason),
	    span_str(m->reason == NULL ? "" : m->reason));
	copy(l->user_seen, sizeof(l->user_seen), buf_span(&m->user));
	copy(l->password_seen, sizeof(l->password_seen),
	    buf_span(&m->password));
	l->account = m->account;
}

/* Plays both sides until the server knows; the client has the last word. */
static enum mech_result
play(struct login *l)
{
	struct mech *m = start(l);
	Gsasl_session *c = start_client(l);
	enum mech_result r = MECH_CHALLENGE;
	char *text = NULL;
	size_t n = 0;
	int rounds = 0;

	if (!l->initial)
		r = mech_step(m, NULL);
	while (r == MECH_CHALLENGE && rounds++ < 5) {
		struct span response;

		l->client_result =
		    gsasl_step(c, (char *)m->out.p, m->out.n, &text, &n);
		if (l->client_result != GSASL_OK &&
		    l->client_result != GSASL_NEEDS_MORE)
			break;
		response = span_of(text, n);
		r = mech_step(m, &response);
		gsasl_free(text);
		text = NULL;
	}
	if (r == MECH_RIGHT && m->out.n > 0)
		l->client_result =
		    gsasl_step(c, (char *)m->out.p, m->out.n, &text, &n);
	gsasl_free(text);
	keep_outcome(l, m);
	gsasl_finish(c);
	mech_free(&m);
	return r;
}

static const char *const scrams[] = { "SCRAM-SHA-1", "SCRAM-SHA-256" };
static const char *const pluses[] = { "SCRAM-SHA-1-PLUS",
	"SCRAM-SHA-256-PLUS" };

static void
plain_and_login_give_the_password_to_check(void **state)
{
	static const char *const names[] = { "PLAIN", "LOGIN" };

	(void)state;
	for (size_t i = 0; i < COUNT(names) * 2; i++) {
		struct login l = { .mechanism = names[i / 2],
			.user = "Anna",
			.password = PASSWORD,
			.initial = i % 2 == 0 && i < 2 };

		assert_int_equal(play(&l), MECH_PASSWORD);
		assert_string_equal(l.user_seen, "Anna");
		assert_string_equal(l.password_seen, PASSWORD);
	}
}

static enum mech_result
step(struct mech *m, struct span response)
{
	return mech_step(m, &response);
}

/* RFC 4616 section 4, and what isn't the grammar of its section 2. */
static void
plain_messages_are_read(void **state)
{
	static const struct {
		struct span message;
		enum mech_result result;
		const char *user;
		const char *password;
	} cases[] = {
		{ SPAN_INIT("\0tim\0tanstaaftanstaaf"), MECH_PASSWORD, "tim",
		    "tanstaaftanstaaf" },
		{ SPAN_INIT("Ursel\0Kurt\0xipj3plmq"), MECH_WRONG, "Kurt", "" },
		{ SPAN_INIT("KURT\0Kurt\0xipj3plmq"), MECH_PASSWORD, "Kurt",
		    "xipj3plmq" },
		{ SPAN_INIT("\0u\0\xf0\x9f\x98\x80"), MECH_PASSWORD, "u",
		    "\xf0\x9f\x98\x80" },
		{ SPAN_INIT(""), MECH_MALFORMED, "", "" },
		{ SPAN_INIT("user"), MECH_MALFORMED, "", "" },
		{ SPAN_INIT("\0user"), MECH_MALFORMED, "", "" },
		{ SPAN_INIT("\0user\0pass\0more"), MECH_MALFORMED, "", "" },
		{ SPAN_INIT("\0\0pass"), MECH_WRONG, "", "" },
		{ SPAN_INIT("\0user\0"), MECH_WRONG, "user", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct login l = { .mechanism = "plain" };
		struct mech *m = start(&l);

		assert_int_equal(step(m, cases[i].message), cases[i].result);
		assert_true(
		    span_eq(buf_span(&m->user), span_str(cases[i].user)));
		assert_true(span_eq(buf_span(&m->password),
		    span_str(cases[i].password)));
		assert_true(
		    cases[i].result == MECH_PASSWORD || m->reason != NULL);
		mech_free(&m);
	}
}

static void
login_takes_the_user_as_the_initial_response(void **state)
{
	struct login l = { .mechanism = "LOGIN" };
	struct mech *m = start(&l);

	(void)state;
	assert_int_equal(step(m, SPAN("anna")), MECH_CHALLENGE);
	assert_span(buf_span(&m->out), "Password:");
	assert_int_equal(step(m, SPAN("pass word")), MECH_PASSWORD);
	assert_span(buf_span(&m->user), "anna");
	assert_span(buf_span(&m->password), "pass word");
	mech_free(&m);

	m = start(&l);
	assert_int_equal(mech_step(m, NULL), MECH_CHALLENGE);
	assert_span(buf_span(&m->out), "Username:");
	assert_int_equal(step(m, SPAN("")), MECH_MALFORMED);
	mech_free(&m);

	m = start(&l);
	assert_int_equal(step(m, SPAN("anna")), MECH_CHALLENGE);
	assert_int_equal(step(m, SPAN("a\0b")), MECH_MALFORMED);
	mech_free(&m);
}

static void
what_is_too_long_is_refused(void **state)
{
	struct login l = { .mechanism = "PLAIN" };
	struct mech *m = start(&l);
	unsigned char text[LIMIT_USER_NAME + LIMIT_PASSWORD + 10];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = text[5] = '\0';
	assert_int_equal(step(m, span_of(text, 6 + LIMIT_PASSWORD)),
	    MECH_PASSWORD);
	mech_free(&m);
	m = start(&l);
	assert_int_equal(step(m, span_of(text, 7 + LIMIT_PASSWORD)),
	    MECH_WRONG);
	assert_string_equal(m->reason, "too-long");
	mech_free(&m);
	m = start(&l);
	text[5] = 'x';
	text[LIMIT_USER_NAME + 2] = '\0';
	assert_int_equal(step(m, span_of(text, LIMIT_USER_NAME + 5)),
	    MECH_WRONG);
	assert_int_equal(m->user.n, LIMIT_USER_NAME);
	mech_free(&m);
}

static void
scram_is_right_with_the_password_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scrams); i++) {
		struct login l = { .mechanism = scrams[i],
			.user = "anna",
			.password = PASSWORD,
			.initial = i == 0 };

		assert_int_equal(play(&l), MECH_RIGHT);
		assert_int_equal(l.account, world.anna);
		assert_int_equal(l.client_result, GSASL_OK);
		assert_string_equal(l.user_seen, "anna");
		l.password = "wrong";
		assert_int_equal(play(&l), MECH_WRONG);
		assert_string_equal(l.reason, "wrong-password");
		assert_string_equal(l.user_seen, "anna");
	}
}

static void
scram_takes_the_name_in_any_case(void **state)
{
	struct login l = { .mechanism = "SCRAM-SHA-256",
		.user = "ANNA",
		.password = PASSWORD };

	(void)state;
	assert_int_equal(play(&l), MECH_RIGHT);
	l.authzid = "aNNa";
	assert_int_equal(play(&l), MECH_RIGHT);
	l.authzid = "bob";
	assert_int_equal(play(&l), MECH_WRONG);
	assert_string_equal(l.reason, "acts-for-another");
}

static void
scram_plus_is_bound_to_the_connection(void **state)
{
	static const struct mech_binding other = { SPAN_INIT("tls-exporter"),
		SPAN_INIT("another connection's") };

	(void)state;
	for (size_t i = 0; i < COUNT(pluses); i++) {
		struct login l = { .mechanism = pluses[i],
			.user = "anna",
			.password = PASSWORD,
			.client_binding = &exporter,
			.server_binding = &exporter };

		assert_int_equal(play(&l), MECH_RIGHT);
		assert_int_equal(l.client_result, GSASL_OK);
		l.client_binding = &other; /* someone in the middle */
		assert_int_equal(play(&l), MECH_WRONG);
		assert_string_equal(l.reason, "wrong-password-or-binding");
		l.client_binding = l.server_binding = &unique;
		assert_int_equal(play(&l), MECH_RIGHT);
		l.server_binding = &exporter; /* of another kind */
		assert_int_equal(play(&l), MECH_MALFORMED);
	}
}

/*
 * RFC 5802 section 6: a client that can bind, and was made to believe that
 * we can't, says so, and we know better.
 */
static void
a_downgrade_of_scram_plus_is_found_out(void **state)
{
	struct login l = { .mechanism = "SCRAM-SHA-256",
		.server_binding = &exporter };
	struct mech *m = start(&l);

	(void)state;
	assert_int_equal(step(m, SPAN("y,,n=anna,r=abcdefgh")), MECH_WRONG);
	assert_string_equal(m->reason, "channel-binding");
	mech_free(&m);

	l.server_binding = NULL; /* we can't, indeed */
	m = start(&l);
	assert_int_equal(step(m, SPAN("y,,n=anna,r=abcdefgh")), MECH_CHALLENGE);
	mech_free(&m);

	m = start(&l);
	assert_int_equal(step(m, SPAN("p=tls-exporter,,n=anna,r=abcdefgh")),
	    MECH_MALFORMED);
	mech_free(&m);
}

/* What the server says first, up to the nonce of its own. */
static void
server_first(const char *user, char out[200])
{
	struct login l = { .mechanism = "SCRAM-SHA-256" };
	struct mech *m = start(&l);
	char message[100];
	const char *salt;

	snprintf(message, sizeof(message), "n,,n=%s,r=abcdefgh", user);
	assert_int_equal(step(m, span_str(message)), MECH_CHALLENGE);
	buf_byte(&m->out, '\0');
	salt = strstr((char *)m->out.p, ",s=");
	assert_non_null(salt);
	snprintf(out, 200, "%s", salt);
	mech_free(&m);
}

static void
scram_does_not_tell_who_exists(void **state)
{
	char anna[200], bob[200], again[200], carl[200];
	struct login l = { .mechanism = "SCRAM-SHA-256",
		.user = "bob",
		.password = PASSWORD };

	(void)state;
	server_first("anna", anna);
	server_first("bob", bob);
	server_first("BOB", again);
	server_first("carl", carl);
	assert_string_equal(bob, again);
	assert_string_not_equal(bob, carl);
	assert_int_equal(strlen(anna), strlen(bob));
	assert_int_equal(play(&l), MECH_WRONG);
	assert_string_equal(l.reason, "unknown-user");
}

static void
what_is_not_scram_is_malformed(void **state)
{
	static const struct span first[] = {
		SPAN_INIT(""),
		SPAN_INIT("hello"),
		SPAN_INIT("n,,"),
		SPAN_INIT("n,,n=anna"),
		SPAN_INIT("n,,n=anna,r="),
		SPAN_INIT("n,,m=ext,n=anna,r=abcdefgh"),
		SPAN_INIT("n,,n=an\0na,r=abcdefgh"),
		SPAN_INIT("x,,n=anna,r=abcdefgh"),
	};
	static const struct span final[] = {
		SPAN_INIT(""),
		SPAN_INIT("c=biws"),
		SPAN_INIT("c=biws,r=abcdefgh"),
		SPAN_INIT("c=biws,r=abcdefgh,p=!!!!"),
		SPAN_INIT("c=biws,r=abc\0,p=AAAA"),
	};
	struct login l = { .mechanism = "SCRAM-SHA-1" };

	(void)state;
	for (size_t i = 0; i < COUNT(first); i++) {
		struct mech *m = start(&l);

		assert_int_equal(step(m, first[i]), MECH_MALFORMED);
		mech_free(&m);
	}
	for (size_t i = 0; i < COUNT(final); i++) {
		struct mech *m = start(&l);
		enum mech_result r;

		assert_int_equal(step(m, SPAN("n,,n=anna,r=abcdefgh")),
		    MECH_CHALLENGE);
		r = step(m, final[i]);
		assert_true(r == MECH_MALFORMED || r == MECH_WRONG);
		mech_free(&m);
	}
}

static void
a_certificate_says_who_it_is(void **state)
{
	struct login l = { .mechanism = "EXTERNAL",
		.certificate = "CN=Anna's phone",
		.authzid = "" };

	(void)state;
	assert_int_equal(play(&l), MECH_WRONG);
	assert_string_equal(l.reason, "unknown-certificate");
	assert_string_equal(l.user_seen, "CN=Anna's phone");
	assert_ok(directory_certificate_add(world.directory, world.anna,
	    span_str(l.certificate)));
	assert_int_equal(play(&l), MECH_RIGHT);
	assert_int_equal(l.account, world.anna);
	assert_string_equal(l.user_seen, "anna");
	l.initial = true;
	assert_int_equal(play(&l), MECH_RIGHT);
	l.authzid = "Anna";
	assert_int_equal(play(&l), MECH_RIGHT);
	l.authzid = "bob";
	assert_int_equal(play(&l), MECH_WRONG);
	assert_string_equal(l.reason, "acts-for-another");
	l.certificate = "";
	assert_int_equal(play(&l), MECH_WRONG);
	assert_string_equal(l.reason, "no-certificate");
	l.certificate = "ANNA"; /* the account's own name */
	l.authzid = "";
	assert_int_equal(play(&l), MECH_RIGHT);
}

static void
a_broken_directory_is_no_wrong_password(void **state)
{
	struct login l = { .mechanism = "SCRAM-SHA-256" };
	struct mech *m = start(&l);
	char path[100];
	sqlite3 *db;

	(void)state;
	snprintf(path, sizeof(path), "%s/directory.db", world.folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE scram", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(step(m, SPAN("n,,n=anna,r=abcdefgh")), MECH_BROKEN);
	mech_free(&m);
}

static void
the_settings_choose_the_mechanisms(void **state)
{
	CLEANUP(buf_clear) struct buf names = { 0 }, problems = { 0 };
	const struct config *few = NULL;

	(void)state;
	mech_names(world.config, &names);
	assert_span(buf_span(&names),
	    "SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1"
	    " PLAIN LOGIN EXTERNAL");
	assert_non_null(mech_find(world.config, SPAN("plain")));
	assert_null(mech_find(world.config, SPAN("CRAM-MD5")));
	assert_null(mech_find(world.config, SPAN("")));

	assert_ok(
	    config_parse(SPAN("auth { mechanisms = {PLAIN, SCRAM-SHA-256} }\n"),
		"/x.conf", &few, &problems));
	buf_reset(&names);
	mech_names(few, &names);
	assert_span(buf_span(&names), "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN");
	assert_null(mech_find(few, SPAN("LOGIN")));
	config_unref(&few);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_and_login_give_the_password_to_check),
		TEST(plain_messages_are_read),
		TEST(login_takes_the_user_as_the_initial_response),
		TEST(what_is_too_long_is_refused),
		TEST(scram_is_right_with_the_password_only),
		TEST(scram_takes_the_name_in_any_case),
		TEST(scram_plus_is_bound_to_the_connection),
		TEST(a_downgrade_of_scram_plus_is_found_out),
		TEST(scram_does_not_tell_who_exists),
		TEST(what_is_not_scram_is_malformed),
		TEST(a_certificate_says_who_it_is),
		TEST(a_broken_directory_is_no_wrong_password),
		TEST(the_settings_choose_the_mechanisms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
