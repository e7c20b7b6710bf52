#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/export_maildir.h"
#include "cli/export_mbox.h"
#include "cli/say.h"

struct job {
	struct exporter *exporter;
	const char *path;
	int root;
	bool as_mbox;
	const char *mailbox; /* NULL: all */
};

static enum status
export_one(const struct job *j, const struct control_mailbox *m)
{
	return j->as_mbox ? export_mbox(j->exporter, j->root, j->path, m)
	                  : export_maildir(j->exporter, j->root, j->path, m);
}

static enum status
export_all(const struct job *j)
{
	const struct control_mailbox *m;
	bool found = false;
	size_t n;
	enum status st = exporter_mailboxes(j->exporter, &m, &n);

	for (size_t i = 0; i < n && st == ST_OK; i++) {
		if (!m[i].exists ||
		    (j->mailbox != NULL &&
			!span_eq(m[i].name, span_str(j->mailbox))))
			continue;
		found = true;
		st = export_one(j, &m[i]);
	}
	if (st == ST_OK && !found && j->mailbox != NULL) {
		say_error("there is no mailbox \"%s\"", j->mailbox);
		return ST_NOTFOUND;
	}
	if (st == ST_OK && !j->as_mbox && j->mailbox == NULL)
		export_subscriptions(j->exporter, j->root, j->path, m, n);
	return st;
}

static bool
open_root(struct job *j)
{
	if (mkdir(j->path, 0700) == -1 && errno != EEXIST) {
		say_error("%s: %s", j->path, strerror(errno));
		return false;
	}
	j->root = open(j->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->root == -1)
		say_error("%s: %s", j->path, strerror(errno));
	return j->root != -1;
}

enum exit_code
run_export(const struct args *a)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;
	CLEANUP(exporter_free) struct exporter *e = NULL;
	const char *maildir = args_value(a, "--maildir");
	const char *mbox = args_value(a, "--mbox");
	struct job j = { .path = maildir != NULL ? maildir : mbox,
		.as_mbox = mbox != NULL,
		.mailbox = args_value(a, "--mailbox") };
	enum status st;

	if ((maildir == NULL) == (mbox == NULL)) {
		say_error("export: either --maildir PATH or --mbox FOLDER is "
			  "needed");
		return EXIT_USAGE;
	}
	if (mail_link_open(a, a->words[0], &l) != ST_OK || !open_root(&j))
		return EXIT_FAILED;
	e = exporter_new(l);
	j.exporter = e;
	st = export_all(&j);
	close(j.root);
	if (st != ST_OK)
		return EXIT_FAILED;
	return exporter_done(e) ? EXIT_DONE : EXIT_FAILED;
}
