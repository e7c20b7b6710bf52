#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/args.h"

/*
 * The administrator's commands.  A row of the table in command.c says all
 * that there is to know before one runs; a new command is a row there and a
 * file cmd_NAME.c.
 *
 * A command prints what was asked for on standard output, and says what is
 * wrong on standard error with say_error().
 */
#define CONFIG_DEFAULT "/etc/newel/newel.conf"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* it was understood, and it didn't work */
	EXIT_USAGE = 2,  /* it wasn't understood */
};

struct command {
	const char *name;    /* "user add" */
	const char *words;   /* what follows, for the usage; may be empty */
	const char *summary; /* one line */
	const char *help;    /* more lines, or NULL */
	struct grammar grammar;
	enum exit_code (*run)(const struct args *a);
};

/* Runs what the command line asks for; gives the exit code. */
int cli_run(int argc, const char *const *argv);

/* The rows in the order of the usage. */
const struct command *command_table(size_t *out_count);

/* All of them in short, or those that begin with a word, "user". */
void command_list(const char *word, struct buf *out);

/* All about one. */
void command_describe(const struct command *c, struct buf *out);

/*
 * The command that argv begins with, and how many words its name has; NULL
 * if there is none.
 */
const struct command *command_find(const char *const *argv, size_t n,
    size_t *out_words);

enum exit_code run_check(const struct args *a);
enum exit_code run_export(const struct args *a);
enum exit_code run_help(const struct args *a);
enum exit_code run_import(const struct args *a);
enum exit_code run_reindex(const struct args *a);
enum exit_code run_init(const struct args *a);
enum exit_code run_mailbox_create(const struct args *a);
enum exit_code run_mailbox_delete(const struct args *a);
enum exit_code run_mailbox_list(const struct args *a);
enum exit_code run_mailbox_rename(const struct args *a);
enum exit_code run_quota(const struct args *a);
enum exit_code run_serve(const struct args *a);
enum exit_code run_user_add(const struct args *a);
enum exit_code run_user_certificate_add(const struct args *a);
enum exit_code run_user_certificate_list(const struct args *a);
enum exit_code run_user_certificate_remove(const struct args *a);
enum exit_code run_user_delete(const struct args *a);
enum exit_code run_user_disable(const struct args *a);
enum exit_code run_user_enable(const struct args *a);
enum exit_code run_user_list(const struct args *a);
enum exit_code run_user_passwd(const struct args *a);
enum exit_code run_user_show(const struct args *a);
enum exit_code run_version(const struct args *a);

#endif
