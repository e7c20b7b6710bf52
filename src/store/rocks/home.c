#include "store/rocks/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define FORMAT_LINE "newel store "

/* What a start on a full disk needs: RocksDB's list of tables, and a little. */
#define RESERVE_BYTES 4194304

static enum status
refused(const struct store_options *o, const char *what)
{
	log_event(o->log, LEVEL_ERROR, "store.open.failed",
	    LF_STR("path", o->path), LF_STR("what", what),
	    LF_STR("error", strerror(errno)));
	return ST_IO;
}

/* A lock of the open file, not of the process: it also keeps out ourselves. */
static enum status
lock(const struct store_options *o, int dir, int *out)
{
	int flags = o->read_only ? O_RDONLY : O_RDWR | O_CREAT;
	int fd = openat(dir, "lock", flags | O_CLOEXEC, 0600);

	if (fd < 0 && errno == ENOENT && o->read_only)
		return ST_OK;
	if (fd < 0)
		return refused(o, "lock");
	*out = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return ST_OK;
	if (errno != EWOULDBLOCK)
		return refused(o, "lock");
	log_event(o->log, LEVEL_ERROR, "store.open.busy",
	    LF_STR("path", o->path));
	return ST_DENIED;
}

/* The file is there whole or not at all. */
static bool
write_format(int dir)
{
	static const char temporary[] = "format.new";
	int fd = openat(dir, temporary,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok =
	    dprintf(fd, FORMAT_LINE "%d\n", STORE_FORMAT) > 0 && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok && renameat(dir, temporary, dir, "format") == 0 &&
	       fsync(dir) == 0;
}

static enum status
accept_format(const struct store_options *o, struct span line)
{
	struct span prefix = SPAN(FORMAT_LINE);
	uint64_t found = 0;

	if (!span_starts(line, prefix) || line.p[line.n - 1] != '\n' ||
	    !span_u64(span_of(line.p + prefix.n, line.n - prefix.n - 1),
		UINT32_MAX, &found) ||
	    found == 0) {
		log_event(o->log, LEVEL_ERROR, "store.format.unreadable",
		    LF_STR("path", o->path), LF_SPAN("line", line));
		return ST_CORRUPT;
	}
	if (found > STORE_FORMAT)
		log_event(o->log, LEVEL_ERROR, "store.format.newer",
		    LF_STR("path", o->path), LF_U64("found", found),
		    LF_U64("known", STORE_FORMAT));
	else if (found < STORE_FORMAT)
		log_event(o->log, LEVEL_ERROR, "store.format.older",
		    LF_STR("path", o->path), LF_U64("found", found),
		    LF_U64("known", STORE_FORMAT),
		    LF_STR("remedy",
			"export it with the program that wrote it, and import "
			"that into a new store"));
	return found == STORE_FORMAT ? ST_OK : ST_BAD;
}

static enum status
read_format(const struct store_options *o, int dir)
{
	char line[64];
	ssize_t n;
	int fd = openat(dir, "format", O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return ST_NOTFOUND;
	if (fd < 0)
		return refused(o, "format");
	n = read(fd, line, sizeof(line));
	(void)close(fd);
	if (n < 0)
		return refused(o, "format");
	return accept_format(o, span_of(line, (size_t)n));
}

/* A database without its format line is none that we know. */
static enum status
check_format(const struct store_options *o, int dir)
{
	enum status st = read_format(o, dir);

	if (st != ST_NOTFOUND || o->read_only)
		return st;
	if (faccessat(dir, "db", F_OK, 0) == 0)
		return accept_format(o, SPAN(""));
	return write_format(dir) ? ST_OK : refused(o, "format");
}

enum status
home_open(const struct store_options *o, struct home *out)
{
	struct home h = { .folder = -1, .lock = -1 };
	size_t room = strlen(o->path) + sizeof("/db");
	enum status st;

	if (!o->read_only && mkdir(o->path, 0700) != 0 && errno != EEXIST)
		return refused(o, "mkdir");
	h.folder = open(o->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h.folder < 0 && o->read_only && errno == ENOENT)
		return ST_NOTFOUND;
	if (h.folder < 0)
		return refused(o, "open");

	st = lock(o, h.folder, &h.lock);
	if (st == ST_OK)
		st = check_format(o, h.folder);
	if (st != ST_OK) {
		home_close(&h);
		return st;
	}
	h.db = mem_alloc(room);
	(void)snprintf(h.db, room, "%s/db", o->path);
	*out = h;
	return ST_OK;
}

void
home_close(struct home *h)
{
	mem_free(&h->db);
	if (h->folder >= 0)
		(void)close(h->folder);
	if (h->lock >= 0)
		(void)close(h->lock);
	*h = (struct home){ .folder = -1, .lock = -1 };
}

static bool
allocate(const struct home *h, const char *name, uint64_t bytes)
{
	int fd = openat(h->folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool has = fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0;

	if (fd >= 0)
		(void)close(fd);
	return has;
}

bool
home_has_room(const struct home *h, uint64_t bytes)
{
	bool has = allocate(h, "room", bytes);

	(void)unlinkat(h->folder, "room", 0);
	return has;
}

void
home_keep_reserve(const struct home *h)
{
	if (!allocate(h, "reserve", RESERVE_BYTES))
		(void)unlinkat(h->folder, "reserve", 0);
}

bool
home_give_reserve(const struct home *h)
{
	return unlinkat(h->folder, "reserve", 0) == 0;
}

static bool
ends(const char *name, const char *suffix)
{
	size_t n = strlen(name);
	size_t m = strlen(suffix);

	return n >= m && strcmp(name + n - m, suffix) == 0;
}

uint64_t
home_bytes(const struct home *h, const char *suffix)
{
	DIR *d = opendir(h->db);
	uint64_t bytes = 0;
	struct dirent *e;
	struct stat sb;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		if (ends(e->d_name, suffix) &&
		    fstatat(dirfd(d), e->d_name, &sb, 0) == 0 &&
		    S_ISREG(sb.st_mode))
			bytes += (uint64_t)sb.st_blocks * 512;
	(void)closedir(d);
	return bytes;
}
