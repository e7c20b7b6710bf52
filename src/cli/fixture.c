#include "cli/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"

#define ARGV_MAX 12

char fixture_output[FIXTURE_OUTPUT];
char fixture_home[64];

int
fixture_run(const char *line, const char *given)
{
	const char *argv[ARGV_MAX + 1] = { "newel" };
	char *words = strdup(line);
	FILE *out = tmpfile();
	FILE *in = tmpfile();
	int argc = 1;
	ssize_t n;
	int status = -1;
	pid_t pid;

	for (char *w = strtok(words, " "); w != NULL && argc < ARGV_MAX;
	     w = strtok(NULL, " "))
		argv[argc++] = w;
	(void)fputs(given, in);
	rewind(in);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(fileno(in), 0);
		dup2(fileno(out), 1);
		dup2(fileno(out), 2);
		exit(cli_run(argc, argv));
	}
	(void)waitpid(pid, &status, 0);
	n = pread(fileno(out), fixture_output, sizeof(fixture_output) - 1, 0);
	fixture_output[MAX(n, 0)] = '\0';
	(void)fclose(out);
	(void)fclose(in);
	free(words);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
fixture_on_instance(const char *line, const char *given)
{
	char all[512];

	snprintf(all, sizeof(all), "%s -c %s/x/newel.conf", line, fixture_home);
	return fixture_run(all, given);
}

int
fixture_make(void **state)
{
	char line[256];

	(void)state;
	strcpy(fixture_home, "/tmp/newel-cli-XXXXXX");
	if (mkdtemp(fixture_home) == NULL || chmod(fixture_home, 0755) != 0)
		return -1;
	snprintf(line, sizeof(line),
	    "init %s/x --imap 127.0.0.1:61143 --imaps 127.0.0.1:61993 --lmtp "
	    "%s/lmtp --plaintext-login",
	    fixture_home, fixture_home);
	return fixture_run(line, "");
}

int
fixture_remove(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "rm -r %s", fixture_home);
	return system(line); /* NOLINT(cert-env33-c): as in tests */
}
