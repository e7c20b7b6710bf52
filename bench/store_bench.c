/*
 * What the store costs, beside what the disk costs without it.
 *
 *	build/store_bench [FOLDER]
 *
 * FOLDER is where to write, /var/tmp by default: the numbers are its disk's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "bench/bare.h"
#include "store/store.h"

#define RECORD_BYTES 200
#define BODY_BYTES   5000
#define ACCOUNTS     1000
#define TURNS        8
#define TURN_SECONDS 0.5

static char folder[4096];

/* Of this thread: reads take no other, and the machine may be busy. */
static double
cpu(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Text as mail has it: compresses to about half. */
static struct span
make_text(char *body, unsigned *seed)
{
	static const char *const words[] = { "the ", "of ", "meeting ", "and ",
		"to ", "in ", "a ", "is ", "Thursday ", "that ", "for ", "it ",
		"as ", "with ", "please ", "you ", "regards,\r\n", "on ",
		"invoice ", "by ", "this ", "have ", "from ", "sent ",
		"<div class=\"text\">", "</div>\r\n", "> ", "\r\n" };
	size_t n = 0;

	while (n < BODY_BYTES)
		n += (size_t)(rand_r(seed) % 4 == 0
				  ? sprintf(body + n, "%x", rand_r(seed))
				  : sprintf(body + n, "%s",
					words[(size_t)rand_r(seed) %
					      COUNT(words)]));
	return span_of(body, BODY_BYTES);
}

/* One of many, made before anything is timed. */
static struct span
text(unsigned *seed)
{
	enum { TEXTS = 256 };
	static char bytes[TEXTS][BODY_BYTES + 64];
	static struct span texts[TEXTS];

	for (size_t i = 0; i < TEXTS && texts[i].n == 0; i++)
		texts[i] = make_text(bytes[i], seed);
	return texts[rand_r(seed) % TEXTS];
}

static struct store *
opened(size_t cache_bytes)
{
	struct store_options o = {
		.driver = "rocks",
		.path = folder,
		.cache_bytes = cache_bytes,
	};
	struct store *s = NULL;

	bare_must(store_open(&o, &s) == ST_OK, folder);
	return s;
}

/* One message: a record, a body, and what makes the key unlike the last. */
static struct batch *
delivery(uint64_t account, uint64_t *versions, unsigned *seed)
{
	char record[RECORD_BYTES] = { 0 };
	struct batch *b = batch_new(account, versions[account]);
	char key[32];

	versions[account]++;
	(void)snprintf(key, sizeof(key), "m%010llu",
	    (unsigned long long)versions[account]);
	batch_put(b, span_str(key), span_of(record, sizeof(record)));
	batch_body(b, versions[account], text(seed));
	return b;
}

static double
group_commits(struct store *s, size_t group, uint64_t *versions)
{
	struct batch *b[100];
	enum status got[100];
	double start = bare_now_secs();
	unsigned seed = 1;
	int n;

	for (n = 0; bare_now_secs() - start < TURN_SECONDS; n++) {
		for (size_t i = 0; i < group; i++)
			b[i] = delivery((uint64_t)rand_r(&seed) % ACCOUNTS,
			    versions, &seed);
		store_commit(s, b, group, got);
		for (size_t i = 0; i < group; i++) {
			bare_must(got[i] == ST_OK, "commit");
			batch_free(&b[i]);
		}
	}
	return n / (bare_now_secs() - start);
}

/* By turns, because others may be at the disk too. */
static void
bench_commits(struct store *s, uint64_t *versions)
{
	static const size_t groups[] = { 1, 10, 100 };

	printf("%-8s %12s %12s %12s %8s\n", "group", "groups/s", "batches/s",
	    "bare/s", "ratio");
	for (size_t i = 0; i < COUNT(groups); i++) {
		size_t bytes = groups[i] * (RECORD_BYTES + BODY_BYTES);
		double bare = 0, store = 0;

		for (int turn = 0; turn < TURNS; turn++) {
			bare +=
			    bare_flushes(folder, bytes, true, TURN_SECONDS) /
			    TURNS;
			store += group_commits(s, groups[i], versions) / TURNS;
		}
		printf("%-8zu %12.0f %12.0f %12.0f %8.2f\n", groups[i], store,
		    store * (double)groups[i], bare, store / bare);
	}
}

struct sum {
	uint64_t keys;
	uint64_t bytes;
};

static bool
add_up(void *ctx, struct span key, struct span value)
{
	struct sum *sum = ctx;

	sum->keys++;
	sum->bytes += key.n + value.n;
	return true;
}

/* An account with 100,000 keys of 400 bytes. */
static void
fill(struct store *s, uint64_t account)
{
	enum { KEYS = 100000, STEP = 1000 };
	struct batch *b;
	char key[32], value[400];
	enum status got;
	unsigned seed = 1;

	for (int i = 0; i < KEYS; i += STEP) {
		b = batch_new(account, (uint64_t)(i / STEP));
		for (int j = i; j < i + STEP; j++) {
			(void)snprintf(key, sizeof(key), "k%07d", j);
			memcpy(value, text(&seed).p, sizeof(value));
			batch_put(b, span_str(key),
			    span_of(value, sizeof(value)));
		}
		store_commit(s, &b, 1, &got);
		bare_must(got == ST_OK, "fill");
		batch_free(&b);
	}
}

static void
bench_range(struct store *s, const char *what, uint64_t account)
{
	for (int i = 0; i < 3; i++) {
		struct sum sum = { 0 };
		double start = cpu();

		bare_must(store_read(s, account, SPAN(""), SPAN(""), add_up,
			      &sum) == ST_OK,
		    "read");
		printf("%s %d: %llu keys, %.3f us a key\n", what, i + 1,
		    (unsigned long long)sum.keys,
		    (cpu() - start) / (double)sum.keys * 1e6);
	}
}

static void
bench_small_ranges(struct store *s)
{
	struct sum sum = { 0 };
	double start = cpu();

	for (uint64_t account = 0; account < ACCOUNTS; account++)
		bare_must(store_read(s, account, SPAN("m000000000"),
			      SPAN("m000000001"), add_up, &sum) == ST_OK,
		    "read");
	printf("range of %.1f keys: %.2f us\n", (double)sum.keys / ACCOUNTS,
	    (cpu() - start) / ACCOUNTS * 1e6);
}

static void
bench_points(struct store *s, uint64_t account, const uint64_t *versions)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	unsigned seed = 1;
	double start;
	int n;

	for (int pass = 0; pass < 2; pass++) {
		seed = 1;
		start = cpu();
		for (n = 0; n < 100000; n++) {
			char key[32];

			(void)snprintf(key, sizeof(key), "k%07d",
			    rand_r(&seed) % 100000);
			buf_reset(&b);
			bare_must(store_get(s, account, span_str(key), &b) ==
				      ST_OK,
			    key);
		}
		printf("get %d: %.2f us\n", pass + 1,
		    (cpu() - start) / n * 1e6);
	}
	for (int pass = 0; pass < 2; pass++) {
		seed = 1;
		start = cpu();
		for (n = 0; n < 20000; n++) {
			uint64_t a = (uint64_t)rand_r(&seed) % ACCOUNTS;
			uint64_t body = versions[a];

			if (body == 0)
				continue;
			body = (uint64_t)rand_r(&seed) % body + 1;
			buf_reset(&b);
			bare_must(store_body(s, a, body, 0, SIZE_MAX, &b) ==
				      ST_OK,
			    "body");
		}
		printf("body of 5 KB %d: %.2f us\n", pass + 1,
		    (cpu() - start) / n * 1e6);
	}
	bench_small_ranges(s);
}

