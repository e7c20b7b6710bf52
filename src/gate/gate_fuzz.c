#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "gate/state.h"
#include "service/counters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An auth that answers each question with another thing. */
static struct gate *gate;
static uint64_t question;
static unsigned answers;

static enum status
to_auth(void *ctx, const struct message *m)
{
	(void)ctx;
	if (m->type != MSG_AUTH_ABORT)
		question = m->auth_start.id;
	return ST_OK;
}

static enum status
to_mail(void *ctx, const struct message *m, int fd)
{
	(void)ctx;
	(void)m;
	(void)close(fd);
	return ST_OK;
}

static bool
has_mail(void *ctx)
{
	(void)ctx;
	return true;
}

static void
finished(void *ctx)
{
	(void)ctx;
}

static const struct gate_links links = { to_auth, to_mail, has_mail, finished };

static void
answer(void)
{
	struct message m = { .type = MSG_AUTH_NO,
		.auth_no = { question, REFUSAL_FAILED, SPAN("") } };

	switch (answers++ % 4) {
	case 0:
		m = (struct message){ .type = MSG_AUTH_CHALLENGE,
			.auth_challenge = { question, SPAN("?") } };
		break;
	case 1:
		m = (struct message){ .type = MSG_AUTH_OK,
			.auth_ok = { question, SPAN("0123456789abcdef"),
			    answers % 8 < 4 ? SPAN("v=1") : SPAN("") } };
		break;
	default:
		break;
	}
	question = 0;
	(void)gate_message(gate, &m);
}

static void
quiet(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

static struct loop *
start(void)
{
	const struct message mechs = { .type = MSG_AUTH_MECHS,
		.auth_mechs = { SPAN("SCRAM-SHA-256 PLAIN LOGIN") } };
	struct msg_settings *none = MEM_NEW(struct msg_settings);
	struct loop *l = loop_new();
	static struct counters *counters;
	const struct config *c = NULL;
	struct buf problems = { 0 };
	int fd;

	log_set_sink(quiet);
	if (counters_new(2, &counters, &fd) != ST_OK)
		__builtin_trap();
	counters_close(&counters);
	if (counters_open(fd, 0, &counters) != ST_OK ||
	    config_parse(SPAN("auth { plaintext-login = yes }"), "/x", &c,
		&problems) != ST_OK)
		__builtin_trap();
	gate = gate_new(l, counters, &links, NULL);
	gate_settings(gate, c, none);
	config_unref(&c);
	mem_free(&none);
	(void)close(fd);
	(void)gate_message(gate, &mechs);
	return l;
}

/* The first byte says into which pieces the rest is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop *loop;
	const struct address peer = { .text = "192.0.2.1" };
	struct span rest = span_of(data, size);
	size_t piece = size > 0 ? data[0] + (size_t)1 : 1;
	int fds[2];

	if (loop == NULL)
		loop = start();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return 0;
	answers = (unsigned)size;
	question = 0;
	conn_new(gate, fds[0], &peer, false);
	while ((rest = span_from(rest, piece)).n > 0) {
		struct span part = span_head(rest, piece);

		(void)!send(fds[1], part.p, part.n,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		if (question != 0)
			answer();
	}
	(void)close(fds[1]);
	for (int i = 0; i < 6; i++)
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	conn_each(gate, conn_close);
	for (int i = 0; i < 2; i++)
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	if (gate->conn_count != 0)
		__builtin_trap();
	return 0;
}
