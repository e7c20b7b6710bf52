#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

/* For tests: a folder of their own, and short ways to commit. */
#include "base/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "store/store.h"

static char folder[64]; /* of the test that runs */

static inline void
drop_line(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

static inline int
make_folder(void **state)
{
	(void)state;
	log_set_sink(drop_line);
	strcpy(folder, "/tmp/newel-store-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static inline int
remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
	(void)sb;
	(void)type;
	(void)f;
	return remove(path);
}

static inline int
remove_folder(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Commits one batch and frees it. */
static inline enum status
commit(struct store *s, struct batch *b)
{
	enum status result = ST_BAD;

	store_commit(s, &b, 1, &result);
	batch_free(&b);
	return result;
}

static inline enum status
put(struct store *s, uint64_t account, uint64_t base, const char *key,
    const char *value)
{
	struct batch *b = batch_new(account, base);

	batch_put(b, span_str(key), span_str(value));
	return commit(s, b);
}

static inline uint64_t
version(struct store *s, uint64_t account)
{
	uint64_t v = 99;

	assert_ok(store_version(s, account, &v));
	return v;
}

static inline bool
write_pair(void *ctx, struct span key, struct span value)
{
	buf_printf(ctx, "%.*s=%.*s ", SPAN_ARG(key), SPAN_ARG(value));
	return true;
}

/* All that a range of an account holds, as "key=value key=value ". */
static inline struct span
range(struct store *s, uint64_t account, const char *from, const char *to)
{
	static struct buf b;
	static struct buf again;

	buf_reset(&b);
	buf_reset(&again);
	assert_ok(store_read(s, account, span_str(from), span_str(to),
	    write_pair, &b));
	assert_ok(store_read_once(s, account, span_str(from), span_str(to),
	    write_pair, &again));
	assert_true(span_eq(buf_span(&b), buf_span(&again)));
	return buf_span(&b);
}

#define all(s, account) range((s), (account), "", "")

#define PATTERN_MAX (6 << 20)

/* Bytes that tell where in the body they are; good until the next call. */
static inline struct span
pattern(size_t n, uint64_t salt)
{
	static unsigned char p[PATTERN_MAX];

	assert_true(n <= sizeof(p));
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i ^ i >> 8 ^ i >> 16 ^ salt);
	return span_of(p, n);
}

/* The same of which nothing makes less: so many are written to the disk. */
static inline struct span
noise(size_t n, uint64_t salt)
{
	static unsigned char p[PATTERN_MAX];
	uint64_t x = salt * 2 + 1;

	assert_true(n <= sizeof(p));
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = (unsigned char)(x >> 24);
	}
	return span_of(p, n);
}

static inline void
assert_body(struct store *s, uint64_t account, uint64_t body, struct span want)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	assert_ok(store_body(s, account, body, 0, want.n + 1, &b));
	assert_true(span_eq(buf_span(&b), want));
}

static inline void
assert_no_body(struct store *s, uint64_t account, uint64_t body)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	assert_int_equal(store_body(s, account, body, 0, SIZE_MAX, &b),
	    ST_NOTFOUND);
	assert_int_equal(b.n, 0);
}

#endif
