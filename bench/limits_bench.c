/*
 * What the machine can do at most, for the figures of a server to be held
 * against: its loopback, its memory, its disk, and RocksDB without a server.
 *
 *	build/limits_bench [FOLDER]
 *
 * FOLDER is where to write, /var/tmp by default.  Prints a line of JSON.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <rocksdb/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/bare.h"

#define SECONDS      1.0
#define LINE_BYTES   64   /* a short command and its reply */
#define RECORD_BYTES 6144 /* what an APPEND of 5 KB writes */
#define BODY_BYTES   5000
#define BODIES       20000
#define BLOCK_BYTES  ((size_t)256 << 10)
#define COPY_BYTES   ((size_t)64 << 20)

static const char *comma = "";

static void
report(const char *name, const char *title, const char *unit, double value)
{
	printf("%s{\"limit\":\"%s\",\"title\":\"%s\",\"unit\":\"%s\","
	       "\"value\":%.1f}",
	    comma, name, title, unit, value);
	comma = ",";
}

/* --- Loopback ------------------------------------------------------------- */

static void
connect_pair(int *near, int *far)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int one = 1;

	bare_must(bind(listener, (struct sockaddr *)&in, sizeof(in)) == 0 &&
		      listen(listener, 1) == 0 &&
		      getsockname(listener, (struct sockaddr *)&in, &len) == 0,
	    "listen");
	*near = socket(AF_INET, SOCK_STREAM, 0);
	bare_must(connect(*near, (struct sockaddr *)&in, sizeof(in)) == 0,
	    "connect");
	*far = accept(listener, NULL, NULL);
	bare_must(*far >= 0, "accept");
	(void)setsockopt(*near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(*far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)close(listener);
}

static void *
echo(void *fd)
{
	char line[LINE_BYTES];
	ssize_t n;

	while ((n = recv(*(int *)fd, line, sizeof(line), 0)) > 0)
		if (send(*(int *)fd, line, (size_t)n, MSG_NOSIGNAL) != n)
			break;
	return NULL;
}

static void *
pour(void *fd)
{
	char *block = mem_alloc(BLOCK_BYTES);

	while (send(*(int *)fd, block, BLOCK_BYTES, MSG_NOSIGNAL) > 0)
		;
	mem_free(&block);
	return NULL;
}

/* Round trips, or MB, in a second with the thread at the other end. */
static double
loopback(void *(*other)(void *fd))
{
	char *block = mem_alloc(BLOCK_BYTES);
	bool echoes = other == echo;
	double start, sum = 0;
	pthread_t thread;
	int near, far;
	ssize_t n;

	connect_pair(&near, &far);
	bare_must(pthread_create(&thread, NULL, other, &far) == 0, "thread");
	start = bare_now_secs();
	while (bare_now_secs() - start < SECONDS) {
		if (echoes)
			(void)send(near, block, LINE_BYTES, MSG_NOSIGNAL);
		n = recv(near, block, BLOCK_BYTES, 0);
		bare_must(n > 0, "recv");
		sum += echoes ? 1 : (double)n / 1e6;
	}
	sum /= bare_now_secs() - start;
	(void)shutdown(near, SHUT_RDWR);
	(void)close(near);
	(void)pthread_join(thread, NULL);
	(void)close(far);
	mem_free(&block);
	return sum;
}

/* --- Memory --------------------------------------------------------------- */

static double
copies(void)
{
	char *from = mem_alloc(COPY_BYTES);
	char *to = mem_alloc(COPY_BYTES);
	double start, sum = 0;

	memset(from, 1, COPY_BYTES);
	memset(to, 2, COPY_BYTES);
	start = bare_now_secs();
	while (bare_now_secs() - start < SECONDS) {
		memcpy(to, from, COPY_BYTES);
		__asm__ volatile("" : : "r"(to) : "memory");
		sum += COPY_BYTES / 1e6;
	}
	sum /= bare_now_secs() - start;
	mem_free(&from);
	mem_free(&to);
	return sum;
}

/* --- RocksDB -------------------------------------------------------------- */

struct bare_db {
	rocksdb_options_t *options;
	rocksdb_writeoptions_t *write;
	rocksdb_readoptions_t *read;
	rocksdb_t *db;
};

