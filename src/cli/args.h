#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/buf.h"
#include "base/status.h"

/*
 * The command line, as a command's table row says that it may be.
 *
 * Options may stand anywhere behind the command's name, -c FILE also before
 * it; "--" ends them.  All borrows from argv.
 */
struct option {
	const char *name;  /* "--imap"; NULL ends the list */
	const char *value; /* what it takes, for the usage; NULL: nothing */
};

#define ARGS_WORDS   4
#define ARGS_OPTIONS 8

struct args {
	const char *config; /* NULL: the default */
	bool help;
	const char *words[ARGS_WORDS];
	size_t n;
	struct {
		const char *name;
		const char *value; /* "" if it takes none */
	} given[ARGS_OPTIONS];
	size_t n_given;
};

struct grammar {
	const struct option *options; /* may be NULL */
	size_t words_min;
	size_t words_max;
};

/* ST_BAD: why says what is wrong with them. */
enum status args_parse(const struct grammar *g, const char *const *argv,
    size_t n, struct args *out, struct buf *why);

/*
 * What stands before the command's name: how many of argv that is.  -c FILE
 * and --help go to out.
 */
enum status args_before(const char *const *argv, size_t n, struct args *out,
    size_t *out_n, struct buf *why);

/* The value of an option; NULL if it isn't there. */
const char *args_value(const struct args *a, const char *name);

#endif
