/*
 * What only the rocks driver can get wrong: starts, locks, formats, crashes,
 * and disks that fail or are full.
 */
#include "store/rocks/rocks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "store/fixture.h"
#include "store/rocks/walk.h"

static enum status
open_store(struct store **out, bool read_only)
{
	struct store_options o = {
		.driver = "rocks",
		.path = folder,
		.cache_bytes = 8 << 20,
		.read_only = read_only,
	};

	return store_open(&o, out);
}

static struct store *
opened(void)
{
	struct store *s = NULL;

	assert_ok(open_store(&s, false));
	return s;
}

/*
 * The disk, as RocksDB sees it.  These stand before libc's: a log can't be
 * flushed, a write finds no room, or a file can't be cut.
 */
#define ENDLESS INT64_MAX

static struct {
	_Atomic bool sync_fails;
	_Atomic bool cut_fails;
	_Atomic int64_t room; /* bytes left */
} disk = { .room = ENDLESS };

static int
failed(int error)
{
	errno = error;
	return -1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
fdatasync(int fd)
{
	return disk.sync_fails ? failed(EIO) : (int)syscall(SYS_fdatasync, fd);
}

int
ftruncate(int fd, off_t n)
{
	return disk.cut_fails ? failed(EROFS)
	                      : (int)syscall(SYS_ftruncate, fd, n);
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
	int64_t room = disk.room;

	if (room < ENDLESS && fd > 2) {
		if (room <= 0)
			return failed(ENOSPC);
		n = MIN(n, (size_t)room);
		disk.room -= (int64_t)n;
	}
	return syscall(SYS_write, fd, p, n);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int
new_disk(void **state)
{
	disk.sync_fails = disk.cut_fails = false;
	disk.room = ENDLESS;
	return make_folder(state);
}

/*
 * What a crash at this moment would leave: a copy of the files as they are,
 * opened beside what goes on.  RocksDB may be at work on its files: it is
 * copied again until nothing moved meanwhile.
 */
static struct store *
after_a_crash(void)
{
	char command[512], original[64];
	struct store *s;

	strcpy(original, folder);
	snprintf(command, sizeof(command),
	    "for i in 1 2 3 4 5 6 7 8 9 10; do "
	    "a=$(ls -l --full-time %s/db 2>&-); rm -rf %s.crash; "
	    "cp -a %s %s.crash 2>&- && "
	    "[ \"$a\" = \"$(ls -l --full-time %s/db 2>&-)\" ] && exit 0; "
	    "sleep 0.2; done; exit 1",
	    folder, folder, folder, folder, folder);
	assert_int_equal(system(command), 0);
	strcat(folder, ".crash");
	s = opened();
	strcpy(folder, original);
	return s;
}

static void
end_crash(struct store **s)
{
	char original[64];

	store_close(s);
	strcpy(original, folder);
	strcat(folder, ".crash");
	assert_int_equal(remove_folder(NULL), 0);
	strcpy(folder, original);
}

/* As if the time between two tries were over. */
static void
wait_for_retry(struct store *s)
{
	rocks_of(s)->retry_ms = 0;
}

static void
what_was_committed_is_there_after_a_restart(void **state)
{
	struct store *s = opened();
	struct batch *b = batch_new(7, 0);

	(void)state;
	batch_put(b, SPAN("k"), SPAN("v"));
	batch_body(b, 1, SPAN("small"));
	batch_body(b, 2, pattern(2 << 20, 2));
	assert_ok(commit(s, b));
	for (int i = 0; i < 2; i++) {
		store_close(&s);
		s = opened();
		assert_int_equal(version(s, 7), 1);
		assert_span(all(s, 7), "k=v ");
		assert_body(s, 7, 1, SPAN("small"));
		assert_body(s, 7, 2, pattern(2 << 20, 2));
	}
	assert_ok(put(s, 7, 1, "k", "w"));
	assert_true(store_disk_bytes(s) > 0);
	store_close(&s);
}

static void
only_one_may_serve_it_and_others_may_read(void **state)
{
	struct store *s = opened(), *other = NULL, *reader = NULL;

	(void)state;
	assert_ok(put(s, 7, 0, "k", "v"));
	assert_int_equal(open_store(&other, false), ST_DENIED);
	assert_null(other);
	assert_ok(open_store(&reader, true));
	assert_span(all(reader, 7), "k=v ");
	assert_int_equal(put(reader, 7, 1, "k", "w"), ST_IO);
	assert_ok(put(s, 7, 1, "k", "x"));
	store_close(&reader);
	store_close(&s);
	assert_ok(open_store(&other, false));
	assert_span(all(other, 7), "k=x ");
	store_close(&other);
}

static void
write_format_line(const char *line)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/format", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(line, f);
	fclose(f);
}

static void
a_format_that_it_does_not_know_is_refused(void **state)
{
	static const struct {
		const char *line;
		enum status want;
	} t[] = {
		{ "newel store 1\n", ST_OK },
		{ "newel store 2\n", ST_BAD },
		{ "newel store 4294967295\n", ST_BAD },
		{ "newel store 0\n", ST_CORRUPT },
		{ "newel store 1", ST_CORRUPT },
		{ "newel store \n", ST_CORRUPT },
		{ "newel store -1\n", ST_CORRUPT },
		{ "something else\n", ST_CORRUPT },
		{ "", ST_CORRUPT },
	};
	struct store *s = opened();
	char path[128];

	(void)state;
	store_close(&s);
	for (size_t i = 0; i < COUNT(t); i++)
		for (int read_only = 0; read_only < 2; read_only++) {
			write_format_line(t[i].line);
			assert_int_equal(open_store(&s, read_only), t[i].want);
			store_close(&s);
		}
	snprintf(path, sizeof(path), "%s/format", folder);
	unlink(path);
	assert_int_equal(open_store(&s, false), ST_CORRUPT);
	assert_int_equal(open_store(&s, true), ST_NOTFOUND);
}

static void
no_store_is_made_for_reading(void **state)
{
	struct store *s = NULL;
	char original[64];

	(void)state;
	assert_int_equal(open_store(&s, true), ST_NOTFOUND);
	strcpy(original, folder);
	strcat(folder, "/none");
	assert_int_equal(open_store(&s, true), ST_NOTFOUND);
	assert_int_equal(access(folder, F_OK), -1);
	strcat(folder, "/none");
	assert_int_equal(open_store(&s, false), ST_IO);
	strcpy(folder, original);
	assert_null(s);
}

/* The state that all cases of a failing disk begin and end with. */
static struct store *
with_two_versions(void)
{
	struct store *s = opened();

	assert_ok(put(s, 7, 0, "a", "1"));
	assert_ok(put(s, 7, 1, "b", "2"));
	return s;
}

static enum status
put_much(struct store *s)
{
	struct batch *b = batch_new(7, 2);

	batch_put(b, SPAN("c"), SPAN("3"));
	batch_delete_range(b, SPAN("a"), SPAN("c"));
	batch_body(b, 1, pattern(1000, 2));
	batch_body(b, 2, pattern(3 << 20, 2));
	return commit(s, b);
}

static void
assert_nothing_happened(struct store *s)
{
	assert_int_equal(version(s, 7), 2);
	assert_span(all(s, 7), "a=1 b=2 ");
	assert_no_body(s, 7, 1);
	assert_no_body(s, 7, 2);
}

/* Neither now nor after a crash. */
static void
assert_refused(struct store *s)
{
	struct store *crashed;

	assert_int_equal(put_much(s), ST_IO);
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
	assert_body(crashed, 7, 1, pattern(1000, 2));
	assert_body(crashed, 7, 2, pattern(3 << 20, 2));
	end_crash(&crashed);
}

static void
what_could_not_be_flushed_is_never_seen(void **state)
{
	struct store *s = with_two_versions();

	(void)state;
	disk.sync_fails = true;
	assert_int_equal(put_much(s), ST_IO);
	assert_nothing_happened(s);
	disk.sync_fails = false;
	assert_refused(s); /* too early to try again */

	disk.sync_fails = true;
	wait_for_retry(s);
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

static void
a_full_disk_refuses_commits_and_serves_reads(void **state)
{
	static const int64_t rooms[] = { 0, 1, 100, 4000, 300000, 3000000 };
	struct store *s = with_two_versions();
	struct reader r = { .s = s };

	(void)state;
	assert_ok(put(s, 8, 0, "k", "v"));
	assert_int_equal(pthread_create(&r.thread, NULL, read_on, &r), 0);
	for (size_t i = 0; i < COUNT(rooms); i++) {
		struct store *crashed;

		disk.room = rooms[i];
		assert_int_equal(put_much(s), ST_FULL);
		assert_nothing_happened(s);
		disk.room = ENDLESS;
		crashed = after_a_crash();
		assert_nothing_happened(crashed);
		end_crash(&crashed);

		disk.room = rooms[i];
		wait_for_retry(s);
		assert_int_equal(put_much(s), ST_FULL);
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

/* The log has room, but not the table that a full write buffer becomes. */
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

		batch_body(b, v + 1, pattern(BODY, v));
		st = commit(s, b);
		v += st == ST_OK;
	} while (st == ST_OK);
	assert_int_equal(st, ST_FULL);
	assert_true(v > 100);
	assert_int_equal(version(s, 7), v);
	assert_body(s, 7, v, pattern(BODY, v - 1));
	assert_no_body(s, 7, v + 1);
	disk.room = ENDLESS;
	crashed = after_a_crash();
	assert_int_equal(version(crashed, 7), v);
	for (uint64_t i = 1; i <= v; i++)
		assert_body(crashed, 7, i, pattern(BODY, i - 1));
	end_crash(&crashed);
	wait_for_retry(s);
	assert_ok(put(s, 7, v, "k", "v"));
	store_close(&s);
}

static void
commits_wait_until_a_refused_group_is_out_of_the_log(void **state)
{
	struct store *s = with_two_versions();

	(void)state;
	disk.sync_fails = disk.cut_fails = true;
	assert_int_equal(put_much(s), ST_IO);
	disk.sync_fails = false;
	wait_for_retry(s);
	assert_int_equal(put_much(s), ST_IO);
	assert_nothing_happened(s);
	disk.cut_fails = false;
	wait_for_retry(s);
	assert_ok(put(s, 7, 2, "c", "3"));
	assert_span(all(s, 7), "a=1 b=2 c=3 ");
	assert_no_body(s, 7, 1);
	store_close(&s);
}

static void
a_start_on_a_full_disk_serves_reads(void **state)
{
	struct store *s = with_two_versions();

	(void)state;
	store_close(&s);
	disk.room = 100;
	s = opened();
	assert_int_equal(put_much(s), ST_FULL);
	assert_nothing_happened(s);
	disk.room = ENDLESS;
	assert_works_again(s);
	store_close(&s);
}

/* What no commit would write. */
static void
poke(struct store *s, enum family family, struct key k, struct span value)
{
	struct rocks *r = rocks_of(s);
	char *error = NULL;

	rocksdb_put_cf(r->db, r->tuning->unsynced, r->families[family],
	    (const char *)k.p, k.n, (const char *)value.p, value.n, &error);
	assert_null(error);
}

static uint64_t
count_pieces(struct store *s)
{
	struct rocks *r = rocks_of(s);
	struct key first = key_account(0), end = key_account(UINT64_MAX);
	struct walk w;
	uint64_t n = 0;

	assert_true(rocks_enter(r));
	for (walk_begin_all(&w, r, BODIES, &first, &end); walk_on(&w);
	     walk_next(&w))
		n++;
	assert_ok(walk_end(&w));
	rocks_leave(r);
	return n;
}

/* A shorter body of the same id does not overwrite them; its end does. */
static void
pieces_that_came_to_nothing_go_with_the_next_body_of_their_id(void **state)
{
	static const size_t sizes[] = { 10, PIECE_BYTES * (size_t)2, 6 << 20 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct store *s = opened();
		struct batch *b = batch_new(i, 0);

		for (uint32_t piece = 1; piece <= 12; piece++)
			poke(s, BODIES, key_body(i, 1, piece),
			    pattern(PIECE_BYTES, 99));
		assert_no_body(s, i, 1);
		batch_body(b, 1, pattern(sizes[i], i));
		assert_ok(commit(s, b));
		assert_body(s, i, 1, pattern(sizes[i], i));
		b = batch_new(i, 1);
		batch_body_drop(b, 1);
		assert_ok(commit(s, b));
		assert_int_equal(count_pieces(s), 0);
		store_close(&s);
	}
}

static void
add_line(void *ctx, const char *line)
{
	buf_printf(ctx, "%s\n", line);
}

static struct span
problems(struct store *s, enum status want)
{
	static struct buf lines;

	buf_reset(&lines);
	assert_int_equal(store_check(s, add_line, &lines), want);
	return buf_span(&lines);
}

static void
a_check_names_what_does_not_fit_together(void **state)
{
	struct store *s = with_two_versions();
	struct key no_account = { .n = 3, .p = "xyz" };

	(void)state;
	poke(s, BODIES, key_body(9, 1, 1), SPAN("a crash may leave this"));
	assert_span(problems(s, ST_OK), "");
	poke(s, RECORDS, key_record(8, SPAN("k")), SPAN("v"));
	poke(s, RECORDS, key_record(8, SPAN("l")), SPAN("v"));
	poke(s, RECORDS, no_account, SPAN("v"));
	poke(s, BODIES, key_body(9, 2, 0), SPAN("\1x"));
	poke(s, BODIES, key_body(7, 1, 0), SPAN("\5abc"));
	poke(s, BODIES, key_body(7, 2, 0), SPAN("\x80\x80\x20"));
	poke(s, BODIES, key_body(7, 2, 1), pattern(PIECE_BYTES, 0));
	poke(s, BODIES, key_body(7, 3, 0), SPAN("\2ab"));
	poke(s, VERSIONS, key_account(6), SPAN(""));
	assert_span(problems(s, ST_CORRUPT),
	    "versions: malformed entry\n"
	    "account 8: records without a version\n"
	    "account 0: records without a version\n"
	    "account 7: body 1: malformed\n"
	    "account 7: body 2: 262144 of 524288 bytes\n"
	    "account 9: bodies without a version\n");
	store_close(&s);
}

/* Flips a bit in the middle of every file that ends so. */
static void
damage(const char *suffix)
{
	char path[128];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/db", folder);
	d = opendir(path);
	while ((e = readdir(d)) != NULL) {
		int fd;
		off_t at;
		char c;

		if (strstr(e->d_name, suffix) == NULL)
			continue;
		fd = openat(dirfd(d), e->d_name, O_RDWR);
		at = lseek(fd, 0, SEEK_END) / 2;
		assert_int_equal(pread(fd, &c, 1, at), 1);
		c ^= 1;
		assert_int_equal(pwrite(fd, &c, 1, at), 1);
		close(fd);
	}
	closedir(d);
}

static void
a_flipped_bit_is_found(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct store *s = opened();
	struct batch *batch = batch_new(7, 0);

	(void)state;
	batch_body(batch, 1, pattern(100000, 0));
	assert_ok(commit(s, batch));
	store_close(&s);
	s = opened(); /* from the log into a file */
	assert_ok(put(s, 8, 0, "k", "v"));
	store_close(&s);
	damage(".blob");
	s = opened();
	assert_int_equal(store_body(s, 7, 1, 0, 10, &b), ST_CORRUPT);
	assert_int_equal(b.n, 0);
	assert_span(all(s, 8), "k=v ");
	assert_true(span_starts(problems(s, ST_CORRUPT),
	    SPAN("account 7: bodies: Corruption: ")));
	batch = batch_new(7, 1);
	batch_body_drop(batch, 1);
	assert_ok(commit(s, batch));
	assert_no_body(s, 7, 1);
	store_close(&s);
}

static void
compact(struct store *s)
{
	struct rocks *r = rocks_of(s);

	for (int i = 0; i < FAMILIES; i++)
		rocksdb_compact_range_cf(r->db, r->families[i], NULL, 0, NULL,
		    0);
}

static void
a_check_goes_on_when_files_go(void **state)
{
	struct store *s = opened(), *reader = NULL;
	struct batch *b = batch_new(7, 0);

	(void)state;
	batch_body(b, 1, pattern(100000, 0));
	batch_body(b, 2, pattern(1000, 0));
	assert_ok(commit(s, b));
	store_close(&s);
	s = opened(); /* from the log into a file */
	assert_ok(open_store(&reader, true));
	b = batch_new(7, 1);
	batch_body_drop(b, 1);
	batch_body_drop(b, 2);
	assert_ok(commit(s, b));
	compact(s);
	assert_int_equal(home_bytes(&rocks_of(s)->home, ".blob"), 0);
	assert_span(problems(reader, ST_OK), "");
	store_close(&reader);
	store_close(&s);
}

/* Any operation on any of a few keys and bodies. */
static void
add_random(struct batch *b, unsigned *seed)
{
	static const char keys[] = "abcdefghijklmnopqrstuvwxyz";
	size_t i = (size_t)rand_r(seed) % 26;
	size_t j = (size_t)rand_r(seed) % 26;

	switch (rand_r(seed) % 8) {
	case 0:
		batch_delete(b, span_of(keys + i, 1));
		break;
	case 1:
		batch_delete_range(b, span_of(keys + MIN(i, j), 1),
		    span_of(keys + j, j & 1));
		break;
	default:
		batch_put(b, span_of(keys + i, 1), span_of(keys, j));
	}
}

static void
assert_same(struct store *s, struct store *model, uint64_t account)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	assert_int_equal(version(s, account), version(model, account));
	buf_add(&b, all(s, account));
	assert_true(span_eq(buf_span(&b), all(model, account)));
}

/* The memory driver is the model; some batches are on a wrong version. */
static void
random_groups_agree_with_memory(void **state)
{
	enum { ROUNDS = 400, ACCOUNTS = 3, GROUP = 6 };
	struct store_options memory = { .driver = "memory" };
	struct store *s = opened(), *model = NULL;
	unsigned seed = 1;

	(void)state;
	assert_ok(store_open(&memory, &model));
	for (int round = 0; round < ROUNDS; round++) {
		struct batch *b[GROUP];
		enum status got[GROUP], want[GROUP];
		uint64_t ahead[ACCOUNTS] = { 0 };

		for (size_t i = 0; i < GROUP; i++) {
			uint64_t a = (uint64_t)rand_r(&seed) % ACCOUNTS;

			b[i] = batch_new(a, version(model, a) + ahead[a]);
			ahead[a] += rand_r(&seed) % 20 != 0;
			for (int n = rand_r(&seed) % 12; n > 0; n--)
				add_random(b[i], &seed);
			if (rand_r(&seed) % 100 == 0)
				batch_erase(b[i]);
		}
		store_commit(s, b, GROUP, got);
		store_commit(model, b, GROUP, want);
		for (size_t i = 0; i < GROUP; i++) {
			assert_int_equal(got[i], want[i]);
			batch_free(&b[i]);
		}
		if (round % 20 == 10) { /* from the log into files */
			store_close(&s);
			s = opened();
		}
		if (round % 100 == 50)
			compact(s);
		for (uint64_t a = 0; a < ACCOUNTS; a++)
			assert_same(s, model, a);
	}
	assert_span(problems(s, ST_OK), "");
	store_close(&model);
	store_close(&s);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, new_disk, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(what_was_committed_is_there_after_a_restart),
		CASE(only_one_may_serve_it_and_others_may_read),
		CASE(a_format_that_it_does_not_know_is_refused),
		CASE(no_store_is_made_for_reading),
		CASE(what_could_not_be_flushed_is_never_seen),
		CASE(a_full_disk_refuses_commits_and_serves_reads),
		CASE(a_disk_that_fills_behind_the_commits_is_survived),
		CASE(commits_wait_until_a_refused_group_is_out_of_the_log),
		CASE(a_start_on_a_full_disk_serves_reads),
		CASE(
		    pieces_that_came_to_nothing_go_with_the_next_body_of_their_id),
		CASE(a_check_names_what_does_not_fit_together),
		CASE(a_flipped_bit_is_found),
		CASE(a_check_goes_on_when_files_go),
		CASE(random_groups_agree_with_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
