#include "base/test.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "directory/directory.h"

static const struct secret_costs cheap = { 8, 1, 1, 4096 };

/* A folder, and the directory in it as two programs have it open. */
struct world {
	char folder[64];
	struct directory *d;
	struct directory *other;
	struct buf lines; /* of the log */
};

static struct world world;

static void
keep_line(const char *line, size_t n)
{
	buf_add(&world.lines, span_of(line, n));
}

static enum status
open_it(bool create, struct directory **out)
{
	struct directory_options o = { .path = world.folder,
		.create = create,
		.costs = cheap };

	return directory_open(&o, out);
}

static int
set_up(void **state)
{
	(void)state;
	log_set_sink(keep_line);
	world = (struct world){ .folder = "/tmp/newel-directory-XXXXXX" };
	if (mkdtemp(world.folder) == NULL)
		return -1;
	return open_it(true, &world.d) == ST_OK &&
	               open_it(false, &world.other) == ST_OK
	           ? 0
	           : -1;
}

static char *
path_of(const char *suffix)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/directory.db%s", world.folder, suffix);
	return path;
}

static int
tear_down(void **state)
{
	(void)state;
	directory_close(&world.d);
	directory_close(&world.other);
	unlink(path_of(""));
	unlink(path_of("-wal"));
	unlink(path_of("-shm"));
	buf_clear(&world.lines);
	log_set_sink(NULL);
	return rmdir(world.folder);
}

static bool
logged(const char *event)
{
	buf_byte(&world.lines, '\0');
	world.lines.n--;
	return strstr((const char *)world.lines.p, event) != NULL;
}

static uint64_t
add(const char *name, const char *password)
{
	struct secret s;
	uint64_t id = 0;

	assert_ok(secret_make(&cheap, span_str(password), &s));
	assert_ok(directory_add(world.d, span_str(name), &s, &id));
	assert_int_not_equal(id, 0);
	return id;
}

static struct account
find(const char *name)
{
	struct account a = { 0 };

	assert_ok(directory_find(world.d, span_str(name), &a));
	return a;
}

static void
run_sql(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path_of(""), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
an_added_account_is_found_by_name_and_id(void **state)
{
	uint64_t id = add("Anna@Example.org", "secret");
	int64_t now = clock_wall();
	struct account a;

	(void)state;
	assert_ok(directory_find(world.other, SPAN("anna@EXAMPLE.org"), &a));
	assert_int_equal(a.id, id);
	assert_string_equal(a.name, "anna@example.org");
	assert_true(a.enabled);
	assert_int_equal(a.quota_bytes, 0);
	assert_int_equal(a.quota_messages, 0);
	assert_in_range(a.created_wall, now - 60, now);
	assert_int_equal(a.last_login_wall, 0);
	assert_ok(directory_find_id(world.other, id, &a));
	assert_string_equal(a.name, "anna@example.org");
}

static void
what_is_not_there_is_not_found(void **state)
{
	struct account a = { .id = 99 };

	(void)state;
	assert_int_equal(directory_find(world.d, SPAN("bob"), &a), ST_NOTFOUND);
	assert_int_equal(directory_find(world.d, SPAN("a b"), &a), ST_NOTFOUND);
	assert_int_equal(directory_find_id(world.d, 1, &a), ST_NOTFOUND);
	assert_int_equal(directory_set_enabled(world.d, 1, true), ST_NOTFOUND);
	assert_int_equal(directory_set_quota(world.d, 1, 1, 1), ST_NOTFOUND);
	assert_int_equal(directory_delete(world.d, 1), ST_NOTFOUND);
	assert_int_equal(directory_set_secret(world.d, 1,
			     &(struct secret){ 0 }),
	    ST_NOTFOUND);
	assert_int_equal(directory_certificate_add(world.d, 1, SPAN("x")),
	    ST_NOTFOUND);
	assert_int_equal(directory_certificate_remove(world.d, SPAN("x")),
	    ST_NOTFOUND);
	assert_int_equal(a.id, 99);
}

static void
a_name_is_added_once(void **state)
{
	uint64_t id = 99;

	(void)state;
	add("anna", "secret");
	assert_int_equal(directory_add(world.other, SPAN("ANNA"), NULL, &id),
	    ST_EXISTS);
	assert_int_equal(directory_add(world.other, SPAN("an na"), NULL, &id),
	    ST_BAD);
	assert_int_equal(id, 99);
}

static void
ids_are_never_used_again(void **state)
{
	uint64_t first = add("anna", "secret");

	(void)state;
	assert_ok(directory_delete(world.d, first));
	assert_true(add("anna", "secret") > first);
}

struct names {
	struct buf text;
	size_t most;
};

static bool
keep_name(void *ctx, const struct account *a)
{
	struct names *n = ctx;

	buf_printf(&n->text, "%s ", a->name);
	return --n->most > 0;
}

static void
accounts_are_listed_by_prefix_in_order(void **state)
{
	static const struct {
		const char *prefix;
		size_t most;
		const char *names;
	} cases[] = {
		{ "", 99, "anna bob boris bozo@x cy " },
		{ "bo", 99, "bob boris bozo@x " },
		{ "bo", 2, "bob boris " },
		{ "z", 99, "" },
	};

	(void)state;
	add("bozo@x", "s");
	add("cy", "s");
	add("boris", "s");
	add("anna", "s");
	add("bob", "s");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct names n = { .most = cases[i].most };

		assert_ok(directory_list(world.d, span_str(cases[i].prefix),
		    keep_name, &n));
		buf_byte(&n.text, '\0');
		assert_string_equal(n.text.p, cases[i].names);
		buf_clear(&n.text);
	}
}

