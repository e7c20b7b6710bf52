#include "base/test.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "io/loop.h"
#include "io/packet.h"
#include "io/sandbox_private.h"
#include "io/tls.h"

static char folder[] = "/tmp/newel-sandbox-XXXXXX";
static char inside[64];
static char outside[64];
static char empty[64];

static void
make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0666);

	assert_int_not_equal(fd, -1);
	(void)close(fd);
}

/* Everybody may, so that what fails is the sandbox's doing. */
static int
make_folders(void **state)
{
	char path[96];

	(void)state;
	umask(0);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0777), 0);
	snprintf(inside, sizeof(inside), "%s/inside", folder);
	snprintf(outside, sizeof(outside), "%s/outside", folder);
	snprintf(empty, sizeof(empty), "%s/empty", folder);
	assert_int_equal(mkdir(inside, 0777), 0);
	assert_int_equal(mkdir(outside, 0777), 0);
	assert_int_equal(mkdir(empty, 0777), 0);
	snprintf(path, sizeof(path), "%s/file", inside);
	make_file(path);
	snprintf(path, sizeof(path), "%s/file", outside);
	make_file(path);
	return 0;
}

static int
remove_folders(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static struct sandbox_path paths[2];

static struct sandbox
sandbox(unsigned may)
{
	paths[0] = (struct sandbox_path){ inside, true };
	paths[1] = (struct sandbox_path){ "/nonexistent/folder", true };
	return (struct sandbox){ .process = "test",
		.may = may,
		.uid = 65534,
		.gid = 65534,
		.paths = paths,
		.path_count = COUNT(paths) };
}

/*
 * Runs fn in a process that has entered s; gives what it returned, or 1000
 * and the number of the signal that ended it.
 */
static int
run_in(const struct sandbox *s, int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (sandbox_enter(s) != ST_OK)
			_exit(99);
		_exit(fn());
	}
	assert_int_not_equal(pid, -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status)
	                           : WEXITSTATUS(status);
}

static int
open_in(const char *dir, int flags)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, flags);
	return fd != -1 ? 0 : errno;
}

static int
read_inside(void)
{
	return open_in(inside, O_RDONLY);
}

static int
read_outside(void)
{
	return open_in(outside, O_RDONLY);
}

static int
write_inside(void)
{
	return open_in(inside, O_RDWR);
}

static int
write_outside(void)
{
	return open_in(outside, O_RDWR);
}

static int
create_rename_and_remove(void)
{
	char from[96];
	char to[96];
	int fd;

	snprintf(from, sizeof(from), "%s/new", inside);
	snprintf(to, sizeof(to), "%s/newer", inside);
	fd = open(from, O_RDWR | O_CREAT, 0600);
	if (fd == -1 || fsync(fd) != 0 || rename(from, to) != 0)
		return errno;
	return unlink(to) == 0 ? 0 : errno;
}

static int
execute(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) != -1 ? 0 : errno;
}

static int
listen_on_tcp(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ? 0 : errno;
}

static int
trace_parent(void)
{
	return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int
executable_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? 0 : errno;
}

static int
become_root(void)
{
	return setuid(0) == 0 ? 0 : errno;
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
start_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, nothing, NULL) != 0)
		return 1;
	return pthread_join(t, NULL);
}

static int
fork_off(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid != -1 ? 0 : errno;
}

static int
call_abort(void)
{
	abort();
}

static struct loop *loop;

static void
stop(void *arg)
{
	loop_stop(arg);
}

/* What every process does: a loop, messages, descriptors. */
static int
do_its_work(void)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct packet p;
	int pair[2];
	int fds[2];

	loop = loop_new();
	loop_post(loop, stop, loop);
	loop_run(loop);
	loop_free(&loop);
	if (packet_pair(pair) != ST_OK ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0 ||
	    packet_send(pair[0], 1, SPAN("x"), fds, 1) != ST_OK ||
	    packet_receive(pair[1], &b, &p) != ST_OK || p.fd_count != 1)
		return 1;
	log_event(NULL, LEVEL_DEBUG, "not.shown");
	return 0;
}

/* OpenSSL needs no file for what we do with it. */
static int
make_tls_context(void)
{
	static const char *const names[] = { "localhost" };
	CLEANUP(buf_clear) struct buf chain = { 0 };
	CLEANUP(buf_clear) struct buf key = { 0 };
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct tls_context *c = NULL;
	struct tls_cert cert;
	struct tls_settings t = { .certs = &cert, .cert_count = 1 };

	tls_cert_make(names, 1, 1, &chain, &key);
	cert = (struct tls_cert){ buf_span(&chain), buf_span(&key) };
	if (tls_context_new(&t, &why, &c) != ST_OK)
		return 1;
	tls_context_unref(&c);
	return 0;
}

/* The C library loads this charset from its own folder. */
static int
load_charset(void)
{
	iconv_t cd = iconv_open("UTF-8", "KOI8-R");

	if (cd == (iconv_t)-1)
		return errno;
	return iconv_close(cd);
}

#define KILLED (1000 + SIGSYS)

/* Sanitizers may read files and fork, to make their reports. */
#define UNLESS_SANITIZED(want, otherwise) (SANITIZED ? (otherwise) : (want))

