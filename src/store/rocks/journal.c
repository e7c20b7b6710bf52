#include "store/rocks/journal.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/mem.h"

#define FILES 2

/* Records begin at sectors; writes end at pages, so that the kernel need not
   read what it has let go of. */
#define SECTOR PLACE_UNIT
#define PAGE   ((size_t)4096)

/* Memory up to this is kept from one record to the next. */
#define KEPT_BYTES ((size_t)1048576)

struct header {
	uint64_t sequence;
	uint64_t bytes;
	uint64_t bytes_hash;
	uint64_t hash; /* of what is above */
};

struct journal {
	struct journal_options o;
	int fd[FILES];
	struct place at;
	uint64_t last; /* where the record before began */
	bool uncut;    /* at the place there may be one that was refused */
	struct buf record;

	pthread_mutex_t grow;
	_Atomic uint64_t filled[FILES];
};

static const char *const names[FILES] = { "journal.0", "journal.1" };

static enum status
failed(const struct journal *j, uint64_t pass, const char *call)
{
	enum status st = errno == ENOSPC || errno == EDQUOT ? ST_FULL : ST_IO;

	log_event(j->o.log, LEVEL_ERROR, "store.journal.failed",
	    LF_STR("file", names[pass % FILES]), LF_STR("call", call),
	    LF_STR("error", strerror(errno)));
	return st;
}

static enum status
damaged(const struct journal *j, const struct place *at)
{
	log_event(j->o.log, LEVEL_ERROR, "store.journal.damaged",
	    LF_STR("file", names[at->pass % FILES]),
	    LF_U64("offset", at->offset), LF_U64("record", at->sequence));
	return ST_CORRUPT;
}

/* --- Files --------------------------------------------------------------- */

static enum status
open_file(struct journal *j, uint64_t i)
{
	int flags = j->o.make ? O_RDWR | O_CREAT : O_RDONLY;
	struct stat sb;

	j->fd[i] = openat(j->o.folder, names[i], flags | O_CLOEXEC, 0600);
	if (j->fd[i] < 0 && errno == ENOENT)
		return damaged(j, &(struct place){ .pass = i });
	if (j->fd[i] < 0 || fstat(j->fd[i], &sb) != 0)
		return failed(j, i, "open");
	j->filled[i] = (uint64_t)sb.st_size / PAGE * PAGE;
	return ST_OK;
}

enum status
journal_open(const struct journal_options *o, const struct place *at,
    struct journal **out)
{
	struct journal *j = MEM_NEW(struct journal);
	enum status st = ST_OK;

	j->o = *o;
	j->at = *at;
	j->fd[0] = j->fd[1] = -1;
	pthread_mutex_init(&j->grow, NULL);
	for (uint64_t i = 0; i < FILES && st == ST_OK; i++)
		st = open_file(j, i);
	if (st == ST_OK && o->make && fsync(o->folder) != 0)
		st = failed(j, at->pass, "fsync");
	if (st == ST_OK && at->offset > j->filled[at->pass % FILES])
		st = damaged(j, at);
	if (st == ST_OK)
		*out = j;
	else
		journal_close(&j);
	return st;
}

void
journal_close(struct journal **j)
{
	if (*j == NULL)
		return;
	for (int i = 0; i < FILES; i++)
		if ((*j)->fd[i] >= 0)
			(void)close((*j)->fd[i]);
	pthread_mutex_destroy(&(*j)->grow);
	buf_clear(&(*j)->record);
	mem_free(j);
}

uint64_t
journal_disk_bytes(int folder)
{
	uint64_t bytes = 0;
	struct stat sb;

	for (int i = 0; i < FILES; i++)
		if (fstatat(folder, names[i], &sb, 0) == 0)
			bytes += (uint64_t)sb.st_blocks * 512;
	return bytes;
}

static const unsigned char zeros[65536];

static struct iovec
part_of(const void *p, size_t n)
{
	return (struct iovec){ (void *)(uintptr_t)p, n };
}

/* Takes n bytes off the front. */
static void
drop_written(struct iovec *v, int count, size_t n)
{
	for (int i = 0; i < count; i++) {
		size_t m = MIN(n, v[i].iov_len);

		v[i].iov_base = (unsigned char *)v[i].iov_base + m;
		v[i].iov_len -= m;
		n -= m;
	}
}

static size_t
bytes_left(const struct iovec *v, int count)
{
	size_t n = 0;

	for (int i = 0; i < count; i++)
		n += v[i].iov_len;
	return n;
}

