#include "gate/test_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* Rule 39: IMAP4rev1 first, IDLE even before login. */
static void
the_greeting_says_what_is_offered(void **state)
{
	(void)state;
	connect_as("192.0.2.7", false);
	assert_string_equal(heard(),
	    "* OK [CAPABILITY IMAP4rev1 IMAP4rev2 IDLE SASL-IR ID ENABLE "
	    "LITERAL+ STARTTLS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN] "
	    "mx Newel ready\r\n");
}

static void
without_tls_plain_text_logins_are_not_offered(void **state)
{
	(void)state;
	configure(HOST "imap { literal = minus }\n", true);
	connect_as("192.0.2.7", false);
	assert_string_equal(heard(),
	    "* OK [CAPABILITY IMAP4rev1 IMAP4rev2 IDLE SASL-IR ID ENABLE "
	    "LITERAL- STARTTLS LOGINDISABLED AUTH=SCRAM-SHA-256] "
	    "mx Newel ready\r\n");
#define NEEDS_TLS \
	" NO [PRIVACYREQUIRED] Not without TLS: use STARTTLS or the port " \
	"with TLS\r\n"
	expect("a LOGIN ada secret\r\n", "a" NEEDS_TLS);
	expect("b AUTHENTICATE plain AGFkYQBzZWNyZXQ=\r\n", "b" NEEDS_TLS);
	/* A password in a literal is not even asked for. */
	expect("c LOGIN ada {6}\r\n", "c" NEEDS_TLS);
	expect("d LOGIN ada {6+}\r\nsecret\r\n", "d" NEEDS_TLS);
	assert_int_equal(asked, 0);
}

static void
commands_before_login_are_answered(void **state)
{
	static const struct {
		const char *what;
		const char *answer;
	} cases[] = {
		{ "a NOOP\r\n", "a OK Nothing done\r\n" },
		{ "b capability\r\n",
		    "* CAPABILITY IMAP4rev1 IMAP4rev2 IDLE SASL-IR ID ENABLE "
		    "LITERAL+ STARTTLS AUTH=SCRAM-SHA-256 AUTH=PLAIN "
		    "AUTH=LOGIN\r\nb OK That is all\r\n" },
		{ "c ID NIL\r\n",
		    "* ID (\"name\" \"Newel\" \"version\" \"" NEWEL_VERSION
		    "\")\r\nc OK Pleased to meet you\r\n" },
		{ "d ID (\"name\" {3}\r\n", "+ Ready\r\n" },
		{ "foo \"version\" NIL)\r\n",
		    "* ID (\"name\" \"Newel\" \"version\" \"" NEWEL_VERSION
		    "\")\r\nd OK Pleased to meet you\r\n" },
		{ "e SELECT INBOX\r\n", "e BAD Log in first\r\n" },
		{ "f UID FETCH 1 FLAGS\r\n", "f BAD Log in first\r\n" },
		{ "g XYZZY\r\n", "g BAD There is no such command\r\n" },
		{ "h NOOP now\r\n",
		    "h BAD Unexpected text behind the arguments\r\n" },
		{ "i APPEND INBOX {5}\r\n", "i BAD Log in first\r\n" },
		{ "j NOOP {5}\r\n", "j BAD This command takes no literal\r\n" },
		{ "k LOGIN {5000}\r\n", "k BAD The literal is too big\r\n" },
		{ "l AUTHENTICATE SCRAM-SHA-256-PLUS\r\n",
		    "l NO This mechanism is not offered here\r\n" },
		{ "m AUTHENTICATE PLAIN %\r\n", "m BAD Expected an atom\r\n" },
		{ "n NOOP\r\n", "n OK Nothing done\r\n" },
	};

	(void)state;
	connect_client();
	for (size_t i = 0; i < COUNT(cases); i++)
		expect(cases[i].what, cases[i].answer);
}

static void
commands_sent_together_are_answered_in_order(void **state)
{
	(void)state;
	connect_client();
	expect("a NOOP\r\nb XYZZY\r\nc NO", "a OK Nothing done\r\n"
					    "b BAD There is no such "
					    "command\r\n");
	expect("OP\r\n", "c OK Nothing done\r\n");
}

static void
logout_says_bye_and_closes(void **state)
{
	(void)state;
	connect_client();
	expect("a LOGOUT\r\nb NOOP\r\n",
	    "* BYE Goodbye\r\na OK Logged out\r\n");
	assert_true(is_closed());
	run();
	assert_int_equal(gate->conn_count, 0);
}

