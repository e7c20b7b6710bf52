#include "base/test.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service/passage.h"

#define NOBODY 65534

/* Only root has a home that others may not pass, and can do about it. */
#define NEEDS_ROOT() \
	do { \
		if (!passage_possible()) \
			skip(); \
	} while (0)

struct place {
	char dir[64]; /* nobody else may pass it */
	char secret[80];
	char data[80];
	char mail[96]; /* of the user NOBODY */
	struct user user;
	const struct config *config;
};

static struct place
place_new(void)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	struct place p = { .dir = "/tmp/newel-passage-XXXXXX",
		.user = { "nobody", NOBODY, NOBODY } };
	char file[80];
	FILE *f;

	assert_non_null(mkdtemp(p.dir));
	snprintf(p.secret, sizeof(p.secret), "%s/secret", p.dir);
	snprintf(p.data, sizeof(p.data), "%s/data", p.dir);
	snprintf(p.mail, sizeof(p.mail), "%s/mail", p.data);
	snprintf(file, sizeof(file), "%s/newel.conf", p.dir);
	f = fopen(p.secret, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(mkdir(p.data, 0755), 0);
	assert_int_equal(mkdir(p.mail, 0700), 0);
	assert_int_equal(chown(p.mail, NOBODY, NOBODY), 0);
	assert_ok(config_parse(SPAN("instance { data = data run = /run }"),
	    file, &p.config, &problems));
	return p;
}

static void
place_free(struct place *p)
{
	char command[80];

	config_unref(&p->config);
	snprintf(command, sizeof(command), "rm -r %s", p->dir);
	assert_int_equal(system(command), 0);
}

/* Calls fn as the user in a process of its own; gives its result. */
static int
as_user(const struct place *p, bool with_passage,
    int (*fn)(const struct place *p))
{
	int code = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (with_passage && passage_open(p->config, &p->user) != ST_OK)
			_exit(100);
		if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 ||
		    setuid(NOBODY) != 0)
			_exit(101);
		_exit(fn(p));
	}
	assert_int_equal(waitpid(pid, &code, 0), pid);
	return WEXITSTATUS(code);
}

static int
writes(const struct place *p)
{
	char path[112];
	int fd;

	snprintf(path, sizeof(path), "%s/file", p->mail);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return fd != -1 && write(fd, "x", 1) == 1 ? 0 : 1;
}

static int
sees_secret(const struct place *p)
{
	return access(p->secret, F_OK) == 0 ? 0 : 1;
}

static void
the_data_can_be_reached_and_nothing_beside_it(void **state)
{
	struct place p;
	struct stat st;
	char path[112];

	(void)state;
	NEEDS_ROOT();
	p = place_new();
	assert_int_equal(as_user(&p, false, writes), 1);
	assert_int_equal(as_user(&p, true, writes), 0);
	assert_int_equal(as_user(&p, true, sees_secret), 1);

	/* it was the real folder, and for us nothing has changed */
	snprintf(path, sizeof(path), "%s/file", p.mail);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(stat(p.secret, &st), 0);
	place_free(&p);
}

static void
a_folder_in_the_way_is_found(void **state)
{
	const struct user root = { "root", 0, 0 };
	char block[LIMIT_PATH];
	struct place p;

	(void)state;
	NEEDS_ROOT();
	p = place_new();
	assert_true(passage_blocked(p.mail, &p.user, block));
	assert_string_equal(block, p.dir);
	assert_false(passage_blocked(p.mail, &root, block));
	assert_false(passage_blocked("/tmp/x", &p.user, block));
	assert_int_equal(chmod(p.dir, 0711), 0);
	assert_false(passage_blocked(p.mail, &p.user, block));
	place_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_data_can_be_reached_and_nothing_beside_it),
		cmocka_unit_test(a_folder_in_the_way_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
