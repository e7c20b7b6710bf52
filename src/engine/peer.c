#include "engine/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

static void
ended(void *ctx)
{
	struct peer *p = ctx;

	p->ends++;
	p->session = NULL;
}

struct peer *
peer_new(struct fixture *f, size_t output_limit)
{
	struct peer *p = MEM_NEW(struct peer);
	struct session_start start = { .user = SPAN("ada"),
		.tag = SPAN("a"),
		.ended = ended,
		.ctx = p };
	int small = 4096;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	(void)setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	p->f = f;
	p->fd = fd[1];
	p->config = (struct session_config){ .command_line = 65536,
		.append_limit = 1 << 20,
		.output_limit = output_limit,
		.idle_ms = 1800000,
		.stall_ms = 300000,
		.hostname = "mail.example.org",
		.spool_folder = "/tmp",
		.grammar = grammar_default };
	start.config = &p->config;
	start.account = account_ref(f->account);
	start.fd = fd[0];
	start.log = &p->log;
	p->session = session_new(&start);
	return p;
}

void
turn(struct peer *p)
{
	uv_run(loop_uv(p->f->loop), UV_RUN_NOWAIT);
}

bool
take(struct peer *p, size_t n)
{
	unsigned char bytes[4096];
	ssize_t got = recv(p->fd, bytes, MIN(n, sizeof(bytes)), 0);

	if (got > 0)
		buf_add(&p->got, span_of(bytes, (size_t)got));
	return got != 0;
}

bool
has(const struct peer *p, const char *text)
{
	return p->got.n > 0 &&
	       memmem(p->got.p, p->got.n, text, strlen(text)) != NULL;
}

void
until(struct peer *p, const char *text)
{
	for (int i = 0; i < 100000 && !has(p, text); i++) {
		turn(p);
		(void)take(p, SIZE_MAX);
		if (i > 1000)
			usleep(100);
	}
	if (!has(p, text))
		fail_msg("no \"%s\" in \"%.*s\"", text, (int)p->got.n,
		    (const char *)p->got.p);
}

void
say(struct peer *p, const char *text)
{
	assert_int_equal(write(p->fd, text, strlen(text)),
	    (ssize_t)strlen(text));
}

void
send_all(struct peer *p, struct span bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(p->fd, bytes.p, MIN(bytes.n, 50000));

		if (n > 0)
			bytes = span_from(bytes, (size_t)n);
		else
			assert_int_equal(errno, EAGAIN);
		turn(p);
	}
}

void
until_ended(struct peer *p)
{
	for (int i = 0; i < 100000 && p->session != NULL; i++) {
		turn(p);
		(void)take(p, SIZE_MAX);
		if (i > 1000)
			usleep(100);
	}
	assert_null(p->session);
	assert_int_equal(p->ends, 1);
}

void
peer_free(struct peer **pp)
{
	struct peer *p = TAKE(*pp);

	if (p == NULL)
		return;
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
	if (p->session != NULL)
		until_ended(p);
	fixture_settle(p->f);
	buf_clear(&p->got);
	free(p);
}
