#include "base/test.h"

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/auth.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/loop.h"

static const struct secret_costs cheap = { 8192, 1, 1, 4096 };

#define KEPT 600

/* What auth has sent, with the bytes that it lent. */
struct sent {
	void *peer;
	struct message m;
	unsigned char a[KEPT]; /* a blob, a ticket, a name, a text */
	size_t a_n;
	unsigned char b[KEPT]; /* the final word */
	size_t b_n;
};

#define SENT_MAX 3000

static struct world {
	char folder[64];
	struct loop *loop;
	struct auth *auth;
	struct directory *directory; /* as the command line has it open */
	const struct config *config;
	uint64_t anna;
	struct sent *sent;
	size_t sent_n;
	size_t read_n; /* what the test has looked at */
	struct buf log;
} world;

/* Peers are told apart by where they are. */
static int gate, other_gate, mail;

static void
keep_bytes(unsigned char *out, size_t *out_n, struct span s)
{
	*out_n = span_copy(out, KEPT, s);
}

static void
keep(void *ctx, void *peer, const struct message *m)
{
	struct sent *s = &world.sent[world.sent_n++];

	(void)ctx;
	assert_true(world.sent_n <= SENT_MAX);
	*s = (struct sent){ .peer = peer, .m = *m };
	switch ((int)m->type) {
	case MSG_AUTH_CHALLENGE:
		keep_bytes(s->a, &s->a_n, m->auth_challenge.blob);
		break;
	case MSG_AUTH_OK:
		keep_bytes(s->a, &s->a_n, m->auth_ok.ticket);
		keep_bytes(s->b, &s->b_n, m->auth_ok.final);
		break;
	case MSG_AUTH_NO:
		keep_bytes(s->a, &s->a_n, m->auth_no.text);
		break;
	case MSG_AUTH_MECHS:
		keep_bytes(s->a, &s->a_n, m->auth_mechs.names);
		break;
	case MSG_ACCOUNT:
		keep_bytes(s->a, &s->a_n, m->account.name);
		break;
	default:
		break;
	}
}

static void
keep_line(const char *line, size_t n)
{
	buf_add(&world.log, span_of(line, n));
}

static bool
logged(const char *text)
{
	buf_byte(&world.log, '\0');
	world.log.n--;
	return strstr((const char *)world.log.p, text) != NULL;
}

/* Settings of the section auth, and whole sections. */
static const struct config *
parse(const char *auth, const char *sections)
{
	CLEANUP(buf_clear) struct buf text = { 0 }, problems = { 0 };
	const struct config *c = NULL;

	buf_printf(&text,
	    "instance { data = \"%s\" }\n"
	    "auth { argon2-memory = 8M argon2-passes = 1 %s }\n%s",
	    world.folder, auth, sections);
	if (config_parse(buf_span(&text), "/x/newel.conf", &c, &problems) !=
	    ST_OK)
		fail_msg("%.*s", (int)problems.n, problems.p);
	return c;
}

/* What the gates are told then is passed over. */
static void
use(const char *auth, const char *sections)
{
	const struct config *c = parse(auth, sections);

	auth_settings(world.auth, c);
	config_unref(&world.config);
	world.config = c;
	world.read_n = world.sent_n;
}

#define NO_DELAY "failure-delay = 0 "

static void
start_auth(void)
{
	struct auth_options o = { .loop = world.loop,
		.config = world.config,
		.send = keep };

	assert_ok(auth_new(&o, &world.auth));
	auth_peer_up(world.auth, ROLE_GATE, &gate);
	auth_peer_up(world.auth, ROLE_GATE, &other_gate);
	auth_peer_up(world.auth, ROLE_MAIL, &mail);
	world.read_n = world.sent_n;
}

