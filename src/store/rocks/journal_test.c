#include "store/rocks/journal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "store/fixture.h"
#include "store/rocks/fake_disk.h"

/*
 * The disk.  These stand before libc's: the flushes that are to fail, and
 * whether writes fail.
 */
static struct {
	int flushes; /* from now on so many fail */
	bool writes_fail;
} disk;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
fdatasync(int fd)
{
	if (disk.flushes == 0)
		return (int)syscall(SYS_fdatasync, fd);
	disk.flushes--;
	return failed(EIO);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (disk.writes_fail)
		return failed(EIO);
	return syscall(SYS_pwrite64, fd, p, n, at);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

#define PASS 65536

static int dir = -1;
static struct place first;

static int
new_folder(void **state)
{
	int failed = make_folder(state);

	disk.flushes = 0;
	disk.writes_fail = false;
	dir = open(folder, O_RDONLY | O_DIRECTORY);
	first = place_first();
	return failed;
}

static int
end_folder(void **state)
{
	close(dir);
	return remove_folder(state);
}

static enum status
open_at(const struct place *at, bool make, struct journal **out)
{
	struct journal_options o = {
		.folder = dir,
		.make = make,
		.pass_bytes = PASS,
	};

	return journal_open(&o, at, out);
}

static struct journal *
opened(const struct place *at)
{
	struct journal *j = NULL;

	assert_ok(open_at(at, true, &j));
	return j;
}

/* Record i: its bytes and their number follow from it. */
static struct span
record(uint64_t i)
{
	return pattern((size_t)(i * 7919 % 3000 + 20), i);
}

/* The number of records from a place on, each checked; *end says why not more.
 */
static uint64_t
read_from(const struct place *at, uint64_t i, enum status *end)
{
	struct journal *j = opened(at);
	struct span got;
	uint64_t n = 0;

	while ((*end = journal_next(j, &got)) == ST_OK) {
		assert_int_equal(journal_at(j)->sequence, at->sequence + n + 1);
		assert_true(span_eq(got, record(i + n)));
		n++;
	}
	journal_close(&j);
	return n;
}

static void
assert_reads(const struct place *at, uint64_t i, uint64_t n)
{
	enum status end;

	assert_int_equal(read_from(at, i, &end), n);
	assert_int_equal(end, ST_NOTFOUND);
}

/* Without closing it, as a crash would. */
static struct journal *
with_records(uint64_t n)
{
	struct journal *j = opened(&first);

	for (uint64_t i = 0; i < n; i++)
		assert_ok(journal_add(j, record(i)));
	return j;
}

static int
file(uint64_t pass)
{
	int fd = openat(dir, pass % 2 == 0 ? "journal.0" : "journal.1", O_RDWR);

	assert_true(fd >= 0);
	return fd;
}

static void
what_was_added_is_read_again_from_any_place(void **state)
{
	struct place at[20];
	struct journal *j = opened(&first);

	(void)state;
	assert_reads(&first, 0, 0);
	for (uint64_t i = 0; i < COUNT(at); i++) {
		at[i] = *journal_at(j);
		assert_ok(journal_add(j, record(i)));
	}
	for (uint64_t i = 0; i < COUNT(at); i++)
		assert_reads(&at[i], i, COUNT(at) - i);
	journal_close(&j);
}

static void
an_opened_one_goes_on_where_it_ended(void **state)
{
	struct span got;

	(void)state;
	for (uint64_t n = 0; n < 10; n++) {
		struct journal *j = opened(&first);

		for (uint64_t i = 0; i < n; i++)
			assert_ok(journal_next(j, &got));
		assert_int_equal(journal_next(j, &got), ST_NOTFOUND);
		assert_ok(journal_add(j, record(n)));
		journal_close(&j);
	}
	assert_reads(&first, 0, 10);
}

/* Each pass over what the one before the last has left. */
static void
passes_follow_each_other_in_two_files(void **state)
{
	struct place before = first, place = first;
	uint64_t i_before = 0, i_place = 0;
	struct journal *j = opened(&first);

	(void)state;
	for (uint64_t i = 0; place.pass < 7; i++) {
		if (journal_is_full(j, record(i).n)) {
			assert_reads(&place, i_place, i - i_place);
			journal_turn(j);
			before = place;
			i_before = i_place;
			place = *journal_at(j);
			i_place = i;
			assert_reads(&before, i_before, i - i_before);
		}
		assert_ok(journal_add(j, record(i)));
		assert_reads(&before, i_before, i + 1 - i_before);
	}
	journal_close(&j);
}

static void
a_record_may_be_longer_than_a_pass(void **state)
{
	struct journal *j = opened(&first);
	struct place place;
	struct span got;
	struct stat sb;

	(void)state;
	assert_false(journal_is_full(j, 3 << 20));
	assert_ok(journal_add(j, pattern(3 << 20, 1)));
	assert_true(journal_is_full(j, 1));
	journal_turn(j);
	place = *journal_at(j);
	assert_ok(journal_add(j, record(0)));
	journal_close(&j);

	j = opened(&first);
	assert_ok(journal_next(j, &got));
	assert_true(span_eq(got, pattern(3 << 20, 1)));
	assert_ok(journal_next(j, &got));
	assert_true(span_eq(got, record(0)));
	assert_int_equal(journal_next(j, &got), ST_NOTFOUND);
	assert_true(place_same_pass(journal_at(j), &place) ==
		    false); /* the key of the pass after it is another */
	journal_turn(j);
	assert_int_equal(fstatat(dir, "journal.0", &sb, 0), 0);
	assert_int_equal(sb.st_size, PASS);
	journal_close(&j);
}

/* The last record is on disk up to any byte, and old bytes follow. */
static void
a_record_that_was_cut_short_is_the_end(void **state)
{
	enum { RECORDS = 4 };
	struct journal *j = with_records(RECORDS);
	struct place last = *journal_at(j);
	unsigned char old[4096], new[4096];
	int fd = file(0);

	(void)state;
	assert_int_equal(pread(fd, old, sizeof(old), (off_t)last.offset),
	    sizeof(old));
	assert_ok(journal_add(j, record(RECORDS)));
	assert_int_equal(pread(fd, new, sizeof(new), (off_t)last.offset),
	    sizeof(new));
	for (size_t n = 0; n <= 32 + record(RECORDS).n; n++) {
		bool whole = n == 32 + record(RECORDS).n;

		assert_int_equal(pwrite(fd, old, sizeof(old),
				     (off_t)last.offset),
		    sizeof(old));
		assert_int_equal(pwrite(fd, new, n, (off_t)last.offset), n);
		assert_reads(&first, 0, RECORDS + whole);
	}
	close(fd);
	journal_close(&j);
}

/* Any byte of any record but the last: never silence, never other bytes. */
static void
a_damaged_record_is_told_apart_from_the_end(void **state)
{
	enum { RECORDS = 3 };
	struct journal *j = with_records(RECORDS);
	uint64_t end = journal_at(j)->offset;
	int fd = file(0);
	uint64_t at = 0;

	(void)state;
	for (uint64_t i = 0; i < RECORDS; i++) {
		uint64_t n = 32 + record(i).n;

		for (uint64_t k = 0; k < n; k += k < 40 ? 1 : 17) {
			enum status why;
			unsigned char c;
			off_t here = (off_t)(at + k);

			assert_int_equal(pread(fd, &c, 1, here), 1);
			c ^= 1 << k % 8;
			assert_int_equal(pwrite(fd, &c, 1, here), 1);
			assert_int_equal(read_from(&first, 0, &why), i);
			assert_int_equal(why,
			    i < RECORDS - 1 ? ST_CORRUPT : ST_NOTFOUND);
			c ^= 1 << k % 8;
			assert_int_equal(pwrite(fd, &c, 1, here), 1);
		}
		at += (n + 511) / 512 * 512;
	}
	assert_int_equal(at, end);
	assert_reads(&first, 0, RECORDS);
	close(fd);
	journal_close(&j);
}

static void
damage_at_the_end_of_a_pass_is_seen_from_the_next(void **state)
{
	struct journal *j = with_records(3);
	uint64_t last;
	enum status why;
	int fd = file(0);

	(void)state;
	last = journal_at(j)->offset;
	assert_ok(journal_add(j, record(3)));
	journal_turn(j);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)last + 40), 1);
	assert_int_equal(read_from(&first, 0, &why), 3);
	assert_int_equal(why, ST_NOTFOUND); /* it may be the very last one */
	assert_ok(journal_add(j, record(4)));
	assert_int_equal(read_from(&first, 0, &why), 3);
	assert_int_equal(why, ST_CORRUPT);
	close(fd);
	journal_close(&j);
}