static void
a_client_that_speaks_another_protocol_is_dropped(void **state)
{
	(void)state;
	connect_client();
	for (int i = 0; i < LIMIT_PREAUTH_ERRORS; i++)
		say("Host: example.org\r\n");
	assert_non_null(strstr(heard(), "* BYE Too many bad commands\r\n"));
	assert_true(is_closed());
}

static void
input_before_login_is_bounded(void **state)
{
	static char line[3UL * LIMIT_PREAUTH_LINE];

	(void)state;
	connect_client();
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "a NOOP ", 7);
	say(line);
	assert_true(gate->first->reader.text.cap <= 2UL * LIMIT_PREAUTH_LINE);
	expect("\r\nb NOOP\r\n", "a BAD The command is too long\r\n"
				 "b OK Nothing done\r\n");
	expect("c NOOP \0\r\n", "");
}

static void
a_client_that_does_not_read_is_not_read(void **state)
{
	CLEANUP(buf_clear) struct buf flood = { 0 };
	size_t waiting;

	(void)state;
	connect_client();
	for (int i = 0; i < 4000; i++)
		BUF_LIT(&flood, "a CAPABILITY\r\n");
	for (int i = 0; i < 100; i++) {
		(void)!write(client, flood.p, flood.n);
		run();
	}
	waiting = stream_waiting(gate->first->stream);
	assert_in_range(waiting, 1, LIMIT_PREAUTH_OUTPUT + 1000);
	assert_true(stream_memory(gate->first->stream) <
		    4 * LIMIT_PREAUTH_OUTPUT + 4 * LOOP_SCRATCH);
	for (int i = 0; i < 200; i++) {
		(void)heard();
		run();
	}
	assert_int_equal(stream_waiting(gate->first->stream), 0);
}

static void
login_passes_the_socket_to_mail(void **state)
{
	(void)state;
	connect_client();
	say("a1 LOGIN ada@example.org \"se\\\"cret\"\r\nb NOOP\r\nc NO");
	assert_int_equal(asked, 1);
	assert_int_equal(to_auth.type, MSG_AUTH_PASSWORD);
	assert_span(to_auth.auth_password.user, "ada@example.org");
	assert_span(to_auth.auth_password.password, "se\"cret");
	assert_span(to_auth.auth_password.peer, "192.0.2.7");
	assert_false(to_auth.auth_password.tls);
	assert_string_equal(heard(), "");

	auth_agrees("");
	assert_int_equal(passed, 1);
	assert_span(session.ticket, "0123456789abcdef");
	assert_span(session.tag, "a1");
	assert_false(session.authenticate);
	assert_span(session.input, "b NOOP\r\nc NO");
	assert_span(session.peer, "192.0.2.7");
	assert_int_equal(session.peer_port, 4711);
	assert_false(session.tls);
	assert_string_equal(heard(), "");

	/* It is the client's own connection. */
	say("OP\r\n");
	assert_string_equal(read_all(session_fd), "OP\r\n");
	assert_int_equal(gate->conn_count, 0);
	assert_int_equal(counters_sum(counters, GAUGE_CONNECTIONS), 0);
}

static void
login_takes_literals(void **state)
{
	(void)state;
	connect_client();
	expect("a LOGIN {3}\r\n", "+ Ready\r\n");
	expect("ada {6}\r\n", "+ Ready\r\n");
	say("secret\r\n");
	assert_span(to_auth.auth_password.user, "ada");
	assert_span(to_auth.auth_password.password, "secret");
	auth_refuses(REFUSAL_FAILED, "");
	(void)heard();
	say("b LOGIN {3+}\r\nada {6+}\r\nsecret\r\n");
	assert_int_equal(asked, 2);
}

static void
refusals_have_their_codes(void **state)
{
	static const struct {
		enum refusal code;
		const char *text;
		const char *answer;
	} cases[] = {
		{ REFUSAL_FAILED, "",
		    "a NO [AUTHENTICATIONFAILED] The user name or the "
		    "password is wrong\r\n" },
		{ REFUSAL_FAILED, "Wrong",
		    "a NO [AUTHENTICATIONFAILED] "
		    "Wrong\r\n" },
		{ REFUSAL_DISABLED, "",
		    "a NO [AUTHORIZATIONFAILED] This "
		    "account may not log in\r\n" },
		{ REFUSAL_UNAVAILABLE, "",
		    "a NO [UNAVAILABLE] Nobody can log "
		    "in now, try again later\r\n" },
		{ REFUSAL_LIMIT, "",
		    "a NO [LIMIT] Too many failed logins, "
		    "try again later\r\n" },
		{ REFUSAL_BAD, "",
		    "a BAD This is not what the mechanism "
		    "expects\r\n" },
	};

	(void)state;
	connect_client();
	for (size_t i = 0; i < COUNT(cases); i++) {
		say("a LOGIN ada wrong\r\nb NOOP\r\n");
		auth_refuses(cases[i].code, cases[i].text);
		assert_memory_equal(heard(), cases[i].answer,
		    strlen(cases[i].answer));
	}
}

