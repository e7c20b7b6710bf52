#ifndef CLI_PROCESS_H
#define CLI_PROCESS_H

/*
 * The other side of master/child.h: `newel process ROLE INDEX` is how the
 * master executes the program as one of its processes.  Gives the exit code.
 */
int process_run(const char *role, const char *index);

#endif
