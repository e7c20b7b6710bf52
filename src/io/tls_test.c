#include "base/test.h"

#include <fcntl.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/tls.h"

/* Certificates that the tests share, made once. */
struct made {
	struct buf chain;
	struct buf key;
	struct tls_cert cert;
};

static struct made one;   /* mail.example.org, 192.0.2.1 */
static struct made other; /* *.example.net */

static struct loop *loop;
static struct stream *server;
static struct buf got;
static unsigned eofs;
static unsigned brokens;
static bool starttls_after_line;
static struct tls_context *context;

static SSL_CTX *client_ctx;
static SSL *client;

static void
make(struct made *m, const char *const *names, size_t n)
{
	tls_cert_make(names, n, 30, &m->chain, &m->key);
	m->cert.chain = buf_span(&m->chain);
	m->cert.key = buf_span(&m->key);
}

static int
make_all(void **state)
{
	static const char *const first[] = { "mail.example.org", "192.0.2.1" };
	static const char *const second[] = { "*.example.net" };

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	make(&one, first, 2);
	make(&other, second, 1);
	return 0;
}

static int
free_all(void **state)
{
	(void)state;
	buf_clear(&one.chain);
	buf_clear(&one.key);
	buf_clear(&other.chain);
	buf_clear(&other.key);
	return 0;
}

static void on_secured(void *ctx);

static size_t
on_input(void *ctx, struct span in)
{
	size_t taken = in.n;

	(void)ctx;
	if (starttls_after_line) {
		taken = span_find(in, '\n') + 1;
		starttls_after_line = false;
		BUF_LIT(stream_out(server), "OK\r\n");
		stream_start_tls(server, context, on_secured);
	}
	buf_add(&got, span_head(in, taken));
	return taken;
}

static unsigned secured;

static void
on_secured(void *ctx)
{
	struct tls_facts facts;

	(void)ctx;
	secured++;
	assert_true(stream_tls_facts(server, &facts));
}

static void
on_end(void *ctx, enum stream_end why)
{
	(void)ctx;
	eofs += why == STREAM_EOF;
	brokens += why == STREAM_BROKEN;
}

static const struct stream_ops ops = { on_input, NULL, on_end };

static struct tls_settings
settings(void)
{
	static struct tls_cert certs[2];

	certs[0] = one.cert;
	certs[1] = other.cert;
	return (struct tls_settings){ .certs = certs, .cert_count = 2 };
}

static struct tls_context *
new_context(const struct tls_settings *t)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct tls_context *c = NULL;

	if (tls_context_new(t, &why, &c) != ST_OK)
		fail_msg("%.*s", SPAN_ARG(buf_span(&why)));
	return c;
}

static void
open_client(int fd)
{
	client = SSL_new(client_ctx);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	SSL_set_fd(client, fd);
	SSL_set_connect_state(client);
}

static void
connect_pair(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	server = stream_new(loop, fds[0], &ops, NULL);
	open_client(fds[1]);
}

static void
disconnect(void)
{
	if (client != NULL) {
		(void)close(SSL_get_fd(client));
		/* Else its session would count as bad. */
		SSL_set_shutdown(client, SSL_SENT_SHUTDOWN);
	}
	SSL_free(client);
	client = NULL;
	stream_free(&server);
	buf_reset(&got);
	eofs = 0;
	brokens = 0;
	secured = 0;
}

static int
setup(void **state)
{
	struct tls_settings t = settings();

	(void)state;
	loop = loop_new();
	context = new_context(&t);
	client_ctx = SSL_CTX_new(TLS_client_method());
	connect_pair();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	disconnect();
	SSL_CTX_free(client_ctx);
	tls_context_unref(&context);
	loop_free(&loop);
	buf_clear(&got);
	starttls_after_line = false;
	return 0;
}

static void
run(void)
{
	for (int i = 0; i < 6; i++)
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
}

static void
handshake(void)
{
	int rc = 0;

	for (int i = 0; i < 10 && rc != 1; i++) {
		rc = SSL_do_handshake(client);
		run();
	}
	if (rc != 1)
		fail_msg("client: %s",
		    ERR_reason_error_string(ERR_peek_error()));
}

static void
start(void)
{
	stream_start_tls(server, context, on_secured);
	handshake();
}

static struct span
client_read(void)
{
	static unsigned char room[1 << 21];
	size_t all = 0;
	size_t n;

	ERR_clear_error();
	while (SSL_read_ex(client, room + all, sizeof(room) - all, &n) == 1)
		all += n;
	return span_of(room, all);
}