static void
only_the_right_password_passes(void **state)
{
	uint64_t id = add("anna", "secret");
	struct account a = { 0 };

	(void)state;
	assert_ok(
	    directory_check(world.other, SPAN("ANNA"), SPAN("secret"), &a));
	assert_int_equal(a.id, id);
	a.id = 99;
	assert_int_equal(directory_check(world.other, SPAN("anna"),
			     SPAN("Secret"), &a),
	    ST_DENIED);
	assert_int_equal(directory_check(world.other, SPAN("bob"),
			     SPAN("secret"), &a),
	    ST_NOTFOUND);
	assert_int_equal(directory_check(world.other, SPAN(""), SPAN(""), &a),
	    ST_NOTFOUND);
	assert_int_equal(a.id, 99);
}

static void
an_account_without_a_secret_has_no_password(void **state)
{
	struct account a;
	uint64_t id;

	(void)state;
	assert_ok(directory_add(world.d, SPAN("anna"), NULL, &id));
	assert_int_equal(directory_check(world.d, SPAN("anna"), SPAN(""), &a),
	    ST_DENIED);
}

static void
a_new_password_replaces_the_old_one(void **state)
{
	uint64_t id = add("anna", "old"), got;
	struct scram_keys was, is;
	struct account a;
	struct secret s;

	(void)state;
	assert_ok(
	    directory_scram(world.d, SPAN("anna"), SCRAM_SHA1, &was, &got));
	assert_ok(secret_make(&cheap, SPAN("new"), &s));
	assert_ok(directory_set_secret(world.other, id, &s));
	assert_int_equal(directory_check(world.d, SPAN("anna"), SPAN("old"),
			     &a),
	    ST_DENIED);
	assert_ok(directory_check(world.d, SPAN("anna"), SPAN("new"), &a));
	assert_ok(
	    directory_scram(world.d, SPAN("anna"), SCRAM_SHA1, &is, &got));
	assert_memory_not_equal(&was, &is, sizeof(was));
}

static void
disabled_accounts_say_so(void **state)
{
	uint64_t id = add("anna", "secret");
	struct account a;

	(void)state;
	assert_ok(directory_set_enabled(world.d, id, false));
	assert_ok(directory_check(world.d, SPAN("anna"), SPAN("secret"), &a));
	assert_false(a.enabled);
	assert_ok(directory_set_enabled(world.d, id, true));
	assert_true(find("anna").enabled);
}

static void
quotas_are_kept_up_to_none_at_all(void **state)
{
	uint64_t id = add("anna", "secret");

	(void)state;
	assert_ok(directory_set_quota(world.d, id, 1000, UINT64_MAX));
	assert_int_equal(find("anna").quota_bytes, 1000);
	assert_true(find("anna").quota_messages == ACCOUNT_NO_QUOTA);
}

