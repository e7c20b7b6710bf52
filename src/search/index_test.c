#include "base/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "search/fuzzy.h"
#include "search/index.h"

/*
 * An index beside the texts that are in it, which know everything: whatever
 * is looked for, the index must give all documents that have it.
 */
#define DOCS_MAX 4000

static struct {
	char folder[64];
	char path[96];
	struct log log;
	char *text[DOCS_MAX + 1];
	uint64_t n;
	struct index *ix;
} world;

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
	memset(&world, 0, sizeof(world));
	log_set_sink(no_line);
	strcpy(world.folder, "/tmp/newel-index.XXXXXX");
	if (mkdtemp(world.folder) == NULL)
		return -1;
	snprintf(world.path, sizeof(world.path), "%s/1", world.folder);
	srandom(7);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	index_close(&world.ix);
	index_remove(world.path);
	for (uint64_t i = 1; i <= world.n; i++)
		free(world.text[i]);
	log_set_sink(NULL);
	return rmdir(world.folder);
}

static void
open_index(enum index_use use)
{
	index_close(&world.ix);
	assert_ok(index_open(world.path, use, &world.log, &world.ix));
}

static void
add(const char *text)
{
	world.text[++world.n] = mem_strdup(text);
}

/* Adds documents to the index that it hasn't; to a rebuilt one all. */
static void
index_all(size_t each)
{
	uint64_t doc = index_state(world.ix).covered;

	while (doc < world.n) {
		for (size_t i = 0; i < each && doc < world.n; i++) {
			const char *t = world.text[++doc];

			index_document(world.ix, doc);
			index_text(world.ix, span_str(t));
			index_text_end(world.ix);
			index_text(world.ix, SPAN("HEADER"));
			index_text_end(world.ix);
		}
		assert_ok(index_commit(world.ix, doc, doc * 2));
	}
}

static char *
random_text(int words)
{
	struct buf b = { 0 };

	for (int i = 0; i < words; i++) {
		for (long k = 1 + random() % 7; k > 0; k--)
			buf_byte(&b, (unsigned char)('A' + random() % 6));
		if (random() % 9 == 0)
			buf_str(&b, "\xc3\x89\xe6\x97\xa5");
		buf_byte(&b, random() % 3 == 0 ? '-' : ' ');
	}
	buf_byte(&b, '\0');
	return (char *)b.p;
}

static void
add_random(size_t n)
{
	for (size_t i = 0; i < n; i++)
		world.text[++world.n] = random_text(20);
}

/* All that have it are given; says how many were given. */
/* They ascend; says how many they are, and clears them. */
static size_t
count(struct documents *d)
{
	size_t n = d->all ? world.n : d->n;

	for (size_t i = 1; i < d->n; i++)
		assert_true(d->p[i - 1] < d->p[i]);
	documents_clear(d);
	return n;
}

static size_t
find(const char *needle)
{
	struct documents d = { 0 };

	assert_ok(index_find(world.ix, span_str(needle), &d));
	for (uint64_t i = 1; i <= world.n; i++)
		if (strstr(world.text[i], needle) != NULL)
			assert_true(documents_have(&d, i));
	return count(&d);
}

static void
find_random(int times)
{
	while (times-- > 0) {
		const char *t = world.text[1 + random() % (long)world.n];
		size_t from = (size_t)random() % strlen(t);
		char *part = strndup(t + from, 1 + (size_t)random() % 9);

		(void)find(part);
		free(part);
	}
}

static void
test_it_begins_empty(void **state)
{
	struct index *none;

	(void)state;
	assert_int_equal(index_open(world.path, INDEX_READ, &world.log, &none),
	    ST_NOTFOUND);
	open_index(INDEX_WRITE);
	assert_int_equal(index_state(world.ix).covered, 0);
	assert_int_equal(find("OAK"), 0);
}

static void
test_words_are_found(void **state)
{
	(void)state;
	open_index(INDEX_WRITE);
	add("THE OAK STAIR");
	add("A STEEL STAIRCASE");
	add("NEWEL POSTS");
	index_all(2);
	assert_int_equal(find("STAIR"), 2);
	assert_int_equal(find("STAIRC"), 1);
	assert_int_equal(find("AIR"), 2);
	assert_int_equal(find("EE"), 1);
	assert_int_equal(find("OAK STAIR"), 1);
	assert_int_equal(find("HEADER"), 3);
	assert_int_equal(find("STAIRS"), 0);
	assert_int_equal(find("POSTSHEADER"), 0);
}

static void
test_it_is_as_it_was_after_a_restart(void **state)
{
	(void)state;
	open_index(INDEX_WRITE);
	add_random(50);
	index_all(20);
	add("QUETZALCOATLUS");
	open_index(INDEX_WRITE);
	assert_int_equal(index_state(world.ix).covered, 50);
	assert_int_equal(index_state(world.ix).documents, 50);
	assert_int_equal(index_state(world.ix).version, 100);
	index_all(20);
	open_index(INDEX_READ);
	assert_int_equal(find("ZALCO"), 1);
	find_random(200);
}

