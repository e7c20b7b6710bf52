#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/known.h"

static struct world {
	char folder[64];
	struct directory *directory; /* as auth has it open */
	struct directory *other;     /* as the command line has */
	struct known *known;
	uint64_t anna;
} world;

static int
set_up(void **state)
{
	struct directory_options o = { .path = world.folder,
		.create = true,
		.costs = { 8192, 1, 1, 4096 } };
	struct secret s;

	(void)state;
	world = (struct world){ .folder = "/tmp/newel-known-XXXXXX" };
	assert_non_null(mkdtemp(world.folder));
	assert_ok(directory_open(&o, &world.directory));
	assert_ok(directory_open(&o, &world.other));
	assert_ok(secret_make(&o.costs, SPAN("secret"), &s));
	assert_ok(directory_add(world.other, SPAN("anna"), &s, &world.anna));
	world.known = known_new(world.directory);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "directory.db", "directory.db-wal",
		"directory.db-shm" };
	char path[100];

	(void)state;
	known_free(&world.known);
	directory_close(&world.directory);
	directory_close(&world.other);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", world.folder, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(world.folder), 0);
	return 0;
}

static void
an_account_is_as_it_was_until_a_change_is_told(void **state)
{
	struct account a;

	(void)state;
	assert_ok(known_find(world.known, 0, SPAN("Anna"), &a));
	assert_int_equal(a.id, world.anna);
	assert_ok(known_find_id(world.known, 0, world.anna, &a));
	assert_string_equal(a.name, "anna");

	assert_ok(directory_set_enabled(world.other, world.anna, false));
	assert_ok(known_find(world.known, 0, SPAN("Anna"), &a));
	assert_true(a.enabled);
	assert_ok(known_find_id(world.known, 0, world.anna, &a));
	assert_true(a.enabled);
	assert_ok(known_find(world.known, 1, SPAN("Anna"), &a));
	assert_false(a.enabled);
	assert_ok(known_find_id(world.known, 1, world.anna, &a));
	assert_false(a.enabled);

	assert_ok(directory_delete(world.other, world.anna));
	assert_int_equal(known_find(world.known, 2, SPAN("Anna"), &a),
	    ST_NOTFOUND);
	assert_int_equal(known_find_id(world.known, 2, world.anna, &a),
	    ST_NOTFOUND);
}

static void
who_was_not_there_is_looked_for_again(void **state)
{
	struct account a;
	struct secret s;
	uint64_t id;

	(void)state;
	assert_int_equal(known_find(world.known, 0, SPAN("bert"), &a),
	    ST_NOTFOUND);
	assert_ok(secret_make(&(struct secret_costs){ 8192, 1, 1, 4096 },
	    SPAN("secret"), &s));
	assert_ok(directory_add(world.other, SPAN("bert"), &s, &id));
	assert_ok(known_find(world.known, 0, SPAN("bert"), &a));
	assert_int_equal(a.id, id);
}

/* A name may be as long as a number, and have its bytes. */
static void
a_name_is_no_number(void **state)
{
	struct account a;

	(void)state;
	assert_ok(known_find_id(world.known, 0, world.anna, &a));
	assert_int_not_equal(known_find(world.known, 0,
				 span_of(&world.anna, sizeof(world.anna)), &a),
	    ST_OK);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_account_is_as_it_was_until_a_change_is_told),
		TEST(who_was_not_there_is_looked_for_again),
		TEST(a_name_is_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
