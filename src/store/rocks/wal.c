#include "store/rocks/wal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define BLOCK     32768
#define HEADER    7
#define SEQ_BYTES 8

enum { FULL = 1, FIRST = 2, MIDDLE = 3, LAST = 4 };

struct reader {
	int fd;
	off_t at;       /* of the next fragment */
	off_t block_at; /* of what is in block, or -1 */
	size_t block_n;
	unsigned char block[BLOCK];
};

struct fragment {
	int type; /* 0 where no whole fragment follows */
	struct span bytes;
};

static enum status
load_block(struct reader *r)
{
	off_t at = r->at / BLOCK * BLOCK;
	ssize_t n;

	if (at == r->block_at)
		return ST_OK;
	n = pread(r->fd, r->block, BLOCK, at);
	if (n < 0)
		return ST_IO;
	r->block_at = at;
	r->block_n = (size_t)n;
	return ST_OK;
}

static enum status
next_fragment(struct reader *r, struct fragment *f)
{
	size_t from, length;
	enum status st;

	*f = (struct fragment){ 0 };
	if (BLOCK - r->at % BLOCK < HEADER)
		r->at = (r->at / BLOCK + 1) * BLOCK;
	st = load_block(r);
	if (st != ST_OK)
		return st;
	from = (size_t)(r->at % BLOCK);
	if (from + HEADER > r->block_n)
		return ST_OK;

	length = (size_t)(r->block[from + 4] | r->block[from + 5] << 8);
	if (from + HEADER + length > r->block_n)
		return ST_OK;
	f->type = r->block[from + 6];
	f->bytes = span_of(r->block + from + HEADER, length);
	r->at += (off_t)(HEADER + length);
	return f->type <= LAST ? ST_OK : ST_CORRUPT;
}

/* ST_NOTFOUND  no whole record follows. */
static enum status
next_record(struct reader *r, uint64_t *seq)
{
	unsigned char head[SEQ_BYTES];
	size_t got = 0;
	struct fragment f;

	for (bool first = true;; first = false) {
		enum status st = next_fragment(r, &f);
		size_t n = MIN(f.bytes.n, SEQ_BYTES - got);

		if (st != ST_OK)
			return st;
		if (n > 0)
			memcpy(head + got, f.bytes.p, n);
		got += n;
		if (f.type == (first ? FULL : LAST))
			break;
		if (f.type != (first ? FIRST : MIDDLE))
			return ST_NOTFOUND;
	}
	if (got < SEQ_BYTES)
		return ST_CORRUPT;
	*seq = 0;
	for (size_t i = SEQ_BYTES; i-- > 0;)
		*seq = *seq << 8 | head[i];
	return ST_OK;
}

/* Where the acknowledged records end; any says whether there is one. */
static enum status
find_end(int fd, uint64_t acked, off_t *end, bool *any)
{
	struct reader *r = MEM_NEW(struct reader);
	enum status st;
	uint64_t seq;

	r->fd = fd;
	r->block_at = -1;
	*any = false;
	for (;;) {
		*end = r->at;
		st = next_record(r, &seq);
		if (st != ST_OK || seq > acked)
			break;
		*any = true;
	}
	mem_free(&r);
	return st == ST_NOTFOUND ? ST_OK : st;
}

/* Cuts one file; any says whether it has an acknowledged record. */
static enum status
cut_file(int fd, uint64_t acked, off_t *cut, bool *any)
{
	struct stat sb;
	off_t end;
	enum status st = find_end(fd, acked, &end, any);

	if (st != ST_OK)
		return st;
	if (fstat(fd, &sb) != 0)
		return ST_IO;
	*cut = MAX(sb.st_size - end, (off_t)0);
	if (*cut > 0 && (ftruncate(fd, end) != 0 || fsync(fd) != 0))
		return ST_IO;
	return ST_OK;
}

static int
is_log(const struct dirent *d)
{
	size_t digits = strspn(d->d_name, "0123456789");

	return digits > 0 && strcmp(d->d_name + digits, ".log") == 0;
}

static void
log_uncut(const struct log *log, const char *file, enum status st)
{
	log_event(log, LEVEL_ERROR, "store.wal.uncut", LF_STR("file", file),
	    LF_STR("status", status_name(st)),
	    LF_STR("error", strerror(errno)));
}

static enum status
cut_named(int folder, const char *name, uint64_t acked, const struct log *log,
    bool *any)
{
	int fd = openat(folder, name, O_RDWR | O_CLOEXEC);
	enum status st = ST_IO;
	off_t cut = 0;

	if (fd >= 0)
		st = cut_file(fd, acked, &cut, any);
	if (st != ST_OK)
		log_uncut(log, name, st);
	else if (cut > 0)
		log_event(log, LEVEL_WARN, "store.wal.cut",
		    LF_STR("file", name), LF_U64("bytes", (uint64_t)cut));
	if (fd >= 0)
		(void)close(fd);
	return st;
}

enum status
wal_cut(const char *folder, uint64_t acked, const struct log *log)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **names = NULL;
	int n = dir < 0 ? -1 : scandirat(dir, ".", &names, is_log, versionsort);
	enum status st = n < 0 ? ST_IO : ST_OK;
	bool any = false;

	if (n < 0)
		log_uncut(log, folder, st);
	/* Newest first: what is older than an acknowledged record is too. */
	for (int i = n - 1; i >= 0 && st == ST_OK && !any; i--)
		st = cut_named(dir, names[i]->d_name, acked, log, &any);

	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	if (dir >= 0)
		(void)close(dir);
	return st;
}