static void
test_segments_are_merged(void **state)
{
	(void)state;
	open_index(INDEX_WRITE);
	add_random(1500);
	index_all(3); /* 500 segments, if they stayed */
	find_random(300);
	open_index(INDEX_READ);
	find_random(300);
}

/* All that fit are given; says how many were given. */
static size_t
find_fuzzy(const char *needle, size_t *fit)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct fuzzy *f = fuzzy_new(a, span_str(needle));
	struct documents d = { 0 };

	*fit = 0;
	assert_ok(index_find_fuzzy(world.ix, f, &d));
	for (uint64_t i = 1; i <= world.n; i++) {
		struct fuzzy_match m;

		fuzzy_match_init(&m, f, false);
		if (!fuzzy_match_text(&m, span_str(world.text[i])))
			continue;
		++*fit;
		if (!documents_have(&d, i))
			fail_msg("%s in %s", needle, world.text[i]);
	}
	return count(&d);
}

static void
test_words_are_found_by_their_pieces(void **state)
{
	size_t fit;

	(void)state;
	open_index(INDEX_WRITE);
	add("THE OAK STAIR");
	add("A STEEL STAIRCASE");
	add("NEWEL POSTS");
	add("BALUSTRADES");
	index_all(2);
	assert_int_equal(find_fuzzy("STIAR", &fit), 1);
	assert_int_equal(fit, 1);
	assert_int_equal(find_fuzzy("STAIRCAES NEWLE", &fit), 0);
	assert_int_equal(find_fuzzy("STAIRCAES STELE", &fit), 1);
	assert_int_equal(fit, 1);
	assert_int_equal(find_fuzzy("STEEL STAIR NOTHING", &fit), 1);
	assert_int_equal(fit, 1);
	assert_int_equal(find_fuzzy("OAK STAIR STEEL", &fit), 2);
	assert_int_equal(fit, 2);
	assert_int_equal(find_fuzzy("BALLUSTRADE", &fit), 1);
	assert_int_equal(fit, 1);
	assert_int_equal(find_fuzzy("...", &fit), world.n);
}

static void
test_no_edit_hides_a_word(void **state)
{
	size_t fits = 0;

	(void)state;
	open_index(INDEX_WRITE);
	add_random(400);
	for (int i = 0; i < 100; i++) {
		char *text = random_text(5);

		for (char *p = text; *p != '\0'; p++)
			if (random() % 4 > 0 && (*p == ' ' || *p == '-'))
				*p = 'A'; /* long words */
		world.text[++world.n] = text;
	}
	index_all(100);
	for (int i = 0; i < 1000; i++) {
		const char *t = world.text[1 + random() % (long)world.n];
		size_t from = (size_t)random() % strlen(t);
		char *part = strndup(t + from, 3 + (size_t)random() % 30);
		size_t fit;

		for (long k = random() % 3; k > 0; k--)
			part[(size_t)random() % strlen(part)] = 'B';
		(void)find_fuzzy(part, &fit);
		fits += fit;
		free(part);
	}
	assert_true(fits > 500);
}

static void
test_what_was_not_committed_is_not_there(void **state)
{
	(void)state;
	open_index(INDEX_WRITE);
	add_random(20);
	index_all(20);
	index_document(world.ix, 21);
	index_text(world.ix, SPAN("LOST"));
	open_index(INDEX_WRITE);
	assert_int_equal(index_state(world.ix).covered, 20);
	assert_int_equal(find("LOST"), 0);
}

static void
test_a_large_document_is_cut_into_segments(void **state)
{
	(void)state;
	open_index(INDEX_WRITE);
	add_random(3);
	index_all(3);
	index_document(world.ix, 4);
	for (uint32_t i = 0; i < 2000000; i++) {
		char word[16];

		snprintf(word, sizeof(word), "%05u ",
		    i % 100000 * 7919 % 100000);
		index_text(world.ix, span_str(word));
	}
	index_text(world.ix, SPAN("ENDING"));
	index_text_end(world.ix);
	assert_ok(index_commit(world.ix, 4, 1));
	assert_int_equal(find("7919"), 1);
	assert_int_equal(find("ENDING"), 1);
}

static void
test_an_unknown_document_may_have_anything(void **state)
{
	(void)state;
	open_index(INDEX_WRITE);
	add("OAK");
	add("BEECH");
	index_all(1);
	index_document(world.ix, 3);
	index_unknown(world.ix);
	assert_ok(index_commit(world.ix, 3, 3));
	assert_int_equal(find("OAK"), 2);
	assert_int_equal(find("B"), 2);
	assert_int_equal(find("NONE"), 1);
}

static void
test_a_reader_sees_one_moment(void **state)
{
	struct index *writer;

	(void)state;
	open_index(INDEX_WRITE);
	add("OAK");
	index_all(1);
	open_index(INDEX_READ);
	assert_ok(index_open(world.path, INDEX_WRITE, &world.log, &writer));
	index_document(writer, 2);
	index_text(writer, SPAN("OAK"));
	index_text_end(writer);
	assert_ok(index_commit(writer, 2, 2));
	assert_int_equal(index_state(world.ix).covered, 1);
	assert_int_equal(find("OAK"), 1);
	open_index(INDEX_READ);
	assert_int_equal(index_state(world.ix).covered, 2);
	assert_int_equal(find("OAK"), 2);
	index_close(&writer);
}

