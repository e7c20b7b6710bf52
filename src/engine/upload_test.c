#include "base/test.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/upload.h"

#define FOLDER "/tmp"

static const struct log quiet;

/* Bytes that say which message they are of, and where. */
static struct span
bytes_of(unsigned char *p, unsigned message, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)((size_t)message * 31 + i % 251);
	return span_of(p, n);
}

static void
add_in_parts(struct upload *u, struct span s)
{
	while (s.n > 0) {
		struct span part = span_head(s, 10000);

		assert_int_equal(upload_add(u, part), ST_OK);
		s = span_from(s, part.n);
	}
}

/* What is too long, and what waited in front of it, goes to the file. */
static void
messages_come_back_as_they_were(void **state)
{
	static const struct {
		size_t bytes;
		size_t here; /* messages in memory when it ends */
	} cases[] = {
		{ 3000, 1 },
		{ UPLOAD_MEMORY - 1000, 1 },
		{ 0, 2 },
		{ 900, 3 },
		{ 5000, 1 }, /* those before it make room */
		{ UPLOAD_MEMORY, 1 },
		{ UPLOAD_MEMORY + 1, 0 },
		{ (size_t)2 * UPLOAD_MEMORY, 0 },
		{ 70000, 1 },
	};
	struct upload *u = upload_new(FOLDER, &quiet);
	unsigned char *p = mem_alloc((size_t)2 * UPLOAD_MEMORY);
	struct span got;

	(void)state;
	for (unsigned i = 0; i < COUNT(cases); i++) {
		add_in_parts(u, bytes_of(p, i, cases[i].bytes));
		upload_end_message(u);
		assert_int_equal(upload_here(u), cases[i].here);
		assert_int_equal(upload_count(u), i + 1);
	}
	for (unsigned i = 0; i < COUNT(cases); i++) {
		assert_int_equal(upload_message(u, i, &got), ST_OK);
		assert_true(span_eq(got, bytes_of(p, i, cases[i].bytes)));
	}
	free(p);
	upload_free(&u);
}

static void
assert_taken(const struct upload_taken *t, size_t i, struct span want)
{
	assert_true(span_eq(upload_taken_message(t, i), want));
}

/* They are gone and count; the others are as before. */
static void
what_is_in_memory_can_be_taken_away(void **state)
{
	enum { SHORT = 5000, LONG = UPLOAD_MEMORY + 5 };
	struct upload *u = upload_new(FOLDER, &quiet);
	unsigned char *p = mem_alloc(LONG);
	struct upload_taken t;
	struct span got;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		add_in_parts(u, bytes_of(p, i, SHORT));
		upload_end_message(u);
	}
	assert_int_equal(upload_here_bytes(u), 3 * SHORT);
	upload_take(u, &t);
	assert_int_equal(t.first, 0);
	assert_int_equal(t.n, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_taken(&t, i, bytes_of(p, i, SHORT));
	upload_taken_clear(&t);
	assert_int_equal(upload_here(u), 0);

	add_in_parts(u, bytes_of(p, 3, LONG));
	upload_end_message(u);
	for (unsigned i = 4; i < 6; i++) {
		add_in_parts(u, bytes_of(p, i, SHORT));
		upload_end_message(u);
	}
	upload_take(u, &t);
	assert_int_equal(t.first, 4);
	assert_int_equal(t.n, 2);
	assert_taken(&t, 0, bytes_of(p, 4, SHORT));
	assert_taken(&t, 1, bytes_of(p, 5, SHORT));
	upload_taken_clear(&t);

	add_in_parts(u, bytes_of(p, 6, SHORT));
	upload_end_message(u);
	assert_int_equal(upload_count(u), 7);
	assert_int_equal(upload_bytes(u), 6 * SHORT + LONG);
	assert_int_equal(upload_message(u, 3, &got), ST_OK);
	assert_true(span_eq(got, bytes_of(p, 3, LONG)));
	assert_int_equal(upload_message(u, 6, &got), ST_OK);
	assert_true(span_eq(got, bytes_of(p, 6, SHORT)));
	free(p);
	upload_free(&u);
}

static void
a_folder_that_is_not_there_fails_what_is_long(void **state)
{
	struct upload *u = upload_new("/nowhere/at/all", &quiet);
	unsigned char *p = mem_alloc((size_t)UPLOAD_MEMORY + 1);
	struct span got;

	(void)state;
	assert_int_equal(upload_add(u, bytes_of(p, 0, UPLOAD_MEMORY)), ST_OK);
	upload_end_message(u);
	assert_int_equal(upload_here(u), 1);
	assert_int_equal(upload_add(u, bytes_of(p, 1, 1)), ST_IO);
	upload_end_message(u);
	assert_int_equal(upload_here(u), 0);
	assert_int_equal(upload_message(u, 0, &got), ST_IO);
	free(p);
	upload_free(&u);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_back_as_they_were),
		cmocka_unit_test(what_is_in_memory_can_be_taken_away),
		cmocka_unit_test(a_folder_that_is_not_there_fails_what_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
