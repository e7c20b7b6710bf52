#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/log.h"
#include "io/sandbox_private.h"

/* The bits of a set for which a rule of the table holds. */
#define ALWAYS        (1U << 30)
#define IF_SANITIZED  (1U << 29)
#define NO_PLUGINS    (1U << 28)
#define NO_WRITE      (1U << 27)
#define READ_OR_WRITE (SANDBOX_READ | SANDBOX_WRITE)

/*
 * A call that is allowed if may has one of the bits of `when`, and if the
 * arg-th argument, as far as mask covers it, is value (mask 0: whatever).
 */
struct rule {
	unsigned when;
	int call;
	unsigned arg;
	uint64_t mask;
	uint64_t value;
};

#define CALL(when, name) \
	{ \
		(when), SCMP_SYS(name), 0, 0, 0 \
	}
#define CALL_IF(when, name, arg, mask, value) \
	{ \
		(when), SCMP_SYS(name), (arg), (mask), (value) \
	}
#define WHOLE UINT32_MAX

static const struct rule rules[] = {
	/* Descriptors that are open. */
	CALL(ALWAYS, read),
	CALL(ALWAYS, readv),
	CALL(ALWAYS, pread64),
	CALL(ALWAYS, preadv),
	CALL(ALWAYS, write),
	CALL(ALWAYS, writev),
	CALL(ALWAYS, close),
	CALL(ALWAYS, lseek),
	CALL(ALWAYS, fcntl),
	CALL(ALWAYS, dup),
	CALL(ALWAYS, fstat),
	CALL(ALWAYS, ftruncate),
	CALL_IF(ALWAYS, newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH),
	CALL_IF(ALWAYS, ioctl, 1, WHOLE, FIONBIO),
	CALL_IF(ALWAYS, ioctl, 1, WHOLE, FIONREAD),
	CALL_IF(ALWAYS, ioctl, 1, WHOLE, SIOCOUTQ),
	CALL_IF(ALWAYS, ioctl, 1, WHOLE, TCGETS),
	CALL(ALWAYS, memfd_create),
	CALL(ALWAYS, pipe2),
	CALL(ALWAYS, eventfd2),
	CALL(ALWAYS, epoll_create1),
	CALL(ALWAYS, epoll_ctl),
	CALL(ALWAYS, epoll_wait),
	CALL(ALWAYS, epoll_pwait),
	CALL(ALWAYS, poll),
	CALL(ALWAYS, ppoll),

	/* Sockets that are connected. */
	CALL_IF(ALWAYS, socketpair, 0, WHOLE, AF_UNIX),
	CALL(ALWAYS, sendto),
	CALL(ALWAYS, sendmsg),
	CALL(ALWAYS, recvfrom),
	CALL(ALWAYS, recvmsg),
	CALL(ALWAYS, shutdown),
	CALL(ALWAYS, getsockname),
	CALL(ALWAYS, getpeername),
	CALL(ALWAYS, getsockopt),
	CALL(ALWAYS, setsockopt),
	CALL(SANDBOX_ACCEPT, accept4),
	CALL(SANDBOX_ACCEPT, accept),
	CALL(SANDBOX_CONNECT, socket),
	CALL(SANDBOX_CONNECT, bind),
	CALL(SANDBOX_CONNECT, connect),
	CALL(SANDBOX_CONNECT, sendmmsg),
	CALL(SANDBOX_CONNECT, recvmmsg),

	/* Memory that can't be executed, unless plug-ins are loaded. */
	CALL(ALWAYS, brk),
	CALL(ALWAYS, munmap),
	CALL(ALWAYS, mremap),
	CALL(ALWAYS, madvise),
	CALL(ALWAYS, mincore),
	CALL(ALWAYS, membarrier),
	CALL_IF(NO_PLUGINS, mmap, 2, PROT_EXEC, 0),
	CALL_IF(NO_PLUGINS, mprotect, 2, PROT_EXEC, 0),
	CALL(SANDBOX_PLUGINS, mmap),
	CALL(SANDBOX_PLUGINS, mprotect),

	/* Time, threads, itself. */
	CALL(ALWAYS, clock_gettime),
	CALL(ALWAYS, clock_getres),
	CALL(ALWAYS, clock_nanosleep),
	CALL(ALWAYS, nanosleep),
	CALL(ALWAYS, gettimeofday),
	CALL(ALWAYS, time),
	CALL(ALWAYS, restart_syscall),
	CALL(ALWAYS, futex),
	CALL(ALWAYS, set_robust_list),
	CALL(ALWAYS, rseq),
	CALL(ALWAYS, sched_yield),
	CALL(ALWAYS, sched_getaffinity),
	CALL(ALWAYS, getcpu),
	CALL(ALWAYS, rt_sigaction),
	CALL(ALWAYS, rt_sigprocmask),
	CALL(ALWAYS, rt_sigreturn),
	CALL(ALWAYS, sigaltstack),
	CALL(ALWAYS, getrandom),
	CALL(ALWAYS, getpid),
	CALL(ALWAYS, getppid),
	CALL(ALWAYS, gettid),
	CALL(ALWAYS, getuid),
	CALL(ALWAYS, geteuid),
	CALL(ALWAYS, getgid),
	CALL(ALWAYS, getegid),
	CALL(ALWAYS, getrusage),
	CALL(ALWAYS, sysinfo),
	CALL(ALWAYS, uname),
	CALL(ALWAYS, exit),
	CALL(ALWAYS, exit_group),
	CALL_IF(ALWAYS, prctl, 0, WHOLE, PR_SET_NAME),
	CALL_IF(ALWAYS, prctl, 0, WHOLE, PR_GET_DUMPABLE),
	CALL_IF(ALWAYS, prlimit64, 2, UINT64_MAX, 0), /* reading a limit */
	CALL_IF(SANDBOX_THREADS, clone, 0, CLONE_THREAD, CLONE_THREAD),

	/* Files; Landlock says which. */
	CALL_IF(NO_WRITE, openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL(SANDBOX_WRITE, openat),
	CALL(READ_OR_WRITE, newfstatat),
	CALL(READ_OR_WRITE, statx),
	CALL(READ_OR_WRITE, access),
	CALL(READ_OR_WRITE, faccessat),
	CALL(READ_OR_WRITE, faccessat2),
	CALL(READ_OR_WRITE, readlink),
	CALL(READ_OR_WRITE, readlinkat),
	CALL(READ_OR_WRITE, getdents64),
	CALL(READ_OR_WRITE, getcwd),
	CALL(READ_OR_WRITE, statfs),
	CALL(READ_OR_WRITE, fstatfs),
	CALL(READ_OR_WRITE, fadvise64),
	CALL(READ_OR_WRITE, readahead),
	CALL(READ_OR_WRITE, flock),
	CALL(SANDBOX_WRITE, pwrite64),
	CALL(SANDBOX_WRITE, pwritev),
	CALL(SANDBOX_WRITE, fsync),
	CALL(SANDBOX_WRITE, fdatasync),
	CALL(SANDBOX_WRITE, syncfs),
	CALL(SANDBOX_WRITE, sync_file_range),
	CALL(SANDBOX_WRITE, msync),
	CALL(SANDBOX_WRITE, fallocate),
	CALL(SANDBOX_WRITE, copy_file_range),
	CALL(SANDBOX_WRITE, truncate),
	CALL(SANDBOX_WRITE, mkdir),
	CALL(SANDBOX_WRITE, mkdirat),
	CALL(SANDBOX_WRITE, rmdir),
	CALL(SANDBOX_WRITE, rename),
	CALL(SANDBOX_WRITE, renameat),
	CALL(SANDBOX_WRITE, renameat2),
	CALL(SANDBOX_WRITE, link),
	CALL(SANDBOX_WRITE, linkat),
	CALL(SANDBOX_WRITE, symlink),
	CALL(SANDBOX_WRITE, symlinkat),
	CALL(SANDBOX_WRITE, unlink),
	CALL(SANDBOX_WRITE, unlinkat),
	CALL(SANDBOX_WRITE, chmod),
	CALL(SANDBOX_WRITE, fchmod),
	CALL(SANDBOX_WRITE, fchmodat),
	CALL(SANDBOX_WRITE, fchown),
	CALL(SANDBOX_WRITE, utimensat),
	CALL(SANDBOX_WRITE, umask),
	CALL(SANDBOX_WRITE, getpriority),
	CALL(SANDBOX_WRITE, setpriority),
	CALL_IF(SANDBOX_WRITE, sched_getattr, 0, WHOLE, 0),
	CALL_IF(SANDBOX_WRITE, sched_setattr, 0, WHOLE, 0), /* its own */
	CALL_IF(SANDBOX_WRITE, sched_setscheduler, 0, WHOLE, 0),
	CALL(SANDBOX_WRITE, ioprio_get),
	CALL(SANDBOX_WRITE, ioprio_set),

	/* What the sanitizers' own reports need. */
	CALL(IF_SANITIZED, clone),
	CALL(IF_SANITIZED, readlink),
	CALL(IF_SANITIZED, getdents64),
	CALL(IF_SANITIZED, newfstatat),
	CALL(IF_SANITIZED, prctl),
	CALL(IF_SANITIZED, prlimit64),
	CALL(IF_SANITIZED, ptrace),
	CALL(IF_SANITIZED, wait4),
	CALL(IF_SANITIZED, personality),
};

static unsigned
bits_of(const struct sandbox *s)
{
	unsigned bits = s->may | ALWAYS;

	if ((s->may & SANDBOX_PLUGINS) == 0)
		bits |= NO_PLUGINS;
	if ((s->may & SANDBOX_WRITE) == 0 &&
	    ((s->may & SANDBOX_READ) != 0 || SANITIZED))
		bits |= NO_WRITE;
	if (SANITIZED)
		bits |= IF_SANITIZED;
	return bits;
}

/* Calls that this machine doesn't have are not an error. */
static int
add_rules(scmp_filter_ctx filter, unsigned bits)
{
	int err = 0;

	for (size_t i = 0; i < COUNT(rules) && err == 0; i++) {
		const struct rule *r = &rules[i];
		struct scmp_arg_cmp cmp =
		    SCMP_CMP64(r->arg, SCMP_CMP_MASKED_EQ, r->mask, r->value);

		if ((r->when & bits) == 0 || r->call < 0)
			continue;
		err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, r->call,
		    r->mask != 0 ? 1 : 0, &cmp);
		if (err == -EEXIST)
			err = 0;
	}
	return err;
}

