#include "cli/command.h"

#include <stdio.h>

#include "cli/say.h"

static const struct option init_options[] = {
	{ "--imap", "ADDR:PORT" },
	{ "--imaps", "ADDR:PORT" },
	{ "--lmtp", "ADDR:PORT|PATH" },
	{ "--plaintext-login", NULL },
	{ NULL, NULL },
};

static const struct option json_option[] = {
	{ "--json", NULL },
	{ NULL, NULL },
};

static const struct option add_options[] = {
	{ "--password-stdin", NULL },
	{ "--password-hash-stdin", NULL },
	{ "--quota-bytes", "SIZE" },
	{ "--quota-messages", "NUMBER" },
	{ "--json", NULL },
	{ NULL, NULL },
};

static const struct option passwd_options[] = {
	{ "--password-stdin", NULL },
	{ "--password-hash-stdin", NULL },
	{ NULL, NULL },
};

static const struct option certificate_options[] = {
	{ "--pem", "FILE" },
	{ NULL, NULL },
};

static const struct option quota_options[] = {
	{ "--bytes", "SIZE" },
	{ "--messages", "NUMBER" },
	{ "--json", NULL },
	{ NULL, NULL },
};

static const struct option delete_options[] = {
	{ "--yes", NULL },
	{ NULL, NULL },
};

static const struct option import_options[] = {
	{ "--maildir", "PATH" },
	{ "--mbox", "FILE" },
	{ "--mailbox", "NAME" },
	{ NULL, NULL },
};

static const struct option export_options[] = {
	{ "--maildir", "PATH" },
	{ "--mbox", "FOLDER" },
	{ "--mailbox", "NAME" },
	{ NULL, NULL },
};

