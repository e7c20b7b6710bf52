/* newel-load ROW [--OPTION VALUE...] [COMMAND...]: see bench/README.md. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "load/row.h"
#include "load/words.h"

#define MANY_FILES 65536

static const struct {
	const char *name;
	void (*run)(const struct options *o, struct tally *t);
} rows[] = {
	{ "append", row_append },
	{ "count", row_count },
	{ "fair", row_fair },
	{ "growth", row_growth },
	{ "idle", row_idle },
	{ "lmtp", row_lmtp },
	{ "login", row_login },
	{ "mails", row_mails },
	{ "mixed", row_mixed },
	{ "script", row_script },
	{ "wake", row_wake },
};

static void
usage(void)
{
	fputs("newel-load ROW [--imap ADDR:PORT | --imaps ADDR:PORT]\n"
	      "    [--lmtp ADDR:PORT|PATH] [--user NAME%] [--password TEXT]\n"
	      "    [--mailbox NAME] [--users N] [--connections N] [--count N]\n"
	      "    [--batch N] [--size BYTES] [--every N] [--from N]\n"
	      "    [--seconds N] [COMMAND...]\nrows:",
	    stderr);
	for (size_t i = 0; i < COUNT(rows); i++)
		fprintf(stderr, " %s", rows[i].name);
	fputc('\n', stderr);
	exit(2);
}

static void
set_number(struct options *o, const char *name, const char *value)
{
	const struct {
		const char *name;
		unsigned *to;
	} numbers[] = {
		{ "--users", &o->users },
		{ "--connections", &o->connections },
		{ "--count", &o->count },
		{ "--batch", &o->batch },
		{ "--size", &o->size },
		{ "--every", &o->every },
		{ "--from", &o->from },
		{ "--seconds", &o->seconds },
	};
	uint64_t n;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		if (strcmp(numbers[i].name, name) != 0)
			continue;
		if (!span_u64(span_str(value), 100000000, &n))
			usage();
		*numbers[i].to = (unsigned)n;
		return;
	}
	usage();
}

static void
set_option(struct options *o, const char *name, const char *value)
{
	if (strcmp(name, "--imap") == 0)
		o->imap = address_parse(value, false);
	else if (strcmp(name, "--imaps") == 0)
		o->imap = address_parse(value, true);
	else if (strcmp(name, "--lmtp") == 0)
		o->lmtp = address_parse(value, false);
	else if (strcmp(name, "--user") == 0)
		o->user = value;
	else if (strcmp(name, "--password") == 0)
		o->password = value;
	else if (strcmp(name, "--mailbox") == 0)
		o->mailbox = value;
	else
		set_number(o, name, value);
}

/* A connection is a descriptor, and there are rows with tens of thousands. */
static void
allow_files(void)
{
	struct rlimit most = { MANY_FILES, MANY_FILES };

	if (setrlimit(RLIMIT_NOFILE, &most) == 0)
		return;
	getrlimit(RLIMIT_NOFILE, &most);
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
}

int
main(int argc, char **argv)
{
	struct options o = { .user = "u%",
		.password = "bench",
		.mailbox = "INBOX",
		.users = 1,
		.connections = 1,
		.seconds = 10,
		.batch = 1 };
	struct tally t = { 0 };
	int at = 2;

	signal(SIGPIPE, SIG_IGN);
	words_init();
	allow_files();
	for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2)
		set_option(&o, argv[at], argv[at + 1]);
	o.commands = argv + at;
	if (argc < 2 || o.users == 0 || o.connections == 0 || o.batch == 0)
		usage();
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(rows[i].name, argv[1]) != 0)
			continue;
		rows[i].run(&o, &t);
		if (t.end_ns > 0)
			tally_print(&t, rows[i].name);
		return 0;
	}
	usage();
}