static void
client_write(struct span s)
{
	size_t n;

	assert_int_equal(SSL_write_ex(client, s.p, s.n, &n), 1);
	assert_int_equal(n, s.n);
}

/* Each write would cost a packet; the pair of sockets keeps them apart. */
static void
the_ticket_and_the_first_output_are_one_write(void **state)
{
	unsigned char room[4096];
	int fds[2];
	BIO *answer;
	ssize_t n;

	(void)state;
	disconnect();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	server = stream_new(loop, fds[0], &ops, NULL);
	open_client(fds[1]);
	answer = BIO_new(BIO_s_mem());
	assert_non_null(answer);
	SSL_set0_rbio(client, answer);

	stream_start_tls(server, context, on_secured);
	BUF_LIT(stream_out(server), "* OK hello\r\n");
	assert_int_equal(SSL_do_handshake(client), -1);
	for (int i = 0; i < 2; i++) {
		run();
		n = recv(fds[1], room, sizeof(room), MSG_DONTWAIT);
		assert_true(n > 0);
		assert_int_equal(BIO_write(answer, room, (int)n), n);
		assert_int_equal(SSL_do_handshake(client), 1);
	}
	assert_span(client_read(), "* OK hello\r\n");
	assert_int_equal(recv(fds[1], room, sizeof(room), MSG_DONTWAIT), -1);
	(void)close(fds[1]);
	SSL_free(client);
	client = NULL;
}

static void
both_versions_carry_bytes_both_ways(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static const char *const names[] = { "TLSv1.2", "TLSv1.3" };
	struct tls_facts facts;

	(void)state;
	for (size_t i = 0; i < COUNT(versions); i++) {
		disconnect();
		connect_pair();
		SSL_set_max_proto_version(client, versions[i]);
		BUF_LIT(stream_out(server), "* OK early\r\n");
		stream_start_tls(server, context, on_secured);
		assert_false(stream_tls_facts(server, &facts));
		BUF_LIT(stream_out(server), "* OK hello\r\n");
		run();
		assert_int_equal(read(SSL_get_fd(client), (char[64]){ 0 }, 64),
		    12);
		assert_int_equal(secured, 0);
		handshake();
		assert_int_equal(secured, 1);
		assert_span(client_read(), "* OK hello\r\n");
		client_write(SPAN("a NOOP\r\n"));
		run();
		assert_span(buf_span(&got), "a NOOP\r\n");
		assert_true(stream_tls_facts(server, &facts));
		assert_string_equal(facts.version, names[i]);
		assert_false(facts.resumed);
		assert_null(facts.server_name);
	}
}

static void
what_is_too_old_is_refused(void **state)
{
	(void)state;
	SSL_set_security_level(client, 0);
	SSL_set_min_proto_version(client, TLS1_VERSION);
	SSL_set_max_proto_version(client, TLS1_1_VERSION);
	stream_start_tls(server, context, on_secured);
	(void)SSL_do_handshake(client);
	run();
	assert_int_equal(brokens, 1);
	assert_string_not_equal(stream_why(server), "");
	/* It is told why. */
	assert_int_equal(SSL_do_handshake(client), -1);
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()),
	    SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
}

static void
plain_text_where_tls_should_be_breaks_the_stream(void **state)
{
	(void)state;
	BUF_LIT(stream_out(server), "* OK never seen\r\n");
	stream_start_tls(server, context, on_secured);
	BUF_LIT(stream_out(server), "* OK never seen either\r\n");
	assert_int_equal(write(SSL_get_fd(client), "a LOGIN x y\r\n", 13), 13);
	run();
	assert_int_equal(brokens, 1);
	assert_int_equal(got.n, 0);
	BUF_LIT(stream_out(server), "more\r\n");
	run();
	assert_int_equal(brokens, 1);
}

static void
what_was_pipelined_behind_starttls_is_thrown_away(void **state)
{
	static const char both[] = "a STARTTLS\r\nb LOGIN evil evil\r\n";

	(void)state;
	starttls_after_line = true;
	assert_int_equal(write(SSL_get_fd(client), both, sizeof(both) - 1),
	    sizeof(both) - 1);
	run();
	assert_int_equal(read(SSL_get_fd(client), (char[64]){ 0 }, 64), 4);
	handshake();
	client_write(SPAN("c NOOP\r\n"));
	run();
	assert_span(buf_span(&got), "a STARTTLS\r\nc NOOP\r\n");
}