static void
an_imported_hash_is_upgraded_by_the_first_good_login(void **state)
{
	static const struct span hash = SPAN_INIT(
	    "{SHA256-CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
	    "GNooZaBBGWEc5");
	struct scram_keys keys;
	struct account a;
	struct secret s;
	uint64_t id, scram_id;

	(void)state;
	assert_ok(secret_import(&cheap, hash, &s));
	assert_ok(directory_add(world.d, SPAN("anna"), &s, &id));
	assert_ok(directory_scram(world.d, SPAN("anna"), SCRAM_SHA256, &keys,
	    &scram_id));
	assert_int_equal(scram_id, 0);

	assert_int_equal(directory_check(world.d, SPAN("anna"), SPAN("wrong"),
			     &a),
	    ST_DENIED);
	assert_false(logged("account.password.upgraded"));
	assert_ok(
	    directory_check(world.d, SPAN("anna"), SPAN("Hello world!"), &a));
	assert_true(logged("account.password.upgraded"));
	assert_false(logged("Hello"));

	assert_ok(directory_scram(world.d, SPAN("anna"), SCRAM_SHA256, &keys,
	    &scram_id));
	assert_int_equal(scram_id, id);
	buf_reset(&world.lines);
	assert_ok(
	    directory_check(world.d, SPAN("anna"), SPAN("Hello world!"), &a));
	assert_false(logged("account.password.upgraded"));
}

static void
new_costs_upgrade_a_hash(void **state)
{
	struct secret_costs more = { 16, 1, 1, 4096 };
	struct account a;

	(void)state;
	add("anna", "secret");
	directory_set_costs(world.d, &more);
	assert_ok(directory_check(world.d, SPAN("anna"), SPAN("secret"), &a));
	assert_true(logged("account.password.upgraded"));
}

static void
scram_keys_are_those_of_the_password(void **state)
{
	uint64_t id = add("anna", "secret"), got;
	struct scram_keys keys, again;

	(void)state;
	for (int h = 0; h < SCRAM_HASHES; h++) {
		assert_ok(directory_scram(world.other, SPAN("Anna"),
		    (enum scram_hash)h, &keys, &got));
		assert_int_equal(got, id);
		again = keys;
		scram_derive((enum scram_hash)h, SPAN("secret"), &again);
		assert_memory_equal(&keys, &again, sizeof(keys));
	}
}

static void
strangers_have_a_salt_that_stays(void **state)
{
	struct scram_keys a, b;
	uint64_t id = 99;

	(void)state;
	assert_ok(directory_scram(world.d, SPAN("Bob"), SCRAM_SHA1, &a, &id));
	assert_int_equal(id, 0);
	assert_int_equal(a.salt_n, 16);
	assert_int_equal(a.iterations, 4096);
	assert_ok(
	    directory_scram(world.other, SPAN("bob"), SCRAM_SHA1, &b, &id));
	assert_memory_equal(a.salt, b.salt, 16);
	assert_ok(directory_scram(world.d, SPAN("bob"), SCRAM_SHA256, &b, &id));
	assert_memory_not_equal(a.salt, b.salt, 16);
	assert_ok(directory_scram(world.d, SPAN("boc"), SCRAM_SHA1, &b, &id));
	assert_memory_not_equal(a.salt, b.salt, 16);
	assert_ok(
	    directory_scram(world.d, SPAN("no name"), SCRAM_SHA1, &b, &id));
	assert_int_equal(id, 0);
}

static bool
keep_certificate(void *ctx, struct span certificate)
{
	buf_printf(ctx, "%.*s;", SPAN_ARG(certificate));
	return true;
}

static void
certificates_belong_to_accounts(void **state)
{
	uint64_t anna = add("anna", "s"), bob = add("bob@x", "s");
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct account a;

	(void)state;
	assert_ok(directory_certificate_add(world.d, anna, SPAN("CN=Phone")));
	assert_ok(directory_certificate_add(world.d, anna, SPAN("bob@x")));
	assert_int_equal(directory_certificate_add(world.d, bob,
			     SPAN("CN=Phone")),
	    ST_EXISTS);
	assert_int_equal(directory_certificate_add(world.d, bob, SPAN("")),
	    ST_BAD);
	assert_ok(
	    directory_find_certificate(world.other, SPAN("CN=Phone"), &a));
	assert_int_equal(a.id, anna);
	assert_ok(
	    directory_certificates(world.d, anna, keep_certificate, &text));
	assert_span(buf_span(&text), "CN=Phone;bob@x;");

	/* given to another, it is no longer that of its name */
	assert_ok(directory_find_certificate(world.d, SPAN("bob@x"), &a));
	assert_int_equal(a.id, anna);
	assert_ok(directory_certificate_remove(world.d, SPAN("bob@x")));
	assert_ok(directory_find_certificate(world.d, SPAN("bob@x"), &a));
	assert_int_equal(a.id, bob);

	assert_ok(directory_delete(world.d, anna));
	assert_int_equal(directory_find_certificate(world.d, SPAN("CN=Phone"),
			     &a),
	    ST_NOTFOUND);
	assert_int_equal(directory_find_certificate(world.d, SPAN(""), &a),
	    ST_NOTFOUND);
}