static void
bench_large_body(struct store *s)
{
	enum { BYTES = 64 << 20 };
	CLEANUP(buf_clear) struct buf b = { 0 };
	char *p = mem_alloc(BYTES);
	struct batch *batch = batch_new(ACCOUNTS + 2, 0);
	unsigned seed = 1;
	enum status got;
	double start;

	for (size_t i = 0; i + BODY_BYTES < BYTES; i += BODY_BYTES)
		memcpy(p + i, text(&seed).p, BODY_BYTES);
	batch_body(batch, 1, span_of(p, BYTES));
	start = bare_now_secs();
	store_commit(s, &batch, 1, &got);
	bare_must(got == ST_OK, "large");
	printf("body of 64 MB: written in %.0f ms",
	    (bare_now_secs() - start) * 1e3);
	batch_free(&batch);
	start = bare_now_secs();
	for (uint64_t at = 0; at < BYTES; at += b.n) {
		buf_reset(&b);
		bare_must(store_body(s, ACCOUNTS + 2, 1, at, STORE_BODY_STEP,
			      &b) == ST_OK,
		    "large");
	}
	printf(", read in %.0f ms\n", (bare_now_secs() - start) * 1e3);
	mem_free(&p);
}

int
main(int argc, char **argv)
{
	uint64_t *versions = mem_array(ACCOUNTS, sizeof(*versions));
	struct store *s;
	unsigned seed = 1;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	bare_folder(folder, sizeof(folder), argc > 1 ? argv[1] : "/var/tmp");

	(void)text(&seed);
	s = opened(256 << 20);
	bench_commits(s, versions);
	fill(s, ACCOUNTS + 1);
	bench_large_body(s);
	bench_range(s, "range in memory", ACCOUNTS + 1);
	store_close(&s);

	s = opened(256 << 20);
	printf("%.0f MB on disk\n", (double)store_disk_bytes(s) / 1e6);
	bench_range(s, "range after a start", ACCOUNTS + 1);
	bench_points(s, ACCOUNTS + 1, versions);
	store_close(&s);

	mem_free(&versions);
	bare_remove(folder);
	return 0;
}
