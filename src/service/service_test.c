#include "base/test.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "io/loop.h"
#include "io/packet.h"
#include "service/counters.h"
#include "service/rights.h"
#include "service/service.h"

/*
 * A process as the master starts it, but forked, and with its rights: it
 * writes what happens to it into a pipe.  We are its master and its peer.
 */
#define SETTINGS "limits { append = 3M } log { level = error }"

static FILE *events;
static const char *drop_fails;
static bool lingers; /* runs its loop on at the end, until gate.0 is gone */

/* Takes the place of rights.c, whose sandbox is for good. */
enum status
rights_drop(const struct config *c, enum role role)
{
	(void)c;
	fprintf(events, "drop %s\n", role_name(role));
	return drop_fails != NULL ? ST_IO : ST_OK;
}

static void
on_settings(void *ctx, const struct msg_settings *m)
{
	struct service *s = ctx;

	fprintf(events, "settings %zu %llu\n", m->text.n,
	    (unsigned long long)service_config(s)->limits.append);
}

static void
on_listen(void *ctx, const struct msg_listen *m, int *fd)
{
	(void)ctx;
	fprintf(events, "listen %u %.*s\n", m->kind, SPAN_ARG(m->address));
	close(*fd);
	*fd = -1;
}

static void
on_peer_up(void *ctx, struct peer *p)
{
	struct service *s = ctx;

	assert(service_peer(s, peer_role(p), peer_index(p)) == p);
	fprintf(events, "up %s.%u\n", role_name(peer_role(p)), peer_index(p));
}

static void
on_peer_down(void *ctx, struct peer *p)
{
	assert(service_peer(ctx, peer_role(p), peer_index(p)) == NULL);
	fprintf(events, "down %s.%u\n", role_name(peer_role(p)), peer_index(p));
}

/* Answers a step, and makes no sense of an abort. */
static bool
on_message(void *ctx, struct peer *p, const struct message *m, int *fd)
{
	struct message reply = { .type = MSG_AUTH_CHALLENGE };

	(void)ctx;
	*fd = -1; /* there is none with what we are sent */
	fprintf(events, "message %s\n", message_name(m->type));
	if (m->type != MSG_AUTH_STEP)
		return false;
	reply.auth_challenge.id = m->auth_step.id;
	reply.auth_challenge.blob = m->auth_step.blob;
	return peer_send(p, &reply, -1) == ST_OK;
}

static void
on_stop(void *ctx)
{
	fprintf(events, "stop\n");
	service_exit(ctx);
}

static const struct service_ops ops = {
	.settings = on_settings,
	.listen = on_listen,
	.peer_up = on_peer_up,
	.peer_down = on_peer_down,
	.message = on_message,
	.stop = on_stop,
};

static int
be_a_process(enum role role)
{
	struct service *s = service_new(role, 0);
	int code;

	fprintf(events, "start %.*s %llu\n",
	    SPAN_ARG(service_settings(s)->file),
	    (unsigned long long)counters_sum(service_counters(s),
		GAUGE_PREAUTH));
	code = service_run(s, &ops, s);
	if (lingers)
		fprintf(events, "lingers\n");
	while (lingers && service_peer(s, ROLE_GATE, 0) != NULL)
		uv_run(loop_uv(service_loop(s)), UV_RUN_ONCE);
	service_free(&s);
	return code;
}

struct process {
	pid_t pid;
	int channel;
	FILE *events;
	struct counters *counters;
	int counters_fd;
};

static struct process
process_new(enum role role)
{
	struct process p;
	int fds[2];
	int ends[2];

	assert_ok(packet_pair(fds));
	assert_int_equal(pipe(ends), 0);
	assert_ok(counters_new(2, &p.counters, &p.counters_fd));
	counters_add(p.counters, GAUGE_PREAUTH, 1);
	p.pid = fork();
	if (p.pid == 0) {
		events = fdopen(ends[1], "w");
		setlinebuf(events);
		close(ends[0]);
		close(fds[0]);
		if (fds[1] != 3) {
			(void)dup2(fds[1], 3);
			close(fds[1]);
		}
		_exit(be_a_process(role));
	}
	close(fds[1]);
	close(ends[1]);
	p.channel = fds[0];
	p.events = fdopen(ends[0], "r");
	return p;
}

