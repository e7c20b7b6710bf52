#include "database/steady.h"

#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "database/database.h"

#define ROWS      40
#define ROW_BYTES 100000

/* SQLite's files, counted: below steady.c, as it takes them for SQLite's. */
struct counted {
	sqlite3_io_methods methods; /* the first thing in it */
	const sqlite3_io_methods *real;
	size_t unflushed;
};

static struct {
	char folder[64];
	char path[96];
	struct log log;
	sqlite3_vfs *vfs;
	size_t written;
	size_t most; /* that was not flushed, of one file */
	bool refuses;
} world;

static struct counted *
counted_of(sqlite3_file *file)
{
	return (struct counted *)((unsigned char *)file + world.vfs->szOsFile);
}

static int
count_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct counted *c = counted_of(file);

	world.written += (size_t)n;
	c->unflushed += (size_t)n;
	world.most = MAX(world.most, c->unflushed);
	return c->real->xWrite(file, bytes, n, at);
}

static int
count_sync(sqlite3_file *file, int flags)
{
	struct counted *c = counted_of(file);

	if (world.refuses)
		return SQLITE_IOERR_FSYNC;
	c->unflushed = 0;
	return c->real->xSync(file, flags);
}

static int
count_open(sqlite3_vfs *v, const char *path, sqlite3_file *file, int flags,
    int *out_flags)
{
	struct counted *c = counted_of(file);
	int rc = world.vfs->xOpen(world.vfs, path, file, flags, out_flags);

	(void)v;
	if (rc != SQLITE_OK)
		return rc;
	*c = (struct counted){ .methods = *file->pMethods,
		.real = file->pMethods };
	c->methods.xWrite = count_write;
	c->methods.xSync = count_sync;
	file->pMethods = &c->methods;
	return SQLITE_OK;
}

static void
no_line(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

static int
begin(void **state)
{
	(void)state;
	strcpy(world.folder, "/tmp/newel-steady.XXXXXX");
	if (mkdtemp(world.folder) == NULL)
		return -1;
	snprintf(world.path, sizeof(world.path), "%s/1", world.folder);
	world.refuses = false;
	return 0;
}

static int
end(void **state)
{
	char path[110];

	(void)state;
	unlink(world.path);
	snprintf(path, sizeof(path), "%s-wal", world.path);
	unlink(path);
	snprintf(path, sizeof(path), "%s-shm", world.path);
	unlink(path);
	return rmdir(world.folder);
}

static const char *const statements[] = {
	"INSERT INTO t VALUES (?1, ?2)",
	"SELECT count(*), sum(length(v)) FROM t",
};

static void
open_database(struct database *b, bool steady)
{
	static const char *const steps[] = {
		"CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB) STRICT"
	};
	const struct database_format format = {
		.pragmas = "PRAGMA page_size=8192; PRAGMA journal_mode=WAL;"
			   "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-100",
		.steps = steps,
		.n = COUNT(steps),
		.steady = steady,
	};

	*b = (struct database){ .log = &world.log };
	assert_ok(database_open(b, world.path, true, &format));
	database_statements(b, statements, COUNT(statements));
	world.written = world.most = 0;
}

static enum status
add_rows(struct database *b)
{
	CLEANUP(database_rollback) struct database_tx tx = { 0 };
	unsigned char *bytes = mem_array(ROW_BYTES, 1);
	enum status st = database_begin(&tx, b);

	for (uint64_t i = 0; i < ROWS && st == ST_OK; i++) {
		sqlite3_stmt *s = database_statement(b, 0);

		database_bind_u64(s, 1, i);
		database_bind_blob(s, 2, bytes, ROW_BYTES);
		st = database_run(b, s);
	}
	free(bytes);
	return st == ST_OK ? database_commit(&tx) : st;
}

static void
expect_rows(struct database *b, uint64_t rows)
{
	CLEANUP(database_reset) sqlite3_stmt *s = database_statement(b, 1);

	assert_ok(database_row(b, s));
	assert_int_equal(database_column_u64(s, 0), rows);
	assert_int_equal(database_column_u64(s, 1), rows * ROW_BYTES);
}

static void
what_is_written_is_flushed_in_small_parts(void **state)
{
	struct database b;

	(void)state;
	for (int steady = 0; steady < 2; steady++) {
		open_database(&b, steady == 1);
		assert_ok(add_rows(&b));
		expect_rows(&b, ROWS);
		assert_int_equal(sqlite3_wal_checkpoint_v2(b.db, NULL,
				     SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
		    SQLITE_OK);
		assert_true(world.written > (size_t)2 * ROWS * ROW_BYTES);
		if (steady == 1)
			assert_in_range(world.most, 1, STEADY_BYTES + 8192);
		else
			assert_true(world.most > (size_t)8 * STEADY_BYTES);
		database_close(&b);
		assert_int_equal(unlink(world.path), 0);
	}
}

static void
a_flush_that_fails_fails_the_change(void **state)
{
	struct database b;

	(void)state;
	open_database(&b, true);
	world.refuses = true;
	assert_int_equal(add_rows(&b), ST_IO);
	world.refuses = false;
	expect_rows(&b, 0);
	assert_ok(add_rows(&b));
	database_close(&b);

	open_database(&b, true);
	expect_rows(&b, ROWS);
	database_close(&b);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_flushed_in_small_parts),
		TEST(a_flush_that_fails_fails_the_change),
	};
	sqlite3_vfs counting;

	log_set_sink(no_line);
	world.vfs = sqlite3_vfs_find(NULL);
	counting = *world.vfs;
	counting.zName = "counting";
	counting.szOsFile += (int)sizeof(struct counted);
	counting.xOpen = count_open;
	assert_int_equal(sqlite3_vfs_register(&counting, 1), SQLITE_OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