static int
set_up(void **state)
{
	struct directory_options o = { .create = true, .costs = cheap };
	char path[100];
	struct secret s;

	(void)state;
	log_set_sink(keep_line);
	world = (struct world){ .folder = "/tmp/newel-auth-XXXXXX" };
	assert_non_null(mkdtemp(world.folder));
	snprintf(path, sizeof(path), "%s/directory", world.folder);
	assert_int_equal(mkdir(path, 0700), 0);
	world.sent = mem_array(SENT_MAX, sizeof(*world.sent));
	world.loop = loop_new();
	world.config = parse(NO_DELAY, "");
	o.path = world.config->instance.directory;
	assert_ok(directory_open(&o, &world.directory));
	assert_ok(secret_make(&cheap, SPAN("secret"), &s));
	assert_ok(
	    directory_add(world.directory, SPAN("anna"), &s, &world.anna));
	start_auth();
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "/directory.db",
		"/directory.db-wal", "/directory.db-shm", "" };

	(void)state;
	auth_free(&world.auth);
	loop_free(&world.loop);
	directory_close(&world.directory);
	config_unref(&world.config);
	mem_free(&world.sent);
	buf_clear(&world.log);
	log_set_sink(NULL);
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[100];

		snprintf(path, sizeof(path), "%s/directory%s", world.folder,
		    names[i]);
		(void)remove(path);
	}
	return rmdir(world.folder);
}

/* Gate's and mail's side */

static bool
say(void *peer, const struct message *m)
{
	return auth_message(world.auth, peer, m);
}

static void
start(uint64_t id, const char *mechanism, const struct span *initial)
{
	struct message m = { .type = MSG_AUTH_START,
		.auth_start = { .id = id,
		    .peer = SPAN("192.0.2.1"),
		    .tls = true,
		    .mechanism = span_str(mechanism),
		    .has_initial = initial != NULL } };

	if (initial != NULL)
		m.auth_start.initial = *initial;
	assert_true(say(&gate, &m));
}

static struct message
password_of(uint64_t id, const char *peer, const char *user,
    const char *password)
{
	return (struct message){ .type = MSG_AUTH_PASSWORD,
		.auth_password = { .id = id,
		    .peer = span_str(peer),
		    .tls = true,
		    .user = span_str(user),
		    .password = span_str(password) } };
}

static void
say_password(uint64_t id, const char *user, const char *password)
{
	struct message m = password_of(id, "192.0.2.1", user, password);

	assert_true(say(&gate, &m));
}

static bool
say_step(uint64_t id, struct span blob)
{
	const struct message m = { .type = MSG_AUTH_STEP,
		.auth_step = { .id = id, .blob = blob } };

	return say(&gate, &m);
}

static void
say_abort(uint64_t id)
{
	const struct message m = { .type = MSG_AUTH_ABORT,
		.auth_abort = { .id = id } };

	assert_true(say(&gate, &m));
}

/* The next that auth sends, or has sent; NULL if there is none for ms. */
static struct sent *
next_within(int64_t ms)
{
	int64_t until = clock_now_ms() + ms;

	while (world.read_n == world.sent_n) {
		if (clock_now_ms() >= until)
			return NULL;
		uv_run(loop_uv(world.loop), UV_RUN_NOWAIT);
		usleep(200);
	}
	return &world.sent[world.read_n++];
}

static struct sent *
next(enum message_type want)
{
	struct sent *s = next_within(20000);

	assert_non_null(s);
	assert_int_equal(s->m.type, want);
	return s;
}

static void
expect_no(uint64_t id, enum refusal why)
{
	struct sent *s = next(MSG_AUTH_NO);

	assert_int_equal(s->m.auth_no.id, id);
	assert_int_equal(s->m.auth_no.code, why);
	assert_true(s->a_n > 0);
	assert_ptr_equal(s->peer, &gate);
}

/* The ticket's bytes. */
static struct span
expect_ok(uint64_t id)
{
	struct sent *s = next(MSG_AUTH_OK);

	assert_int_equal(s->m.auth_ok.id, id);
	assert_int_equal(s->a_n, MSG_TICKET_BYTES);
	return span_of(s->a, s->a_n);
}

static struct sent *
redeemed(void)
{
	struct sent *s = next(MSG_ACCOUNT);

	assert_ptr_equal(s->peer, &mail);
	assert_int_equal(s->m.account.id, 5);
	return s;
}