static void
the_certificate_follows_the_name_that_the_client_asks_for(void **state)
{
	static const struct {
		const char *ask;
		const char *get;
	} cases[] = {
		{ "mail.example.org", "mail.example.org" },
		{ "imap.example.net", "*.example.net" },
		{ "unknown.example", "mail.example.org" },
	};
	struct tls_facts facts;
	char name[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		X509 *cert;

		disconnect();
		connect_pair();
		SSL_ctrl(client, SSL_CTRL_SET_TLSEXT_HOSTNAME,
		    TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)cases[i].ask);
		start();
		cert = SSL_get0_peer_certificate(client);
		X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
		    NID_commonName, name, sizeof(name));
		assert_string_equal(name, cases[i].get);
		assert_true(stream_tls_facts(server, &facts));
		assert_string_equal(facts.server_name, cases[i].ask);
	}
}

static void
alpn_imap_is_chosen_and_others_are_ignored(void **state)
{
	static const unsigned char imap[] = "\10http/1.1\4imap";
	static const unsigned char http[] = "\10http/1.1";
	const unsigned char *chosen;
	unsigned n;

	(void)state;
	SSL_set_alpn_protos(client, imap, sizeof(imap) - 1);
	start();
	SSL_get0_alpn_selected(client, &chosen, &n);
	assert_span(span_of(chosen, n), "imap");

	disconnect();
	connect_pair();
	SSL_set_alpn_protos(client, http, sizeof(http) - 1);
	start();
	SSL_get0_alpn_selected(client, &chosen, &n);
	assert_int_equal(n, 0);
}

static void
both_ends_agree_on_channel_bindings(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	unsigned char want[64];
	unsigned n = 0;

	(void)state;
	assert_false(stream_tls_binding(server, TLS_BINDING_EXPORTER, &b));
	start();
	assert_true(stream_tls_binding(server, TLS_BINDING_EXPORTER, &b));
	assert_int_equal(SSL_export_keying_material(client, want, 32,
			     "EXPORTER-Channel-Binding", 24, NULL, 0, 0),
	    1);
	assert_int_equal(b.n, 32);
	assert_memory_equal(b.p, want, 32);
	assert_false(stream_tls_binding(server, TLS_BINDING_UNIQUE, &b));

	buf_reset(&b);
	assert_true(
	    stream_tls_binding(server, TLS_BINDING_SERVER_END_POINT, &b));
	X509_digest(SSL_get0_peer_certificate(client), EVP_sha256(), want, &n);
	assert_int_equal(b.n, n);
	assert_memory_equal(b.p, want, n);
}

static void
tls_unique_is_the_first_finished_message(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	SSL_SESSION *session = NULL;
	unsigned char want[64];
	size_t n;

	(void)state;
	for (int round = 0; round < 2; round++) {
		buf_reset(&b);
		SSL_set_max_proto_version(client, TLS1_2_VERSION);
		if (session != NULL)
			SSL_set_session(client, session);
		start();
		assert_false(
		    stream_tls_binding(server, TLS_BINDING_EXPORTER, &b));
		assert_true(stream_tls_binding(server, TLS_BINDING_UNIQUE, &b));
		assert_int_equal(SSL_session_reused(client), round);
		n = round == 0
		        ? SSL_get_finished(client, want, sizeof(want))
		        : SSL_get_peer_finished(client, want, sizeof(want));
		assert_int_equal(b.n, n);
		assert_memory_equal(b.p, want, n);
		if (session == NULL)
			session = SSL_get1_session(client);
		disconnect();
		connect_pair();
	}
	SSL_SESSION_free(session);
}

/* Connects with a ticket of the context before; says if it resumed. */
static bool
resumes(SSL_SESSION **session)
{
	struct tls_facts facts = { 0 };

	disconnect();
	connect_pair();
	if (*session != NULL)
		SSL_set_session(client, *session);
	start();
	BUF_LIT(stream_out(server), "x");
	run();
	(void)client_read(); /* and the tickets before it */
	SSL_SESSION_free(*session);
	*session = SSL_get1_session(client);
	assert_true(stream_tls_facts(server, &facts));
	return facts.resumed;
}