static void
test_it_is_rebuilt_behind_the_one_that_serves(void **state)
{
	struct index *reader;
	struct documents d = { 0 };

	(void)state;
	open_index(INDEX_WRITE);
	add_random(300);
	add("GONE");
	index_all(10);
	for (int attempt = 0; attempt < 2; attempt++) { /* one is cut short */
		open_index(INDEX_REBUILD);
		assert_int_equal(index_state(world.ix).covered, 0);
		strcpy(world.text[301], "HERE");
		index_all(30);
	}
	assert_ok(index_open(world.path, INDEX_READ, &world.log, &reader));
	assert_ok(index_find(reader, SPAN("GONE"), &d));
	assert_int_equal(d.n, 1);
	documents_clear(&d);
	index_close(&reader);

	assert_ok(index_serve(world.ix));
	open_index(INDEX_READ);
	assert_int_equal(index_state(world.ix).covered, 301);
	assert_int_equal(find("GONE"), 0);
	assert_int_equal(find("HERE"), 1);
	find_random(100);
}

static off_t
log_bytes(void)
{
	char name[sizeof(world.path) + 4];
	struct stat info;

	snprintf(name, sizeof(name), "%s-wal", world.path);
	return stat(name, &info) == 0 ? info.st_size : 0;
}

static void
test_a_long_log_is_emptied(void **state)
{
	off_t bytes;

	(void)state;
	open_index(INDEX_WRITE);
	add_random(50);
	index_all(50);
	bytes = log_bytes();
	assert_true(bytes > 0);
	assert_ok(index_checkpoint(world.ix, (uint64_t)bytes + 1));
	assert_int_equal(log_bytes(), bytes);
	assert_ok(index_checkpoint(world.ix, (uint64_t)bytes));
	assert_int_equal(log_bytes(), 0);
	open_index(INDEX_READ);
	find_random(50);
}

/* Whatever bytes of the file change, nothing is missed in silence. */
static void
test_damage_is_noticed(void **state)
{
	CLEANUP(buf_clear) struct buf good = { 0 };
	struct stat info;
	int fd;

	(void)state;
	open_index(INDEX_WRITE);
	add_random(400);
	index_all(40);
	assert_ok(index_checkpoint(world.ix, 0));
	index_close(&world.ix);
	fd = open(world.path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0 && fstat(fd, &info) == 0);
	assert_int_equal(pread(fd, buf_room(&good, (size_t)info.st_size),
			     (size_t)info.st_size, 0),
	    info.st_size);
	for (int i = 0; i < 400; i++) {
		off_t at = random() % info.st_size;
		unsigned char bad = (unsigned char)(good.p[at] ^ (1 << i % 8));
		const char *t = world.text[1 + random() % (long)world.n];
		char *part = strndup(t, 6);
		struct documents d = { 0 };
		enum status st;

		assert_int_equal(pwrite(fd, &bad, 1, at), 1);
		st = index_open(world.path, INDEX_READ, &world.log, &world.ix);
		if (st == ST_OK)
			st = index_find(world.ix, span_str(part), &d);
		for (uint64_t k = 1; k <= world.n && st == ST_OK; k++)
			if (strstr(world.text[k], part) != NULL &&
			    k <= index_state(world.ix).covered)
				assert_true(documents_have(&d, k));
		documents_clear(&d);
		index_close(&world.ix);
		assert_int_equal(pwrite(fd, good.p + at, 1, at), 1);
		free(part);
	}
	close(fd);
}

/* Wherever it was before: up by small steps and large ones, and back. */
static void
test_who_goes_on_finds_the_same(void **state)
{
	uint64_t some[200];
	struct documents d = { .p = some, .n = COUNT(some) };
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(some); i++)
		some[i] = 5 + i + i / 7 * 40;
	for (uint64_t step = 1; step < 2000; step += step / 3 + 1)
		for (uint64_t doc = 0; doc < 3000; doc += step)
			assert_int_equal(documents_have_next(&d, &at, doc),
			    documents_have(&d, doc));
	at = 0;
	assert_false(documents_have_next(&(struct documents){ 0 }, &at, 5));
	assert_true(
	    documents_have_next(&(struct documents){ .all = true }, &at, 5));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_it_begins_empty),
		TEST(test_words_are_found),
		TEST(test_it_is_as_it_was_after_a_restart),
		TEST(test_segments_are_merged),
		TEST(test_words_are_found_by_their_pieces),
		TEST(test_no_edit_hides_a_word),
		TEST(test_what_was_not_committed_is_not_there),
		TEST(test_a_large_document_is_cut_into_segments),
		TEST(test_an_unknown_document_may_have_anything),
		TEST(test_a_reader_sees_one_moment),
		TEST(test_who_goes_on_finds_the_same),
		TEST(test_it_is_rebuilt_behind_the_one_that_serves),
		TEST(test_a_long_log_is_emptied),
		TEST(test_damage_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