static void
say_redeem(struct span ticket)
{
	const struct message m = { .type = MSG_REDEEM,
		.redeem = { .id = 5, .ticket = ticket } };

	assert_true(say(&mail, &m));
}

static struct sent *
redeem(struct span ticket)
{
	say_redeem(ticket);
	return redeemed();
}

static struct sent *
lookup(const char *user)
{
	const struct message m = { .type = MSG_LOOKUP,
		.lookup = { .id = 6, .user = span_str(user) } };

	assert_true(say(&mail, &m));
	return next(MSG_ACCOUNT);
}

/* Claims */

static void
gates_are_told_the_mechanisms(void **state)
{
	struct sent *s;

	(void)state;
	auth_peer_up(world.auth, ROLE_GATE, &world);
	s = next(MSG_AUTH_MECHS);
	assert_ptr_equal(s->peer, &world);
	assert_span(span_of(s->a, s->a_n),
	    "SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1"
	    " PLAIN LOGIN EXTERNAL");
	auth_peer_down(world.auth, &world);

	use(NO_DELAY "mechanisms = {PLAIN}", "");
	world.read_n -= 2;
	for (int i = 0; i < 2; i++) {
		s = next(MSG_AUTH_MECHS);
		assert_span(span_of(s->a, s->a_n), "PLAIN");
	}
	assert_null(next_within(0));
	start(1, "LOGIN", NULL);
	expect_no(1, REFUSAL_BAD);
}

static void
a_good_password_gives_a_ticket_for_the_account(void **state)
{
	struct span ticket;
	struct sent *s;

	(void)state;
	say_password(1, "Anna", "secret");
	ticket = expect_ok(1);
	s = redeem(ticket);
	assert_int_equal(s->m.account.result, ACCOUNT_FOUND);
	assert_int_equal(s->m.account.account, world.anna);
	assert_span(span_of(s->a, s->a_n), "anna");
	assert_int_equal(s->m.account.quota_bytes, 0);
	assert_true(logged("event=auth.login.done user=\"Anna\" "
			   "peer=\"192.0.2.1\" mechanism=\"login-command\""));

	s = redeem(ticket);
	assert_int_equal(s->m.account.result, ACCOUNT_UNKNOWN);
	assert_int_equal(s->m.account.account, 0);
	assert_true(logged("event=auth.ticket.refused"));
}

static void
a_wrong_password_and_a_stranger_look_the_same(void **state)
{
	struct sent *a, *b;

	(void)state;
	say_password(1, "anna", "wrong");
	a = next(MSG_AUTH_NO);
	say_password(2, "bob", "wrong");
	b = next(MSG_AUTH_NO);
	assert_int_equal(a->m.auth_no.code, REFUSAL_FAILED);
	assert_int_equal(b->m.auth_no.code, REFUSAL_FAILED);
	assert_int_equal(a->a_n, b->a_n);
	assert_memory_equal(a->a, b->a, a->a_n);
	assert_true(logged("event=auth.login.failed user=\"anna\""));
	assert_true(logged("reason=\"wrong-password\""));
	assert_true(logged("reason=\"unknown-user\""));
	assert_false(logged("\"wrong\""));
}

static void
plain_and_login_work_through_messages(void **state)
{
	const struct span initial = SPAN("\0anna\0secret");

	(void)state;
	start(1, "PLAIN", &initial);
	expect_ok(1);
	start(2, "plain", NULL);
	assert_int_equal(next(MSG_AUTH_CHALLENGE)->a_n, 0);
	assert_true(say_step(2, initial));
	expect_ok(2);
	start(3, "LOGIN", NULL);
	assert_int_equal(next(MSG_AUTH_CHALLENGE)->m.auth_challenge.id, 3);
	assert_true(say_step(3, SPAN("anna")));
	next(MSG_AUTH_CHALLENGE);
	assert_true(say_step(3, SPAN("secret")));
	expect_ok(3);
}