static bool
write_parts(int fd, struct iovec *v, int count, uint64_t at)
{
	while (bytes_left(v, count) > 0) {
		ssize_t n = pwritev(fd, v, count, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return false;
		drop_written(v, count, (size_t)n);
		at += (uint64_t)n;
	}
	return true;
}

/* Fewer than n bytes only at the end of the file. */
static ssize_t
read_all(int fd, void *p, size_t n, uint64_t at)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r =
		    pread(fd, (char *)p + got, n - got, (off_t)(at + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

/* --- Growing ------------------------------------------------------------- */

/* What could not be written whole is given back to a disk that is full. */
static bool
fill(int fd, uint64_t from, uint64_t to)
{
	uint64_t at = from;
	int error;

	while (at < to) {
		struct iovec v = part_of(zeros, MIN(sizeof(zeros), to - at));

		if (!write_parts(fd, &v, 1, at))
			break;
		at += sizeof(zeros);
	}
	if (at >= to && fdatasync(fd) == 0)
		return true;
	error = errno;
	(void)!ftruncate(fd, (off_t)from);
	errno = error;
	return false;
}

/*
 * By a descriptor of its own: an error of what others wrote is told once to
 * each, and here it would be lost.
 */
static enum status
grow_once(struct journal *j, uint64_t pass)
{
	_Atomic uint64_t *filled = &j->filled[pass % FILES];
	enum status st = ST_OK;
	int fd;

	fd = openat(j->o.folder, names[pass % FILES], O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && fill(fd, *filled, *filled + JOURNAL_STEP))
		*filled += JOURNAL_STEP;
	else
		st = failed(j, pass, "grow");
	if (fd >= 0)
		(void)close(fd);
	return st;
}

enum status
journal_grow(struct journal *j, uint64_t pass, uint64_t bytes)
{
	_Atomic uint64_t *filled = &j->filled[pass % FILES];
	enum status st = ST_OK;

	while (st == ST_OK && *filled < bytes) {
		pthread_mutex_lock(&j->grow);
		if (*filled < bytes)
			st = grow_once(j, pass);
		pthread_mutex_unlock(&j->grow);
	}
	return st;
}

/* --- Records ------------------------------------------------------------- */

static uint64_t
header_hash(const struct hash_key *key, const struct header *h)
{
	return hash_sip(key, span_of(h, offsetof(struct header, hash)));
}

/* Without a key, as it is the header that tells a record from others. */
static uint64_t
bytes_hash(struct span bytes)
{
	return XXH3_64bits(bytes.p, bytes.n);
}

static struct header
header_of(const struct place *at, struct span bytes)
{
	struct header h = {
		.sequence = htole64(at->sequence),
		.bytes = htole64(bytes.n),
		.bytes_hash = htole64(bytes_hash(bytes)),
	};

	h.hash = htole64(header_hash(&at->key[0], &h));
	return h;
}

/* In the byte order of this machine; false if it is none. */
static bool
header_read(const struct hash_key *key, const unsigned char *p,
    struct header *out)
{
	struct header h;

	memcpy(&h, p, sizeof(h));
	if (le64toh(h.hash) != header_hash(key, &h))
		return false;
	*out = (struct header){
		.sequence = le64toh(h.sequence),
		.bytes = le64toh(h.bytes),
		.bytes_hash = le64toh(h.bytes_hash),
	};
	return true;
}

static uint64_t
whole(uint64_t n, size_t unit)
{
	return (n + unit - 1) / unit * unit;
}

static uint64_t
record_bytes(size_t n)
{
	return whole(sizeof(struct header) + n, SECTOR);
}

const struct place *
journal_at(const struct journal *j)
{
	return &j->at;
}

bool
journal_is_full(const struct journal *j, size_t n)
{
	return j->at.offset > 0 &&
	       j->at.offset + record_bytes(n) > j->o.pass_bytes;
}

uint64_t
journal_wants(const struct journal *j, size_t n)
{
	uint64_t ahead = MAX(2 * record_bytes(n), JOURNAL_STEP);
	uint64_t steps = (j->at.offset + ahead) / JOURNAL_STEP + 1;
	uint64_t filled = j->filled[j->at.pass % FILES];

	if (filled >= j->o.pass_bytes || filled >= j->at.offset + ahead)
		return 0;
	return MIN(steps * JOURNAL_STEP, j->o.pass_bytes);
}

void
journal_turn(struct journal *j)
{
	uint64_t i = (j->at.pass + 1) % FILES;

	j->at = place_next_pass(&j->at);
	/* One record was longer than a pass.  If this fails, it does no harm.
	 */
	if (j->filled[i] > j->o.pass_bytes &&
	    ftruncate(j->fd[i], (off_t)j->o.pass_bytes) == 0)
		j->filled[i] = j->o.pass_bytes;
}

/* Writes what is to be at the place, as it lies in memory. */
static enum status
put(struct journal *j, struct iovec *v, int n)
{
	int fd = j->fd[j->at.pass % FILES];

	if (!write_parts(fd, v, n, j->at.offset))
		return failed(j, j->at.pass, "write");
	if (fdatasync(fd) != 0)
		return failed(j, j->at.pass, "flush");
	return ST_OK;
}

enum status
journal_cut(struct journal *j)
{
	struct iovec v = part_of(zeros, SECTOR);
	enum status st;

	if (!j->uncut)
		return ST_OK;
	st = put(j, &v, 1);
	j->uncut = st != ST_OK;
	if (j->uncut)
		log_event(j->o.log, LEVEL_ERROR, "store.journal.uncut",
		    LF_STR("file", names[j->at.pass % FILES]),
		    LF_U64("offset", j->at.offset));
	return st;
}

/*
 * After a flush that failed, the kernel may take what it could not write for
 * written.  So nothing of it counts: both the cut and the record that follows
 * write the place anew.
 */
enum status
journal_add(struct journal *j, struct span bytes)
{
	struct header h = header_of(&j->at, bytes);
	uint64_t end = j->at.offset + sizeof(h) + bytes.n;
	struct iovec v[] = {
		part_of(&h, sizeof(h)),
		part_of(bytes.p, bytes.n),
		part_of(zeros, (size_t)(whole(end, PAGE) - end)),
	};
	enum status st = journal_cut(j);

	if (st != ST_OK)
		return st;
	st = journal_grow(j, j->at.pass, whole(end, PAGE));
	if (st != ST_OK)
		return st;
	st = put(j, v, COUNT(v));
	if (st != ST_OK) {
		j->uncut = true;
		(void)journal_cut(j);
		return st;
	}
	j->last = j->at.offset;
	j->at.offset += record_bytes(bytes.n);
	j->at.sequence++;
	return ST_OK;
}

void
journal_undo(struct journal *j)
{
	j->at.offset = j->last;
	j->at.sequence--;
	j->uncut = true;
	(void)journal_cut(j);
}

/* --- Reading ------------------------------------------------------------- */

/* ST_NOTFOUND  at that place there is no whole record. */
static enum status
read_record(struct journal *j, const struct place *at, struct span *out)
{
	int fd = j->fd[at->pass % FILES];
	uint64_t filled = j->filled[at->pass % FILES];
	unsigned char head[sizeof(struct header)];
	struct header h;
	ssize_t n = read_all(fd, head, sizeof(head), at->offset);

	if (n < 0)
		return failed(j, at->pass, "read");
	if ((size_t)n < sizeof(head) || !header_read(&at->key[0], head, &h) ||
	    h.sequence != at->sequence ||
	    h.bytes > filled - at->offset - sizeof(head))
		return ST_NOTFOUND;
	if (j->record.cap > KEPT_BYTES)
		buf_clear(&j->record);
	buf_reset(&j->record);
	n = read_all(fd, buf_room(&j->record, (size_t)h.bytes), (size_t)h.bytes,
	    at->offset + sizeof(head));
	if (n < 0)
		return failed(j, at->pass, "read");
	buf_added(&j->record, (size_t)n);
	if (bytes_hash(buf_span(&j->record)) != h.bytes_hash)
		return ST_NOTFOUND;
	*out = buf_span(&j->record);
	return ST_OK;
}

/* Looks from a place on for a record that comes after it, whole or not. */
static enum status
find_later(struct journal *j, const struct place *at, bool *found)
{
	int fd = j->fd[at->pass % FILES];
	uint64_t offset = at->offset;
	struct header h;
	ssize_t n;

	*found = false;
	buf_clear(&j->record);
	do {
		unsigned char *p = buf_room(&j->record, KEPT_BYTES);

		n = read_all(fd, p, KEPT_BYTES, offset);
		if (n < 0)
			return failed(j, at->pass, "read");
		for (ssize_t i = 0; i + (ssize_t)SECTOR <= n; i += SECTOR)
			if (header_read(&at->key[0], p + i, &h) &&
			    h.sequence > at->sequence)
				*found = true;
		offset += (uint64_t)n;
	} while (!*found && n == (ssize_t)KEPT_BYTES);
	return ST_OK;
}

/* ST_NOTFOUND  the next pass has not begun. */
static enum status
read_first(struct journal *j, struct span *out)
{
	struct place next = place_next_pass(&j->at);
	enum status st = read_record(j, &next, out);
	bool found = false;

	if (st == ST_OK)
		j->at = next;
	if (st != ST_NOTFOUND)
		return st;
	st = find_later(j, &next, &found);
	if (st != ST_OK)
		return st;
	return found ? damaged(j, &next) : ST_NOTFOUND;
}

enum status
journal_next(struct journal *j, struct span *out)
{
	enum status st = read_record(j, &j->at, out);
	bool found = false;

	if (st == ST_NOTFOUND) {
		st = find_later(j, &j->at, &found);
		if (st != ST_OK)
			return st;
		if (found)
			return damaged(j, &j->at);
		st = read_first(j, out);
	}
	if (st != ST_OK)
		return st;
	j->last = j->at.offset;
	j->at.offset += record_bytes(out->n);
	j->at.sequence++;
	return ST_OK;
}
