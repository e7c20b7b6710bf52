#include "base/test.h"

#include <stdio.h>

#include "service/message.h"

#define TICKET "0123456789abcdef"

/* One of each type, with every field set, and who says it to whom. */
static const struct {
	enum role from;
	enum role to;
	struct message m;
} samples[] = {
	{ ROLE_MASTER, ROLE_GATE,
	    { .type = MSG_SETTINGS,
		.settings = { .file = SPAN_INIT("/etc/newel/newel.conf"),
		    .text = SPAN_INIT("limits { append = 1M }\n"),
		    .n_certificates = 2,
		    .certificates = { { SPAN_INIT("chain"), SPAN_INIT("key") },
			{ SPAN_INIT("chain2"), SPAN_INIT("key2") } },
		    .client_ca = SPAN_INIT("ca"),
		    .ticket_key = SPAN_INIT("new"),
		    .ticket_key_previous = SPAN_INIT("old") } } },
	{ ROLE_MASTER, ROLE_AUTH,
	    { .type = MSG_PEER, .peer = { ROLE_GATE, 3 } } },
	{ ROLE_MASTER, ROLE_MAIL,
	    { .type = MSG_LISTEN,
		.listen = { LISTEN_LMTP, SPAN_INIT("[::1]:24") } } },
	{ ROLE_MASTER, ROLE_MAIL,
	    { .type = MSG_COUNTERS, .counters = { .row = 5 } } },
	{ ROLE_MASTER, ROLE_GATE, { .type = MSG_STOP } },
	{ ROLE_AUTH, ROLE_MASTER,
	    { .type = MSG_READY, .ready = { ROLE_AUTH } } },
	{ ROLE_GATE, ROLE_AUTH,
	    { .type = MSG_AUTH_START,
		.auth_start = { .id = UINT64_MAX,
		    .peer = SPAN_INIT("2001:db8::1"),
		    .tls = true,
		    .mechanism = SPAN_INIT("SCRAM-SHA-256-PLUS"),
		    .has_initial = true,
		    .initial = SPAN_INIT("p=tls-exporter,,n=u,r=\0"),
		    .n_bindings = 2,
		    .bindings = { { SPAN_INIT("tls-exporter"),
				      SPAN_INIT("\1\2\3") },
			{ SPAN_INIT("tls-server-end-point"),
			    SPAN_INIT("\4") } },
		    .identity = SPAN_INIT("ann@example.org") } } },
	{ ROLE_GATE, ROLE_AUTH,
	    { .type = MSG_AUTH_STEP, .auth_step = { 2, SPAN_INIT("c=") } } },
	{ ROLE_GATE, ROLE_AUTH,
	    { .type = MSG_AUTH_ABORT, .auth_abort = { .id = 3 } } },
	{ ROLE_GATE, ROLE_AUTH,
	    { .type = MSG_AUTH_PASSWORD,
		.auth_password = { .id = 4,
		    .peer = SPAN_INIT("192.0.2.1"),
		    .tls = true,
		    .user = SPAN_INIT("ann"),
		    .password = SPAN_INIT("secret") } } },
	{ ROLE_AUTH, ROLE_GATE,
	    { .type = MSG_AUTH_CHALLENGE,
		.auth_challenge = { 5, SPAN_INIT("r=") } } },
	{ ROLE_AUTH, ROLE_GATE,
	    { .type = MSG_AUTH_OK,
		.auth_ok = { 6, SPAN_INIT(TICKET), SPAN_INIT("v=") } } },
	{ ROLE_AUTH, ROLE_GATE,
	    { .type = MSG_AUTH_NO,
		.auth_no = { 7, REFUSAL_LIMIT, SPAN_INIT("Later") } } },
	{ ROLE_AUTH, ROLE_GATE,
	    { .type = MSG_AUTH_MECHS,
		.auth_mechs = { SPAN_INIT("PLAIN LOGIN") } } },
	{ ROLE_GATE, ROLE_MAIL,
	    { .type = MSG_SESSION,
		.session = { .ticket = SPAN_INIT(TICKET),
		    .tag = SPAN_INIT("a1"),
		    .authenticate = true,
		    .input = SPAN_INIT("a2 NOOP\r\n"),
		    .peer = SPAN_INIT("192.0.2.1"),
		    .peer_port = 65535,
		    .local = SPAN_INIT("192.0.2.2"),
		    .local_port = 993,
		    .tls = true,
		    .tls_version = SPAN_INIT("TLSv1.3"),
		    .tls_cipher = SPAN_INIT("TLS_AES_128_GCM_SHA256") } } },
	{ ROLE_MAIL, ROLE_AUTH,
	    { .type = MSG_REDEEM, .redeem = { 8, SPAN_INIT(TICKET) } } },
	{ ROLE_MAIL, ROLE_AUTH,
	    { .type = MSG_LOOKUP, .lookup = { 9, SPAN_INIT("ann") } } },
	{ ROLE_AUTH, ROLE_MAIL,
	    { .type = MSG_ACCOUNT,
		.account = { .id = 10,
		    .result = ACCOUNT_UNAVAILABLE,
		    .account = 77,
		    .name = SPAN_INIT("ann@example.org"),
		    .quota_bytes = UINT64_MAX,
		    .quota_messages = 1000 } } },
	{ ROLE_AUTH, ROLE_MAIL,
	    { .type = MSG_ACCOUNT_GONE, .account_gone = { 77 } } },
	{ ROLE_AUTH, ROLE_MAIL,
	    { .type = MSG_ACCOUNT_LIMITS, .account_limits = { 77, 1000, 0 } } },
};