static void
scram_ends_with_the_servers_last_word(void **state)
{
	Gsasl *g;
	Gsasl_session *c;
	struct sent *s;
	char *out;
	size_t n;

	(void)state;
	assert_int_equal(gsasl_init(&g), GSASL_OK);
	assert_int_equal(gsasl_client_start(g, "SCRAM-SHA-256", &c), GSASL_OK);
	gsasl_property_set(c, GSASL_AUTHID, "anna");
	gsasl_property_set(c, GSASL_PASSWORD, "secret");
	start(1, "SCRAM-SHA-256", NULL);
	s = next(MSG_AUTH_CHALLENGE);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(gsasl_step(c, (char *)s->a, s->a_n, &out, &n),
		    GSASL_NEEDS_MORE);
		assert_true(say_step(1, span_of(out, n)));
		gsasl_free(out);
		s = next(i == 0 ? MSG_AUTH_CHALLENGE : MSG_AUTH_OK);
	}
	assert_int_equal(gsasl_step(c, (char *)s->b, s->b_n, &out, &n),
	    GSASL_OK);
	gsasl_free(out);
	assert_int_equal(redeem(span_of(s->a, s->a_n))->m.account.account,
	    world.anna);
	gsasl_finish(c);
	gsasl_done(g);
}

static void
a_certificate_logs_in(void **state)
{
	struct message m = { .type = MSG_AUTH_START,
		.auth_start = { .id = 1,
		    .peer = SPAN("192.0.2.1"),
		    .tls = true,
		    .mechanism = SPAN("EXTERNAL"),
		    .has_initial = true,
		    .identity = SPAN("anna") } };

	(void)state;
	assert_true(say(&gate, &m));
	expect_ok(1);
	m.auth_start.identity = SPAN("");
	assert_true(say(&gate, &m));
	expect_no(1, REFUSAL_FAILED);
}

static void
passwords_are_not_taken_in_the_clear(void **state)
{
	struct message m = password_of(1, "192.0.2.1", "anna", "secret");

	(void)state;
	m.auth_password.tls = false;
	assert_true(say(&gate, &m));
	expect_no(1, REFUSAL_FAILED);
	assert_true(logged("reason=\"needs-tls\""));
	m = (struct message){ .type = MSG_AUTH_START,
		.auth_start = { .id = 1, .mechanism = SPAN("PLAIN") } };
	assert_true(say(&gate, &m));
	expect_no(1, REFUSAL_FAILED);
	m.auth_start.mechanism = SPAN("SCRAM-SHA-1"); /* hides the password */
	assert_true(say(&gate, &m));
	next(MSG_AUTH_CHALLENGE);

	use(NO_DELAY "plaintext-login = yes", "");
	m = password_of(2, "192.0.2.1", "anna", "secret");
	m.auth_password.tls = false;
	assert_true(say(&gate, &m));
	expect_ok(2);
}

static void
plus_needs_a_binding(void **state)
{
	(void)state;
	start(1, "SCRAM-SHA-256-PLUS", NULL);
	expect_no(1, REFUSAL_BAD);
	start(1, "NTLM", NULL);
	expect_no(1, REFUSAL_BAD);
	start(1, "PLAIN", &SPAN("nonsense"));
	expect_no(1, REFUSAL_BAD);
}

static void
a_disabled_account_is_told_so_if_the_password_is_right(void **state)
{
	(void)state;
	assert_ok(directory_set_enabled(world.directory, world.anna, false));
	say_password(1, "anna", "wrong");
	next(MSG_ACCOUNT_GONE);
	expect_no(1, REFUSAL_FAILED);
	say_password(2, "anna", "secret");
	expect_no(2, REFUSAL_DISABLED);
	say_password(3, "anna", "secret"); /* remembered or not */
	expect_no(3, REFUSAL_DISABLED);
}

static void
a_remembered_password_is_answered_at_once(void **state)
{
	(void)state;
	say_password(1, "anna", "secret");
	expect_ok(1);
	say_password(2, "anna", "secret");
	assert_int_equal(world.sent_n, world.read_n + 1);
	expect_ok(2);
	say_password(3, "anna", "secrex");
	expect_no(3, REFUSAL_FAILED);
}