static void
sessions_resume_in_all_processes_and_over_a_change_of_keys(void **state)
{
	unsigned char keys[3][TLS_TICKET_KEY_BYTES] = { { 1 }, { 2 }, { 3 } };
	struct tls_settings t = settings();
	SSL_SESSION *session = NULL;

	(void)state;
	t.ticket_key = span_of(keys[0], TLS_TICKET_KEY_BYTES);
	tls_context_unref(&context);
	context = new_context(&t);
	assert_false(resumes(&session));

	tls_context_unref(&context); /* another process, the same key */
	context = new_context(&t);
	assert_true(resumes(&session));

	t.ticket_key_previous = t.ticket_key;
	t.ticket_key = span_of(keys[1], TLS_TICKET_KEY_BYTES);
	tls_context_unref(&context);
	context = new_context(&t);
	assert_true(resumes(&session));

	t.ticket_key = span_of(keys[2], TLS_TICKET_KEY_BYTES);
	tls_context_unref(&context);
	context = new_context(&t);
	assert_false(resumes(&session));
	SSL_SESSION_free(session);
}

/* A client's certificate for cn and mail, signed by `one`. */
static void
use_client_cert(const char *cn, const char *mail)
{
	BIO *bio = BIO_new_mem_buf(one.key.p, (int)one.key.n);
	EVP_PKEY *ca_key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_EXTENSION *e;
	X509 *ca;

	BIO_free(bio);
	bio = BIO_new_mem_buf(one.chain.p, (int)one.chain.n);
	ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_NID(X509_get_subject_name(cert), NID_commonName,
	    MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(ca));
	X509_set_pubkey(cert, key);
	if (mail != NULL) {
		e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, mail);
		assert_non_null(e);
		X509_add_ext(cert, e, -1);
		X509_EXTENSION_free(e);
	}
	X509_sign(cert, ca_key, EVP_sha256());
	assert_int_equal(SSL_use_cert_and_key(client, cert, key, NULL, 1), 1);
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
}

/*
 * A CA with the key of `one`, whose own certificate is no CA's; or with its
 * name alone.
 */
static struct buf client_ca;

static void
make_client_ca(bool its_key)
{
	BIO *bio = BIO_new_mem_buf(one.chain.p, (int)one.chain.n);
	X509 *ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509_EXTENSION *e;
	EVP_PKEY *key;
	char *p;
	long n;

	BIO_free(bio);
	bio = BIO_new_mem_buf(one.key.p, (int)one.key.n);
	key = its_key ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
	              : EVP_EC_gen("P-256");
	BIO_free(bio);
	X509_set_pubkey(ca, key);
	while (X509_get_ext_count(ca) > 0)
		X509_EXTENSION_free(X509_delete_ext(ca, 0));
	e = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
	    "critical,CA:TRUE");
	X509_add_ext(ca, e, -1);
	X509_EXTENSION_free(e);
	X509_sign(ca, key, EVP_sha256());
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, ca);
	n = BIO_get_mem_data(bio, &p);
	buf_reset(&client_ca);
	buf_add(&client_ca, span_of(p, (size_t)n));
	BIO_free(bio);
	X509_free(ca);
	EVP_PKEY_free(key);
}

static void
a_client_is_who_its_certificate_says(void **state)
{
	static const struct {
		const char *cn;
		const char *alt;
		const char *want;
	} cases[] = {
		{ "Ada", "email:ada@example.org", "ada@example.org" },
		{ "Ada", "DNS:laptop,email:a@b.c,email:d@e.f", "a@b.c" },
		{ "ada@example.org", "DNS:laptop", "ada@example.org" },
		{ "ada", NULL, "ada" },
	};
	struct tls_settings t = settings();

	(void)state;
	make_client_ca(true);
	t.client_ca = buf_span(&client_ca);
	tls_context_unref(&context);
	context = new_context(&t);
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf id = { 0 };

		disconnect();
		connect_pair();
		use_client_cert(cases[i].cn, cases[i].alt);
		start();
		assert_true(stream_tls_identity(server, &id));
		assert_int_equal(id.n, strlen(cases[i].want));
		assert_memory_equal(id.p, cases[i].want, id.n);
	}
	buf_clear(&client_ca);
}

static void
a_client_certificate_is_remembered_by_its_ticket(void **state)
{
	CLEANUP(buf_clear) struct buf id = { 0 };
	struct tls_settings t = settings();
	SSL_SESSION *session = NULL;

	(void)state;
	make_client_ca(true);
	t.client_ca = buf_span(&client_ca);
	tls_context_unref(&context);
	context = new_context(&t);
	use_client_cert("ada", NULL);
	start();
	run();
	(void)client_read();
	session = SSL_get1_session(client);

	assert_true(resumes(&session));
	assert_true(stream_tls_identity(server, &id));
	assert_span(buf_span(&id), "ada");
	SSL_SESSION_free(session);
	buf_clear(&client_ca);
}

