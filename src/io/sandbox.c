#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/span.h"
#include "io/sandbox_private.h"

enum status
sandbox_failed(const struct sandbox *s, const char *what)
{
	log_event(NULL, LEVEL_ERROR, "sandbox.enter.failed",
	    LF_STR("sandbox", s->process), LF_STR("step", what),
	    LF_STR("reason", strerror(errno)));
	return ST_IO;
}

/* No core file may hold secrets; as many descriptors as we may have. */
static enum status
set_limits(const struct sandbox *s)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit files;

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return sandbox_failed(s, "no core files");
	if (s->max_files == 0)
		return ST_OK;

	files.rlim_cur = s->max_files;
	files.rlim_max = s->max_files;
	if (setrlimit(RLIMIT_NOFILE, &files) == 0)
		return ST_OK;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return sandbox_failed(s, "descriptors");
	files.rlim_cur = MIN(files.rlim_max, s->max_files);
	log_event(NULL, LEVEL_WARN, "sandbox.files.limited",
	    LF_STR("sandbox", s->process), LF_U64("wanted", s->max_files),
	    LF_U64("limit", files.rlim_cur));
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		return sandbox_failed(s, "descriptors");
	return ST_OK;
}

/* The order matters: each step needs what the next one gives up. */
static enum status
drop_root(const struct sandbox *s)
{
	if (geteuid() != 0)
		return ST_OK;
	if (s->uid == 0 || s->gid == 0) {
		errno = EPERM;
		return sandbox_failed(s, "a user other than root");
	}
	if (s->empty_root != NULL &&
	    (chroot(s->empty_root) != 0 || chdir("/") != 0))
		return sandbox_failed(s, "chroot");
	if (setgroups(0, NULL) != 0 || setresgid(s->gid, s->gid, s->gid) != 0 ||
	    setresuid(s->uid, s->uid, s->uid) != 0)
		return sandbox_failed(s, "change user");
	if (setuid(0) == 0)
		abort();
	return ST_OK;
}

enum status
sandbox_enter(const struct sandbox *s)
{
	enum status st;
	int rules = -1;

	tzset(); /* reads the time zone's file, which is out of reach later */
	st = set_limits(s);
	if (st != ST_OK)
		return st;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return sandbox_failed(s, "no new privileges");

	st = landlock_prepare(s, &rules);
	if (st == ST_OK)
		st = drop_root(s);
	if (st == ST_OK && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		st = sandbox_failed(s, "not dumpable");
	if (st == ST_OK)
		st = landlock_enter(s, &rules);
	if (st == ST_OK)
		st = seccomp_enter(s);
	if (rules != -1)
		(void)close(rules);
	return st;
}

/* The number behind "Name:", the second one if there are several. */
static uint64_t
status_field(const char *text, const char *name, int base, int column)
{
	const char *at = strstr(text, name);
	char *end;
	uint64_t v = 0;

	if (at == NULL)
		return 0;
	at += strlen(name);
	for (int i = 0; i <= column; i++) {
		v = strtoull(at, &end, base);
		at = end;
	}
	return v;
}

static unsigned
count_groups(const char *text)
{
	const char *at = strstr(text, "\nGroups:\t");
	unsigned n = 0;

	if (at == NULL)
		return 0;
	for (at += strlen("\nGroups:\t"); *at != '\n' && *at != '\0'; at++)
		n += ascii_digit((unsigned char)at[0]) &&
		     !ascii_digit((unsigned char)at[1]);
	return n;
}

static bool
has_own_root(pid_t pid)
{
	char path[64];
	char root[2];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	n = readlink(path, root, sizeof(root));
	return n > 1;
}

enum status
sandbox_report(pid_t pid, struct sandbox_report *out)
{
	struct sandbox_report r = { 0 };
	char text[8192];
	char path[64];
	struct stat meta;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return ST_NOTFOUND;
	n = read(fd, text, sizeof(text) - 1);
	r.hidden = fstat(fd, &meta) == 0;
	(void)close(fd);
	if (n <= 0)
		return ST_NOTFOUND;
	text[n] = '\0';

	r.uid = (uid_t)status_field(text, "\nUid:", 10, 1);
	r.gid = (gid_t)status_field(text, "\nGid:", 10, 1);
	r.group_count = count_groups(text);
	r.capabilities = status_field(text, "\nCapEff:", 16, 0);
	r.no_new_privs = status_field(text, "\nNoNewPrivs:", 10, 0) == 1;
	r.filtered = status_field(text, "\nSeccomp:", 10, 0) == 2;
	r.hidden = r.hidden && meta.st_uid != r.uid;
	r.own_root = has_own_root(pid);
	*out = r;
	return ST_OK;
}
