#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/folders.h"

static char dir[64];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/newel-folders-XXXXXX");
	return mkdtemp(dir) != NULL ? chmod(dir, 0755) : -1;
}

static int
remove_dir(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static const struct config *
settings(const char *user)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	const struct config *c = NULL;
	char file[128];
	char text[128];

	snprintf(file, sizeof(file), "%s/newel.conf", dir);
	snprintf(text, sizeof(text),
	    "instance { data = data run = run user = %s }", user);
	assert_ok(config_parse(span_str(text), file, &c, &problems));
	return c;
}

/* The problems, as text; "" if there are none. */
static const char *
after(enum status (*fn)(const struct config *c, struct buf *problems),
    const struct config *c)
{
	static char text[4096];
	CLEANUP(buf_clear) struct buf problems = { 0 };
	enum status st = fn(c, &problems);

	assert_int_equal(st, problems.n == 0 ? ST_OK : ST_BAD);
	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(buf_span(&problems)));
	return text;
}

static void
what_is_missing_is_made_but_not_the_data(void **state)
{
	CLEANUP(config_unref) const struct config *c = settings("nobody");
	struct stat st;

	(void)state;
	assert_non_null(strstr(after(folders_make, c),
	    "/data: there is no such folder: \"newel init\" makes"));
	assert_non_null(strstr(after(folders_check, c), "/data: No such file"));
	assert_int_equal(mkdir(c->instance.data, 0755), 0);
	assert_string_equal(after(folders_check, c), "");
	assert_string_equal(after(folders_make, c), "");
	assert_string_equal(after(folders_make, c), "");
	assert_string_equal(after(folders_check, c), "");

	assert_int_equal(stat(c->instance.mail, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(c->instance.empty, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0555);
}

static void
what_the_processes_cannot_use_is_named(void **state)
{
	CLEANUP(config_unref) const struct config *c = settings("nobody");

	(void)state;
	assert_int_equal(mkdir(c->instance.data, 0755), 0);
	assert_string_equal(after(folders_make, c), "");

	assert_int_equal(chmod(c->instance.mail, 0500), 0);
	assert_non_null(strstr(after(folders_check, c),
	    "/data/mail: its owner may not use it: \"chmod u+rwx "));
	assert_int_equal(rmdir(c->instance.directory), 0);
	assert_int_equal(mknod(c->instance.directory, S_IFREG | 0600, 0), 0);
	assert_non_null(strstr(after(folders_check, c),
	    "/data/directory: is not a folder"));
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(c->instance.mail, 0700), 0);
	assert_int_equal(chown(c->instance.mail, 1, 1), 0);
	assert_non_null(strstr(after(folders_check, c),
	    "/data/mail: belongs to another user: \"chown -R "));
}

static void
roots_processes_need_a_user_that_is_not_root(void **state)
{
	CLEANUP(config_unref) const struct config *c = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	c = settings("no-such-user");
	assert_non_null(strstr(after(folders_make, c),
	    "instance.user: there is no user \"no-such-user\": make it with"));
	config_unref(&c);
	c = settings("root");
	assert_non_null(strstr(after(folders_make, c),
	    "instance.user: \"root\" is root: name a user without rights"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_is_missing_is_made_but_not_the_data, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    what_the_processes_cannot_use_is_named, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(
		    roots_processes_need_a_user_that_is_not_root, make_dir,
		    remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
