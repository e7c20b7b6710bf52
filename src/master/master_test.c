#include "base/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "io/packet.h"
#include "master/master.h"
#include "service/message.h"

/*
 * The master executes itself, so this program is also each of its processes:
 * one that says READY and notes what it is told in a file.
 */
#define DIR_NAME "NEWEL_TEST_DIR"
#define TEXT_MAX 65536

struct instance {
	char dir[64];
	uint16_t port;
	pid_t master;
};

static void
path_in(const char *dir, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", dir, name);
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	path_in(dir, name, path);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

/* The processes of the test */

static void
note(const char *who, const char *what)
{
	char path[128];
	char line[128];
	int n;
	int fd;

	path_in(getenv(DIR_NAME), "notes", path);
	n = snprintf(line, sizeof(line), "%s %s\n", who, what);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd == -1 || write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
}

static bool
there_is(const char *dir, const char *name)
{
	char path[128];

	path_in(dir, name, path);
	return access(path, F_OK) == 0;
}

static void
note_message(const char *who, const struct message *m)
{
	char what[64];

	if (m->type == MSG_PEER)
		snprintf(what, sizeof(what), "peer %s.%u",
		    role_name(m->peer.role), m->peer.index);
	else if (m->type == MSG_LISTEN)
		snprintf(what, sizeof(what), "listen %u", m->listen.kind);
	else
		snprintf(what, sizeof(what), "%s", message_name(m->type));
	note(who, what);
}

static void
say_ready(enum role role)
{
	CLEANUP(buf_clear) struct buf out = { 0 };
	const struct message m = { .type = MSG_READY, .ready = { role } };

	assert_ok(message_encode(&m, &out));
	assert_ok(packet_send(3, MSG_READY, buf_span(&out), NULL, 0));
}

static int
be_a_process(const char *role, const char *index)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const char *dir = getenv(DIR_NAME);
	enum role r = ROLE_GATE;
	char who[32];
	char text[32];
	struct packet p;

	while (strcmp(role_name(r), role) != 0)
		r++;
	snprintf(who, sizeof(who), "%s.%s", role, index);
	snprintf(text, sizeof(text), "pid %d", getpid());
	note(who, text);
	(void)signal(SIGTERM, SIG_IGN);
	if (there_is(dir, role))
		return 7;
	while (packet_receive(3, &b, &p) == ST_OK) {
		struct message m;

		assert_ok(message_decode(ROLE_MASTER, r, &p, &m, NULL));
		note_message(who, &m);
		packet_close_fds(&p);
		if (m.type == MSG_COUNTERS)
			say_ready(r);
		if (m.type == MSG_STOP &&
		    !there_is(dir, r == ROLE_AUTH ? "hang-auth" : "hang"))
			return 0;
	}
	note(who, "orphaned");
	return 0;
}

/* The master of the test */

/* Below those that the kernel gives to outgoing connections meanwhile. */
static uint16_t
free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint16_t port;
	uint32_t dice;

	do {
		random_bytes(&dice, sizeof(dice));
		port = (uint16_t)(10000 + dice % 22000);
		a.sin_port = htons(port);
	} while (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0);
	close(fd);
	return port;
}

static void
write_settings(const struct instance *in, const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "instance { data = data run = run user = nobody gates = 2 }\n"
	    "listen { imap = 127.0.0.1:%u imaps = {} lmtp = run/lmtp }\n"
	    "tls { certificate = {} key = {} }\n%s\n",
	    in->port, more);
	write_file(in->dir, "newel.conf", text);
}

static void
make_instance(struct instance *in)
{
	char path[128];

	*in = (struct instance){ .dir = "/tmp/newel-master-XXXXXX",
		.port = free_port() };
	assert_non_null(mkdtemp(in->dir));
	assert_int_equal(chmod(in->dir, 0755), 0);
	setenv(DIR_NAME, in->dir, 1);
	path_in(in->dir, "data", path);
	assert_int_equal(mkdir(path, 0755), 0);
	write_settings(in, "");
}

