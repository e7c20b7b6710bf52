/* Disks that fail or are full, and what is left in the journal. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "store/rocks/fake_disk.h"
#include "store/rocks/rocks_world.h"

/*
 * The disk.  These stand before libc's: what can't be flushed or written, and
 * how much room there is for files to grow.  `flushes` counts those of the
 * journal's records that are still to fail; the file's growth is flushed by a
 * descriptor that can't read.
 */
#define ENDLESS INT64_MAX

static struct {
	_Atomic int flushes;
	_Atomic bool sync_fails;
	_Atomic bool cut_fails;
	_Atomic int64_t room; /* bytes left */
} disk = { .room = ENDLESS };

static bool
is_journal(int fd)
{
	char link[64], path[256] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, path, sizeof(path) - 1) > 0 &&
	       strstr(path, "/journal.") != NULL &&
	       (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR;
}

static ssize_t
take_room(ssize_t n)
{
	int64_t room = disk.room;

	if (room == ENDLESS)
		return n;
	n = MIN(n, (ssize_t)MAX(room, 0));
	disk.room -= n;
	return n;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
fdatasync(int fd)
{
	if (disk.flushes > 0 && is_journal(fd)) {
		disk.flushes--;
		return failed(EIO);
	}
	return disk.sync_fails ? failed(EIO) : (int)syscall(SYS_fdatasync, fd);
}

int
posix_fallocate(int fd, off_t from, off_t n)
{
	if (n > disk.room)
		return ENOSPC;
	return syscall(SYS_fallocate, fd, 0, from, n) == 0 ? 0 : errno;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	if (fd > 2) {
		n = (size_t)take_room((ssize_t)n);
		if (n == 0)
			return failed(ENOSPC);
	}
	return syscall(SYS_write, fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	struct stat sb;

	if (disk.cut_fails && is_journal(fd))
		return failed(EROFS);
	if (fstat(fd, &sb) == 0 && at + (off_t)n > sb.st_size) {
		n = (size_t)take_room((ssize_t)n);
		if (n == 0)
			return failed(ENOSPC);
	}
	return syscall(SYS_pwrite64, fd, p, n, at);
}

/* What the store had put aside. */
int
unlinkat(int dir, const char *name, int flags)
{
	struct stat sb;

	if (strcmp(name, "reserve") == 0 && disk.room < ENDLESS &&
	    fstatat(dir, name, &sb, 0) == 0)
		disk.room += sb.st_size;
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int
new_disk(void **state)
{
	disk.flushes = 0;
	disk.sync_fails = disk.cut_fails = false;
	disk.room = ENDLESS;
	journal_bytes = 0;
	return make_folder(state);
}

/* As if the time between two tries were over. */
static void
wait_for_retry(struct store *s)
{
	rocks_of(s)->retry_ms = 0;
}

static enum status
put_much(struct store *s)
{
	struct batch *b = batch_new(7, 2);

	batch_put(b, SPAN("c"), SPAN("3"));
	batch_delete_range(b, SPAN("a"), SPAN("c"));
	batch_body(b, 1, noise(1000, 2));
	batch_body(b, 2, noise(3 << 20, 2));
	return commit(s, b);
}

/* Neither now nor after a crash. */
static void
assert_refused(struct store *s)
{
	struct store *crashed;

	assert_int_equal(put_much(s), ST_IO);
	assert_int_equal(put(s, 7, 2, "c", "3"), ST_IO);
	assert_nothing_happened(s);
	crashed = after_a_crash();
	assert_nothing_happened(crashed);
	end_crash(&crashed);
}

static void
assert_works_again(struct store *s)
{
	struct store *crashed;

	wait_for_retry(s);
	assert_ok(put_much(s));
	crashed = after_a_crash();
	assert_int_equal(version(crashed, 7), 3);
	assert_span(all(crashed, 7), "c=3 ");
	assert_body(crashed, 7, 1, noise(1000, 2));
	assert_body(crashed, 7, 2, noise(3 << 20, 2));
	end_crash(&crashed);
}

static void
what_could_not_be_flushed_is_never_seen(void **state)
{
	struct store *s = with_two_versions();

	(void)state;
	for (int i = 0; i < 2; i++) {
		disk.flushes = 1;
		assert_int_equal(i == 0 ? put_much(s) : put(s, 7, 2, "c", "3"),
		    ST_IO);
		assert_int_equal(disk.flushes, 0);
		assert_nothing_happened(s);
		assert_refused(s); /* too early to try again */
		wait_for_retry(s);
	}

	disk.sync_fails = true;
	assert_int_equal(put_much(s), ST_IO);
	assert_nothing_happened(s);
	disk.sync_fails = false;
	assert_works_again(s);
	store_close(&s);
}

struct reader {
	pthread_t thread;
	struct store *s;
	bool stop;
	int reads;
	int failures;
};

static void *
read_on(void *arg)
{
	struct reader *r = arg;
	CLEANUP(buf_clear) struct buf b = { 0 };

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		buf_reset(&b);
		if (store_get(r->s, 8, SPAN("k"), &b) != ST_OK)
			r->failures++;
		r->reads++;
		usleep(1000);
	}
	return NULL;
}

/* One that is larger than what the journal has room for. */
static enum status
put_too_much(struct store *s)
{
	struct batch *b = batch_new(7, 2);

	batch_put(b, SPAN("c"), SPAN("3"));
	for (uint64_t i = 1; i <= 20; i++)
		batch_body(b, i, noise(STORE_BODY_STEP, 0));
	return commit(s, b);
}

static void
a_full_disk_refuses_commits_and_serves_reads(void **state)
{
	static const int64_t rooms[] = { 0, 1, 100, 4000, 300000, 1500000 };
	struct store *s = with_two_versions();
	struct reader r = { .s = s };

	(void)state;
	assert_ok(put(s, 8, 0, "k", "v"));
	assert_int_equal(pthread_create(&r.thread, NULL, read_on, &r), 0);
	for (size_t i = 0; i < COUNT(rooms); i++) {
		struct store *crashed;

		disk.room = rooms[i];
		assert_int_equal(put_too_much(s), ST_FULL);
		assert_nothing_happened(s);
		disk.room = ENDLESS;
		crashed = after_a_crash();
		assert_nothing_happened(crashed);
		end_crash(&crashed);

		disk.room = rooms[i];
		wait_for_retry(s);
		assert_int_equal(put_too_much(s), ST_FULL);
		disk.room = ENDLESS;
		wait_for_retry(s);
		assert_ok(put(s, 8, i + 1, "k", "v"));
	}
	assert_works_again(s);
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	pthread_join(r.thread, NULL);
	assert_int_equal(r.failures, 0);
	assert_true(r.reads > 10);
	store_close(&s);
}

/* The journal has room, but not the table that it becomes. */
static void
a_disk_that_fills_behind_the_commits_is_survived(void **state)
{
	enum { BODY = 500000 };
	struct store *s = opened(), *crashed;
	uint64_t v = 0;
	enum status st;

	(void)state;
	disk.room = 100 << 20;
	do {
		struct batch *b = batch_new(7, v);

		batch_body(b, v + 1, noise(BODY, v));
		st = commit(s, b);
		v += st == ST_OK;
	} while (st == ST_OK);
	assert_int_equal(st, ST_FULL);
	assert_true(v > 100);
	assert_int_equal(version(s, 7), v);
	assert_body(s, 7, v, noise(BODY, v - 1));
	assert_no_body(s, 7, v + 1);
	disk.room = ENDLESS;
	crashed = after_a_crash();
	assert_int_equal(version(crashed, 7), v);
	for (uint64_t i = 1; i <= v; i++)
		assert_body(crashed, 7, i, noise(BODY, i - 1));
	end_crash(&crashed);
	wait_for_retry(s);
	assert_ok(put(s, 7, v, "k", "v"));
	store_close(&s);
}

static void
commits_wait_until_a_refused_group_is_out_of_the_journal(void **state)
{
	struct store *s = with_two_versions();

	(void)state;
	disk.flushes = 2; /* its own and that of taking it out */
	assert_int_equal(put(s, 7, 2, "c", "3"), ST_IO);
	disk.cut_fails = true;
	wait_for_retry(s);
	assert_int_equal(put(s, 8, 0, "k", "v"), ST_IO);
	assert_nothing_happened(s);
	disk.cut_fails = false;
	assert_refused(s);
	wait_for_retry(s);
	assert_ok(put(s, 7, 2, "d", "4"));
	assert_span(all(s, 7), "a=1 b=2 d=4 ");
	store_close(&s);
	s = opened();
	assert_span(all(s, 7), "a=1 b=2 d=4 ");
	store_close(&s);
}

static void
a_start_on_a_full_disk_serves_reads(void **state)
{
	struct store *s = with_two_versions();

	(void)state;
	store_close(&s);
	disk.room = 100 - (4 << 20); /* with the reserve it is not enough */
	s = opened();
	assert_int_equal(put_much(s), ST_FULL);
	assert_nothing_happened(s);
	disk.room = ENDLESS;
	assert_works_again(s);
	store_close(&s);
}

/* Then what is not yet in tables can only be read by writing. */
static void
a_start_on_a_full_disk_after_a_crash_has_the_reserve(void **state)
{
	struct store *s = with_two_versions(), *crashed;

	(void)state;
	journal_bytes = 65536;
	copy_as_after_a_crash();
	disk.room = 100;
	crashed = opened_copy();
	assert_nothing_happened(crashed);
	assert_ok(put(crashed, 7, 2, "c", "3"));
	assert_int_equal(put_too_much(crashed), ST_AGAIN);
	end_crash(&crashed);
	disk.room = ENDLESS;
	store_close(&s);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, new_disk, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(what_could_not_be_flushed_is_never_seen),
		CASE(a_full_disk_refuses_commits_and_serves_reads),
		CASE(a_disk_that_fills_behind_the_commits_is_survived),
		CASE(commits_wait_until_a_refused_group_is_out_of_the_journal),
		CASE(a_start_on_a_full_disk_serves_reads),
		CASE(a_start_on_a_full_disk_after_a_crash_has_the_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
