/* What only the rocks driver can get wrong: starts, locks, formats, pieces. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "store/rocks/rocks_world.h"
#include "store/rocks/walk.h"

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
only_one_may_have_it_open(void **state)
{
	struct store *s = opened(), *other = NULL;

	(void)state;
	assert_ok(put(s, 7, 0, "k", "v"));
	for (int read_only = 0; read_only < 2; read_only++) {
		assert_int_equal(open_store(&other, read_only), ST_DENIED);
		assert_null(other);
	}
	store_close(&s);
	assert_ok(open_store(&s, true));
	assert_int_equal(open_store(&other, false), ST_DENIED);
	store_close(&s);
	assert_ok(open_store(&other, false));
	store_close(&other);
}

static void
what_is_opened_for_reading_takes_no_change(void **state)
{
	struct store *s = opened();

	(void)state;
	assert_ok(put(s, 7, 0, "k", "v"));
	store_close(&s);
	assert_ok(open_store(&s, true));
	assert_span(all(s, 7), "k=v ");
	assert_int_equal(put(s, 7, 1, "k", "w"), ST_IO);
	assert_span(all(s, 7), "k=v ");
	store_close(&s);
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
		{ "newel store 1\n", ST_BAD },
		{ "newel store 2\n", ST_BAD },
		{ "newel store 3\n", ST_BAD },
		{ "newel store 4\n", ST_BAD },
		{ "newel store 5\n", ST_BAD },
		{ "newel store 6\n", ST_OK },
		{ "newel store 7\n", ST_BAD },
		{ "newel store 4294967295\n", ST_BAD },
		{ "newel store 0\n", ST_CORRUPT },
		{ "newel store 6", ST_CORRUPT },
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

/* What no commit would write. */
static void
poke(struct store *s, enum family family, struct key k, struct span value)
{
	struct rocks *r = rocks_of(s);
	char *error = NULL;

	rocksdb_put_cf(r->db, r->tuning->write, r->families[family],
	    (const char *)k.p, k.n, (const char *)value.p, value.n, &error);
	assert_null(error);
}

/* A piece with a good check, behind what comes before it in piece 0. */
static void
poke_piece(struct store *s, struct key k, struct span before, char how,
    struct span bytes)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	buf_add(&b, before);
	buf_byte(&b, (unsigned char)how);
	BUF_LIT(&b, "8 bytes.");
	buf_add(&b, bytes);
	piece_seal(b.p + before.n, b.n - before.n);
	poke(s, BODIES, k, buf_span(&b));
}

static uint64_t
count_pieces(struct store *s)
{
	struct rocks *r = rocks_of(s);
	struct walk_range all_bodies = {
		.family = BODIES,
		.kind = WALK_ALL,
		.from = key_account(0),
		.to = key_account(UINT64_MAX),
	};
	struct walk w;
	uint64_t n = 0;

	assert_true(rocks_enter(r));
	for (walk_begin(&w, r, &all_bodies); walk_on(&w); walk_next(&w))
		n++;
	assert_ok(walk_end(&w));
	rocks_leave(r);
	return n;
}