static void
logins_are_noted_once_an_hour(void **state)
{
	uint64_t ids[] = { add("anna", "s"), 999, add("bob", "s") };

	(void)state;
	assert_ok(directory_seen(world.other, ids, 2, 100000));
	assert_ok(directory_seen(world.other, ids, 3, 103599));
	assert_int_equal(find("anna").last_login_wall, 100000);
	assert_int_equal(find("bob").last_login_wall, 103599);
	assert_ok(directory_seen(world.other, ids, 3, 103600));
	assert_int_equal(find("anna").last_login_wall, 103600);
}

static void
keep_change(void *ctx, uint64_t id, enum directory_change c)
{
	buf_printf(ctx, "%llu%c ", (unsigned long long)id,
	    c == CHANGE_LOGIN ? '!' : '.');
}

static struct buf
polled(void)
{
	struct buf b = { 0 };

	assert_ok(directory_poll(world.other, keep_change, &b));
	return b;
}

static void
a_poll_tells_what_the_other_side_changed(void **state)
{
	CLEANUP(buf_clear) struct buf first = polled(), b = { 0 }, c = { 0 };
	uint64_t anna = add("anna", "s"), bob = add("bob", "s");
	struct secret s = { 0 };
	struct account a;

	(void)state;
	assert_int_equal(first.n, 0);
	assert_int_equal(anna, 1);
	assert_int_equal(bob, 2);
	assert_ok(directory_set_quota(world.d, anna, 1, 1));
	assert_ok(directory_set_enabled(world.d, bob, false));
	assert_ok(directory_certificate_add(world.d, bob, SPAN("x")));
	assert_ok(directory_certificate_remove(world.d, SPAN("x")));
	assert_ok(directory_set_secret(world.d, anna, &s));
	assert_ok(directory_delete(world.d, bob));
	b = polled();
	assert_span(buf_span(&b), "1. 2! 2. 2! 1! 2! ");

	/* an upgrade and a login change nothing for others */
	assert_ok(secret_import(&cheap,
	    SPAN("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/"
		 "GNooZaBBGWEc5"),
	    &s));
	assert_ok(directory_add(world.d, SPAN("cy"), &s, &anna));
	assert_ok(
	    directory_check(world.d, SPAN("cy"), SPAN("Hello world!"), &a));
	assert_ok(directory_seen(world.d, &anna, 1, 100000));
	c = polled();
	assert_int_equal(c.n, 0);
}

static void
the_first_poll_tells_of_the_last_ten_minutes(void **state)
{
	uint64_t anna = add("anna", "s"), bob = add("bob", "s");
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	assert_ok(directory_set_enabled(world.d, anna, false));
	run_sql("UPDATE change SET time = time - 601");
	assert_ok(directory_set_enabled(world.d, bob, false));
	directory_close(&world.other);
	assert_ok(open_it(false, &world.other));
	b = polled();
	assert_span(buf_span(&b), "2! ");
	assert_ok(directory_rewind(world.other));
	buf_clear(&b);
	b = polled();
	assert_span(buf_span(&b), "2! ");
}

static void
changes_of_yesterday_are_forgotten(void **state)
{
	uint64_t anna = add("anna", "s");
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	assert_ok(directory_set_enabled(world.d, anna, false));
	run_sql("UPDATE change SET time = time - 86401");
	assert_ok(directory_set_enabled(world.d, anna, true));
	b = polled();
	assert_span(buf_span(&b), "1! ");
}

static void
a_directory_is_made_only_if_asked_for(void **state)
{
	struct directory *d = NULL;

	(void)state;
	tear_down(state);
	assert_int_equal(mkdir(world.folder, 0700), 0);
	assert_int_equal(open_it(false, &d), ST_NOTFOUND);
	assert_null(d);
	assert_ok(open_it(true, &world.d));
	log_set_sink(keep_line);
}