static void
remembering_can_be_turned_off(void **state)
{
	(void)state;
	use(NO_DELAY "remember-time = 0", "");
	say_password(1, "anna", "secret");
	expect_ok(1);
	say_password(2, "anna", "secret");
	assert_int_equal(world.sent_n, world.read_n);
	expect_ok(2);
}

static void
a_changed_password_is_forgotten_at_once_and_mail_is_told(void **state)
{
	struct secret s;
	struct sent *m;

	(void)state;
	say_password(1, "anna", "secret");
	expect_ok(1);
	assert_ok(secret_make(&cheap, SPAN("new"), &s));
	assert_ok(directory_set_secret(world.directory, world.anna, &s));
	say_password(2, "anna", "secret");
	m = next(MSG_ACCOUNT_GONE);
	assert_ptr_equal(m->peer, &mail);
	assert_int_equal(m->m.account_gone.account, world.anna);
	expect_no(2, REFUSAL_FAILED);
	say_password(3, "anna", "new");
	expect_ok(3);
}

static void
mail_hears_of_a_change_without_a_login(void **state)
{
	(void)state;
	assert_ok(directory_set_quota(world.directory, world.anna, 1, 1));
	assert_ok(directory_delete(world.directory, world.anna));
	assert_int_equal(next(MSG_ACCOUNT_GONE)->m.account_gone.account,
	    world.anna);
	assert_null(next_within(0));
}

static void
mail_hears_of_limits_with_the_settings_defaults(void **state)
{
	static const struct {
		uint64_t bytes;
		uint64_t messages;
		uint64_t want_bytes; /* 0: no limit */
		uint64_t want_messages;
	} cases[] = {
		{ 5000, 7, 5000, 7 },
		{ 0, ACCOUNT_NO_QUOTA, 1024, 0 },
		{ ACCOUNT_NO_QUOTA, 0, 0, 9 },
	};

	(void)state;
	use(NO_DELAY, "quota { bytes = 1K messages = 9 }");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sent *s;

		assert_ok(directory_set_quota(world.directory, world.anna,
		    cases[i].bytes, cases[i].messages));
		s = next(MSG_ACCOUNT_LIMITS);
		assert_ptr_equal(s->peer, &mail);
		assert_int_equal(s->m.account_limits.account, world.anna);
		assert_int_equal(s->m.account_limits.quota_bytes,
		    cases[i].want_bytes);
		assert_int_equal(s->m.account_limits.quota_messages,
		    cases[i].want_messages);
	}
	assert_null(next_within(0));
}

static void
a_mail_that_stayed_hears_what_happened_before(void **state)
{
	(void)state;
	auth_free(&world.auth);
	assert_ok(directory_set_enabled(world.directory, world.anna, false));
	start_auth();
	world.read_n--;
	assert_int_equal(next(MSG_ACCOUNT_GONE)->m.account_gone.account,
	    world.anna);
}

static void
a_ticket_of_a_deleted_account_is_void(void **state)
{
	struct span ticket;

	(void)state;
	say_password(1, "anna", "secret");
	assert_int_equal(redeem(expect_ok(1))->m.account.result, ACCOUNT_FOUND);
	say_password(2, "anna", "secret");
	ticket = expect_ok(2);
	assert_ok(directory_delete(world.directory, world.anna));
	say_redeem(ticket);
	(void)next(MSG_ACCOUNT_GONE);
	assert_int_equal(redeemed()->m.account.result, ACCOUNT_UNKNOWN);
}

