#ifndef IO_SANDBOX_H
#define IO_SANDBOX_H

#include <sys/types.h>

#include "base/defs.h"
#include "base/status.h"

/*
 * A process gives up, for good, what it doesn't need.
 *
 * Called once, before a peer's first byte is read and before there are other
 * threads.  Afterwards a process can use the descriptors that it has, pass
 * and receive others, make socket pairs and memory files, and do what `may`
 * says; any other system call ends it with SIGSYS.  It has no privileges and
 * gets none by executing files, leaves no core file, and can't be traced by
 * others of its user.
 *
 * What an old kernel can't do (Landlock came with 5.13, rules about TCP with
 * 6.7) is logged and left out.
 */
enum sandbox_may {
	SANDBOX_READ = 1 << 0,    /* open, stat and list what paths name */
	SANDBOX_WRITE = 1 << 1,   /* change it too, where paths say so */
	SANDBOX_ACCEPT = 1 << 2,  /* take connections from listening sockets */
	SANDBOX_CONNECT = 1 << 3, /* make connections, resolve names */
	SANDBOX_THREADS = 1 << 4, /* start threads */
	SANDBOX_PLUGINS = 1 << 5, /* load the system's shared objects: gconv */
};

struct sandbox_path {
	const char *path; /* a folder with all in it, or a file */
	bool write;
};

struct sandbox {
	const char *process; /* for the log */
	unsigned may;        /* a set of SANDBOX_ */

	/*
	 * If we are root: whom to become, without a supplementary group.
	 * Otherwise they and empty_root are ignored.
	 */
	uid_t uid;
	gid_t gid;
	const char *empty_root; /* a folder to be locked into, or NULL */

	/* Borrowed.  What is missing is left out. */
	const struct sandbox_path *paths;
	size_t path_count;

	unsigned max_files; /* descriptors; 0 leaves the limit as it is */
	bool debug; /* a forbidden call is refused and logged, not fatal */
};

/* ST_IO: logged; the process is in between and must end. */
enum status sandbox_enter(const struct sandbox *s);

/* What the kernel says about a process, for tests and `newel check`. */
struct sandbox_report {
	uid_t uid; /* the effective ones */
	gid_t gid;
	unsigned group_count;  /* supplementary */
	uint64_t capabilities; /* effective */
	bool no_new_privs;
	bool filtered; /* system calls are */
	bool hidden;   /* from others of its user: not dumpable */
	bool own_root; /* "/" is another folder; only root can see that */
};

/* ST_NOTFOUND: no such process. */
enum status sandbox_report(pid_t pid, struct sandbox_report *out);

#endif
