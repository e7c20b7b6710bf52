#include "store/rocks/wal.h"

#include <dirent.h>
#include <fcntl.h>
#include <rocksdb/c.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store/fixture.h"

/* Record sizes on both sides of where a fragment just fits its block. */
static const size_t sizes[] = { 1, 32768, 10, 32700, 1, 1, 100000, 32737, 3,
	32738, 32739, 5, 32740, 32741, 70000, 32742, 32743, 32744, 32745, 2,
	65472, 65473, 65474, 65475, 65476, 65477, 65478, 300000, 7 };

/* Key i holds so many bytes; record i is one batch of two operations. */
#define RECORDS COUNT(sizes)

static rocksdb_t *
open_db(rocksdb_options_t *o)
{
	char *error = NULL;
	rocksdb_t *db;

	rocksdb_options_set_create_if_missing(o, 1);
	db = rocksdb_open(o, folder, &error);
	assert_null(error);
	return db;
}

/*
 * Writes the log, and goes on with a copy of the files as a crash would leave
 * them.  Returns the sequence number that it ended with.
 */
static uint64_t
leave_log(void)
{
	rocksdb_options_t *o = rocksdb_options_create();
	rocksdb_writeoptions_t *w = rocksdb_writeoptions_create();
	char *value = mem_alloc(300000), *error = NULL, command[256];
	rocksdb_t *db = open_db(o);
	uint64_t last;

	for (size_t i = 0; i < RECORDS; i++) {
		char key = (char)i;
		rocksdb_writebatch_t *b = rocksdb_writebatch_create();

		rocksdb_writebatch_delete(b, "none", 4);
		rocksdb_writebatch_put(b, &key, 1, value, sizes[i]);
		rocksdb_write(db, w, b, &error);
		assert_null(error);
		rocksdb_writebatch_destroy(b);
	}
	last = rocksdb_get_latest_sequence_number(db);
	snprintf(command, sizeof(command), "cp -a %s %s.crash", folder, folder);
	assert_int_equal(system(command), 0);
	rocksdb_close(db);
	rocksdb_writeoptions_destroy(w);
	rocksdb_options_destroy(o);
	mem_free(&value);
	assert_int_equal(remove_folder(NULL), 0);
	strcat(folder, ".crash");
	return last;
}

/* How many of the keys are there, from the first on. */
static size_t
replay(void)
{
	rocksdb_options_t *o = rocksdb_options_create();
	rocksdb_readoptions_t *ro = rocksdb_readoptions_create();
	char *error = NULL;
	rocksdb_t *db = rocksdb_open_for_read_only(o, folder, 0, &error);
	rocksdb_iterator_t *it;
	size_t n = 0;

	assert_null(error);
	it = rocksdb_create_iterator(db, ro);
	for (rocksdb_iter_seek_to_first(it); rocksdb_iter_valid(it);
	     rocksdb_iter_next(it), n++) {
		size_t len;

		(void)rocksdb_iter_value(it, &len);
		assert_int_equal(len, sizes[n]);
	}
	rocksdb_iter_destroy(it);
	rocksdb_readoptions_destroy(ro);
	rocksdb_close(db);
	rocksdb_options_destroy(o);
	return n;
}

static int log_fd;
static off_t log_size;

static void
find_log(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while ((e = readdir(d)) != NULL)
		if (strlen(e->d_name) == 10 &&
		    strcmp(e->d_name + 6, ".log") == 0)
			log_fd = openat(dirfd(d), e->d_name, O_RDWR);
	closedir(d);
	log_size = lseek(log_fd, 0, SEEK_END);
}

static void
what_is_above_the_acknowledged_is_cut(void **state)
{
	uint64_t last = leave_log();

	(void)state;
	find_log();
	assert_int_equal(last, 2 * RECORDS);
	assert_ok(wal_cut(folder, last, NULL));
	assert_int_equal(lseek(log_fd, 0, SEEK_END), log_size);
	for (size_t n = RECORDS; n-- > 0;) {
		assert_ok(wal_cut(folder, n * 2, NULL));
		assert_int_equal(replay(), n);
		assert_ok(wal_cut(folder, n * 2, NULL));
	}
	assert_int_equal(lseek(log_fd, 0, SEEK_END), 0);
	close(log_fd);
}

/* As a full disk leaves it, at each byte of the last records. */
static void
a_record_written_in_part_is_cut(void **state)
{
	uint64_t last = leave_log();

	(void)state;
	find_log();
	for (off_t less = 1; less < 300000; less += 1 + less / 8) {
		assert_int_equal(ftruncate(log_fd, log_size - less), 0);
		assert_ok(wal_cut(folder, last, NULL));
	}
	assert_int_equal(replay(), RECORDS - 2);
	close(log_fd);
}

static void
no_log_at_all_is_no_error(void **state)
{
	(void)state;
	assert_ok(wal_cut(folder, 0, NULL));
	assert_int_equal(wal_cut("/nonexistent", 0, NULL), ST_IO);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(what_is_above_the_acknowledged_is_cut),
		CASE(a_record_written_in_part_is_cut),
		CASE(no_log_at_all_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