static void
what_is_pipelined_behind_a_failed_login_runs(void **state)
{
	(void)state;
	connect_client();
	say("a LOGIN ada wrong\r\nb NOOP\r\n");
	assert_string_equal(heard(), "");
	auth_refuses(REFUSAL_FAILED, "No");
	assert_string_equal(heard(),
	    "a NO [AUTHENTICATIONFAILED] No\r\nb OK Nothing done\r\n");
}

static void
many_failed_logins_end_the_connection(void **state)
{
	(void)state;
	connect_client();
	for (int i = 0; i < LIMIT_PREAUTH_FAILURES; i++) {
		assert_false(is_closed());
		say("a LOGIN ada wrong\r\n");
		auth_refuses(REFUSAL_FAILED, "");
	}
	assert_non_null(strstr(heard(), "* BYE Too many failed logins\r\n"));
	assert_true(is_closed());
}

static void
a_name_or_password_too_long_fails_without_auth(void **state)
{
	char line[2000];

	(void)state;
	connect_client();
	snprintf(line, sizeof(line), "a LOGIN ada %01500d\r\n", 0);
	say(line);
	assert_int_equal(asked, 0);
	assert_non_null(strstr(heard(), "a NO [AUTHENTICATIONFAILED]"));
}

/* RFC 4959 and rule 13. */
static void
authenticate_relays_blobs(void **state)
{
	(void)state;
	connect_client();
	say("a AUTHENTICATE SCRAM-SHA-256\r\n");
	assert_int_equal(to_auth.type, MSG_AUTH_START);
	assert_span(to_auth.auth_start.mechanism, "SCRAM-SHA-256");
	assert_false(to_auth.auth_start.has_initial);
	assert_int_equal(to_auth.auth_start.n_bindings, 0);
	auth_challenges("");
	assert_string_equal(heard(), "+ \r\n");
	say("bixhLHI9MQ==\r\n");
	assert_int_equal(to_auth.type, MSG_AUTH_STEP);
	assert_span(to_auth.auth_step.blob, "n,a,r=1");
	auth_challenges("r=12");
	assert_string_equal(heard(), "+ cj0xMg==\r\n");
	say("\r\n");
	assert_span(to_auth.auth_step.blob, "");

	/* The server's last word is a challenge that is left unanswered. */
	auth_agrees("v=ok");
	assert_string_equal(heard(), "+ dj1vaw==\r\n");
	assert_int_equal(passed, 0);
	say("\r\nb NOOP\r\n");
	assert_int_equal(passed, 1);
	assert_true(session.authenticate);
	assert_span(session.tag, "a");
	assert_span(session.input, "b NOOP\r\n");
}

static void
an_initial_response_may_be_empty(void **state)
{
	(void)state;
	connect_client();
	say("a AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ=\r\n");
	assert_true(to_auth.auth_start.has_initial);
	assert_span(to_auth.auth_start.initial, "\0ada\0secret");
	auth_refuses(REFUSAL_FAILED, "");
	(void)heard();
	say("b AUTHENTICATE PLAIN =\r\n");
	assert_true(to_auth.auth_start.has_initial);
	assert_span(to_auth.auth_start.initial, "");
}

static void
an_exchange_can_be_cancelled_and_must_be_base64(void **state)
{
	static const struct {
		const char *line;
		const char *answer;
	} cases[] = {
		{ "*\r\n", "a BAD Cancelled\r\n" },
		{ "abc\r\n", "a BAD This is not base64\r\n" },
		{ "a===\r\n", "a BAD This is not base64\r\n" },
		{ "b LOGOUT\r\n", "a BAD This is not base64\r\n" },
	};

	(void)state;
	connect_client();
	for (size_t i = 0; i < COUNT(cases); i++) {
		say("a AUTHENTICATE PLAIN\r\n");
		auth_challenges("");
		(void)heard();
		expect(cases[i].line, cases[i].answer);
		assert_int_equal(to_auth.type, MSG_AUTH_ABORT);
	}
	expect("c AUTHENTICATE PLAIN abc\r\n",
	    "c BAD The initial response is not base64\r\n");
	expect("d NOOP\r\n", "d OK Nothing done\r\n");
}