static void
tell(int channel, const struct message *m, int fd)
{
	CLEANUP(buf_clear) struct buf out = { 0 };

	assert_ok(message_encode(m, &out));
	assert_ok(packet_send(channel, (uint8_t)m->type, buf_span(&out), &fd,
	    fd != -1 ? 1 : 0));
}

static void
tell_settings(const struct process *p, struct span text)
{
	const struct message m = { .type = MSG_SETTINGS,
		.settings = { .file = SPAN("/etc/f"), .text = text } };

	tell(p->channel, &m, -1);
}

static void
tell_counters(const struct process *p)
{
	const struct message m = { .type = MSG_COUNTERS,
		.counters = { .row = 1 } };

	tell(p->channel, &m, p->counters_fd);
}

/* Gives our end of the new channel. */
static int
tell_peer(const struct process *p, enum role role, uint32_t index)
{
	const struct message m = { .type = MSG_PEER, .peer = { role, index } };
	int fds[2];

	assert_ok(packet_pair(fds));
	tell(p->channel, &m, fds[1]);
	close(fds[1]);
	return fds[0];
}

static void
expect(const struct process *p, const char *want)
{
	char line[256] = "";

	if (fgets(line, sizeof(line), p->events) != NULL)
		line[strcspn(line, "\n")] = '\0';
	assert_string_equal(line, want);
}

static void
expect_message(int channel, enum message_type type)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct packet packet;

	assert_ok(packet_receive(channel, &b, &packet));
	assert_int_equal(packet.type, type);
}

static void
expect_end(int channel)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct packet packet;

	assert_int_equal(packet_receive(channel, &b, &packet), ST_NOTFOUND);
	close(channel);
}