static void
damage_at_the_beginning_of_the_next_pass_is_seen_behind_it(void **state)
{
	struct journal *j = with_records(3);
	enum status why;
	int fd;

	(void)state;
	journal_turn(j);
	assert_ok(journal_add(j, record(3)));
	assert_ok(journal_add(j, record(4)));
	fd = file(1);
	assert_int_equal(pwrite(fd, "x", 1, 3), 1);
	assert_int_equal(read_from(&first, 0, &why), 3);
	assert_int_equal(why, ST_CORRUPT);
	close(fd);
	journal_close(&j);
}

static void
a_file_that_is_missing_or_short_is_damage(void **state)
{
	struct journal *j = with_records(3);
	struct place at = *journal_at(j);

	(void)state;
	journal_close(&j);
	assert_ok(open_at(&at, false, &j));
	journal_close(&j);
	assert_int_equal(unlinkat(dir, "journal.1", 0), 0);
	assert_int_equal(open_at(&at, false, &j), ST_CORRUPT);
	assert_null(j);
	assert_int_equal(unlinkat(dir, "journal.0", 0), 0);
	assert_int_equal(open_at(&at, true, &j), ST_CORRUPT);
	assert_null(j);
}

/* As an earlier pass left it, or a peer put it into a message. */
static void
a_record_with_another_key_is_none(void **state)
{
	struct journal *j = with_records(3);
	struct place other = first;

	(void)state;
	other.key[0] = hash_key_random();
	assert_reads(&other, 0, 0);
	journal_close(&j);
	j = opened(&other);
	assert_ok(journal_add(j, record(0)));
	assert_reads(&other, 0, 1);
	journal_close(&j);
}

