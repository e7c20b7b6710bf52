#ifndef IO_SANDBOX_H
#define IO_SANDBOX_H

#include <sys/types.h>

#include "base/defs.h"
#include "base/status.h"

/*
 * A process gives up, for good, what it doesn't need.
 *
 * Called once, in the thread that starts the others, before any peer's byte
 * is read.  What the kernel can't do (Landlock before 5.13) is logged and
 * left out; what must not fail, such as giving up root, ends with ST_IO.
 */

/* What a process may do, beyond computing and using what is open already. */
enum sandbox_may {
	SANDBOX_READ = 1 << 0,     /* open, stat, list: below paths */
	SANDBOX_WRITE = 1 << 1,    /* create, rename, remove, lock, sync */
	SANDBOX_ACCEPT = 1 << 2,   /* take connections from listening sockets */
	SANDBOX_CONNECT = 1 << 3,  /* make connections, resolve names */
	SANDBOX_THREADS = 1 << 4,  /* start threads, from now on */
	SANDBOX_PLUGINS = 1 << 5,  /* load shared objects (NSS, gconv, PAM) */
	SANDBOX_CHILDREN = 1 << 6, /* fork, execute and end processes */
};

struct sandbox_path {
	const char *path; /* a folder or a file; may be missing */
	bool write;
};

struct sandbox {
	const char *process; /* for the log */
	unsigned may;        /* a set of SANDBOX_ */

	/* If we are root: whom to become, without any supplementary group. */
	uid_t uid;
	gid_t gid;
	const char *empty_root; /* a folder to be locked into, or NULL */

	/* What SANDBOX_READ and SANDBOX_WRITE are about (Landlock). */
	const struct sandbox_path *paths;
	size_t path_count;

	unsigned max_files; /* descriptors; 0 leaves the limit as it is */
	bool debug; /* a forbidden call is refused and logged: no kill */
};

enum status sandbox_enter(const struct sandbox *s);

/* What the kernel says about a process, for tests and `newel check`. */
struct sandbox_report {
	uid_t uid; /* the effective ones */
	gid_t gid;
	unsigned group_count; /* supplementary */
	unsigned seccomp;     /* 0 none, 2 filter */
	bool no_new_privs;
	uint64_t capabilities; /* effective */
	bool dumpable;         /* its /proc entries belong to its own user */
};
enum status sandbox_report(pid_t pid, struct sandbox_report *out);

#endif
