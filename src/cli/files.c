#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static enum status
failed(const char **why)
{
	*why = strerror(errno);
	if (errno == ENOENT)
		return ST_NOTFOUND;
	if (errno != ELOOP && errno != ENOTDIR)
		return ST_IO;
	*why = errno == ELOOP ? "a symbolic link, which isn't followed"
	                      : "not a folder";
	return ST_DENIED;
}

static enum status
read_all(int fd, size_t limit, struct buf *out, const char **why)
{
	size_t begun = out->n;

	for (;;) {
		unsigned char *room = buf_room(out, 65536);
		ssize_t n = read(fd, room, 65536);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return failed(why);
		if (n == 0)
			return ST_OK;
		buf_added(out, (size_t)n);
		if (out->n - begun > limit) {
			*why = "too large";
			return ST_LIMIT;
		}
	}
}

enum status
files_read(int folder, const char *name, size_t limit, struct buf *out,
    struct stat *out_stat, const char **why)
{
	int fd = openat(folder, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	enum status st = ST_OK;
	struct stat sb;

	if (fd == -1)
		return failed(why);
	if (fstat(fd, &sb) == -1) {
		st = failed(why);
	} else if (!S_ISREG(sb.st_mode)) {
		*why = "not a plain file";
		st = ST_DENIED;
	}
	if (st == ST_OK)
		st = read_all(fd, limit, out, why);
	close(fd);
	if (st == ST_OK && out_stat != NULL)
		*out_stat = sb;
	return st;
}

enum status
files_folder(int folder, const char *name, int *out_fd, const char **why)
{
	int fd = openat(folder, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat sb;

	if (fd == -1) {
		/* O_DIRECTORY says "not a folder" of a link. */
		if (errno == ENOTDIR &&
		    fstatat(folder, name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISLNK(sb.st_mode))
			errno = ELOOP;
		return failed(why);
	}
	*out_fd = fd;
	return ST_OK;
}

enum status
files_make_folder(int folder, const char *name, int *out_fd, const char **why)
{
	if (mkdirat(folder, name, 0700) == -1 && errno != EEXIST)
		return failed(why);
	return files_folder(folder, name, out_fd, why);
}

static bool
write_all(int fd, struct span s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return false;
		s = span_from(s, (size_t)n);
	}
	return true;
}

/* What isn't whole yet. */
static const char unfinished[] = ".newel-export";

enum status
files_create(int folder, int *out_fd, const char **why)
{
	int fd;

	(void)unlinkat(folder, unfinished, 0);
	fd = openat(folder, unfinished,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return failed(why);
	*out_fd = fd;
	return ST_OK;
}

enum status
files_put(int fd, struct span bytes, const char **why)
{
	return write_all(fd, bytes) ? ST_OK : failed(why);
}

void
files_discard(int folder, int fd)
{
	close(fd);
	(void)unlinkat(folder, unfinished, 0);
}

enum status
files_finish(int folder, const char *name, int fd, int64_t mtime_wall,
    const char **why)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)mtime_wall } };
	enum status st = ST_OK;

	if (mtime_wall != 0 && futimens(fd, times) == -1)
		st = failed(why);
	if (close(fd) == -1 && st == ST_OK)
		st = failed(why);
	if (st == ST_OK && renameat(folder, unfinished, folder, name) == -1)
		st = failed(why);
	if (st != ST_OK)
		(void)unlinkat(folder, unfinished, 0);
	return st;
}

enum status
files_write(int folder, const char *name, struct span bytes, int64_t mtime_wall,
    const char **why)
{
	int fd;
	enum status st = files_create(folder, &fd, why);

	if (st != ST_OK)
		return st;
	st = files_put(fd, bytes, why);
	if (st != ST_OK) {
		files_discard(folder, fd);
		return st;
	}
	return files_finish(folder, name, fd, mtime_wall, why);
}

enum status
files_list(int folder, files_fn *fn, void *ctx, const char **why)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *e;
	DIR *d;

	if (fd == -1)
		return failed(why);
	d = fdopendir(fd);
	if (d == NULL) {
		close(fd);
		return failed(why);
	}
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 && !fn(ctx, e->d_name))
			break;
	(void)closedir(d);
	return ST_OK;
}
