#include "service/counters.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#define SLOTS 16384 /* a power of 2 */
#define MAGIC 0x6e65776c636e7431

struct row {
	atomic_uint gauges[GAUGES];
	atomic_uint slots[SLOTS];
};

struct table {
	uint64_t magic;
	uint64_t rows;
	struct hash_key key;
	struct row row[];
};

struct counters {
	struct table *table;
	struct row *own;
	size_t bytes;
	uint32_t rows;
};

static size_t
table_bytes(uint32_t rows)
{
	return sizeof(struct table) + rows * sizeof(struct row);
}

static struct counters *
counters_map(int fd, size_t bytes)
{
	struct counters *c;
	void *p;

	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	c = MEM_NEW(struct counters);
	c->table = p;
	c->bytes = bytes;
	return c;
}

/* Neither the master nor a child may cut it short under the others. */
static int
memory(size_t bytes)
{
	int fd =
	    memfd_create("newel-counters", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return -1;
	if (ftruncate(fd, (off_t)bytes) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		0)
		return fd;
	close(fd);
	return -1;
}

enum status
counters_new(uint32_t rows, struct counters **out, int *out_fd)
{
	struct counters *c = NULL;
	int fd;

	assert(rows > 0 && rows <= LIMIT_PROCESSES);
	fd = memory(table_bytes(rows));
	if (fd != -1)
		c = counters_map(fd, table_bytes(rows));
	if (c == NULL) {
		log_event(NULL, LEVEL_ERROR, "counters.memory.failed",
		    LF_STR("reason", strerror(errno)));
		if (fd != -1)
			close(fd);
		return ST_IO;
	}
	c->table->magic = MAGIC;
	c->table->rows = rows;
	c->table->key = hash_key_random();
	c->rows = rows;
	c->own = &c->table->row[0];
	*out = c;
	*out_fd = fd;
	return ST_OK;
}

enum status
counters_open(int fd, uint32_t row, struct counters **out)
{
	struct counters *c;
	struct stat st;
	size_t bytes;

	if (fstat(fd, &st) == -1 || st.st_size < (off_t)table_bytes(1) ||
	    st.st_size > (off_t)table_bytes(LIMIT_PROCESSES))
		return ST_BAD;
	bytes = (size_t)st.st_size;
	c = counters_map(fd, bytes);
	if (c == NULL)
		return ST_BAD;
	c->rows =
	    (uint32_t)((bytes - sizeof(struct table)) / sizeof(struct row));
	if (c->table->magic != MAGIC || c->table->rows != c->rows ||
	    row >= c->rows) {
		counters_close(&c);
		return ST_BAD;
	}
	c->own = &c->table->row[row];
	*out = c;
	return ST_OK;
}

void
counters_close(struct counters **c)
{
	if (*c == NULL)
		return;
	munmap((*c)->table, (*c)->bytes);
	mem_free(c);
}

void
counters_clear_row(struct counters *c, uint32_t row)
{
	struct row *r = &c->table->row[row];

	assert(row < c->rows);
	for (size_t i = 0; i < GAUGES; i++)
		atomic_store_explicit(&r->gauges[i], 0, memory_order_relaxed);
	for (size_t i = 0; i < SLOTS; i++)
		atomic_store_explicit(&r->slots[i], 0, memory_order_relaxed);
}

/* Never below 0, whatever another process has done to the memory. */
static void
add(atomic_uint *a, int delta)
{
	unsigned before =
	    atomic_fetch_add_explicit(a, (unsigned)delta, memory_order_relaxed);

	if (delta < 0 && before == 0)
		atomic_store_explicit(a, 0, memory_order_relaxed);
}

void
counters_add(struct counters *c, enum gauge g, int delta)
{
	add(&c->own->gauges[g], delta);
}

uint64_t
counters_sum(const struct counters *c, enum gauge g)
{
	uint64_t sum = 0;

	for (uint32_t r = 0; r < c->rows; r++)
		sum += atomic_load_explicit(&c->table->row[r].gauges[g],
		    memory_order_relaxed);
	return sum;
}

/* The two slots of a key; they may be one. */
struct place {
	size_t a;
	size_t b;
};

static struct place
place_of(const struct counters *c, enum counted kind, struct span key)
{
	struct hash_key k = c->table->key;
	uint64_t h;

	k.k0 ^= (uint64_t)kind;
	h = hash_sip(&k, key);
	return (struct place){ h % SLOTS, (h >> 32) % SLOTS };
}

static void
move(struct counters *c, enum counted kind, struct span key, int delta)
{
	struct place at = place_of(c, kind, key);

	add(&c->own->slots[at.a], delta);
	if (at.b != at.a)
		add(&c->own->slots[at.b], delta);
}

void
counters_enter(struct counters *c, enum counted kind, struct span key)
{
	move(c, kind, key, 1);
}

void
counters_leave(struct counters *c, enum counted kind, struct span key)
{
	move(c, kind, key, -1);
}

static uint64_t
slot_sum(const struct counters *c, size_t slot)
{
	uint64_t sum = 0;

	for (uint32_t r = 0; r < c->rows; r++)
		sum += atomic_load_explicit(&c->table->row[r].slots[slot],
		    memory_order_relaxed);
	return sum;
}

uint64_t
counters_count(const struct counters *c, enum counted kind, struct span key)
{
	struct place at = place_of(c, kind, key);

	return MIN(slot_sum(c, at.a), slot_sum(c, at.b));
}
