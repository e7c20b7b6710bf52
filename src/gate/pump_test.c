#include "gate/test_world.h"

#include <linux/sockios.h>
#include <malloc.h>
#include <openssl/err.h>
#include <sys/ioctl.h>

static void
start_tls(void)
{
	int rc = 0;

	ssl = SSL_new(ssl_ctx);
	SSL_set_fd(ssl, client);
	SSL_set_connect_state(ssl);
	for (int i = 0; i < 10 && rc != 1; i++) {
		rc = SSL_do_handshake(ssl);
		run();
	}
	assert_int_equal(rc, 1);
}

static void
say_tls(const char *text)
{
	size_t n;

	assert_int_equal(SSL_write_ex(ssl, text, strlen(text), &n), 1);
	run();
}

static const char *
heard_tls(void)
{
	static char room[1 << 20];
	size_t all = 0;
	size_t n;

	ERR_clear_error();
	while (SSL_read_ex(ssl, room + all, sizeof(room) - 1 - all, &n) == 1) {
		all += n;
		run();
	}
	room[all] = '\0';
	return room;
}

static bool
is_closed_tls(void)
{
	(void)heard_tls();
	return (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

/* A client that has logged in with TLS; session_fd is mail's end. */
static void
log_in(void)
{
	connect_as("192.0.2.7", true);
	start_tls();
	(void)heard_tls();
	say_tls("a LOGIN ada secret\r\n");
	auth_agrees("");
	assert_int_equal(passed, 1);
}

static void
the_greeting_with_tls_knows_the_handshake(void **state)
{
	const char *got;

	(void)state;
	configure(HOST, true);
	connect_as("192.0.2.7", true);
	start_tls();
	got = heard_tls();
	assert_null(strstr(got, "STARTTLS"));
	assert_null(strstr(got, "LOGINDISABLED"));
	assert_non_null(strstr(got, "LITERAL+ AUTH=SCRAM-SHA-256-PLUS "
				    "AUTH=SCRAM-SHA-256 AUTH=PLAIN "
				    "AUTH=LOGIN] mx Newel ready\r\n"));
}

static void
starttls_drops_what_was_injected(void **state)
{
	(void)state;
	configure(HOST, true);
	connect_client();
	say("a STARTTLS\r\nb LOGIN evil evil\r\n");
	assert_string_equal(heard(), "a OK Begin TLS now\r\n");
	start_tls();
	assert_string_equal(heard_tls(), "");
	assert_int_equal(asked, 0);

	/* No greeting again; what is offered is fresh (rule 39). */
	say_tls("c CAPABILITY\r\n");
	assert_null(strstr(heard_tls(), "LOGINDISABLED"));
	say_tls("d STARTTLS\r\n");
	assert_string_equal(heard_tls(), "d BAD TLS is there already\r\n");
	say_tls("e LOGIN ada secret\r\n");
	assert_true(to_auth.auth_password.tls);
}

static void
what_is_injected_while_the_handshake_runs_is_not_read(void **state)
{
	(void)state;
	connect_client();
	say("a STARTTLS\r\n");
	say("b LOGIN evil evil\r\n");
	assert_int_equal(asked, 0);
	assert_true(is_closed() || heard() != NULL);
	run();
	assert_int_equal(gate->conn_count, 0);
}

static void
a_mechanism_gets_what_it_can_bind_to(void **state)
{
	unsigned char want[32];

	(void)state;
	connect_as("192.0.2.7", true);
	start_tls();
	say_tls("a AUTHENTICATE SCRAM-SHA-256-PLUS\r\n");
	assert_int_equal(to_auth.auth_start.n_bindings, 2);
	assert_span(to_auth.auth_start.bindings[0].type, "tls-exporter");
	assert_int_equal(SSL_export_keying_material(ssl, want, sizeof(want),
			     "EXPORTER-Channel-Binding", 24, NULL, 0, 0),
	    1);
	assert_true(span_eq(to_auth.auth_start.bindings[0].data,
	    span_of(want, sizeof(want))));
	assert_span(to_auth.auth_start.bindings[1].type,
	    "tls-server-end-point");
	assert_int_equal(to_auth.auth_start.identity.n, 0);
}

static void
mail_gets_the_other_end_of_a_pump(void **state)
{
	(void)state;
	connect_as("192.0.2.7", true);
	start_tls();
	(void)heard_tls();
	say_tls("a AUTHENTICATE PLAIN AGEAYg==\r\nb NOOP\r\n");
	auth_agrees("");
	assert_true(session.tls);
	assert_span(session.tls_version, "TLSv1.3");
	assert_true(session.tls_cipher.n > 0);
	assert_int_equal(session.input.n, 0);

	run();
	assert_string_equal(read_all(session_fd), "b NOOP\r\n");
	assert_int_equal(write(session_fd, "a OK in\r\n", 9), 9);
	run();
	assert_string_equal(heard_tls(), "a OK in\r\n");
	say_tls("c NOOP\r\n");
	assert_string_equal(read_all(session_fd), "c NOOP\r\n");

	/* It is still counted, but not as one that hasn't logged in. */
	assert_int_equal(gate->conn_count, 0);
	assert_int_equal(gate->pump_count, 1);
	assert_int_equal(counters_sum(counters, GAUGE_CONNECTIONS), 1);
	assert_int_equal(counters_sum(counters, GAUGE_PREAUTH), 0);
	assert_int_equal(counters_count(counters, COUNTED_ADDRESS,
			     SPAN("192.0.2.7")),
	    1);
}

static void
a_pump_ends_when_mail_closes(void **state)
{
	(void)state;
	log_in();
	assert_int_equal(write(session_fd, "* BYE\r\n", 7), 7);
	(void)close(session_fd);
	session_fd = -1;
	run();
	assert_string_equal(heard_tls(), "* BYE\r\n");
	assert_true(is_closed_tls());
	assert_int_equal(gate->pump_count, 0);
	assert_int_equal(counters_sum(counters, GAUGE_CONNECTIONS), 0);
	assert_int_equal(counters_count(counters, COUNTED_ADDRESS,
			     SPAN("192.0.2.7")),
	    0);
}

static void
a_pump_ends_when_the_client_is_gone(void **state)
{
	(void)state;
	log_in();
	hang_up();
	run();
	assert_string_equal(read_all(session_fd), "");
	assert_int_equal(read(session_fd, &(char){ 0 }, 1), 0);
	(void)close(session_fd);
	session_fd = -1;
	run();
	assert_int_equal(gate->pump_count, 0);
}

static void
a_client_that_has_said_all_is_still_answered(void **state)
{
	(void)state;
	log_in();
	say_tls("z LOGOUT\r\n");
	(void)SSL_shutdown(ssl);
	run();
	assert_string_equal(read_all(session_fd), "z LOGOUT\r\n");
	assert_int_equal(read(session_fd, &(char){ 0 }, 1), 0);
	assert_int_equal(write(session_fd, "z OK\r\n", 6), 6);
	(void)close(session_fd);
	session_fd = -1;
	run();
	assert_string_equal(heard_tls(), "z OK\r\n");
	assert_int_equal(gate->pump_count, 0);
}

static void
a_client_that_does_not_read_stops_mail(void **state)
{
	static char block[65536];
	size_t sent = 0;
	size_t got = 0;
	ssize_t n;

	(void)state;
	memset(block, 'x', sizeof(block));
	log_in();
	while ((n = write(session_fd, block, sizeof(block))) > 0) {
		sent += (size_t)n;
		run();
	}
	/* Two sockets' buffers, and what the pump may hold. */
	assert_in_range(sent, LIMIT_PUMP, 1 << 20);

	/* What mail sent before it closed arrives all the same. */
	(void)close(session_fd);
	session_fd = -1;
	run();
	assert_int_equal(gate->pump_count, 1);
	for (int i = 0; i < 1000 && gate->pump_count > 0; i++) {
		got += strlen(heard_tls());
		run();
	}
	got += strlen(heard_tls());
	assert_int_equal(got, sent);
	assert_int_equal(gate->pump_count, 0);
}

/* What the gate has not taken of what mail has sent. */
static int
left_at_mail(void)
{
	int n = 0;

	assert_int_equal(ioctl(session_fd, SIOCOUTQ, &n), 0);
	return n;
}

/*
 * Mail must see that a slow client takes something, long before the kernel
 * says that there is room.
 */
static void
mail_sees_what_a_slow_client_takes(void **state)
{
	static char block[65536];
	size_t got = 0;
	size_t n;
	int left;

	(void)state;
	log_in();
	while (write(session_fd, block, sizeof(block)) > 0)
		run();
	left = left_at_mail();
	while (got < (size_t)2 * LIMIT_PUMP && left_at_mail() == left) {
		assert_int_equal(SSL_read_ex(ssl, block, 16384, &n), 1);
		got += n;
		pump_tick(gate, loop_now_ms(loop));
		run();
	}
	assert_true(left_at_mail() < left);
}

/* Only the rest of a stalled client's output keeps its pump. */
static void
a_client_that_never_reads_is_dropped_in_the_end(void **state)
{
	static char block[65536];

	(void)state;
	log_in();
	while (write(session_fd, block, sizeof(block)) > 0)
		run();
	(void)close(session_fd);
	session_fd = -1;
	run();
	assert_true(gate->waiting_count == 1);
	pump_tick(gate, loop_now_ms(loop) + 1000);
	assert_int_equal(gate->pump_count, 1);
	pump_tick(gate, loop_now_ms(loop) + LIMIT_STALL_MS + 1000);
	assert_int_equal(gate->pump_count, 0);
}

static void
all_bytes_pass_both_ways(void **state)
{
	static unsigned char out[300000];
	static unsigned char back[sizeof(out)];
	size_t sent = 0;
	size_t got = 0;
	size_t n;
	ssize_t m;

	(void)state;
	log_in();
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (unsigned char)(i * 2654435761U >> 13);
	/* An echo: mail sends back what the client sends. */
	for (int i = 0; i < 10000 && got < sizeof(out); i++) {
		size_t left = sizeof(out) - sent;

		SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		if (left > 0 && SSL_write_ex(ssl, out + sent, left, &n) == 1)
			sent += n;
		run();
		m = read(session_fd, back, sizeof(back));
		if (m > 0)
			assert_int_equal(write(session_fd, back, (size_t)m), m);
		run();
		while (got < sizeof(out) &&
		       SSL_read_ex(ssl, back, sizeof(back), &n) == 1) {
			assert_memory_equal(back, out + got, n);
			got += n;
			run();
		}
	}
	assert_int_equal(got, sizeof(out));
}

static void
pumps_go_on_while_the_gate_stops(void **state)
{
	(void)state;
	log_in();
	gate_stop(gate);
	run();
	assert_int_equal(finishes, 0);
	say_tls("b NOOP\r\n");
	assert_string_equal(read_all(session_fd), "b NOOP\r\n");
	(void)close(session_fd);
	session_fd = -1;
	run();
	assert_int_equal(finishes, 1);
}

static void
new_certificates_leave_connections_alone(void **state)
{
	(void)state;
	log_in();
	configure(HOST, true);
	tls_context_unref(&gate->tls);
	say_tls("b NOOP\r\n");
	assert_string_equal(read_all(session_fd), "b NOOP\r\n");
}

/* The whole of it, here; the sockets' own memory is the kernel's. */
static void
an_idle_pump_is_small(void **state)
{
	enum { MANY = 64 };
	struct mallinfo2 before;
	struct mallinfo2 after;
	int ends[MANY][2];
	size_t bytes;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		passed = 0;
		log_in();
		say_tls("b NOOP\r\n");
		(void)read_all(session_fd);
		assert_int_equal(write(session_fd, "b OK\r\n", 6), 6);
		run();
		(void)heard_tls();
		SSL_free(ssl);
		ends[i][0] = client;
		ends[i][1] = session_fd;
	}
	ssl = NULL;
	client = session_fd = -1;

	before = mallinfo2();
	pump_free_all(gate);
	run();
	after = mallinfo2();
	bytes = (before.uordblks - after.uordblks) / MANY;
	print_message("an idle client with TLS is %zu bytes of heap\n", bytes);
	assert_true(bytes < 20480);
	for (int i = 0; i < MANY; i++) {
		(void)close(ends[i][0]);
		(void)close(ends[i][1]);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_greeting_with_tls_knows_the_handshake),
		T(starttls_drops_what_was_injected),
		T(what_is_injected_while_the_handshake_runs_is_not_read),
		T(a_mechanism_gets_what_it_can_bind_to),
		T(mail_gets_the_other_end_of_a_pump),
		T(a_pump_ends_when_mail_closes),
		T(a_pump_ends_when_the_client_is_gone),
		T(a_client_that_has_said_all_is_still_answered),
		T(a_client_that_does_not_read_stops_mail),
		T(mail_sees_what_a_slow_client_takes),
		T(a_client_that_never_reads_is_dropped_in_the_end),
		T(all_bytes_pass_both_ways),
		T(pumps_go_on_while_the_gate_stops),
		T(new_certificates_leave_connections_alone),
		T(an_idle_pump_is_small),
	};

	return cmocka_run_group_tests(tests, make_certificate,
	    drop_certificate);
}
