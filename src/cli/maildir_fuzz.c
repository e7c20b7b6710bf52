#include <stdlib.h>

#include "cli/maildir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool claim)
{
	if (!claim)
		abort();
}

/* A mailbox that a folder's name gives is written as a name that gives it. */
static void
names(struct span in, struct arena *a)
{
	CLEANUP(buf_clear) struct buf folder = { 0 };
	struct maildir_file f;
	struct span mailbox;
	struct span again;

	if (maildir_folder_name(in, a, &mailbox)) {
		maildir_folder_of(mailbox, &folder);
		check(memchr(folder.p, '/', folder.n) == NULL);
		check(maildir_folder_name(buf_span(&folder), a, &again));
		check(span_eq(mailbox, again));
	}
	if (maildir_file_parse(in, &f))
		check(f.base.n > 0 && f.base.n <= in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct span in = span_of(data, size);
	struct span keywords[MAILDIR_LETTERS];
	struct maildir_subscriptions s;
	struct maildir_uids uids;
	struct span name;

	names(in, a);
	maildir_uids_read(in, a, &uids);
	for (size_t i = 0; i < uids.n; i++)
		check(maildir_uid(&uids, uids.item[i].base) > 0);
	maildir_keywords_read(in, keywords);
	s = maildir_subscriptions(in);
	while (maildir_subscription(&s, a, &name))
		check(name.n > 0);
	return 0;
}