static void
lookups_give_limits_with_the_settings_defaults(void **state)
{
	struct sent *s;

	(void)state;
	use("", "quota { bytes = 1K messages = 7 }\n");
	s = lookup("ANNA");
	assert_int_equal(s->m.account.id, 6);
	assert_int_equal(s->m.account.result, ACCOUNT_FOUND);
	assert_int_equal(s->m.account.quota_bytes, 1024);
	assert_int_equal(s->m.account.quota_messages, 7);
	assert_ok(directory_set_quota(world.directory, world.anna, 5,
	    ACCOUNT_NO_QUOTA));
	s = lookup("anna");
	assert_int_equal(s->m.account.quota_bytes, 5);
	assert_int_equal(s->m.account.quota_messages, 0);
	assert_int_equal(lookup("bob")->m.account.result, ACCOUNT_UNKNOWN);
	assert_ok(directory_set_enabled(world.directory, world.anna, false));
	assert_int_equal(lookup("anna")->m.account.result, ACCOUNT_DISABLED);
}

static void
whoever_guesses_is_blocked(void **state)
{
	struct message m;

	(void)state;
	use(NO_DELAY "failures-per-user = 3 failures-per-address = 4", "");
	for (uint64_t i = 1; i <= 3; i++) {
		say_password(i, "anna", "wrong");
		expect_no(i, REFUSAL_FAILED);
	}
	assert_true(logged("event=auth.user.blocked user=\"anna\" "
			   "failures=3"));
	say_password(4, "anna", "secret");
	expect_no(4, REFUSAL_LIMIT);
	start(5, "PLAIN", &SPAN("\0anna\0secret"));
	expect_no(5, REFUSAL_LIMIT);
	start(6, "SCRAM-SHA-256", &SPAN("n,,n=anna,r=abcdefgh"));
	expect_no(6, REFUSAL_LIMIT);
	assert_true(logged("reason=\"user-blocked\""));

	say_password(7, "bob", "wrong");
	expect_no(7, REFUSAL_FAILED);
	assert_true(logged("event=auth.address.blocked peer=\"192.0.2.1\" "
			   "failures=4"));
	start(8, "LOGIN", NULL); /* before it says who it is */
	expect_no(8, REFUSAL_LIMIT);
	m = password_of(9, "192.0.2.9", "cy", "x");
	assert_true(say(&gate, &m));
	expect_no(9, REFUSAL_FAILED);
}

static void
failures_are_told_later_and_successes_at_once(void **state)
{
	int64_t begin;

	(void)state;
	use("failure-delay = 1s", "");
	begin = clock_now_ms();
	say_password(1, "anna", "wrong");
	say_password(2, "anna", "secret");
	expect_ok(2);
	say_password(3, "bob", "wrong"); /* given up before it is told */
	assert_null(next_within(400));
	say_abort(3);
	expect_no(1, REFUSAL_FAILED);
	assert_true(clock_now_ms() - begin >= 1000);
	assert_null(next_within(1500));
}

/* Else guessing costs nothing: who is wrong is told late, so hang up early. */
static void
giving_up_early_hides_no_failure(void **state)
{
	(void)state;
	use(NO_DELAY "failures-per-user = 1", "");
	say_password(1, "anna", "wrong");
	say_abort(1);
	assert_null(next_within(500));
	assert_true(logged("reason=\"wrong-password\""));
	say_password(1, "anna", "secret");
	expect_no(1, REFUSAL_LIMIT);
}

static void
a_gate_that_goes_takes_its_logins_along(void **state)
{
	(void)state;
	start(1, "PLAIN", NULL);
	next(MSG_AUTH_CHALLENGE);
	say_password(2, "anna", "secret");
	say_password(3, "anna", "wrong");
	auth_peer_down(world.auth, &gate);
	assert_null(next_within(500));
	auth_peer_down(world.auth, &gate); /* not there: nothing happens */
	auth_peer_up(world.auth, ROLE_GATE, &gate);
	next(MSG_AUTH_MECHS);
	say_password(1, "anna", "secret");
	expect_ok(1);
}

static void
ids_are_each_gates_own(void **state)
{
	struct message m = password_of(1, "192.0.2.1", "anna", "secret");
	struct sent *a, *b;

	(void)state;
	assert_true(say(&gate, &m));
	assert_true(say(&other_gate, &m));
	a = next(MSG_AUTH_OK);
	b = next(MSG_AUTH_OK);
	assert_ptr_not_equal(a->peer, b->peer);
}