static void
the_file_is_for_its_user_alone(void **state)
{
	static const char *const files[] = { "", "-wal", "-shm" };
	struct stat info;

	(void)state;
	add("anna", "s");
	for (size_t i = 0; i < COUNT(files); i++) {
		assert_int_equal(stat(path_of(files[i]), &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
	}
}

static void
a_newer_format_is_refused(void **state)
{
	struct directory *d = NULL;

	(void)state;
	run_sql("PRAGMA user_version = 99");
	assert_int_equal(open_it(false, &d), ST_BAD);
	assert_null(d);
	assert_true(logged("database.format.newer"));
	run_sql("PRAGMA user_version = 1");
}

static void
what_is_no_database_is_corrupt(void **state)
{
	struct directory *d = NULL;
	FILE *f;

	(void)state;
	tear_down(state);
	log_set_sink(keep_line);
	assert_int_equal(mkdir(world.folder, 0700), 0);
	f = fopen(path_of(""), "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", f);
	fclose(f);
	assert_int_equal(open_it(true, &d), ST_CORRUPT);
	assert_null(d);
}

static void
a_sound_directory_verifies(void **state)
{
	(void)state;
	add("anna", "s");
	assert_ok(directory_verify(world.d));
	run_sql("INSERT INTO certificate VALUES ('x', 77)");
	assert_int_equal(directory_verify(world.d), ST_CORRUPT);
	assert_true(logged("directory.database.corrupt"));
}

static void
a_missing_table_is_an_error_that_is_logged(void **state)
{
	struct account a;

	(void)state;
	add("anna", "s");
	run_sql("DROP TABLE certificate");
	assert_int_equal(directory_find_certificate(world.d, SPAN("x"), &a),
	    ST_IO);
	assert_true(logged("database.failed"));
	assert_ok(directory_find(world.d, SPAN("anna"), &a));
}

/* Half of a change must not stay when the other half fails. */
static void
a_failed_change_changes_nothing(void **state)
{
	uint64_t id = add("anna", "old");
	struct account a;
	struct secret s;

	(void)state;
	run_sql("DROP TABLE change");
	assert_ok(secret_make(&cheap, SPAN("new"), &s));
	assert_int_equal(directory_set_secret(world.d, id, &s), ST_IO);
	assert_int_equal(directory_delete(world.d, id), ST_IO);
	assert_ok(directory_check(world.d, SPAN("anna"), SPAN("old"), &a));
	assert_int_equal(directory_add(world.d, SPAN("anna"), &s, &id),
	    ST_EXISTS);
}

#define WRITERS 4
#define EACH    8

static void *
write_many(void *arg)
{
	struct directory *d = NULL;
	enum status st = open_it(false, &d);
	uint64_t id;
	char name[20];

	for (int i = 0; st == ST_OK && i < EACH; i++) {
		snprintf(name, sizeof(name), "%s%d", (const char *)arg, i);
		st = directory_add(d, span_str(name), NULL, &id);
	}
	directory_close(&d);
	return st == ST_OK ? arg : NULL;
}

static bool
count(void *ctx, const struct account *a)
{
	(void)a;
	++*(size_t *)ctx;
	return true;
}

static void
many_may_write_at_once(void **state)
{
	static char names[WRITERS][2] = { "a", "b", "c", "d" };
	pthread_t threads[WRITERS];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many,
				     names[i]),
		    0);
	for (size_t i = 0; i < WRITERS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
	assert_ok(directory_list(world.d, SPAN(""), count, &n));
	assert_int_equal(n, WRITERS * EACH);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_added_account_is_found_by_name_and_id),
		TEST(what_is_not_there_is_not_found),
		TEST(a_name_is_added_once),
		TEST(ids_are_never_used_again),
		TEST(accounts_are_listed_by_prefix_in_order),
		TEST(only_the_right_password_passes),
		TEST(an_account_without_a_secret_has_no_password),
		TEST(a_new_password_replaces_the_old_one),
		TEST(disabled_accounts_say_so),
		TEST(quotas_are_kept_up_to_none_at_all),
		TEST(an_imported_hash_is_upgraded_by_the_first_good_login),
		TEST(new_costs_upgrade_a_hash),
		TEST(scram_keys_are_those_of_the_password),
		TEST(strangers_have_a_salt_that_stays),
		TEST(certificates_belong_to_accounts),
		TEST(logins_are_noted_once_an_hour),
		TEST(a_poll_tells_what_the_other_side_changed),
		TEST(the_first_poll_tells_of_the_last_ten_minutes),
		TEST(changes_of_yesterday_are_forgotten),
		TEST(a_directory_is_made_only_if_asked_for),
		TEST(the_file_is_for_its_user_alone),
		TEST(a_newer_format_is_refused),
		TEST(what_is_no_database_is_corrupt),
		TEST(a_sound_directory_verifies),
		TEST(a_missing_table_is_an_error_that_is_logged),
		TEST(a_failed_change_changes_nothing),
		TEST(many_may_write_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
