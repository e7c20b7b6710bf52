/* How the journal and RocksDB's tables go together. */
#include <fcntl.h>

#include "base/log.h"
#include "store/rocks/rocks_world.h"

static int
new_folder(void **state)
{
	journal_bytes = 0;
	return make_folder(state);
}

/* The journal is passed through again and again, and replayed from anywhere. */
static void
a_full_journal_goes_into_tables(void **state)
{
	enum { ROUNDS = 12, EACH = 40 };
	struct store *s, *crashed;
	uint64_t v = 0;

	(void)state;
	journal_bytes = 262144;
	s = opened();
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < EACH; i++, v++) {
			struct batch *b = batch_new(7, v);

			if (v > 3)
				batch_body_drop(b, v - 3);
			batch_body(b, v + 1, noise((size_t)v * 997 % 30000, v));
			assert_ok(commit(s, b));
		}
		crashed = after_a_crash();
		assert_int_equal(version(crashed, 7), v);
		for (uint64_t i = v - 3; i <= v; i++)
			assert_body(crashed, 7, i,
			    noise((size_t)(i - 1) * 997 % 30000, i - 1));
		assert_no_body(crashed, 7, v - 4);
		end_crash(&crashed);
	}
	assert_true(journal_at(rocks_of(s)->writer.journal)->pass > ROUNDS);
	store_close(&s);
}

static void
write_table(struct store *s, enum family f)
{
	rocksdb_flushoptions_t *o = rocksdb_flushoptions_create();
	char *error = NULL;

	rocksdb_flush_cf(rocks_of(s)->db, o, rocks_of(s)->families[f], &error);
	assert_null(error);
	rocksdb_flushoptions_destroy(o);
}

/* Each family goes into tables by itself. */
static void
families_that_are_apart_come_together_again(void **state)
{
	(void)state;
	for (enum family f = 0; f < FAMILIES; f++) {
		struct store *s = opened(), *crashed;

		assert_ok(put(s, f, 0, "a", "1"));
		assert_ok(put(s, f, 1, "b", "2"));
		write_table(s, f);
		assert_ok(put(s, f, 2, "b", "3"));
		crashed = after_a_crash();
		assert_int_equal(version(crashed, f), 3);
		assert_span(all(crashed, f), "a=1 b=3 ");
		end_crash(&crashed);
		store_close(&s);
	}
}

static int replays;

static void
count_replays(const char *line, size_t n)
{
	if (memmem(line, n, "store.journal.replayed", 22) != NULL)
		replays++;
}

/* The places that families have go with their data only now and then. */
static void
what_was_closed_has_nothing_to_apply(void **state)
{
	struct store *s = with_two_versions(), *crashed;

	(void)state;
	replays = 0;
	log_set_sink(count_replays);
	crashed = after_a_crash();
	assert_int_equal(replays, 1);
	store_close(&s);
	s = opened();
	assert_int_equal(replays, 1);
	assert_nothing_happened(s);
	log_set_sink(drop_line);
	end_crash(&crashed);
	store_close(&s);
}

static int countdown; /* writes until the records go to a table; 0: never */

void
rocksdb_write(rocksdb_t *db, const rocksdb_writeoptions_t *options,
    rocksdb_writebatch_t *batch, char **errptr)
{
	rocksdb_flushoptions_t *o;

	real_write(db, options, batch, errptr);
	if (countdown == 0 || --countdown > 0)
		return;
	o = rocksdb_flushoptions_create();
	rocksdb_flush(db, o, errptr);
	rocksdb_flushoptions_destroy(o);
}

/*
 * Records are in tables up to a place, and all else is behind.  A start takes
 * them back to an earlier one; then it is cut short as well.
 */
static void
a_start_that_is_cut_short_is_begun_where_it_should_be(void **state)
{
	struct store *s = opened(), *crashed, *again;
	char original[64];
	struct batch *b;

	(void)state;
	assert_ok(put(s, 7, 0, "a", "1"));
	assert_ok(put(s, 7, 1, "a", "2"));
	for (uint64_t v = 2; v < 10; v++) { /* enough for a place */
		b = batch_new(7, v);
		batch_body(b, v, noise(STORE_BODY_STEP, v));
		assert_ok(commit(s, b));
	}
	write_table(s, RECORDS);
	copy_as_after_a_crash();
	countdown = 1;
	crashed = opened_copy();
	assert_int_equal(countdown, 0);
	assert_span(all(crashed, 7), "a=2 ");
	write_table(crashed, VERSIONS);
	write_table(crashed, BODIES);

	strcpy(original, folder);
	strcat(folder, ".crash");
	again = after_a_crash();
	assert_span(all(again, 7), "a=2 ");
	end_crash(&again);
	strcpy(folder, original);
	end_crash(&crashed);
	store_close(&s);
}

static void
a_check_sees_what_a_crash_left_in_the_journal(void **state)
{
	struct store *s = with_two_versions(), *reader = NULL;
	char original[64];

	(void)state;
	copy_as_after_a_crash();
	strcpy(original, folder);
	strcat(folder, ".crash");
	assert_ok(open_store(&reader, true));
	strcpy(folder, original);
	assert_nothing_happened(reader);
	assert_int_equal(put(reader, 7, 2, "c", "3"), ST_IO);
	end_crash(&reader);
	store_close(&s);
}

static void
a_damaged_journal_is_not_passed_over(void **state)
{
	struct store *s = with_two_versions(), *crashed = NULL;
	char path[128], original[64];
	uint64_t at;
	int fd;

	(void)state;
	at = journal_at(rocks_of(s)->writer.journal)->offset;
	assert_ok(put(s, 7, 2, "c", "3"));
	assert_ok(put(s, 7, 3, "d", "4"));
	copy_as_after_a_crash();
	strcpy(original, folder);
	strcat(folder, ".crash");
	snprintf(path, sizeof(path), "%s/journal.0", folder);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)at + 40), 1);
	close(fd);
	for (int read_only = 0; read_only < 2; read_only++)
		assert_int_equal(open_store(&crashed, read_only), ST_CORRUPT);
	assert_null(crashed);
	assert_int_equal(remove_folder(NULL), 0);
	strcpy(folder, original);
	store_close(&s);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, new_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(a_full_journal_goes_into_tables),
		CASE(families_that_are_apart_come_together_again),
		CASE(what_was_closed_has_nothing_to_apply),
		CASE(a_start_that_is_cut_short_is_begun_where_it_should_be),
		CASE(a_check_sees_what_a_crash_left_in_the_journal),
		CASE(a_damaged_journal_is_not_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