static void
a_process_can_do_what_it_may_and_no_more(void **state)
{
	const unsigned all = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_ACCEPT |
	                     SANDBOX_CONNECT | SANDBOX_THREADS |
	                     SANDBOX_PLUGINS;
	const struct {
		const char *name;
		int (*fn)(void);
		unsigned may;
		int want;
	} cases[] = {
		{ "work", do_its_work, 0, 0 },
		{ "TLS", make_tls_context, 0, 0 },
		{ "abort", call_abort, 0, 1000 + SIGABRT },
		{ "open", read_inside, 0, UNLESS_SANITIZED(KILLED, EACCES) },
		{ "read in", read_inside, SANDBOX_READ, 0 },
		{ "read out", read_outside, SANDBOX_READ, EACCES },
		{ "write", write_inside, SANDBOX_READ, KILLED },
		{ "write in", write_inside, SANDBOX_READ | SANDBOX_WRITE, 0 },
		{ "write out", write_outside, SANDBOX_READ | SANDBOX_WRITE,
		    EACCES },
		{ "change", create_rename_and_remove,
		    SANDBOX_READ | SANDBOX_WRITE, 0 },
		{ "charset", load_charset, SANDBOX_READ, EINVAL },
		{ "charset", load_charset, SANDBOX_READ | SANDBOX_PLUGINS, 0 },
		{ "exec", execute, all, KILLED },
		{ "socket", make_socket, all & ~SANDBOX_CONNECT, KILLED },
		{ "socket", make_socket, SANDBOX_CONNECT, 0 },
		{ "listen", listen_on_tcp, all, EACCES },
		{ "kill", trace_parent, all, KILLED },
		{ "W+X", executable_memory, all & ~SANDBOX_PLUGINS, KILLED },
		{ "W+X", executable_memory, SANDBOX_PLUGINS, 0 },
		{ "setuid", become_root, all, KILLED },
		{ "thread", start_thread, all & ~SANDBOX_THREADS,
		    UNLESS_SANITIZED(KILLED, 0) },
		{ "thread", start_thread, SANDBOX_THREADS, 0 },
		{ "fork", fork_off, all, UNLESS_SANITIZED(KILLED, 0) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sandbox s = sandbox(cases[i].may);
		int got = run_in(&s, cases[i].fn);

		if (got != cases[i].want)
			fail_msg("%s with %x: %d, not %d", cases[i].name,
			    cases[i].may, got, cases[i].want);
	}
}

static void
a_debugged_process_is_refused_and_lives(void **state)
{
	struct sandbox s = sandbox(0);

	(void)state;
	s.debug = true;
	assert_int_equal(run_in(&s, make_socket), EPERM);
	assert_int_equal(run_in(&s, execute), EPERM);
}

static int
no_file_anywhere(void)
{
	return access("/bin", F_OK) != 0 && access("/tmp", F_OK) != 0 ? 0 : 1;
}

static void
the_root_of_a_process_may_be_an_empty_folder(void **state)
{
	struct sandbox s = sandbox(SANDBOX_READ);

	(void)state;
	if (geteuid() != 0)
		skip();
	s.empty_root = empty;
	assert_int_equal(run_in(&s, no_file_anywhere), 0);
	/* The paths are still there for whom a descriptor leads to them. */
	assert_int_equal(run_in(&s, read_inside), ENOENT);
}

static int
check_own_limits(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_CORE, &l) != 0 || l.rlim_max != 0)
		return 1;
	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur != 123)
		return 2;
	return 0;
}

static void
limits_of_resources_are_set(void **state)
{
	struct sandbox s = sandbox(0);

	(void)state;
	s.max_files = 123;
	assert_int_equal(run_in(&s, check_own_limits), 0);
}

static void
root_is_not_kept(void **state)
{
	struct sandbox s = sandbox(0);

	(void)state;
	if (geteuid() != 0)
		skip();
	s.uid = 0;
	assert_int_equal(run_in(&s, do_its_work), 99);
}

/* The process that is asked about waits until it is told to end. */
static int wait_fd;

static int
wait_for_end(void)
{
	char c;

	return (int)read(wait_fd, &c, 1);
}

static void
what_a_process_has_given_up_can_be_read_back(void **state)
{
	struct sandbox s = sandbox(0);
	struct sandbox_report r = { 0 };
	int fds[2];
	pid_t pid;

	(void)state;
	s.empty_root = empty;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		wait_fd = fds[1];
		if (sandbox_enter(&s) != ST_OK)
			_exit(99);
		(void)send(fds[1], "r", 1, 0);
		_exit(wait_for_end());
	}
	(void)close(fds[1]);
	assert_int_equal(recv(fds[0], &(char){ 0 }, 1, 0), 1);
	assert_ok(sandbox_report(pid, &r));
	(void)close(fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);

	assert_true(r.no_new_privs);
	assert_true(r.filtered);
	assert_int_equal(r.capabilities, 0);
	if (geteuid() == 0) {
		assert_int_equal(r.uid, 65534);
		assert_int_equal(r.gid, 65534);
		assert_int_equal(r.group_count, 0);
		assert_true(r.hidden);
		assert_true(r.own_root);
	}
	assert_ok(sandbox_report(getpid(), &r));
	assert_false(r.filtered);
	assert_false(r.own_root);
	assert_int_equal(sandbox_report(pid, &r), ST_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_can_do_what_it_may_and_no_more),
		cmocka_unit_test(a_debugged_process_is_refused_and_lives),
		cmocka_unit_test(the_root_of_a_process_may_be_an_empty_folder),
		cmocka_unit_test(limits_of_resources_are_set),
		cmocka_unit_test(root_is_not_kept),
		cmocka_unit_test(what_a_process_has_given_up_can_be_read_back),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