static void
a_certificate_of_a_stranger_names_nobody(void **state)
{
	CLEANUP(buf_clear) struct buf id = { 0 };
	struct tls_settings t = settings();

	(void)state;
	t.client_ca = other.cert.chain;
	tls_context_unref(&context);
	context = new_context(&t);
	use_client_cert("ada", "email:ada@example.org");
	start();
	assert_false(stream_tls_identity(server, &id));
	client_write(SPAN("a NOOP\r\n"));
	run();
	assert_span(buf_span(&got), "a NOOP\r\n");
	assert_int_equal(id.n, 0);
}

/* What OpenSSL says of the signature isn't the end of the handshake. */
static void
a_certificate_of_a_false_authority_names_nobody(void **state)
{
	CLEANUP(buf_clear) struct buf id = { 0 };
	struct tls_settings t = settings();

	(void)state;
	make_client_ca(false);
	t.client_ca = buf_span(&client_ca);
	tls_context_unref(&context);
	context = new_context(&t);
	use_client_cert("ada", NULL);
	start();
	assert_false(stream_tls_identity(server, &id));
	client_write(SPAN("a NOOP\r\n"));
	run();
	assert_span(buf_span(&got), "a NOOP\r\n");
	buf_clear(&client_ca);
}

static void
a_certificates_owner_is_read_from_its_file(void **state)
{
	CLEANUP(buf_clear) struct buf owner = { 0 };
	CLEANUP(buf_clear) struct buf why = { 0 };

	(void)state;
	assert_ok(tls_cert_owner(one.cert.chain, &why, &owner));
	assert_span(buf_span(&owner), "mail.example.org");
	assert_int_equal(why.n, 0);
	assert_int_equal(tls_cert_owner(one.cert.key, &why, &owner), ST_BAD);
	assert_true(span_starts(buf_span(&why), SPAN("there is no ")));
}

static void
much_output_and_a_close_arrive(void **state)
{
	static unsigned char block[100000];

	(void)state;
	start();
	for (int i = 0; i < 8; i++)
		buf_add(stream_out(server), span_of(block, sizeof(block)));
	stream_free(&server);
	run();
	/* Of what the peer's socket didn't take at once the rest is lost. */
	assert_true(client_read().n > 0);

	disconnect();
	connect_pair();
	start();
	BUF_LIT(stream_out(server), "* BYE\r\n");
	stream_free(&server);
	run();
	assert_span(client_read(), "* BYE\r\n");
	assert_int_equal(SSL_get_shutdown(client), SSL_RECEIVED_SHUTDOWN);
}

static void
a_close_notify_is_the_end_of_input(void **state)
{
	(void)state;
	start();
	client_write(SPAN("a LOGOUT\r\n"));
	(void)SSL_shutdown(client);
	run();
	assert_span(buf_span(&got), "a LOGOUT\r\n");
	assert_int_equal(eofs, 1);
	BUF_LIT(stream_out(server), "* BYE\r\n");
	run();
	assert_span(client_read(), "* BYE\r\n");
}

static void
garbage_after_the_handshake_breaks_the_stream(void **state)
{
	(void)state;
	start();
	BUF_LIT(stream_out(server), "x");
	assert_int_equal(write(SSL_get_fd(client), "garbage garbage", 15), 15);
	run();
	assert_int_equal(brokens, 1);
	BUF_LIT(stream_out(server), "y");
	run();
	stream_free(&server);
}

/* What connections cost that have logged in and are idle. */
static void
an_idle_connection_with_tls_is_small(void **state)
{
	enum { MANY = 32 };
	struct stream *streams[MANY];
	SSL *clients[MANY];
	struct mallinfo2 before;
	struct mallinfo2 after;

	(void)state;
	disconnect();
	for (int i = 0; i < MANY; i++) {
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		streams[i] = server = stream_new(loop, fds[0], &ops, NULL);
		open_client(fds[1]);
		clients[i] = client;
		stream_start_tls(server, context, on_secured);
		handshake();
		client_write(SPAN("a NOOP\r\n"));
		BUF_LIT(stream_out(server), "a OK\r\n");
		run();
		(void)client_read();
	}
	server = NULL;
	before = mallinfo2();
	for (int i = 0; i < MANY; i++)
		stream_free(&streams[i]);
	run();
	after = mallinfo2();
	print_message("an idle stream with TLS is %zu bytes of heap\n",
	    (before.uordblks - after.uordblks) / MANY);
	for (int i = 0; i < MANY; i++) {
		(void)close(SSL_get_fd(clients[i]));
		SSL_free(clients[i]);
	}
	client = NULL;
#ifndef __SANITIZE_ADDRESS__
	assert_true((before.uordblks - after.uordblks) / MANY < 20480);
#endif
}