static void
a_sasl_response_is_bounded(void **state)
{
	static char line[LIMIT_PREAUTH_LINE + 100];

	(void)state;
	connect_client();
	say("a AUTHENTICATE PLAIN\r\n");
	auth_challenges("");
	(void)heard();
	memset(line, 'A', sizeof(line) - 1);
	say(line);
	expect("\r\nb NOOP\r\n",
	    "a BAD This response is too long, or has a NUL\r\n"
	    "b OK Nothing done\r\n");
	assert_int_equal(to_auth.type, MSG_AUTH_ABORT);
}

static void
a_last_challenge_takes_no_answer(void **state)
{
	(void)state;
	connect_client();
	say("a AUTHENTICATE SCRAM-SHA-256 biw=\r\n");
	auth_agrees("v=ok");
	(void)heard();
	expect("QQ==\r\n", "a BAD Nothing was left to be said\r\n");
	assert_int_equal(passed, 0);
}

static void
without_auth_nobody_logs_in(void **state)
{
	(void)state;
	connect_client();
	auth_is_gone = true;
	expect("a LOGIN ada secret\r\n", "a NO [UNAVAILABLE] Nobody can log in "
					 "now, try again later\r\n");
}

static void
an_auth_that_dies_leaves_no_client_waiting(void **state)
{
	(void)state;
	connect_client();
	say("a LOGIN ada secret\r\nb NOOP\r\n");
	gate_auth_gone(gate);
	run();
	assert_string_equal(heard(), "a NO [UNAVAILABLE] Nobody can log in "
				     "now, try again later\r\n"
				     "b OK Nothing done\r\n");
	/* What it says of exchanges that are over is not ours. */
	auth_agrees("");
	assert_int_equal(passed, 0);
}

static void
without_mail_nobody_logs_in(void **state)
{
	(void)state;
	connect_client();
	mail_is_gone = true;
	say("a LOGIN ada secret\r\n");
	auth_agrees("");
	assert_string_equal(heard(), "a NO [UNAVAILABLE] The mail store is "
				     "not there, try again later\r\n");
	mail_is_gone = false;
	say("b LOGIN ada secret\r\n");
	auth_agrees("");
	assert_int_equal(passed, 1);
}

static void
answers_that_make_no_sense_are_told(void **state)
{
	struct message m = { .type = MSG_AUTH_OK };

	(void)state;
	connect_client();
	say("a AUTHENTICATE PLAIN\r\n");
	auth_challenges("");
	m.auth_ok = (struct msg_auth_ok){ to_auth.auth_start.id,
		SPAN("0123456789abcdef"), SPAN("") };
	assert_false(gate_message(gate, &m)); /* the client is to answer */
	m.type = MSG_SESSION;
	assert_false(gate_message(gate, &m));
}

static void
a_client_that_leaves_aborts_its_exchange(void **state)
{
	(void)state;
	connect_client();
	say("a AUTHENTICATE PLAIN\r\n");
	auth_challenges("");
	hang_up();
	run();
	assert_int_equal(to_auth.type, MSG_AUTH_ABORT);
	assert_int_equal(gate->conn_count, 0);
	assert_int_equal(counters_sum(counters, GAUGE_CONNECTIONS), 0);
}

static void
wait_ms(uint64_t ms)
{
	uint64_t until = uv_hrtime() / 1000000 + ms;

	while (uv_hrtime() / 1000000 < until) {
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		uv_sleep(10);
	}
}

static void
who_is_slow_to_log_in_is_told_and_dropped(void **state)
{
	int half_open[2];
	struct address peer = { .text = "192.0.2.8" };

	(void)state;
	configure(OPEN "limits { login-time = 5s }\n", true);
	connect_client();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, half_open), 0);
	conn_new(gate, half_open[0], &peer, true); /* no handshake comes */
	gate_tick(gate, loop_now_ms(loop) + 4000);
	run();
	assert_string_equal(heard(), "");
	gate_tick(gate, loop_now_ms(loop) + 6000);
	run();
	assert_string_equal(heard(),
	    "* BYE You have not logged in in time\r\n");
	assert_true(is_closed());
	assert_int_equal(read(half_open[1], &(char){ 0 }, 1), 0);
	(void)close(half_open[1]);
	assert_int_equal(gate->conn_count, 0);

	/* Then it has nothing to do at all. */
	gate_tick(gate, loop_now_ms(loop));
	assert_false(uv_is_active((uv_handle_t *)&gate->tick));
}

