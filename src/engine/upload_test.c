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

static void
a_short_message_is_in_memory_when_it_ends(void **state)
{
	static const struct {
		size_t bytes;
		bool in_memory;
	} cases[] = {
		{ 3000, true },
		{ UPLOAD_MEMORY - 1000, true },
		{ 5000, true }, /* those before it make room */
		{ 0, true },
		{ UPLOAD_MEMORY, true },
		{ UPLOAD_MEMORY + 1, false },
		{ (size_t)2 * UPLOAD_MEMORY, false },
		{ 70000, true },
	};
	struct upload *u = upload_new(FOLDER, &quiet);
	unsigned char *p = mem_alloc((size_t)2 * UPLOAD_MEMORY);
	struct span got;

	(void)state;
	for (unsigned i = 0; i < COUNT(cases); i++) {
		struct span want = bytes_of(p, i, cases[i].bytes);

		add_in_parts(u, want);
		assert_int_equal(upload_end_message(u, &got),
		    cases[i].in_memory);
		if (cases[i].in_memory)
			assert_true(span_eq(got, want));
		assert_int_equal(upload_count(u), i + 1);
	}
	for (unsigned i = 0; i < COUNT(cases); i++) {
		assert_int_equal(upload_message(u, i, &got), ST_OK);
		assert_true(span_eq(got, bytes_of(p, i, cases[i].bytes)));
	}
	free(p);
	upload_free(&u);
}

/* Of those that are forgotten no bytes are left; the others are as before. */
static void
what_is_forgotten_takes_no_room(void **state)
{
	enum { MESSAGES = 100, BYTES = 10000 };
	struct upload *u = upload_new("/nowhere/at/all", &quiet);
	unsigned char *p = mem_alloc(BYTES);
	struct span got;

	(void)state;
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct span want = bytes_of(p, i, BYTES);

		add_in_parts(u, want);
		assert_true(upload_end_message(u, &got));
		assert_true(span_eq(got, want));
		if (i % 10 != 5)
			upload_forget(u);
	}
	assert_int_equal(upload_count(u), MESSAGES);
	assert_int_equal(upload_bytes(u), MESSAGES * BYTES);
	for (unsigned i = 0; i < MESSAGES; i++) {
		assert_int_equal(upload_message(u, i, &got), ST_OK);
		assert_true(
		    span_eq(got, bytes_of(p, i, i % 10 == 5 ? BYTES : 0)));
	}
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
	assert_true(upload_end_message(u, &got));
	assert_int_equal(upload_add(u, bytes_of(p, 1, 1)), ST_IO);
	assert_false(upload_end_message(u, &got));
	assert_int_equal(upload_message(u, 0, &got), ST_IO);
	free(p);
	upload_free(&u);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_message_is_in_memory_when_it_ends),
		cmocka_unit_test(what_is_forgotten_takes_no_room),
		cmocka_unit_test(a_folder_that_is_not_there_fails_what_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