static void
db_must(char *error)
{
	if (error == NULL)
		return;
	fprintf(stderr, "RocksDB: %s\n", error);
	exit(EXIT_FAILURE);
}

static void
put(const struct bare_db *d, unsigned n, size_t bytes)
{
	rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
	char value[RECORD_BYTES];
	char *error = NULL;
	char key[16];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (char)(i * (n + 7) >> 3);
	(void)snprintf(key, sizeof(key), "k%010u", n);
	rocksdb_writebatch_put(batch, key, strlen(key), value, bytes);
	rocksdb_write(d->db, d->write, batch, &error);
	db_must(error);
	rocksdb_writebatch_destroy(batch);
}

static double
synced_puts(const struct bare_db *d)
{
	double start = bare_now_secs();
	unsigned n;

	rocksdb_writeoptions_set_sync(d->write, 1);
	for (n = 0; bare_now_secs() - start < SECONDS; n++)
		put(d, n, RECORD_BYTES);
	return n / (bare_now_secs() - start);
}

static double
gets(const struct bare_db *d)
{
	unsigned seed = 1;
	double start;
	unsigned n;

	rocksdb_writeoptions_set_sync(d->write, 0);
	for (n = 0; n < BODIES; n++)
		put(d, n, BODY_BYTES);
	rocksdb_compact_range(d->db, NULL, 0, NULL, 0);
	start = bare_now_secs();
	for (n = 0; bare_now_secs() - start < SECONDS; n++) {
		char *error = NULL;
		size_t len = 0;
		char key[16];
		char *value;

		(void)snprintf(key, sizeof(key), "k%010u",
		    (unsigned)rand_r(&seed) % BODIES);
		value =
		    rocksdb_get(d->db, d->read, key, strlen(key), &len, &error);
		db_must(error);
		bare_must(len == BODY_BYTES, key);
		rocksdb_free(value);
	}
	return n / (bare_now_secs() - start);
}

static struct bare_db
db_open(const char *folder)
{
	rocksdb_block_based_table_options_t *table =
	    rocksdb_block_based_options_create();
	rocksdb_cache_t *cache = rocksdb_cache_create_lru((size_t)256 << 20);
	struct bare_db d = { .options = rocksdb_options_create(),
		.write = rocksdb_writeoptions_create(),
		.read = rocksdb_readoptions_create() };
	char *error = NULL;
	char path[4200];

	rocksdb_block_based_options_set_block_cache(table, cache);
	rocksdb_options_set_block_based_table_factory(d.options, table);
	rocksdb_options_set_create_if_missing(d.options, 1);
	(void)snprintf(path, sizeof(path), "%s/db", folder);
	d.db = rocksdb_open(d.options, path, &error);
	db_must(error);
	rocksdb_block_based_options_destroy(table);
	rocksdb_cache_destroy(cache);
	return d;
}

static void
db_close(struct bare_db *d)
{
	rocksdb_close(d->db);
	rocksdb_readoptions_destroy(d->read);
	rocksdb_writeoptions_destroy(d->write);
	rocksdb_options_destroy(d->options);
}

int
main(int argc, char **argv)
{
	struct bare_db db;
	char folder[4096];

	bare_folder(folder, sizeof(folder), argc > 1 ? argv[1] : "/var/tmp");
	putchar('[');
	report("echo", "loopback, a line there and back", "round trips/s",
	    loopback(echo));
	report("stream", "loopback, one connection", "MB/s", loopback(pour));
	report("copy", "memory, copied", "MB/s", copies());
	report("flush-grow", "6 KB written and flushed, a log that grows",
	    "flushes/s", bare_flushes(folder, RECORD_BYTES, false, SECONDS));
	report("flush-again", "the same, a log that overwrites itself",
	    "flushes/s", bare_flushes(folder, RECORD_BYTES, true, SECONDS));
	db = db_open(folder);
	report("rocks-put", "RocksDB, a batch of 6 KB with sync", "batches/s",
	    synced_puts(&db));
	report("rocks-get", "RocksDB, values of 5 KB in its cache", "gets/s",
	    gets(&db));
	db_close(&db);
	puts("]");
	bare_remove(folder);
	return 0;
}