static void
start_master(struct instance *in)
{
	char path[128];
	int log;

	in->master = fork();
	if (in->master != 0)
		return;
	path_in(in->dir, "log", path);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	(void)dup2(log, STDERR_FILENO);
	path_in(in->dir, "newel.conf", path);
	_exit(master_run(path));
}

static void
remove_instance(const struct instance *in)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", in->dir);
	assert_int_equal(system(command), 0);
}

static int
wait_master(const struct instance *in)
{
	int status = -1;

	assert_int_equal(waitpid(in->master, &status, 0), in->master);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const char *
slurp(const struct instance *in, const char *name)
{
	static char text[TEXT_MAX];
	char path[128];
	ssize_t n = 0;
	int fd;

	path_in(in->dir, name, path);
	fd = open(path, O_RDONLY);
	if (fd != -1) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[MAX(n, 0)] = '\0';
	return text;
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text++;
	}
	return n;
}

/* For some seconds; then the test has failed. */
static void
wait_for(const struct instance *in, const char *file, const char *what,
    size_t times)
{
	int64_t until = clock_now_ms() + 10000;

	while (count(slurp(in, file), what) < times) {
		if (clock_now_ms() > until)
			fail_msg("no \"%s\" in %s:\n%s%s", what, file,
			    slurp(in, file), slurp(in, "log"));
		usleep(5000);
	}
}

static void
start_ready(struct instance *in)
{
	make_instance(in);
	start_master(in);
	wait_for(in, "log", "event=server.ready", 1);
}

static void
stop_and_remove(struct instance *in)
{
	assert_int_equal(kill(in->master, SIGTERM), 0);
	assert_int_equal(wait_master(in), 0);
	remove_instance(in);
}

/* The last one noted. */
static pid_t
pid_of(const struct instance *in, const char *who)
{
	const char *text = slurp(in, "notes");
	const char *last = NULL;
	char what[64];

	snprintf(what, sizeof(what), "%s pid ", who);
	while ((text = strstr(text, what)) != NULL) {
		last = text;
		text++;
	}
	assert_non_null(last);
	return (pid_t)strtol(last + strlen(what), NULL, 10);
}

