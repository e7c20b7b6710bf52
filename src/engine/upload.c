#include "engine/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

struct upload {
	const char *folder;
	const struct log *log;
	struct buf memory; /* what isn't in the file yet */
	int fd;            /* -1 while there is no file */
	uint64_t filed;    /* bytes in the file */
	void *map;
	uint64_t *end; /* of each message, among the bytes that are kept */
	uint64_t taken;
	size_t here; /* the first message that is in memory */
	size_t n;
	size_t cap;
	bool failed;
};

struct upload *
upload_new(const char *folder, const struct log *log)
{
	struct upload *u = MEM_NEW(struct upload);

	u->folder = folder;
	u->log = log;
	u->fd = -1;
	return u;
}

void
upload_free(struct upload **up)
{
	struct upload *u = TAKE(*up);

	if (u == NULL)
		return;
	if (u->map != NULL)
		munmap(u->map, u->filed);
	if (u->fd != -1)
		close(u->fd);
	buf_clear(&u->memory);
	free(u->end);
	free(u);
}

static enum status
fail(struct upload *u, const char *what)
{
	log_event(u->log, LEVEL_ERROR, "upload.file.failed",
	    LF_STR("folder", u->folder), LF_STR("call", what),
	    LF_STR("error", strerror(errno)));
	u->failed = true;
	return ST_IO;
}

static uint64_t
begin_of(const struct upload *u, size_t i)
{
	return i == 0 ? 0 : u->end[i - 1];
}

/* Moves the first n bytes that are in memory to the file. */
static enum status
spill(struct upload *u, size_t n)
{
	struct span left = span_head(buf_span(&u->memory), n);

	if (u->fd == -1)
		u->fd = open(u->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (u->fd == -1)
		return fail(u, "open");
	while (left.n > 0) {
		ssize_t got = write(u->fd, left.p, left.n);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fail(u, "write");
		left = span_from(left, (size_t)got);
		u->filed += (uint64_t)got;
	}
	buf_drop(&u->memory, n);
	u->here = u->n;
	return ST_OK;
}

/* A message stays whole in memory for as long as it isn't too long itself. */
static enum status
make_room(struct upload *u)
{
	uint64_t begin = begin_of(u, u->n);
	size_t before = begin > u->filed ? (size_t)(begin - u->filed) : 0;
	enum status st = ST_OK;

	if (before > 0)
		st = spill(u, before);
	if (st == ST_OK && u->memory.n > UPLOAD_MEMORY)
		st = spill(u, u->memory.n);
	return st;
}

enum status
upload_add(struct upload *u, struct span bytes)
{
	if (u->failed)
		return ST_IO;
	buf_add(&u->memory, bytes);
	return u->memory.n > UPLOAD_MEMORY ? make_room(u) : ST_OK;
}

static uint64_t
kept(const struct upload *u)
{
	return u->filed + u->memory.n;
}

/* The end of one that began in the file goes there too. */
void
upload_end_message(struct upload *u)
{
	bool in_file = begin_of(u, u->n) < u->filed;

	u->end = mem_grow(u->end, u->n, &u->cap, sizeof(*u->end));
	u->end[u->n++] = kept(u);
	if (in_file && !u->failed)
		(void)spill(u, u->memory.n); /* a failure is remembered */
}

size_t
upload_here(const struct upload *u)
{
	return u->failed ? 0 : u->n - u->here;
}

size_t
upload_here_bytes(const struct upload *u)
{
	return u->failed ? 0 : u->memory.n;
}

void
upload_take(struct upload *u, struct upload_taken *out)
{
	*out = (struct upload_taken){ .first = u->here,
		.n = upload_here(u),
		.bytes = u->memory };
	out->end = mem_array(out->n, sizeof(*out->end));
	for (size_t i = 0; i < out->n; i++) {
		out->end[i] = (size_t)(u->end[out->first + i] - u->filed);
		u->end[out->first + i] = u->filed;
	}
	u->taken += u->memory.n;
	u->memory = (struct buf){ 0 };
	u->here = u->n;
}

struct span
upload_taken_message(const struct upload_taken *t, size_t i)
{
	size_t from = i == 0 ? 0 : t->end[i - 1];

	return span_head(span_from(buf_span(&t->bytes), from),
	    t->end[i] - from);
}

void
upload_taken_clear(struct upload_taken *t)
{
	buf_clear(&t->bytes);
	mem_free(&t->end);
}

size_t
upload_count(const struct upload *u)
{
	return u->n;
}

uint64_t
upload_bytes(const struct upload *u)
{
	return kept(u) + u->taken;
}

static enum status
map_file(struct upload *u)
{
	void *map;
	enum status st = spill(u, u->memory.n);

	if (st != ST_OK)
		return st;
	map = mmap(NULL, u->filed, PROT_READ, MAP_PRIVATE, u->fd, 0);
	if (map == MAP_FAILED)
		return fail(u, "mmap");
	u->map = map;
	return ST_OK;
}

enum status
upload_message(struct upload *u, size_t i, struct span *out)
{
	uint64_t from = begin_of(u, i);
	const unsigned char *all = u->memory.p;

	if (u->failed)
		return ST_IO;
	if (u->fd != -1) {
		if (u->map == NULL) {
			enum status st = map_file(u);

			if (st != ST_OK)
				return st;
		}
		all = u->map;
	}
	*out = span_head(span_from(span_of(all, (size_t)kept(u)), (size_t)from),
	    (size_t)(u->end[i] - from));
	return ST_OK;
}
