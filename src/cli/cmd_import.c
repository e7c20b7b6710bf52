#include "cli/command.h"
#include "cli/import_maildir.h"
#include "cli/import_mbox.h"
#include "cli/say.h"

static void
stop_message(enum status st)
{
	if (st != ST_NOTFOUND && st != ST_BAD && st != ST_LIMIT)
		say_error("stopped; the same command goes on where it was");
}

enum exit_code
run_import(const struct args *a)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;
	CLEANUP(importer_free) struct importer *im = NULL;
	const char *maildir = args_value(a, "--maildir");
	const char *mbox = args_value(a, "--mbox");
	const char *mailbox = args_value(a, "--mailbox");
	struct span into = span_str(mailbox != NULL ? mailbox : "");
	enum status st;

	if ((maildir == NULL) == (mbox == NULL)) {
		say_error("import: either --maildir PATH or --mbox FILE is "
			  "needed");
		return EXIT_USAGE;
	}
	if (mail_link_open(a, a->words[0], &l) != ST_OK)
		return EXIT_FAILED;
	im = importer_new(l);
	if (maildir != NULL)
		st = import_maildir(im, maildir, into);
	else
		st = import_mbox(im, mbox, into.n > 0 ? into : SPAN("INBOX"));
	if (st != ST_OK) {
		stop_message(st);
		return EXIT_FAILED;
	}
	return importer_done(im) ? EXIT_DONE : EXIT_FAILED;
}