static mode_t
mode_of(const struct instance *in, const char *name)
{
	char path[128];
	struct stat st;

	path_in(in->dir, name, path);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
all_start_and_one_line_says_ready(void **state)
{
	static const char *const notes[] = { "gate.0 settings",
		"gate.1 settings", "auth.0 settings", "mail.0 settings",
		"gate.0 listen 0", "gate.1 listen 0", "mail.0 listen 2",
		"mail.0 listen 3", "gate.0 peer auth.0", "gate.0 peer mail.0",
		"gate.1 peer auth.0", "gate.1 peer mail.0",
		"auth.0 peer mail.0", "mail.0 peer auth.0",
		"auth.0 peer gate.0", "auth.0 peer gate.1",
		"mail.0 peer gate.1" };
	struct instance in;
	char want[128];

	(void)state;
	start_ready(&in);
	for (size_t i = 0; i < COUNT(notes); i++)
		wait_for(&in, "notes", notes[i], 1);
	assert_int_equal(count(slurp(&in, "notes"), "gate.0 peer gate"), 0);
	assert_int_equal(count(slurp(&in, "notes"), "auth.0 listen"), 0);
	snprintf(want, sizeof(want), "imap=\"127.0.0.1:%u\" imaps=\"\"",
	    in.port);
	wait_for(&in, "log", want, 1);
	assert_int_equal(mode_of(&in, "run/lmtp"), 0660);
	assert_int_equal(mode_of(&in, "run/control"), 0600);
	stop_and_remove(&in);
}

static void
sigterm_stops_all_auth_last_and_exits_0(void **state)
{
	struct instance in;
	const char *notes;

	(void)state;
	start_ready(&in);
	assert_int_equal(kill(in.master, SIGTERM), 0);
	assert_int_equal(wait_master(&in), 0);
	assert_int_equal(count(slurp(&in, "notes"), " stop\n"), 4);
	notes = slurp(&in, "notes");
	assert_true(
	    strstr(notes, "auth.0 stop") > strstr(notes, "mail.0 stop"));
	assert_int_equal(count(slurp(&in, "log"), "level=error"), 0);
	assert_int_equal(count(slurp(&in, "log"), "event=server.stopped"), 1);
	assert_false(there_is(in.dir, "run/lmtp"));
	assert_false(there_is(in.dir, "run/control"));
	remove_instance(&in);
}

static void
a_dead_process_is_started_again_and_connected(void **state)
{
	struct instance in;

	(void)state;
	start_ready(&in);
	wait_for(&in, "notes", "auth.0 peer gate.1", 1);
	assert_int_equal(kill(pid_of(&in, "auth.0"), SIGKILL), 0);
	wait_for(&in, "log",
	    "level=error process=master event=master.process.ended "
	    "name=\"auth\"",
	    1);
	wait_for(&in, "log", "signal=\"KILL\"", 1);
	wait_for(&in, "log", "name=\"auth\" wait_ms=1000", 1);
	wait_for(&in, "notes", "auth.0 pid", 2);
	wait_for(&in, "notes", "gate.0 peer auth.0", 2);
	wait_for(&in, "notes", "gate.1 peer auth.0", 2);
	wait_for(&in, "notes", "mail.0 peer auth.0", 2);
	wait_for(&in, "notes", "auth.0 peer mail.0", 2);
	assert_int_equal(count(slurp(&in, "notes"), "gate.0 pid"), 1);
	assert_int_equal(count(slurp(&in, "log"), "event=server.ready"), 1);

	assert_int_equal(kill(pid_of(&in, "gate.1"), SIGSEGV), 0);
	wait_for(&in, "notes", "gate.1 listen 0", 2);
	stop_and_remove(&in);
}

static void
sighup_tells_all_and_a_bad_file_changes_nothing(void **state)
{
	struct instance in;

	(void)state;
	start_ready(&in);
	write_settings(&in, "limits { apend = 2M }");
	assert_int_equal(kill(in.master, SIGHUP), 0);
	wait_for(&in, "log", "event=settings.reload.refused", 1);
	wait_for(&in, "log", "did you mean \\\"append\\\"?", 1);

	write_settings(&in, "limits { append = 2M } store { cache = 9M }");
	assert_int_equal(kill(in.master, SIGHUP), 0);
	wait_for(&in, "notes", "gate.0 settings", 2);
	wait_for(&in, "notes", "gate.1 settings", 2);
	wait_for(&in, "notes", "auth.0 settings", 2);
	wait_for(&in, "notes", "mail.0 settings", 2);
	assert_int_equal(count(slurp(&in, "log"), "settings.reload.done"), 1);
	assert_int_equal(count(slurp(&in, "log"),
			     "event=settings.restart.needed section=\"store\""),
	    1);
	assert_int_equal(count(slurp(&in, "log"), "restart.needed"), 1);

	/* what starts now gets the new settings and the old sockets */
	assert_int_equal(kill(pid_of(&in, "gate.0"), SIGKILL), 0);
	wait_for(&in, "notes", "gate.0 listen 0", 2);
	stop_and_remove(&in);
}

static void
a_process_that_cannot_start_ends_the_master(void **state)
{
	struct instance in;

	(void)state;
	make_instance(&in);
	write_file(in.dir, "mail", "");
	start_master(&in);
	assert_int_equal(wait_master(&in), 1);
	assert_int_equal(count(slurp(&in, "log"),
			     "event=master.process.ended name=\"mail\" pid="),
	    1);
	assert_int_equal(count(slurp(&in, "log"), " code=7"), 1);
	assert_int_equal(count(slurp(&in, "log"), "server.start.failed"), 1);
	assert_int_equal(count(slurp(&in, "log"), "server.ready"), 0);
	remove_instance(&in);
}

static void
a_taken_port_is_named_with_its_holder(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct instance in;
	char want[128];

	(void)state;
	make_instance(&in);
	a.sin_port = htons(in.port);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	start_master(&in);
	assert_int_equal(wait_master(&in), 1);
	snprintf(want, sizeof(want),
	    "listen.imap 127.0.0.1:%u: the port is taken by ", in.port);
	assert_int_equal(count(slurp(&in, "log"), want), 1);
	snprintf(want, sizeof(want), "(process %d): stop that", getpid());
	assert_int_equal(count(slurp(&in, "log"), want), 1);
	close(fd);
	remove_instance(&in);
}

/* Else they would share the connections between them. */
static void
a_second_master_is_refused_the_ports(void **state)
{
	struct instance in;
	pid_t first;

	(void)state;
	start_ready(&in);
	first = in.master;
	start_master(&in);
	assert_int_equal(wait_master(&in), 1);
	assert_true(count(slurp(&in, "log"), "the port is taken by") > 0);
	assert_true(
	    count(slurp(&in, "log"), "another process listens there") == 2);
	assert_true(there_is(in.dir, "run/lmtp"));
	in.master = first;
	stop_and_remove(&in);
}

static void
a_second_signal_kills_those_that_hang(void **state)
{
	struct instance in;

	(void)state;
	start_ready(&in);
	write_file(in.dir, "hang", "");
	write_file(in.dir, "hang-auth", "");
	assert_int_equal(kill(in.master, SIGINT), 0);
	wait_for(&in, "notes", " stop\n", 3);
	assert_int_equal(kill(in.master, SIGINT), 0);
	wait_for(&in, "notes", "auth.0 stop\n", 1);
	assert_int_equal(kill(in.master, SIGINT), 0);
	assert_int_equal(wait_master(&in), 0);
	assert_int_equal(count(slurp(&in, "log"), "master.process.killed"), 4);
	remove_instance(&in);
}

/* It writes what it has gathered, and had no reason to do so before. */
static void
auth_may_stop_in_order_when_others_have_to_be_killed(void **state)
{
	struct instance in;

	(void)state;
	start_ready(&in);
	write_file(in.dir, "hang", "");
	assert_int_equal(kill(in.master, SIGINT), 0);
	wait_for(&in, "notes", " stop\n", 3);
	assert_int_equal(kill(in.master, SIGINT), 0);
	assert_int_equal(wait_master(&in), 0);
	assert_int_equal(count(slurp(&in, "notes"), "auth.0 stop\n"), 1);
	assert_int_equal(count(slurp(&in, "log"), "master.process.killed"), 3);
	remove_instance(&in);
}

static void
processes_notice_that_the_master_is_gone(void **state)
{
	struct instance in;
	int status;

	(void)state;
	start_ready(&in);
	assert_int_equal(kill(in.master, SIGKILL), 0);
	assert_int_equal(waitpid(in.master, &status, 0), in.master);
	wait_for(&in, "notes", "orphaned", 4);

	/* the sockets it left behind are in nobody's way */
	start_master(&in);
	wait_for(&in, "log", "event=server.ready", 2);
	stop_and_remove(&in);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_start_and_one_line_says_ready),
		cmocka_unit_test(sigterm_stops_all_auth_last_and_exits_0),
		cmocka_unit_test(a_dead_process_is_started_again_and_connected),
		cmocka_unit_test(
		    sighup_tells_all_and_a_bad_file_changes_nothing),
		cmocka_unit_test(a_process_that_cannot_start_ends_the_master),
		cmocka_unit_test(a_taken_port_is_named_with_its_holder),
		cmocka_unit_test(a_second_master_is_refused_the_ports),
		cmocka_unit_test(a_second_signal_kills_those_that_hang),
		cmocka_unit_test(
		    auth_may_stop_in_order_when_others_have_to_be_killed),
		cmocka_unit_test(processes_notice_that_the_master_is_gone),
	};

	if (argc == 4 && strcmp(argv[1], "process") == 0)
		return be_a_process(argv[2], argv[3]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