static struct span
inspect_fails(const struct tls_cert *cert, struct arena *a)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct tls_settings t = { .certs = cert, .cert_count = 1 };
	struct tls_cert_facts facts;
	struct tls_context *c = NULL;

	assert_int_equal(tls_cert_inspect(a, cert, &why, &facts), ST_BAD);
	assert_true(why.n > 0);
	buf_reset(&why);
	assert_int_equal(tls_context_new(&t, &why, &c), ST_BAD);
	assert_null(c);
	return arena_dup(a, buf_span(&why));
}

static void
what_is_wrong_with_a_certificate_is_said(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	static const char locked[] =
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjX\n"
	    "-----END ENCRYPTED PRIVATE KEY-----\n";
	const struct {
		struct tls_cert cert;
		const char *why;
	} cases[] = {
		{ { SPAN(""), one.cert.key }, "no certificate" },
		{ { SPAN("hello"), one.cert.key }, "no certificate" },
		{ { one.cert.key, one.cert.key }, "no certificate" },
		{ { span_head(one.cert.chain, 200), one.cert.key },
		    "no certificate" },
		{ { one.cert.chain, SPAN("") }, "no private key" },
		{ { one.cert.chain, one.cert.chain }, "no private key" },
		{ { one.cert.chain, SPAN(locked) }, "" },
		{ { one.cert.chain, other.cert.key }, "another certificate" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span why = inspect_fails(&cases[i].cert, a);

		assert_non_null(
		    memmem(why.p, why.n, cases[i].why, strlen(cases[i].why)));
	}
}

static void
a_certificate_says_its_names_and_dates(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct tls_cert_facts f;
	int64_t now = clock_wall();

	(void)state;
	assert_ok(tls_cert_inspect(a, &one.cert, &why, &f));
	assert_span(f.subject, "CN = mail.example.org");
	assert_span(f.issuer, "CN = mail.example.org");
	assert_true(f.self_signed);
	assert_int_equal(f.name_count, 2);
	assert_span(f.names[0], "mail.example.org");
	assert_span(f.names[1], "192.0.2.1");
	assert_in_range(f.not_before_wall, now - 3700, now - 3500);
	assert_in_range(f.not_after_wall, now + INT64_C(30) * 86400 - 100,
	    now + INT64_C(30) * 86400);

	assert_true(tls_cert_is_for(&one.cert, "MAIL.example.org"));
	assert_true(tls_cert_is_for(&one.cert, "192.0.2.1"));
	assert_false(tls_cert_is_for(&one.cert, "192.0.2.2"));
	assert_false(tls_cert_is_for(&one.cert, "example.org"));
	assert_true(tls_cert_is_for(&other.cert, "imap.example.net"));
	assert_false(tls_cert_is_for(&other.cert, "a.b.example.net"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_ticket_and_the_first_output_are_one_write),
		T(both_versions_carry_bytes_both_ways),
		T(what_is_too_old_is_refused),
		T(plain_text_where_tls_should_be_breaks_the_stream),
		T(what_was_pipelined_behind_starttls_is_thrown_away),
		T(the_certificate_follows_the_name_that_the_client_asks_for),
		T(alpn_imap_is_chosen_and_others_are_ignored),
		T(both_ends_agree_on_channel_bindings),
		T(tls_unique_is_the_first_finished_message),
		T(sessions_resume_in_all_processes_and_over_a_change_of_keys),
		T(a_client_is_who_its_certificate_says),
		T(a_client_certificate_is_remembered_by_its_ticket),
		T(a_certificate_of_a_false_authority_names_nobody),
		T(a_certificates_owner_is_read_from_its_file),
		T(a_certificate_of_a_stranger_names_nobody),
		T(much_output_and_a_close_arrive),
		T(a_close_notify_is_the_end_of_input),
		T(garbage_after_the_handshake_breaks_the_stream),
		T(an_idle_connection_with_tls_is_small),
		cmocka_unit_test(what_is_wrong_with_a_certificate_is_said),
		cmocka_unit_test(a_certificate_says_its_names_and_dates),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
