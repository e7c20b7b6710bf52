/* The made-up mail without a server: to look at, and to count what is in it. */
#include <stdio.h>

#include "load/mail.h"
#include "load/row.h"
#include "load/words.h"

/* One after the other, each behind a line with its number of bytes. */
void
row_mails(const struct options *o, struct tally *t)
{
	static struct buf mail;

	(void)t;
	for (unsigned n = o->from; n < o->from + o->count; n++) {
		buf_reset(&mail);
		mail_add(&mail, n, o->size);
		printf("%zu\n", mail.n);
		fwrite(mail.p, 1, mail.n, stdout);
	}
	buf_clear(&mail);
}

/* How many of the messages a search for each planted word has to find. */
void
row_count(const struct options *o, struct tally *t)
{
	unsigned rare = 0;
	unsigned common = 0;
	unsigned subject = 0;

	(void)t;
	for (unsigned n = o->from; n < o->from + o->count; n++) {
		rare += mail_has_rare(n);
		common += mail_has_common(n);
		subject += mail_has_subject(n);
	}
	printf("{\"" WORD_RARE "\":%u,\"" WORD_COMMON "\":%u,"
	       "\"" WORD_SUBJECT "\":%u}\n",
	    rare, common, subject);
}