static void
what_makes_no_sense_cuts_the_gate_off(void **state)
{
	struct message m = password_of(1, "192.0.2.1", "anna", "secret");

	(void)state;
	assert_true(say(&gate, &m));
	assert_false(say(&gate, &m));             /* an id that is taken */
	assert_false(say_step(1, SPAN("hello"))); /* unasked */
	assert_true(say_step(77, SPAN("hello"))); /* it has just ended */
	say_abort(77);
	m.type = MSG_AUTH_OK;
	assert_false(say(&gate, &m));
	expect_ok(1);
}

static void
a_gates_logins_are_bounded(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= LIMIT_EXCHANGES; i++) {
		start(i, "PLAIN", NULL);
		next(MSG_AUTH_CHALLENGE);
	}
	start(LIMIT_EXCHANGES + 1, "PLAIN", NULL);
	expect_no(LIMIT_EXCHANGES + 1, REFUSAL_UNAVAILABLE);
	say_abort(1);
	start(LIMIT_EXCHANGES + 1, "PLAIN", NULL);
	next(MSG_AUTH_CHALLENGE);
}

static void
passwords_that_wait_are_bounded(void **state)
{
	uint64_t id = 1, threads = world.config->auth.threads;

	(void)state;
	for (; id <= LIMIT_CHECKS + threads; id++)
		say_password(id, "anna", "secret");
	assert_int_equal(world.sent_n, world.read_n);
	say_password(id, "anna", "secret");
	expect_no(id, REFUSAL_UNAVAILABLE);
	assert_true(logged("reason=\"queue-full\""));
	for (id = 1; id <= LIMIT_CHECKS + threads; id++)
		say_abort(id);
}

static void
last_logins_are_written_at_the_end_at_the_latest(void **state)
{
	struct account a;

	(void)state;
	say_password(1, "anna", "secret");
	expect_ok(1);
	auth_free(&world.auth);
	assert_ok(directory_find(world.directory, SPAN("anna"), &a));
	assert_in_range(a.last_login_wall, clock_wall() - 60, clock_wall());
}

static void
without_a_folder_there_is_no_auth(void **state)
{
	const struct config *elsewhere = config_default();
	const struct auth_options o = { .loop = world.loop,
		.config = elsewhere,
		.send = keep };
	struct auth *a = NULL;

	(void)state;
	assert_int_equal(auth_new(&o, &a), ST_IO);
	assert_null(a);
	config_unref(&elsewhere);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gates_are_told_the_mechanisms),
		TEST(a_good_password_gives_a_ticket_for_the_account),
		TEST(a_wrong_password_and_a_stranger_look_the_same),
		TEST(plain_and_login_work_through_messages),
		TEST(scram_ends_with_the_servers_last_word),
		TEST(a_certificate_logs_in),
		TEST(passwords_are_not_taken_in_the_clear),
		TEST(plus_needs_a_binding),
		TEST(a_disabled_account_is_told_so_if_the_password_is_right),
		TEST(a_remembered_password_is_answered_at_once),
		TEST(remembering_can_be_turned_off),
		TEST(a_changed_password_is_forgotten_at_once_and_mail_is_told),
		TEST(mail_hears_of_a_change_without_a_login),
		TEST(mail_hears_of_limits_with_the_settings_defaults),
		TEST(a_mail_that_stayed_hears_what_happened_before),
		TEST(a_ticket_of_a_deleted_account_is_void),
		TEST(lookups_give_limits_with_the_settings_defaults),
		TEST(whoever_guesses_is_blocked),
		TEST(failures_are_told_later_and_successes_at_once),
		TEST(giving_up_early_hides_no_failure),
		TEST(a_gate_that_goes_takes_its_logins_along),
		TEST(ids_are_each_gates_own),
		TEST(what_makes_no_sense_cuts_the_gate_off),
		TEST(a_gates_logins_are_bounded),
		TEST(passwords_that_wait_are_bounded),
		TEST(last_logins_are_written_at_the_end_at_the_latest),
		TEST(without_a_folder_there_is_no_auth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