/* Refused, it isn't there; nor is it in the way of the next one. */
static void
a_refused_record_is_never_seen(void **state)
{
	struct journal *j = with_records(3);

	(void)state;
	disk.flushes = 1;
	assert_int_equal(journal_add(j, pattern(5000, 9)), ST_IO);
	assert_reads(&first, 0, 3);
	assert_ok(journal_add(j, record(3)));
	assert_reads(&first, 0, 4);

	assert_ok(journal_add(j, pattern(5000, 9)));
	journal_undo(j);
	assert_reads(&first, 0, 4);
	assert_ok(journal_add(j, record(4)));
	assert_reads(&first, 0, 5);
	journal_close(&j);
}

static void
nothing_is_added_while_a_refused_record_can_not_be_cut(void **state)
{
	struct journal *j = with_records(3);

	(void)state;
	disk.flushes = 2;
	assert_int_equal(journal_add(j, record(3)), ST_IO);
	disk.writes_fail = true;
	assert_int_equal(journal_cut(j), ST_IO);
	assert_int_equal(journal_add(j, record(3)), ST_IO);
	disk.writes_fail = false;
	assert_ok(journal_cut(j));
	assert_reads(&first, 0, 3);
	assert_ok(journal_add(j, record(3)));
	assert_reads(&first, 0, 4);
	journal_close(&j);
}

