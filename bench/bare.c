#include "bench/bare.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define LOG_BYTES ((size_t)16 << 20) /* of one that is written again */

double
bare_now_secs(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
bare_must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

void
bare_folder(char *out, size_t cap, const char *parent)
{
	(void)snprintf(out, cap, "%s/newel-bench-XXXXXX", parent);
	bare_must(mkdtemp(out) != NULL, out);
}

static int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
	(void)sb;
	(void)type;
	(void)f;
	return remove(path);
}

void
bare_remove(const char *folder)
{
	bare_must(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0,
	    folder);
}

static int
open_log(const char *path, bool overwrites)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char *p;

	bare_must(fd >= 0, path);
	if (!overwrites)
		return fd;
	p = mem_alloc(LOG_BYTES);
	bare_must(write(fd, p, LOG_BYTES) == (ssize_t)LOG_BYTES &&
		      fsync(fd) == 0,
	    path);
	mem_free(&p);
	return fd;
}

double
bare_flushes(const char *folder, size_t bytes, bool overwrites, double seconds)
{
	char path[4200];
	char *p = mem_alloc(bytes);
	size_t at = 0;
	double start;
	int fd, n;

	(void)snprintf(path, sizeof(path), "%s/bare", folder);
	fd = open_log(path, overwrites);
	start = bare_now_secs();
	for (n = 0; bare_now_secs() - start < seconds; n++, at += bytes) {
		if (overwrites && at + bytes > LOG_BYTES)
			at = 0;
		bare_must(pwrite(fd, p, bytes, (off_t)at) == (ssize_t)bytes &&
			      fdatasync(fd) == 0,
		    path);
	}
	seconds = bare_now_secs() - start;
	(void)close(fd);
	(void)unlink(path);
	mem_free(&p);
	return n / seconds;
}
