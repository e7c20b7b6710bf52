#include "base/test.h"

#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/password.h"

/* What the terminal showed. */
static char shown[4096];

/*
 * Asks for a password on a terminal where a person types the lines, each
 * after the prompt for it.  Gives 0 if it came out as wanted.
 */
static int
ask(const char *const *lines, const char *want)
{
	struct buf got = { 0 };
	size_t prompts = 0;
	size_t used = 0;
	int status = -1;
	ssize_t n;
	pid_t pid;
	int tty;

	pid = forkpty(&tty, NULL, NULL, NULL);
	if (pid == 0) {
		if (password_ask("ann", &got) != ST_OK)
			_exit(2);
		_exit(span_eq(buf_span(&got), span_str(want)) ? 0 : 1);
	}
	while (used < sizeof(shown) - 1 &&
	       (n = read(tty, shown + used, sizeof(shown) - 1 - used)) > 0) {
		used += (size_t)n;
		shown[used] = '\0';
		if (shown[used - 1] != ' ' || lines[prompts] == NULL)
			continue;
		(void)dprintf(tty, "%s\n", lines[prompts++]);
	}
	close(tty);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

static void
a_password_is_asked_for_twice_and_not_shown(void **state)
{
	static const char *const typed[] = { "oak banister", "oak banister",
		NULL };

	(void)state;
	assert_int_equal(ask(typed, "oak banister"), 0);
	assert_non_null(strstr(shown, "New password for ann: "));
	assert_non_null(strstr(shown, "The same again for ann: "));
	assert_null(strstr(shown, "oak"));
}

static void
two_that_differ_are_asked_for_again(void **state)
{
	static const char *const typed[] = { "oak", "ash", "elm", "elm", NULL };

	(void)state;
	assert_int_equal(ask(typed, "elm"), 0);
	assert_non_null(strstr(shown, "They differ.  Once more."));
}

static void
nothing_is_no_password(void **state)
{
	static const char *const typed[] = { "", NULL };

	(void)state;
	assert_int_equal(ask(typed, ""), 2);
	assert_non_null(strstr(shown, "no password was given"));
}

static void
an_interrupt_ends_the_program(void **state)
{
	static const char *const typed[] = { "oak\x03", NULL };

	(void)state;
	assert_int_equal(ask(typed, ""), 100 + SIGINT);
}

static enum status
read_from(const char *text, size_t n, struct buf *out)
{
	int saved = dup(STDIN_FILENO);
	enum status st;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, n), n);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	st = password_read(out);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(ends[0]);
	return st;
}

static void
standard_input_gives_its_first_line(void **state)
{
	static char longest[LIMIT_PASSWORD + 1];
	CLEANUP(password_clear) struct buf got = { 0 };

	(void)state;
	memset(longest, 'x', sizeof(longest));
	assert_ok(read_from("oak tree\nash\n", 13, &got));
	assert_span(buf_span(&got), "oak tree");
	assert_ok(read_from("oak\r\n", 5, &got));
	assert_span(buf_span(&got), "oak");
	assert_ok(read_from("oak", 3, &got));
	assert_span(buf_span(&got), "oak");
	assert_ok(read_from(longest, LIMIT_PASSWORD, &got));
	assert_int_equal(got.n, LIMIT_PASSWORD);
	assert_int_equal(read_from(longest, sizeof(longest), &got), ST_BAD);
	assert_int_equal(read_from("", 0, &got), ST_BAD);
	assert_int_equal(read_from("\n", 1, &got), ST_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_asked_for_twice_and_not_shown),
		cmocka_unit_test(two_that_differ_are_asked_for_again),
		cmocka_unit_test(nothing_is_no_password),
		cmocka_unit_test(an_interrupt_ends_the_program),
		cmocka_unit_test(standard_input_gives_its_first_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