/*
 * Some calls are refused in a way that their callers know: clone3(), whose
 * flags a filter can't see, so that the C library takes clone(); and abort()
 * and raise(), which end the process itself alone.
 */
static int
add_exceptions(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp itself = {
		.arg = 0,
		.op = SCMP_CMP_EQ,
		.datum_a = (scmp_datum_t)getpid(),
	};
	int err;

	err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
	    0);
	if (err == 0)
		err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(tgkill), 1, &itself);
	return err;
}

/* Makes the call fail with EPERM and says which it was. */
static void
on_forbidden(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)signal;
	log_event(NULL, LEVEL_ERROR, "sandbox.call.forbidden",
	    LF_U64("call", (uint64_t)info->si_syscall));
#if defined(__x86_64__)
	u->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
	u->uc_mcontext.regs[0] = (unsigned long)-EPERM;
#else
	(void)u;
#endif
}

static enum status
trap_forbidden(const struct sandbox *s)
{
	struct sigaction action = { .sa_sigaction = on_forbidden,
		.sa_flags = SA_SIGINFO | SA_NODEFER };

	if (!s->debug)
		return ST_OK;
	if (sigaction(SIGSYS, &action, NULL) != 0)
		return sandbox_failed(s, "debug");
	return ST_OK;
}

enum status
seccomp_enter(const struct sandbox *s)
{
	const uint32_t otherwise =
	    s->debug ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS;
	scmp_filter_ctx filter;
	enum status st;
	int err;

	st = trap_forbidden(s);
	if (st != ST_OK)
		return st;
	filter = seccomp_init(otherwise);
	if (filter == NULL) {
		errno = ENOMEM;
		return sandbox_failed(s, "system calls");
	}
	/* 2: a binary tree, as these are many and some are frequent. */
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (err == 0)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (err == 0)
		err = add_rules(filter, bits_of(s));
	if (err == 0)
		err = add_exceptions(filter);
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	if (err != 0) {
		errno = -err;
		return sandbox_failed(s, "system calls");
	}
	return ST_OK;
}