static void
connections_are_limited_by_address_and_before_login(void **state)
{
	int first;
	int second;

	(void)state;
	configure(OPEN "limits { connections-per-address = 1\n"
		       "preauth-connections = 2 }\n",
	    true);
	connect_as("192.0.2.1", false);
	first = client;
	connect_as("192.0.2.1", false);
	assert_string_equal(heard(), "* BYE [UNAVAILABLE] Too many "
				     "connections, try again later\r\n");
	assert_true(is_closed());
	hang_up();
	connect_as("192.0.2.2", false);
	second = client;
	assert_non_null(strstr(heard(), "* OK"));
	connect_as("192.0.2.3", false);
	assert_non_null(strstr(heard(), "* BYE"));
	hang_up();

	(void)close(first);
	run();
	connect_as("192.0.2.1", false);
	assert_non_null(strstr(heard(), "* OK"));
	(void)close(second);
}

static void
without_a_certificate_there_is_no_tls(void **state)
{
	(void)state;
	configure(OPEN, false);
	connect_as("192.0.2.7", false);
	assert_null(strstr(heard(), "STARTTLS"));
	expect("a STARTTLS\r\n", "a BAD There is no TLS here\r\n");
	hang_up();
	connect_as("192.0.2.7", true);
	assert_true(is_closed());
}

static void
a_bad_certificate_leaves_the_old_one(void **state)
{
	CLEANUP(buf_clear) struct buf good = chain;

	(void)state;
	chain = (struct buf){ 0 };
	BUF_LIT(&chain, "nonsense");
	configure(OPEN, true);
	buf_clear(&chain);
	chain = good;
	good = (struct buf){ 0 };
	connect_as("192.0.2.7", false);
	assert_non_null(strstr(heard(), "STARTTLS"));
}

static void
stopping_says_bye_and_ends_when_all_have_gone(void **state)
{
	(void)state;
	connect_client();
	gate_stop(gate);
	assert_int_equal(finishes, 0);
	run();
	assert_string_equal(heard(),
	    "* BYE [UNAVAILABLE] The server is shutting down\r\n");
	assert_true(is_closed());
	assert_int_equal(finishes, 1);
}

static void
clients_wait_until_auth_is_there(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)state;
	gate->ready = false;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	gate_listen(gate, LISTEN_IMAP, fd);
	client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&a, n), 0);
	assert_int_equal(fcntl(client, F_SETFL, O_NONBLOCK), 0);
	run();
	assert_string_equal(heard(), "");
	offer("PLAIN");
	wait_ms(50);
	assert_non_null(strstr(heard(), "AUTH=PLAIN]"));
	say("a LOGIN ada secret\r\n");
	wait_ms(50);
	auth_agrees("");
	assert_span(session.peer, "127.0.0.1");
	assert_span(session.local, "127.0.0.1");
	assert_int_equal(session.local_port, ntohs(a.sin_port));
	assert_true(session.peer_port > 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_greeting_says_what_is_offered),
		T(without_tls_plain_text_logins_are_not_offered),
		T(commands_before_login_are_answered),
		T(commands_sent_together_are_answered_in_order),
		T(logout_says_bye_and_closes),
		T(a_client_that_speaks_another_protocol_is_dropped),
		T(input_before_login_is_bounded),
		T(a_client_that_does_not_read_is_not_read),
		T(login_passes_the_socket_to_mail),
		T(login_takes_literals),
		T(refusals_have_their_codes),
		T(what_is_pipelined_behind_a_failed_login_runs),
		T(many_failed_logins_end_the_connection),
		T(a_name_or_password_too_long_fails_without_auth),
		T(authenticate_relays_blobs),
		T(an_initial_response_may_be_empty),
		T(an_exchange_can_be_cancelled_and_must_be_base64),
		T(a_sasl_response_is_bounded),
		T(a_last_challenge_takes_no_answer),
		T(without_auth_nobody_logs_in),
		T(an_auth_that_dies_leaves_no_client_waiting),
		T(without_mail_nobody_logs_in),
		T(answers_that_make_no_sense_are_told),
		T(a_client_that_leaves_aborts_its_exchange),
		T(who_is_slow_to_log_in_is_told_and_dropped),
		T(connections_are_limited_by_address_and_before_login),
		T(without_a_certificate_there_is_no_tls),
		T(a_bad_certificate_leaves_the_old_one),
		T(stopping_says_bye_and_ends_when_all_have_gone),
		T(clients_wait_until_auth_is_there),
	};

	return cmocka_run_group_tests(tests, make_certificate,
	    drop_certificate);
}