/* A limit stands for a full disk. */
static void
a_file_that_can_not_grow_refuses_the_record_and_is_as_it_was(void **state)
{
	struct journal *j = with_records(3);
	struct rlimit was, less;
	struct stat before, after;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(fstatat(dir, "journal.0", &before, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	less = was;
	less.rlim_cur = JOURNAL_STEP + 300000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	assert_int_equal(journal_add(j, pattern(2 << 20, 0)), ST_IO);
	assert_int_equal(fstatat(dir, "journal.0", &after, 0), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_ok(journal_add(j, record(3)));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_reads(&first, 0, 4);
	journal_close(&j);
}

static off_t
file_bytes(void)
{
	struct stat sb;

	assert_int_equal(fstatat(dir, "journal.0", &sb, 0), 0);
	return sb.st_size;
}

/* Who grows it as it says finds that records of the same length fit. */
static void
it_says_how_long_the_file_should_be_for_what_comes(void **state)
{
	struct journal_options o = {
		.folder = dir,
		.make = true,
		.pass_bytes = 16 * (uint64_t)JOURNAL_STEP,
	};
	static const size_t bytes[] = { 3000, 700000, 2500000 };
	struct journal *j = NULL;

	(void)state;
	assert_ok(journal_open(&o, &first, &j));
	assert_true(journal_wants(j, 0) >= JOURNAL_STEP);
	for (size_t i = 0; i < COUNT(bytes); i++) {
		off_t grown;

		assert_ok(journal_add(j, pattern(bytes[i], i)));
		assert_ok(journal_grow(j, 0, journal_wants(j, bytes[i])));
		assert_int_equal(journal_wants(j, bytes[i]), 0);
		grown = file_bytes();
		for (int k = 0; k < 2; k++)
			assert_ok(journal_add(j, pattern(bytes[i], i)));
		assert_int_equal(file_bytes(), grown);
	}
	assert_int_equal(journal_wants(j, PATTERN_MAX), o.pass_bytes);
	assert_ok(journal_grow(j, 0, o.pass_bytes));
	assert_int_equal(journal_wants(j, PATTERN_MAX), 0);
	journal_close(&j);
}

static void
a_place_is_what_was_packed_or_nothing(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct place p = first, q;

	(void)state;
	p.pass = 5;
	p.offset = 1024;
	p.sequence = 700;
	place_pack(&p, &b);
	assert_true(place_unpack(buf_span(&b), &q));
	assert_true(place_same_pass(&p, &q));
	assert_int_equal(q.offset, 1024);
	assert_int_equal(q.sequence, 700);
	for (size_t n = 0; n < b.n; n++)
		assert_false(place_unpack(span_of(b.p, n), &q));
	p.offset = 1023;
	buf_reset(&b);
	place_pack(&p, &b);
	assert_false(place_unpack(buf_span(&b), &q));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, new_folder, end_folder)
	const struct CMUnitTest tests[] = {
		CASE(what_was_added_is_read_again_from_any_place),
		CASE(an_opened_one_goes_on_where_it_ended),
		CASE(passes_follow_each_other_in_two_files),
		CASE(a_record_may_be_longer_than_a_pass),
		CASE(a_record_that_was_cut_short_is_the_end),
		CASE(a_damaged_record_is_told_apart_from_the_end),
		CASE(damage_at_the_end_of_a_pass_is_seen_from_the_next),
		CASE(
		    damage_at_the_beginning_of_the_next_pass_is_seen_behind_it),
		CASE(a_file_that_is_missing_or_short_is_damage),
		CASE(a_record_with_another_key_is_none),
		CASE(a_refused_record_is_never_seen),
		CASE(nothing_is_added_while_a_refused_record_can_not_be_cut),
		CASE(
		    a_file_that_can_not_grow_refuses_the_record_and_is_as_it_was),
		CASE(it_says_how_long_the_file_should_be_for_what_comes),
		CASE(a_place_is_what_was_packed_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