/* A shorter body of the same id does not overwrite them; its end does. */
static void
pieces_that_came_to_nothing_go_with_the_next_body_of_their_id(void **state)
{
	static const size_t sizes[] = { 10, STORE_BODY_STEP * (size_t)2,
		6 << 20 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct store *s = opened();
		struct batch *b = batch_new(i, 0);

		for (uint32_t piece = 1; piece <= 12; piece++)
			poke(s, BODIES, key_body(i, 1, piece),
			    pattern(STORE_BODY_STEP, 99));
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
	CLEANUP(buf_clear) struct buf piece = { 0 };

	(void)state;
	piece_pack(pattern(STORE_BODY_STEP, 0), &piece);
	poke(s, BODIES, key_body(9, 1, 1), SPAN("a crash may leave this"));
	assert_span(problems(s, ST_OK), "");
	poke(s, RECORDS, key_record(8, SPAN("k")), SPAN("v"));
	poke(s, RECORDS, key_record(8, SPAN("l")), SPAN("v"));
	poke(s, RECORDS, no_account, SPAN("v"));
	poke_piece(s, key_body(9, 2, 0), SPAN("\1"), 0, SPAN("x"));
	poke_piece(s, key_body(7, 1, 0), SPAN("\5"), 0, SPAN("abc"));
	poke(s, BODIES, key_body(7, 2, 0), SPAN("\x80\x80\x20"));
	poke(s, BODIES, key_body(7, 2, 1), buf_span(&piece));
	poke_piece(s, key_body(7, 2, 2), SPAN(""), 1, SPAN(" no Zstandard"));
	poke_piece(s, key_body(7, 3, 0), SPAN("\2"), 0, SPAN("ab"));
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

static bool
see_none(void *ctx, uint64_t body, struct span bytes)
{
	(void)ctx;
	(void)bytes;
	assert_int_equal(body, 0);
	return true;
}

/* Checksums are good, but it isn't what was written. */
static void
a_body_of_another_size_than_it_says_is_damaged(void **state)
{
	static const struct {
		uint64_t body;
		struct span head;
	} t[] = {
		{ 1, SPAN_INIT("") },
		{ 2, SPAN_INIT("\3") },
		{ 3, SPAN_INIT("\3\0 a check") },
		{ 6, SPAN_INIT("\x80\x80\x20") },
	};
	static const struct {
		uint64_t body;
		char how;
		struct span bytes;
	} sealed[] = {
		{ 4, 0, SPAN_INIT("ab") },
		{ 5, 0, SPAN_INIT("abcd") },
		{ 7, 1, SPAN_INIT("\x20") },
		{ 8, 2, SPAN_INIT("abc") },
	};
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(buf_clear) struct buf piece = { 0 };
	struct store *s = opened();

	(void)state;
	piece_pack(pattern(STORE_BODY_STEP - 1, 0), &piece);
	poke(s, BODIES, key_body(7, 6, 1), buf_span(&piece));
	poke(s, BODIES, key_body(7, 6, 2), buf_span(&piece));
	for (size_t i = 0; i < COUNT(t); i++) {
		uint64_t id = t[i].body;

		poke(s, BODIES, key_body(7, id, 0), t[i].head);
		assert_int_equal(store_body(s, 7, id, 0, 10, &b), ST_CORRUPT);
		assert_int_equal(b.n, 0);
		/* Long ones aren't visited. */
		assert_int_equal(store_bodies(s, 7, &id, 1, see_none, NULL),
		    id == 6 ? ST_OK : ST_CORRUPT);
	}
	for (size_t i = 0; i < COUNT(sealed); i++) {
		uint64_t id = sealed[i].body;

		poke_piece(s, key_body(7, id, 0), SPAN("\3"), sealed[i].how,
		    sealed[i].bytes);
		assert_int_equal(store_body(s, 7, id, 0, 10, &b), ST_CORRUPT);
		assert_int_equal(b.n, 0);
		assert_int_equal(store_bodies(s, 7, &id, 1, see_none, NULL),
		    ST_CORRUPT);
	}
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
	assert_true(span_starts(problems(s, ST_CORRUPT),
	    SPAN("account 7: bodies: Corruption: ")));
	assert_int_equal(store_body(s, 7, 1, 0, 10, &b), ST_CORRUPT);
	assert_int_equal(b.n, 0);
	assert_span(all(s, 8), "k=v ");
	/* Out of memory, as it was read. */
	assert_span(problems(s, ST_CORRUPT), "account 7: body 1: malformed\n");
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
#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(what_was_committed_is_there_after_a_restart),
		CASE(only_one_may_have_it_open),
		CASE(what_is_opened_for_reading_takes_no_change),
		CASE(a_format_that_it_does_not_know_is_refused),
		CASE(no_store_is_made_for_reading),
		CASE(
		    pieces_that_came_to_nothing_go_with_the_next_body_of_their_id),
		CASE(a_check_names_what_does_not_fit_together),
		CASE(a_body_of_another_size_than_it_says_is_damaged),
		CASE(a_flipped_bit_is_found),
		CASE(random_groups_agree_with_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