/* A packet of that type, with a descriptor if there must be one. */
static struct packet
packet_of(enum message_type t, struct span payload)
{
	return (struct packet){ .type = (uint8_t)t,
		.payload = payload,
		.fd_count = message_has_fd(t) ? 1 : 0 };
}

static enum status
decode(size_t i, struct span payload, struct message *out, const char **why)
{
	const struct packet p = packet_of(samples[i].m.type, payload);

	return message_decode(samples[i].from, samples[i].to, &p, out, why);
}

static void
every_type_has_a_sample(void **state)
{
	(void)state;
	assert_int_equal(COUNT(samples), MSG_TYPES - 1);
	for (size_t i = 0; i < COUNT(samples); i++)
		assert_int_equal(samples[i].m.type, i + 1);
}

/* What was decoded packs to the same bytes: no field is lost or swapped. */
static void
every_message_survives_the_way(void **state)
{
	CLEANUP(buf_clear) struct buf once = { 0 };
	CLEANUP(buf_clear) struct buf again = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		struct message got = { 0 };
		const char *why;

		assert_ok(message_encode(&samples[i].m, &once));
		if (decode(i, buf_span(&once), &got, &why) != ST_OK)
			fail_msg("%s: %s", message_name(samples[i].m.type),
			    why);
		assert_ok(message_encode(&got, &again));
		assert_true(span_eq(buf_span(&once), buf_span(&again)));
	}
}

static void
fields_arrive_in_their_places(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct message m = { 0 };
	const char *why;

	(void)state;
	assert_ok(message_encode(&samples[MSG_SESSION - 1].m, &b));
	assert_ok(decode(MSG_SESSION - 1, buf_span(&b), &m, &why));
	assert_span(m.session.ticket, TICKET);
	assert_span(m.session.tag, "a1");
	assert_true(m.session.authenticate);
	assert_span(m.session.input, "a2 NOOP\r\n");
	assert_span(m.session.peer, "192.0.2.1");
	assert_int_equal(m.session.peer_port, 65535);
	assert_int_equal(m.session.local_port, 993);
	assert_span(m.session.tls_version, "TLSv1.3");
}

static void
cut_or_padded_payloads_are_refused(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct message m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		assert_ok(message_encode(&samples[i].m, &b));
		for (size_t n = 0; n < b.n; n++)
			assert_int_equal(decode(i, span_of(b.p, n), &m, NULL),
			    ST_BAD);
		buf_byte(&b, 0);
		assert_int_equal(decode(i, buf_span(&b), &m, NULL), ST_BAD);
	}
	assert_int_equal(m.type, 0);
}

