#include "gate/test_world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

/* The world around the gate: auth and mail only remember what they got. */
struct loop *loop;
struct gate *gate;
struct counters *counters;
static struct arena *arena;

unsigned asked; /* messages to auth */
struct message to_auth;
bool auth_is_gone;

unsigned passed; /* sessions to mail */
struct msg_session session;
int session_fd;
bool mail_is_gone;

unsigned finishes;

struct buf chain;
struct buf key;

int client; /* what connect_client() made last */
SSL_CTX *ssl_ctx;
SSL *ssl;

static enum status
on_to_auth(void *ctx, const struct message *m)
{
	CLEANUP(buf_clear) struct buf payload = { 0 };
	struct packet p = { .type = (uint8_t)m->type };

	(void)ctx;
	if (auth_is_gone)
		return ST_IO;
	assert_ok(message_encode(m, &payload));
	p.payload = arena_dup(arena, buf_span(&payload));
	assert_ok(message_decode(ROLE_GATE, ROLE_AUTH, &p, &to_auth, NULL));
	asked++;
	return ST_OK;
}

static enum status
on_to_mail(void *ctx, const struct message *m, int fd)
{
	CLEANUP(buf_clear) struct buf payload = { 0 };
	struct packet p = { .type = (uint8_t)m->type, .fd_count = 1 };
	struct message got;

	(void)ctx;
	assert_ok(message_encode(m, &payload));
	p.payload = arena_dup(arena, buf_span(&payload));
	assert_ok(message_decode(ROLE_GATE, ROLE_MAIL, &p, &got, NULL));
	session = got.session;
	session_fd = fd;
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	passed++;
	return ST_OK;
}

static bool
on_has_mail(void *ctx)
{
	(void)ctx;
	return !mail_is_gone;
}

static void
on_finished(void *ctx)
{
	(void)ctx;
	finishes++;
}

static const struct gate_links links = { on_to_auth, on_to_mail, on_has_mail,
	on_finished };

void
configure(const char *text, bool with_tls)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	struct msg_settings *m = MEM_NEW(struct msg_settings);
	const struct config *c = NULL;

	if (config_parse(span_str(text), "/etc/newel.conf", &c, &problems) !=
	    ST_OK)
		fail_msg("%.*s", SPAN_ARG(buf_span(&problems)));
	if (with_tls) {
		m->n_certificates = 1;
		m->certificates[0] = (struct msg_certificate){ buf_span(&chain),
			buf_span(&key) };
	}
	gate_settings(gate, c, m);
	config_unref(&c);
	mem_free(&m);
}

void
offer(const char *names)
{
	const struct message m = { .type = MSG_AUTH_MECHS,
		.auth_mechs = { span_str(names) } };

	assert_true(gate_message(gate, &m));
}

static void
quiet(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

int
make_certificate(void **state)
{
	static const char *const names[] = { "mx" };

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	log_set_sink(quiet);
	tls_cert_make(names, 1, 10, &chain, &key);
	return 0;
}

int
drop_certificate(void **state)
{
	(void)state;
	buf_clear(&chain);
	buf_clear(&key);
	return 0;
}

int
setup(void **state)
{
	int fd;

	(void)state;
	loop = loop_new();
	arena = arena_new();
	assert_ok(counters_new(2, &counters, &fd));
	counters_close(&counters);
	assert_ok(counters_open(fd, 0, &counters));
	(void)close(fd);
	gate = gate_new(loop, counters, &links, NULL);
	configure(OPEN, true);
	offer("SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN EXTERNAL");
	asked = passed = finishes = 0;
	auth_is_gone = mail_is_gone = false;
	client = session_fd = -1;
	ssl_ctx = SSL_CTX_new(TLS_client_method());
	ssl = NULL;
	return 0;
}

void
hang_up(void)
{
	SSL_free(ssl);
	ssl = NULL;
	if (client != -1)
		(void)close(client);
	client = -1;
}

int
teardown(void **state)
{
	(void)state;
	hang_up();
	if (session_fd != -1)
		(void)close(session_fd);
	gate_free(&gate);
	loop_free(&loop);
	SSL_CTX_free(ssl_ctx);
	/* Nobody is counted who isn't there. */
	assert_int_equal(counters_sum(counters, GAUGE_PREAUTH), 0);
	counters_close(&counters);
	arena_free(&arena);
	return 0;
}

void
run(void)
{
	for (int i = 0; i < 8; i++)
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
}

void
connect_as(const char *text, bool tls)
{
	struct address peer = { .port = 4711 };
	int fds[2];

	snprintf(peer.text, sizeof(peer.text), "%s", text);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	client = fds[1];
	assert_int_equal(fcntl(client, F_SETFL, O_NONBLOCK), 0);
	conn_new(gate, fds[0], &peer, tls);
	run();
}

void
say(const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(write(client, text, n), n);
	run();
}

const char *
read_all(int fd)
{
	static char room[1 << 17];
	size_t all = 0;
	ssize_t n = 1;

	while (n > 0 && all < sizeof(room) - 1) {
		n = read(fd, room + all, sizeof(room) - 1 - all);
		all += n > 0 ? (size_t)n : 0;
	}
	room[all] = '\0';
	return room;
}

const char *
heard(void)
{
	return read_all(client);
}

/* A client in the clear, after its greeting. */
void
connect_client(void)
{
	connect_as("192.0.2.7", false);
	(void)heard();
}

bool
is_closed(void)
{
	char c;

	return read(client, &c, 1) == 0;
}

void
expect(const char *what, const char *answer)
{
	const char *got;

	say(what);
	got = heard();
	if (strcmp(got, answer) != 0)
		fail_msg("%s -> %s, not %s", what, got, answer);
}

void
auth_says(struct message m)
{
	assert_true(gate_message(gate, &m));
	run();
}

void
auth_challenges(const char *blob)
{
	auth_says((struct message){ .type = MSG_AUTH_CHALLENGE,
	    .auth_challenge = { to_auth.auth_start.id, span_str(blob) } });
}

void
auth_agrees(const char *final)
{
	auth_says((struct message){ .type = MSG_AUTH_OK,
	    .auth_ok = { to_auth.auth_start.id, SPAN("0123456789abcdef"),
		span_str(final) } });
}

void
auth_refuses(enum refusal code, const char *text)
{
	auth_says((struct message){ .type = MSG_AUTH_NO,
	    .auth_no = { to_auth.auth_start.id, code, span_str(text) } });
}
