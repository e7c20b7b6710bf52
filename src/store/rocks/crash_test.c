/*
 * Every OK is on disk: a child commits and is killed; what it had been told
 * is committed is there whole, and nothing is there in part.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "base/pack.h"
#include "store/fixture.h"

#define ROUNDS      30
#define ROUNDS_ENV  "STORE_CRASH_ROUNDS" /* more of them */
#define ACCOUNTS    4
#define GROUP       6
#define BODIES_KEPT 3

/* Shared with the child: the version that each account was told of last. */
static volatile uint64_t *told;

static void
share_told(void)
{
	char path[sizeof(folder) + 8];
	size_t n = ACCOUNTS * sizeof(*told);
	int fd;

	snprintf(path, sizeof(path), "%s/told", folder);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)n), 0);
	told = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(told != MAP_FAILED);
	close(fd);
}

/* In a round a journal is passed through never, often, or once or so. */
static const size_t journals[] = { 0, 65536, 1 << 20 };

static struct store *
opened(size_t journal_bytes)
{
	struct store_options o = {
		.driver = "rocks",
		.path = folder,
		.cache_bytes = 8 << 20,
		.journal_bytes = journal_bytes,
	};
	struct store *s = NULL;

	return store_open(&o, &s) == ST_OK ? s : NULL;
}

/* One in seven is written in pieces. */
static struct span
body_of(uint64_t account, uint64_t version)
{
	size_t n = (size_t)(version * 37 % 5000);

	if ((version + account) % 7 == 0)
		n += (size_t)STORE_BODY_STEP * 2;
	return noise(n, 42);
}

/*
 * Version v has the keys "0" to "9" and "opV" saying v, no older "op", and
 * the last few bodies.
 */
static struct batch *
batch_to(uint64_t account, uint64_t version)
{
	struct batch *b = batch_new(account, version - 1);
	CLEANUP(buf_clear) struct buf value = { 0 };
	char op[32];

	pack_u64(&value, version);
	for (const char *k = "0123456789"; *k != '\0'; k++)
		batch_put(b, span_of(k, 1), buf_span(&value));
	batch_delete_range(b, SPAN("op"), SPAN("oq"));
	snprintf(op, sizeof(op), "op%llu", (unsigned long long)version);
	batch_put(b, span_str(op), buf_span(&value));
	batch_body(b, version, body_of(account, version));
	if (version > BODIES_KEPT)
		batch_body_drop(b, version - BODIES_KEPT);
	return b;
}

/*
 * The child's work: a byte is written when the store is open and behind each
 * group.  Returns only if something goes wrong.
 */
static void
commit_on(const char *journal)
{
	struct store *s = opened(journals[strtol(journal, NULL, 10)]);
	uint64_t at[ACCOUNTS];
	bool ok = s != NULL;

	for (uint64_t a = 0; ok && a < ACCOUNTS; a++)
		ok = store_version(s, a, &at[a]) == ST_OK;
	while (ok && write(STDOUT_FILENO, "", 1) == 1) {
		struct batch *b[GROUP];
		enum status got[GROUP];

		for (size_t i = 0; i < GROUP; i++) {
			uint64_t a = i % ACCOUNTS;

			b[i] = batch_to(a, ++at[a]);
			if (at[a] % 2 == 0)
				store_prepare(s, b[i]);
		}
		store_commit(s, b, GROUP, got);
		for (size_t i = 0; i < GROUP; i++) {
			uint64_t a = batch_account(b[i]);

			ok = ok && got[i] == ST_OK;
			if (ok)
				told[a] = at[a];
			batch_free(&b[i]);
		}
	}
}

/* Some groups are whole, and the kill comes somewhere in the next. */
static void
commit_and_kill(unsigned *seed)
{
	char journal[] = { (char)('0' + rand_r(seed) % COUNT(journals)), 0 };
	int groups = rand_r(seed) % 8;
	struct timespec pause = { .tv_nsec = rand_r(seed) % 5000000 };
	int fds[2], how;
	char c;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		execl("/proc/self/exe", "commit", folder, journal, NULL);
		_exit(1);
	}
	close(fds[1]);
	for (int i = 0; i <= groups; i++)
		assert_int_equal(read(fds[0], &c, 1), 1);
	nanosleep(&pause, NULL);
	kill(child, SIGKILL);
	close(fds[0]);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
}

struct seen {
	uint64_t version;
	int keys;
	int others;
};

static bool
count_version(void *ctx, struct span key, struct span value)
{
	struct seen *seen = ctx;
	struct unpack u = unpack_over(value);

	(void)key;
	if (unpack_u64(&u) == seen->version && unpack_end(&u))
		seen->keys++;
	else
		seen->others++;
	return true;
}

static void
assert_whole(struct store *s, uint64_t account)
{
	struct seen seen = { .version = version(s, account) };

	assert_true(seen.version >= told[account]);
	if (seen.version == 0)
		return;
	assert_ok(
	    store_read(s, account, SPAN(""), SPAN(""), count_version, &seen));
	assert_int_equal(seen.keys, 11);
	assert_int_equal(seen.others, 0);
	for (uint64_t v = seen.version; v > 0 && v + BODIES_KEPT > seen.version;
	     v--)
		assert_body(s, account, v, body_of(account, v));
	assert_no_body(s, account, seen.version + 1);
	if (seen.version > BODIES_KEPT)
		assert_no_body(s, account, seen.version - BODIES_KEPT);
}

static void
a_killed_committer_leaves_all_it_was_told_and_nothing_half(void **state)
{
	const char *more = getenv(ROUNDS_ENV);
	long rounds = more != NULL ? strtol(more, NULL, 10) : ROUNDS;
	unsigned seed = 1;
	struct store *s;

	(void)state;
	share_told();
	for (long i = 0; i < rounds; i++) {
		commit_and_kill(&seed);
		s = opened(journals[i % COUNT(journals)]);
		assert_non_null(s);
		for (uint64_t a = 0; a < ACCOUNTS; a++)
			assert_whole(s, a);
		store_close(&s);
	}
	assert_true(told[0] > (uint64_t)rounds);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_killed_committer_leaves_all_it_was_told_and_nothing_half,
		    make_folder, remove_folder),
	};

	if (argc > 2) {
		strcpy(folder, argv[1]);
		share_told();
		commit_on(argv[2]);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