static int
process_end(struct process *p)
{
	int status = -1;

	(void)fclose(p->events);
	if (p->channel != -1)
		close(p->channel);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	counters_close(&p->counters);
	close(p->counters_fd);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static struct process
process_ready(enum role role)
{
	struct process p = process_new(role);
	char want[32];

	tell_settings(&p, SPAN(SETTINGS));
	tell_counters(&p);
	snprintf(want, sizeof(want), "drop %s", role_name(role));
	expect(&p, want);
	expect(&p, "start /etc/f 1");
	expect_message(p.channel, MSG_READY);
	return p;
}

static void
stop(struct process *p)
{
	const struct message m = { .type = MSG_STOP };

	tell(p->channel, &m, -1);
	expect(p, "stop");
	assert_int_equal(process_end(p), 0);
}

static void
it_drops_its_rights_says_ready_and_obeys(void **state)
{
	const struct message listen = { .type = MSG_LISTEN,
		.listen = { LISTEN_IMAP, SPAN_INIT("[::1]:1143") } };
	struct process p = process_ready(ROLE_GATE);

	(void)state;
	/* signals are the master's */
	assert_int_equal(kill(p.pid, SIGTERM), 0);
	assert_int_equal(kill(p.pid, SIGHUP), 0);
	tell(p.channel, &listen, p.counters_fd);
	expect(&p, "listen 0 [::1]:1143");
	tell_settings(&p, SPAN("limits { append = 4M }"));
	expect(&p, "settings 22 4194304");
	stop(&p);
}

static void
peers_come_speak_and_go(void **state)
{
	const struct message step = { .type = MSG_AUTH_STEP,
		.auth_step = { 7, SPAN_INIT("blob") } };
	struct process p = process_ready(ROLE_AUTH);
	int first;
	int second;

	(void)state;
	first = tell_peer(&p, ROLE_GATE, 5);
	expect(&p, "up gate.5");
	tell(first, &step, -1);
	expect(&p, "message auth-step");
	expect_message(first, MSG_AUTH_CHALLENGE);

	/* one that was started again takes its predecessor's place */
	second = tell_peer(&p, ROLE_GATE, 5);
	expect(&p, "down gate.5");
	expect(&p, "up gate.5");
	expect_end(first);
	tell(second, &step, -1);
	expect(&p, "message auth-step");
	expect_message(second, MSG_AUTH_CHALLENGE);
	close(second);
	expect(&p, "down gate.5");
	stop(&p);
}

static void
a_peer_that_breaks_the_rules_is_cut_off(void **state)
{
	const struct message abort = { .type = MSG_AUTH_ABORT };
	const struct message stop_it = { .type = MSG_STOP };
	struct process p = process_ready(ROLE_AUTH);
	int gate;

	(void)state;
	gate = tell_peer(&p, ROLE_GATE, 0);
	expect(&p, "up gate.0");
	tell(gate, &stop_it, -1); /* only the master may */
	expect(&p, "down gate.0");
	expect_end(gate);

	gate = tell_peer(&p, ROLE_GATE, 0);
	expect(&p, "up gate.0");
	assert_ok(packet_send(gate, MSG_AUTH_STEP, SPAN("junk"), NULL, 0));
	expect(&p, "down gate.0");
	expect_end(gate);

	gate = tell_peer(&p, ROLE_GATE, 0);
	expect(&p, "up gate.0");
	tell(gate, &abort, -1); /* which the process says makes no sense */
	expect(&p, "message auth-abort");
	expect(&p, "down gate.0");
	expect_end(gate);
	stop(&p);
}

static void
without_a_master_it_stops(void **state)
{
	struct process p = process_ready(ROLE_MAIL);

	(void)state;
	close(p.channel);
	p.channel = -1;
	expect(&p, "stop");
	assert_int_equal(process_end(&p), 0);
}

/* auth waits for its threads on the loop, where messages come all the while. */
static void
what_is_said_behind_the_end_is_passed_over(void **state)
{
	const struct message step = { .type = MSG_AUTH_STEP };
	const struct message stop_it = { .type = MSG_STOP };
	struct process p;
	int gate;

	(void)state;
	lingers = true;
	p = process_ready(ROLE_AUTH);
	lingers = false;
	gate = tell_peer(&p, ROLE_GATE, 0);
	expect(&p, "up gate.0");
	tell(p.channel, &stop_it, -1);
	expect(&p, "stop");
	expect(&p, "lingers");
	tell_settings(&p, SPAN(SETTINGS));
	tell(p.channel, &stop_it, -1);
	tell(gate, &step, -1);
	close(gate);
	assert_int_equal(process_end(&p), 0);
}

static void
settings_that_do_not_parse_change_nothing(void **state)
{
	struct process p = process_ready(ROLE_MAIL);

	(void)state;
	tell_settings(&p, SPAN("limits { apend = 4M }"));
	tell_settings(&p, SPAN("limits { append = 5M }"));
	expect(&p, "settings 22 5242880");
	stop(&p);
}

static void
it_does_not_start_on_anything_but_settings(void **state)
{
	const struct message m = { .type = MSG_STOP };
	struct process p = process_new(ROLE_GATE);

	(void)state;
	tell(p.channel, &m, -1);
	assert_int_equal(process_end(&p), EX_PROTOCOL);

	p = process_new(ROLE_GATE);
	tell_settings(&p, SPAN("limits { apend = 4M }"));
	assert_int_equal(process_end(&p), EX_CONFIG);

	p = process_new(ROLE_GATE);
	close(p.channel);
	p.channel = -1;
	assert_int_equal(process_end(&p), EX_PROTOCOL);
}

static void
it_does_not_start_with_its_rights(void **state)
{
	struct process p;

	(void)state;
	drop_fails = "yes";
	p = process_new(ROLE_GATE);
	drop_fails = NULL;
	tell_settings(&p, SPAN(SETTINGS));
	tell_counters(&p);
	expect(&p, "drop gate");
	assert_int_equal(process_end(&p), EX_NOPERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_drops_its_rights_says_ready_and_obeys),
		cmocka_unit_test(peers_come_speak_and_go),
		cmocka_unit_test(a_peer_that_breaks_the_rules_is_cut_off),
		cmocka_unit_test(without_a_master_it_stops),
		cmocka_unit_test(what_is_said_behind_the_end_is_passed_over),
		cmocka_unit_test(settings_that_do_not_parse_change_nothing),
		cmocka_unit_test(it_does_not_start_on_anything_but_settings),
		cmocka_unit_test(it_does_not_start_with_its_rights),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