static const struct command table[] = {
	{ "init", "DIR", "make a complete new instance in DIR",
	    "Makes settings, a self-signed certificate, an empty store and an\n"
	    "empty directory of accounts.  DIR must be empty or not be there.\n"
	    "Without options it listens on the standard ports if root makes\n"
	    "it, else on 1143, 1993 and a UNIX socket for LMTP.\n"
	    "--plaintext-login allows LOGIN without TLS: for tests, and "
	    "behind\n"
	    "a proxy that does TLS.\n",
	    { init_options, 1, 1 }, run_init },
	{ "serve", "", "run the server in the foreground",
	    "SIGTERM ends it in order, SIGHUP makes it read the settings and\n"
	    "the certificates again.  It logs on standard error.\n",
	    { NULL, 0, 0 }, run_serve },
	{ "check", "", "say whether all is fit to serve",
	    "Looks at settings, certificates, folders, ports, accounts and\n"
	    "mail.  Changes nothing; the mail itself is read only while no\n"
	    "server runs.\n",
	    { json_option, 0, 0 }, run_check },
	{ "user add", "NAME", "add an account",
	    "Asks for the password, or reads it from standard input.\n"
	    "--password-hash-stdin reads what another server stored of it:\n"
	    "a hash of argon2, bcrypt, yescrypt or SHA-crypt, also with the\n"
	    "prefix of Dovecot.  Quotas are 0 for the settings' default, or\n"
	    "\"none\".\n",
	    { add_options, 1, 1 }, run_user_add },
	{ "user list", "[PREFIX]", "list the accounts", NULL,
	    { json_option, 0, 1 }, run_user_list },
	{ "user show", "NAME", "show what is known of an account", NULL,
	    { json_option, 1, 1 }, run_user_show },
	{ "user passwd", "NAME", "set a new password",
	    "Or, with --password-hash-stdin, what another server stored of "
	    "it.\n"
	    "Sessions of the account end.\n",
	    { passwd_options, 1, 1 }, run_user_passwd },
	{ "user disable", "NAME", "stop an account from logging in",
	    "Its sessions end, and LMTP refuses mail for it; what it has "
	    "stays.\n",
	    { NULL, 1, 1 }, run_user_disable },
	{ "user enable", "NAME", "let an account log in again", NULL,
	    { NULL, 1, 1 }, run_user_enable },
	{ "user delete", "NAME", "delete an account",
	    "With all its mail.  Asks first, unless --yes is given or there "
	    "is\n"
	    "nobody to ask.\n",
	    { delete_options, 1, 1 }, run_user_delete },
	{ "user certificate add", "NAME [CERTIFICATE]",
	    "let an account log in with a certificate",
	    "CERTIFICATE is the mail address that the certificate is for, or\n"
	    "if it has none, its common name; --pem takes it from a file.\n"
	    "One of tls.client-ca must have signed the certificate that is\n"
	    "shown.  One that was given to nobody is for the account of its\n"
	    "name.\n",
	    { certificate_options, 1, 2 }, run_user_certificate_add },
	{ "user certificate list", "NAME",
	    "list the certificates that were given to an account", NULL,
	    { json_option, 1, 1 }, run_user_certificate_list },
	{ "user certificate remove", "NAME [CERTIFICATE]",
	    "take a certificate away from an account",
	    "Sessions of the account end.\n", { certificate_options, 1, 2 },
	    run_user_certificate_remove },
	{ "quota", "USER", "show or set how much an account may have",
	    "Shows how much it has, too.  --bytes and --messages set a quota:\n"
	    "0 for the settings' default, or \"none\".  Open sessions have "
	    "it at\n"
	    "once.\n",
	    { quota_options, 1, 1 }, run_quota },
	{ "mailbox list", "USER", "list the mailboxes of an account", NULL,
	    { json_option, 1, 1 }, run_mailbox_list },
	{ "mailbox create", "USER NAME", "make a mailbox",
	    "\"/\" stands between the levels of a name.  The account is\n"
	    "subscribed to it.\n",
	    { NULL, 2, 2 }, run_mailbox_create },
	{ "mailbox delete", "USER NAME", "delete a mailbox and its messages",
	    "Mailboxes below it stay.\n", { NULL, 2, 2 }, run_mailbox_delete },
	{ "mailbox rename", "USER NAME NEW", "rename a mailbox",
	    "With all that is below it.\n", { NULL, 3, 3 },
	    run_mailbox_rename },
	{ "import", "USER", "take over mail from elsewhere",
	    "--maildir reads a Maildir with all its folders (Maildir++), with\n"
	    "the UIDs and keywords of Dovecot; --mbox one file in mbox "
	    "format.\n"
	    "--mailbox says where the messages of the file, or of the one\n"
	    "folder, go.  The same command again takes what is new.\n",
	    { import_options, 1, 1 }, run_import },
	{ "export", "USER", "write mail to files",
	    "--maildir makes a Maildir with all mailboxes (Maildir++) and "
	    "what\n"
	    "Dovecot keeps in one; --mbox a file in mbox format for each.\n"
	    "--mailbox names the only one to write.\n",
	    { export_options, 1, 1 }, run_export },
	{ "reindex", "[USER...]", "build search indexes anew",
	    "Of the users that are named, or of all.  Searches go on with the\n"
	    "old index meanwhile.  An index that is missing or damaged is "
	    "built\n"
	    "anew by itself; this is for when you want it now, or want what\n"
	    "was deleted to be gone from it.\n",
	    { NULL, 0, ARGS_WORDS }, run_reindex },
	{ "version", "", "say which version this is", NULL,
	    { json_option, 0, 0 }, run_version },
	{ "help", "[COMMAND]", "explain a command", NULL,
	    { NULL, 0, ARGS_WORDS }, run_help },
};

const struct command *
command_table(size_t *out_count)
{
	*out_count = COUNT(table);
	return table;
}

/* How many of argv the name is; 0 if it isn't. */
static size_t
matches(const char *name, const char *const *argv, size_t n)
{
	struct span rest = span_str(name);
	size_t words = 0;

	while (rest.n > 0) {
		struct span word = span_head(rest, span_find(rest, ' '));

		if (words == n || !span_eq(word, span_str(argv[words])))
			return 0;
		words++;
		rest = span_from(rest, word.n + 1);
	}
	return words;
}

