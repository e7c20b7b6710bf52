/* What of the room that bodies took is given back, and at what cost. */
#include <dirent.h>

#include "store/rocks/rocks_world.h"

/* Of a pass of the journal; each fills one file. */
enum { PASS = 262144, BODY_BYTES = 8000, BODIES_EACH = 40 };

static int
new_folder(void **state)
{
	journal_bytes = PASS;
	return make_folder(state);
}

static uint64_t
property(struct store *s, const char *name)
{
	struct rocks *r = rocks_of(s);
	uint64_t value = 0;

	assert_int_equal(rocksdb_property_int_cf(r->db, r->families[BODIES],
			     name, &value),
	    0);
	return value;
}

/* Bodies that fill some passes, each of which is in tables when it returns. */
static uint64_t
fill(struct store *s, uint64_t v, int passes)
{
	for (int i = 0; i < passes * BODIES_EACH; i++, v++) {
		struct batch *b = batch_new(7, v);

		batch_body(b, v + 1, noise(BODY_BYTES, v));
		assert_ok(commit(s, b));
	}
	return v;
}

/* All but one of four. */
static uint64_t
drop_most(struct store *s, uint64_t v)
{
	struct batch *b = batch_new(7, v);

	for (uint64_t id = 1; id <= v; id++)
		if (id % 4 != 0)
			batch_body_drop(b, id);
	assert_ok(commit(s, b));
	return v + 1;
}

/* As RocksDB does by itself when there are many tables. */
static void
merge(struct store *s)
{
	struct rocks *r = rocks_of(s);

	rocksdb_compact_range_cf(r->db, r->families[BODIES], NULL, 0, NULL, 0);
}

/* The lowest number of a blob file that is there, and how many there are. */
static size_t
blob_files(uint64_t *oldest)
{
	char path[128];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/db", folder);
	d = opendir(path);
	assert_non_null(d);
	*oldest = UINT64_MAX;
	while ((e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".blob") == NULL)
			continue;
		*oldest = MIN(*oldest, strtoull(e->d_name, NULL, 10));
		n++;
	}
	closedir(d);
	return n;
}

static void
what_lives_is_not_moved(void **state)
{
	struct store *s = opened();
	uint64_t before, after;
	uint64_t v = fill(s, 0, 4);
	size_t files;

	(void)state;
	files = blob_files(&before);
	assert_in_range(files, 2, 6);
	for (int i = 0; i < 4; i++) {
		v = fill(s, v, 2);
		merge(s);
	}
	assert_true(blob_files(&after) > files);
	assert_int_equal(before, after);
	store_close(&s);
}

static void
what_was_dropped_is_given_back(void **state)
{
	struct store *s = opened();
	uint64_t n = fill(s, 0, 8);
	uint64_t full = property(s, "rocksdb.live-blob-file-size");
	uint64_t v = drop_most(s, n);

	(void)state;
	for (int i = 0; i < 4; i++) {
		v = fill(s, v, 1);
		merge(s);
	}
	/* A fourth of the first ones and half as many new ones. */
	assert_in_range(property(s, "rocksdb.live-blob-file-size"), full / 2,
	    full);
	for (uint64_t id = 1; id <= n; id++)
		if (id % 4 == 0)
			assert_body(s, 7, id, noise(BODY_BYTES, id - 1));
		else
			assert_no_body(s, 7, id);
	store_close(&s);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, new_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(what_lives_is_not_moved),
		TEST(what_was_dropped_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
