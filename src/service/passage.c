#include "service/passage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
may_pass(const struct stat *st, const struct user *u)
{
	if (u->uid == 0)
		return true;
	if (st->st_uid == u->uid)
		return (st->st_mode & S_IXUSR) != 0;
	if (st->st_gid == u->gid)
		return (st->st_mode & S_IXGRP) != 0;
	return (st->st_mode & S_IXOTH) != 0;
}

bool
passage_blocked(const char *path, const struct user *u, char *out)
{
	struct stat st;

	for (size_t n = 1; path[n] != '\0' && n < LIMIT_PATH; n++) {
		if (path[n] != '/')
			continue;
		memcpy(out, path, n);
		out[n] = '\0';
		if (stat(out, &st) == 0 && !may_pass(&st, u))
			return true;
	}
	return false;
}

/* In a chroot "/" isn't, and our mounts could be kept from nobody else. */
static bool
root_is_mounted(void)
{
	struct statx st;

	return statx(AT_FDCWD, "/", 0, 0, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

bool
passage_possible(void)
{
	return geteuid() == 0 &&
	       prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 1 &&
	       root_is_mounted();
}

/* Makes the folders of path behind its first n bytes, and path itself. */
static int
make_way(const char *path, size_t n)
{
	char part[LIMIT_PATH];

	for (n++; n < sizeof(part); n++) {
		if (path[n] != '/' && path[n] != '\0')
			continue;
		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdir(part, 0755) == -1 && errno != EEXIST)
			return -1;
		if (path[n] == '\0')
			return 0;
	}
	errno = ENAMETOOLONG;
	return -1;
}

/* An empty folder takes the place of `block`, and fd's that of path in it. */
static int
replace(const char *block, const char *path, int fd)
{
	char source[32];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	if (mount("newel", block, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		"mode=0755,size=64k") == -1 ||
	    make_way(path, strlen(block)) == -1)
		return -1;
	return mount(source, path, NULL, MS_BIND, NULL);
}

/* The folder is opened in our own view: another's can't be mounted here. */
static int
change_view(const char *block, const char *path)
{
	int result = -1;
	int error;
	int fd;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return -1;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	result = replace(block, path, fd);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

enum status
passage_open(const struct config *c, const struct user *u)
{
	const char *path = c->instance.data;
	char block[LIMIT_PATH];

	if (!passage_blocked(path, u, block) || change_view(block, path) == 0)
		return ST_OK;
	log_event(NULL, LEVEL_ERROR, "passage.open.failed",
	    LF_STR("folder", path), LF_STR("user", u->name),
	    LF_STR("blocked_by", block), LF_STR("reason", strerror(errno)));
	return ST_IO;
}
