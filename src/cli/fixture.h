#ifndef CLI_FIXTURE_H
#define CLI_FIXTURE_H

#include "base/test.h"

/* Command lines as a person gives them, and an instance for them. */

/* What the last one printed; standard error behind standard output. */
#define FIXTURE_OUTPUT 65536
extern char fixture_output[FIXTURE_OUTPUT];

/*
 * Runs a command line with its words between spaces, in a process of its own,
 * with `given` as standard input.  Its exit code.
 */
int fixture_run(const char *line, const char *given);

/* A folder for the tests, with an instance in "x". */
extern char fixture_home[64];
int fixture_make(void **state);
int fixture_remove(void **state);

/* The same on the instance. */
int fixture_on_instance(const char *line, const char *given);

#endif