const struct command *
command_find(const char *const *argv, size_t n, size_t *out_words)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t words = matches(table[i].name, argv, n);

		if (words > 0) {
			*out_words = words;
			return &table[i];
		}
	}
	return NULL;
}

static bool
begins_with_word(const char *name, const char *word)
{
	size_t n = strlen(word);

	return strncmp(name, word, n) == 0 && name[n] == ' ';
}

void
command_list(const char *word, struct buf *out)
{
	BUF_LIT(out, "usage: newel [-c FILE] COMMAND ...\n\n");
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct command *c = &table[i];
		int width = (int)(strlen(c->name) + strlen(c->words) + 1);

		if (word != NULL && !begins_with_word(c->name, word))
			continue;
		buf_printf(out, "  %s %s%*s  %s\n", c->name, c->words,
		    MAX(0, 20 - width), "", c->summary);
	}
	BUF_LIT(out, "\n\"newel COMMAND --help\" says more; newel(8) says "
		     "all.\n");
}

void
command_describe(const struct command *c, struct buf *out)
{
	buf_printf(out, "usage: newel %s [-c FILE]", c->name);
	for (const struct option *o = c->grammar.options;
	     o != NULL && o->name != NULL; o++)
		buf_printf(out, o->value != NULL ? " [%s %s]" : " [%s]",
		    o->name, o->value);
	if (*c->words != '\0')
		buf_printf(out, " %s", c->words);
	buf_printf(out, "\n\nnewel %s: %s.\n", c->name, c->summary);
	if (c->help != NULL)
		buf_str(out, c->help);
	buf_printf(out, "The settings file is %s without -c.\n",
	    CONFIG_DEFAULT);
}

static bool
is_group(const char *word)
{
	for (size_t i = 0; i < COUNT(table); i++)
		if (begins_with_word(table[i].name, word))
			return true;
	return false;
}

/* Nothing that can be run: what there would be goes to out. */
static enum exit_code
no_command(const char *const *argv, size_t n, bool help)
{
	CLEANUP(buf_clear) struct buf list = { 0 };
	const char *group = n > 0 && is_group(argv[0]) ? argv[0] : NULL;

	command_list(group, &list);
	if (n > 0 && group == NULL)
		say_error("there is no command \"%s\"; \"newel help\" lists "
			  "them",
		    argv[0]);
	else if (help)
		say_buf(&list);
	else
		(void)fwrite(list.p, 1, list.n, stderr);
	return help && (n == 0 || group != NULL) ? EXIT_DONE : EXIT_USAGE;
}

static enum exit_code
run(const struct command *c, const char *const *argv, size_t n, struct args *a)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	CLEANUP(buf_clear) struct buf why = { 0 };

	if (args_parse(&c->grammar, argv, n, a, &why) != ST_OK) {
		say_error("%s: %.*s; \"newel %s --help\" explains it", c->name,
		    SPAN_ARG(buf_span(&why)), c->name);
		return EXIT_USAGE;
	}
	if (!a->help)
		return c->run(a);
	command_describe(c, &text);
	say_buf(&text);
	return EXIT_DONE;
}

int
cli_run(int argc, const char *const *argv)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	const struct command *c;
	struct args a = { 0 };
	size_t n = argc > 0 ? (size_t)argc - 1 : 0;
	const char *const *rest = argv + MIN(argc, 1);
	size_t taken;

	if (args_before(rest, n, &a, &taken, &why) != ST_OK) {
		say_error("%.*s; \"newel help\" explains it",
		    SPAN_ARG(buf_span(&why)));
		return EXIT_USAGE;
	}
	rest += taken;
	n -= taken;
	c = command_find(rest, n, &taken);
	if (c != NULL)
		return run(c, rest + taken, n - taken, &a);
	if (n > 1 && strcmp(rest[n - 1], "--help") == 0)
		a.help = true;
	return no_command(rest, n, a.help);
}