/* Rights are a closed list: whoever isn't named may not send it. */
static void
only_the_named_roles_may_speak(void **state)
{
	static const char *const rights[] = { "settings master gate",
		"settings master auth", "settings master mail",
		"peer master gate", "peer master auth", "peer master mail",
		"listen master gate", "listen master mail",
		"counters master gate", "counters master auth",
		"counters master mail", "stop master gate", "stop master auth",
		"stop master mail", "ready gate master", "ready auth master",
		"ready mail master", "auth-start gate auth",
		"auth-step gate auth", "auth-abort gate auth",
		"auth-password gate auth", "auth-challenge auth gate",
		"auth-ok auth gate", "auth-no auth gate",
		"auth-mechs auth gate", "session gate mail", "redeem mail auth",
		"lookup mail auth", "account auth mail",
		"account-gone auth mail", "account-limits auth mail" };
	CLEANUP(buf_clear) struct buf b = { 0 };
	size_t allowed = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		enum message_type t = samples[i].m.type;
		struct packet p;

		assert_ok(message_encode(&samples[i].m, &b));
		p = packet_of(t, buf_span(&b));
		for (unsigned w = 0; w < ROLE_COUNT * ROLE_COUNT; w++) {
			enum role from = w / ROLE_COUNT;
			enum role to = w % ROLE_COUNT;
			char text[80];
			struct message m;

			if (message_decode(from, to, &p, &m, NULL) != ST_OK)
				continue;
			snprintf(text, sizeof(text), "%s %s %s",
			    message_name(t), role_name(from), role_name(to));
			assert_true(allowed < COUNT(rights));
			/* both are in the order of the types and the roles */
			assert_string_equal(text, rights[allowed]);
			allowed++;
		}
	}
	assert_int_equal(allowed, COUNT(rights));
}

static void
a_descriptor_comes_when_it_must_and_never_else(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct message m;

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		enum message_type t = samples[i].m.type;
		size_t must = message_has_fd(t) ? 1 : 0;
		struct packet p;

		assert_ok(message_encode(&samples[i].m, &b));
		p = packet_of(t, buf_span(&b));
		for (p.fd_count = 0; p.fd_count < 3; p.fd_count++)
			assert_int_equal(message_decode(samples[i].from,
					     samples[i].to, &p, &m, NULL),
			    p.fd_count == must ? ST_OK : ST_BAD);
	}
}

static void
unknown_types_are_refused(void **state)
{
	static const uint8_t types[] = { 0, MSG_TYPES, 255 };
	struct message m;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct packet p = { .type = types[i] };

		assert_int_equal(message_decode(ROLE_MASTER, ROLE_GATE, &p, &m,
				     &why),
		    ST_BAD);
		assert_string_equal(why, "unknown type");
	}
	assert_string_equal(message_name(MSG_TYPES), "?");
}

static void
fields_above_their_bounds_are_refused_on_both_sides(void **state)
{
	static unsigned char big[LIMIT_SESSION_INPUT + 1];
	CLEANUP(buf_clear) struct buf b = { 0 };
	const struct message cases[] = {
		{ .type = MSG_AUTH_STEP,
		    .auth_step = { 1, span_of(big, LIMIT_SASL_BLOB + 1) } },
		{ .type = MSG_AUTH_PASSWORD,
		    .auth_password = { .user = span_of(big,
					   LIMIT_USER_NAME + 1) } },
		{ .type = MSG_AUTH_PASSWORD,
		    .auth_password = { .password =
					   span_of(big, LIMIT_PASSWORD + 1) } },
		{ .type = MSG_AUTH_NO, .auth_no = { .code = REFUSAL_COUNT } },
		{ .type = MSG_AUTH_OK, .auth_ok = { .ticket = SPAN("short") } },
		{ .type = MSG_AUTH_OK,
		    .auth_ok = { .ticket = span_of(big, 17) } },
		{ .type = MSG_SESSION,
		    .session = { .ticket = SPAN(TICKET),
			.input = span_of(big, sizeof(big)) } },
		{ .type = MSG_SESSION,
		    .session = { .ticket = SPAN(TICKET), .peer_port = 65536 } },
		{ .type = MSG_PEER, .peer = { ROLE_MASTER, 0 } },
		{ .type = MSG_PEER, .peer = { ROLE_GATE, LIMIT_GATES } },
		{ .type = MSG_AUTH_START,
		    .auth_start = { .n_bindings = MSG_BINDINGS + 1 } },
		{ .type = MSG_SETTINGS,
		    .settings = { .n_certificates = LIMIT_CERTIFICATES + 1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum message_type t = cases[i].type;
		struct message m = { 0 };

		/* What is out of bounds is packed all the same. */
		assert_int_equal(message_encode(&cases[i], &b), ST_LIMIT);
		assert_int_equal(decode(t - 1, buf_span(&b), &m, NULL), ST_BAD);
		assert_int_equal(m.type, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_sample),
		cmocka_unit_test(every_message_survives_the_way),
		cmocka_unit_test(fields_arrive_in_their_places),
		cmocka_unit_test(cut_or_padded_payloads_are_refused),
		cmocka_unit_test(only_the_named_roles_may_speak),
		cmocka_unit_test(
		    a_descriptor_comes_when_it_must_and_never_else),
		cmocka_unit_test(unknown_types_are_refused),
		cmocka_unit_test(
		    fields_above_their_bounds_are_refused_on_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
