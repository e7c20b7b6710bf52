#include "base/test.h"

#include "base/limits.h"
#include "mail/lmtp.h"

#define RECIPIENTS 8

static const struct lmtp_settings foo_edu = {
	.hostname = SPAN_INIT("foo.edu"),
	.message_limit = 100,
	.recipient_limit = RECIPIENTS,
	.delimiter = '+',
	.over_quota_temporary = true,
};

/* Whose mail is what; everyone else is unknown. */
static const struct {
	struct span user;
	enum lmtp_verdict found;
	enum lmtp_verdict delivered;
} users[] = {
	{ SPAN_INIT("pat@foo.edu"), LMTP_OK, LMTP_OK },
	{ SPAN_INIT("p\u00e4t@foo.edu"), LMTP_OK, LMTP_OK },
	{ SPAN_INIT("green@foo.edu"), LMTP_OK, LMTP_OVER_QUOTA },
	{ SPAN_INIT("full@foo.edu"), LMTP_OVER_QUOTA, 0 },
	{ SPAN_INIT("gone@foo.edu"), LMTP_DISABLED, 0 },
	{ SPAN_INIT("slow@foo.edu"), LMTP_TEMPORARY, 0 },
	{ SPAN_INIT("disk@foo.edu"), LMTP_OK, LMTP_NO_SPACE },
	{ SPAN_INIT("tiny@foo.edu"), LMTP_OK, LMTP_TOO_BIG },
};

/* The mail process, as far as the machine sees it. */
struct server {
	struct lmtp *lmtp;
	bool later; /* answers when asked again */
	enum lmtp_verdict data_fails;
	enum lmtp_verdict found; /* still to be answered; 0: not */
	enum lmtp_verdict delivered[RECIPIENTS];
	uint32_t recipients;
	uint32_t undelivered;
	struct buf log; /* what was asked for */
};

static void
recipient(void *ctx, const struct lmtp_recipient *r)
{
	struct server *s = ctx;
	enum lmtp_verdict found = LMTP_UNKNOWN_USER;

	buf_printf(&s->log, "to %.*s %.*s %.*s;", SPAN_ARG(r->address),
	    SPAN_ARG(r->user), SPAN_ARG(r->folder));
	for (size_t i = 0; i < COUNT(users); i++) {
		if (!span_eq(users[i].user, r->user))
			continue;
		found = users[i].found;
		if (found == LMTP_OK)
			s->delivered[s->recipients++] = users[i].delivered;
	}
	if (s->later)
		s->found = found;
	else
		lmtp_found(s->lmtp, found);
}

static enum lmtp_verdict
data(void *ctx, struct span octets)
{
	struct server *s = ctx;

	if (s->data_fails != LMTP_UNDECIDED)
		return s->data_fails;
	buf_add(&s->log, octets);
	return LMTP_OK;
}

static void
deliver(void *ctx)
{
	struct server *s = ctx;
	struct lmtp_envelope e = lmtp_envelope(s->lmtp);

	buf_printf(&s->log, ";%.*s from %.*s %u%s;", SPAN_ARG(e.client),
	    SPAN_ARG(e.from), (unsigned)e.size, e.utf8 ? " utf8" : "");
	s->undelivered = s->recipients;
	for (uint32_t i = 0; i < s->recipients && !s->later; i++)
		lmtp_delivered(s->lmtp, i, s->delivered[i]);
}

static void
reset(void *ctx)
{
	struct server *s = ctx;

	BUF_LIT(&s->log, "reset;");
	s->recipients = 0;
}

static const struct lmtp_ops ops = { recipient, data, deliver, reset };

/* Gives one answer that is missing, the last recipient's first. */
static void
answer(struct server *s)
{
	if (s->found != LMTP_UNDECIDED) {
		lmtp_found(s->lmtp, s->found);
		s->found = LMTP_UNDECIDED;
		return;
	}
	assert_true(s->undelivered > 0);
	s->undelivered--;
	lmtp_delivered(s->lmtp, s->undelivered, s->delivered[s->undelivered]);
}

/* What is not taken is offered again, with the next octets behind it. */
static void
talk(struct server *s, struct span in, size_t piece, struct buf *out)
{
	size_t taken = 0;
	size_t offered = 0;

	while (offered < in.n) {
		offered = MIN(offered + piece, in.n);
		taken += lmtp_input(s->lmtp,
		    span_of(in.p + taken, offered - taken), out);
		while (lmtp_waiting(s->lmtp)) {
			assert_true(s->later);
			assert_int_equal(lmtp_input(s->lmtp, in, out), 0);
			answer(s);
			taken += lmtp_input(s->lmtp,
			    span_of(in.p + taken, offered - taken), out);
		}
	}
}

struct dialogue {
	const char *what;
	const char *client;
	const char *server;
	const char *log; /* NULL: of no interest */
};

static void
check_one(const struct dialogue *d, const struct server *as, size_t piece)
{
	struct server s = *as;
	CLEANUP(buf_clear) struct buf out = { 0 };

	s.lmtp = lmtp_new(&foo_edu, &ops, &s);
	talk(&s, span_str(d->client), piece, &out);
	if (!span_eq(buf_span(&out), span_str(d->server)))
		fail_msg("%s, by %zu octets: got\n%.*swant\n%s", d->what, piece,
		    SPAN_ARG(buf_span(&out)), d->server);
	if (d->log != NULL && !span_eq(buf_span(&s.log), span_str(d->log)))
		fail_msg("%s, by %zu octets: got\n%.*s\nwant\n%s", d->what,
		    piece, SPAN_ARG(buf_span(&s.log)), d->log);
	buf_clear(&s.log);
	lmtp_free(&s.lmtp);
}

static void
check(const struct dialogue *d, size_t n, enum lmtp_verdict data_fails)
{
	static const size_t pieces[] = { 1, 2, 13, 100000 };

	for (size_t i = 0; i < n; i++) {
		for (size_t p = 0; p < COUNT(pieces); p++) {
			struct server s = { .data_fails = data_fails };

			check_one(&d[i], &s, pieces[p]);
			s.later = true;
			check_one(&d[i], &s, pieces[p]);
		}
	}
}

#define HELLO "LHLO bar.com\r\n"
#define HELLO_OK \
	"250-foo.edu\r\n250-PIPELINING\r\n250-SIZE 100\r\n250-8BITMIME\r\n" \
	"250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 CHUNKING\r\n"
#define MAIL    "MAIL FROM:<chris@bar.com>\r\n"
#define MAIL_OK "250 2.1.0 OK\r\n"
#define RCPT    "RCPT TO:<pat@foo.edu>\r\n"
#define RCPT_OK "250 2.1.5 OK\r\n"
#define GO_ON   "354 Go on, a dot alone ends it\r\n"
#define DONE    "250 2.0.0 Delivered\r\n"
#define OK      "250 2.0.0 OK\r\n"
#define FULL    "452 4.2.2 Mailbox full\r\n"
#define TO_PAT  "to pat@foo.edu pat@foo.edu ;"

static void
the_examples_of_the_rfcs_work(void **state)
{
	static const struct dialogue cases[] = {
		{ "RFC 2033 section 4.2",
		    HELLO "MAIL FROM:<chris@bar.com>\r\n"
			  "RCPT TO:<pat@foo.edu>\r\n"
			  "RCPT TO:<jones@foo.edu>\r\n"
			  "RCPT TO:<green@foo.edu>\r\n"
			  "DATA\r\n"
			  "Blah blah blah...\r\n"
			  "...etc. etc. etc.\r\n"
			  ".\r\n"
			  "QUIT\r\n",
		    HELLO_OK MAIL_OK RCPT_OK
		    "550 5.1.1 No such user\r\n" RCPT_OK GO_ON DONE FULL
		    "221 2.0.0 Bye\r\n",
		    TO_PAT "to jones@foo.edu jones@foo.edu ;"
			   "to green@foo.edu green@foo.edu ;"
			   "Blah blah blah...\r\n..etc. etc. etc.\r\n;"
			   "bar.com from chris@bar.com 0;reset;" },
		{ "RFC 3030 section 4.1",
		    HELLO MAIL RCPT
		    "BDAT 86 LAST\r\n"
		    "To: Susan@random.com\r\n"
		    "From: Sam@random.com\r\n"
		    "Subject: This is a bodyless test message\r\n"
		    "QUIT\r\n",
		    HELLO_OK MAIL_OK RCPT_OK DONE "221 2.0.0 Bye\r\n", NULL },
		{ "RFC 3030 section 4.2, with less octets",
		    HELLO MAIL RCPT "RCPT TO:<green@foo.edu>\r\n"
				    "BDAT 6\r\n.\r\nabcBDAT 5\r\n\r\n.\r\n"
				    "BDAT 0 LAST\r\nQUIT\r\n",
		    HELLO_OK MAIL_OK RCPT_OK RCPT_OK
		    "250 2.0.0 6 octets\r\n"
		    "250 2.0.0 5 octets\r\n" DONE FULL "221 2.0.0 Bye\r\n",
		    TO_PAT "to green@foo.edu green@foo.edu ;"
			   ".\r\nabc\r\n.\r\n;bar.com from chris@bar.com 0;"
			   "reset;" },
	};

	(void)state;
	check(cases, COUNT(cases), LMTP_UNDECIDED);
}

static void
recipients_get_the_reply_that_fits(void **state)
{
	static const struct dialogue cases[] = {
		{ "each recipient on its own",
		    HELLO MAIL "RCPT TO:<full@foo.edu>\r\n"
			       "RCPT TO:<gone@foo.edu>\r\n"
			       "RCPT TO:<slow@foo.edu>\r\n"
			       "RCPT TO:<nobody@foo.edu>\r\n",
		    HELLO_OK MAIL_OK FULL
		    "550 5.2.1 Mailbox disabled\r\n"
		    "451 4.3.0 Can't do that now, try later\r\n"
		    "550 5.1.1 No such user\r\n",
		    NULL },
		{ "the same recipient twice gets two replies",
		    HELLO MAIL RCPT RCPT "RCPT TO:<disk@foo.edu>\r\n"
					 "rcpt to: <tiny@foo.edu>\r\n"
					 "DATA\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK RCPT_OK RCPT_OK RCPT_OK GO_ON DONE
			DONE "452 4.3.1 Not enough space, try later\r\n"
			     "552 5.3.4 Message too big\r\n",
		    NULL },
		{ "a subaddress names a folder",
		    HELLO MAIL "RCPT TO:<pat+Lists/C@foo.edu>\r\n",
		    HELLO_OK MAIL_OK RCPT_OK,
		    "to pat+Lists/C@foo.edu pat@foo.edu Lists/C;" },
		{ "a quoted local part",
		    HELLO MAIL "RCPT TO:<\"pat+a b\"@foo.edu>\r\n",
		    HELLO_OK MAIL_OK RCPT_OK,
		    "to \"pat+a b\"@foo.edu pat@foo.edu a b;" },
		{ "UTF-8 if the sender says so",
		    HELLO "MAIL FROM:<\u00e4@b> SMTPUTF8 SIZE=7\r\n"
			  "RCPT TO:<p\u00e4t@foo.edu>\r\nDATA\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE,
		    "to p\u00e4t@foo.edu p\u00e4t@foo.edu ;;"
		    "bar.com from \u00e4@b 7 utf8;reset;" },
		{ "UTF-8 if not",
		    HELLO "MAIL FROM:<\u00e4@b>\r\n" MAIL
			  "RCPT TO:<p\u00e4t@foo.edu>\r\n",
		    HELLO_OK "553 5.6.7 That address needs SMTPUTF8\r\n" MAIL_OK
			     "553 5.6.7 That address needs SMTPUTF8\r\n",
		    "" },
		{ "too many",
		    HELLO MAIL RCPT RCPT RCPT RCPT RCPT RCPT RCPT RCPT RCPT,
		    HELLO_OK MAIL_OK RCPT_OK RCPT_OK RCPT_OK RCPT_OK RCPT_OK
			RCPT_OK RCPT_OK RCPT_OK
		    "452 4.5.3 Too many recipients\r\n",
		    NULL },
	};

	(void)state;
	check(cases, COUNT(cases), LMTP_UNDECIDED);
}

static void
commands_in_the_wrong_place_are_refused(void **state)
{
	static const struct dialogue cases[] = {
		{ "before LHLO", MAIL RCPT "DATA\r\nRSET\r\n",
		    "503 5.5.1 Say LHLO\r\n503 5.5.1 Say MAIL\r\n"
		    "503 5.5.1 Say MAIL\r\n" OK,
		    "" },
		{ "HELO and EHLO", "EHLO bar.com\r\nhelo bar.com\r\n",
		    "500 5.5.1 This is LMTP, say LHLO\r\n"
		    "500 5.5.1 This is LMTP, say LHLO\r\n",
		    "" },
		{ "a second sender", HELLO MAIL MAIL,
		    HELLO_OK MAIL_OK "503 5.5.1 There is a sender\r\n", "" },
		{ "DATA without recipients",
		    HELLO MAIL "RCPT TO:<nobody@foo.edu>\r\nDATA\r\nRSET\r\n",
		    HELLO_OK MAIL_OK "550 5.1.1 No such user\r\n"
				     "503 5.5.1 There are no recipients\r\n" OK,
		    NULL },
		{ "BDAT without recipients: RFC 2033 section 4.3",
		    HELLO MAIL "BDAT 3\r\nabcBDAT 5 LAST\r\nQUIT\n" MAIL,
		    HELLO_OK MAIL_OK
		    "503 5.5.1 There are no recipients\r\n" MAIL_OK,
		    "reset;" },
		{ "BDAT without a sender",
		    HELLO "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
		    HELLO_OK "503 5.5.1 Say MAIL\r\n" OK, "" },
		{ "RCPT and DATA after BDAT",
		    HELLO MAIL RCPT "BDAT 1\r\nx" RCPT "DATA\r\n"
				    "BDAT 1 last\r\ny",
		    HELLO_OK MAIL_OK RCPT_OK
		    "250 2.0.0 1 octets\r\n"
		    "503 5.5.1 The message began\r\n"
		    "503 5.5.1 The message began with BDAT\r\n" DONE,
		    TO_PAT "xy;bar.com from chris@bar.com 0;reset;" },
		{ "RSET and LHLO end a transaction",
		    HELLO MAIL RCPT "BDAT 1\r\nxRSET\r\n" RCPT MAIL HELLO MAIL,
		    HELLO_OK MAIL_OK RCPT_OK
		    "250 2.0.0 1 octets\r\n" OK
		    "503 5.5.1 Say MAIL\r\n" MAIL_OK HELLO_OK MAIL_OK,
		    TO_PAT "xreset;reset;" },
		{ "one transaction after the other",
		    HELLO MAIL RCPT "DATA\r\na\r\n.\r\n" RCPT MAIL RCPT
				    "DATA\r\nb\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE
		    "503 5.5.1 Say MAIL\r\n" MAIL_OK RCPT_OK GO_ON DONE,
		    NULL },
		{ "nothing is read behind QUIT", "QUIT\r\nNOOP\r\n",
		    "221 2.0.0 Bye\r\n", "" },
	};

	(void)state;
	check(cases, COUNT(cases), LMTP_UNDECIDED);
}

static void
what_is_not_announced_or_understood_is_refused(void **state)
{
	static const struct dialogue cases[] = {
		{ "arguments that are missing",
		    HELLO "LHLO\r\nMAIL\r\nMAIL TO:<a@b>\r\nMAIL FROM:\r\n"
			  "MAIL FROM:a@b\r\nVRFY\r\n" MAIL
			  "RCPT TO:<>\r\nRCPT FROM:<a@b>\r\n",
		    HELLO_OK "501 5.5.4 Say your name\r\n"
			     "501 5.1.7 The sender is not understood\r\n"
			     "501 5.1.7 The sender is not understood\r\n"
			     "501 5.1.7 The sender is not understood\r\n"
			     "501 5.1.7 The sender is not understood\r\n"
			     "501 5.5.4 Say whom\r\n" MAIL_OK
			     "501 5.1.3 The recipient is not understood\r\n"
			     "501 5.1.3 The recipient is not understood\r\n",
		    "" },
		{ "arguments that are too many",
		    HELLO MAIL RCPT "DATA x\r\nRSET x\r\nQUIT x\r\n"
				    "NOOP x\r\nVRFY x\r\nHELP x\r\n",
		    HELLO_OK MAIL_OK RCPT_OK
		    "501 5.5.4 DATA takes nothing\r\n"
		    "501 5.5.4 RSET takes nothing\r\n"
		    "501 5.5.4 QUIT takes nothing\r\n" OK
		    "252 2.5.0 Say RCPT to find out\r\n"
		    "214 2.0.0 LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY "
		    "QUIT\r\n",
		    NULL },
		{ "parameters",
		    HELLO
		    "MAIL FROM:<> SIZE=x\r\nMAIL FROM:<> SIZE=1 SIZE=1\r\n"
		    "MAIL FROM:<> SIZE\r\nMAIL FROM:<>SIZE=1\r\n"
		    "MAIL FROM:<> BODY=BINARYMIME\r\n"
		    "MAIL FROM:<> BODY=7BIT BODY=7BIT\r\n"
		    "MAIL FROM:<> RET=HDRS\r\nMAIL FROM:<> SMTPUTF8=1\r\n"
		    "mail from: <>  body=8bitmime size=100 \r\n"
		    "RCPT TO:<pat@foo.edu> ORCPT=rfc822;pat@foo.edu\r\n",
		    HELLO_OK "501 5.5.4 SIZE is not understood\r\n"
			     "501 5.5.4 SIZE is not understood\r\n"
			     "501 5.5.4 SIZE is not understood\r\n"
			     "501 5.5.4 Parameters are not understood\r\n"
			     "555 5.5.4 There is no such BODY\r\n"
			     "501 5.5.4 BODY is given twice\r\n"
			     "555 5.5.4 There is no such parameter\r\n"
			     "555 5.5.4 There is no such parameter\r\n" MAIL_OK
			     "555 5.5.4 There is no such parameter\r\n",
		    "" },
		{ "commands", "\r\nFOO\r\nEXPN x\r\nSTARTTLS\r\nNOOPx\r\n",
		    "500 5.5.1 There is no such command\r\n"
		    "500 5.5.1 There is no such command\r\n"
		    "500 5.5.1 There is no such command\r\n"
		    "500 5.5.1 There is no such command\r\n"
		    "500 5.5.1 There is no such command\r\n",
		    "" },
		{ "lines end with CRLF, not with less",
		    "NOOP\nQUIT\r\nNOOP\rQUIT\r\nNOOP\r\r\nNOOP\x7f\r\nNOOP\r"
		    "\n",
		    "500 5.5.2 Control characters\r\n"
		    "500 5.5.2 Control characters\r\n"
		    "500 5.5.2 Control characters\r\n"
		    "500 5.5.2 Control characters\r\n" OK,
		    "" },
		{ "BDAT whose size is unknown ends all",
		    HELLO MAIL RCPT "BDAT x LAST\r\nNOOP\r\n",
		    HELLO_OK MAIL_OK RCPT_OK
		    "421 4.5.4 BDAT is not understood\r\n",
		    NULL },
		{ "also with something else behind it",
		    HELLO MAIL RCPT "BDAT 6 FIRST\r\nNOOP\r\n",
		    HELLO_OK MAIL_OK RCPT_OK
		    "421 4.5.4 BDAT is not understood\r\n",
		    NULL },
	};

	(void)state;
	check(cases, COUNT(cases), LMTP_UNDECIDED);
}

#define TEN     "123456789 "
#define FIFTY   TEN TEN TEN TEN TEN
#define HUNDRED FIFTY FIFTY

static void
a_message_that_is_too_big_is_refused(void **state)
{
	static const struct dialogue cases[] = {
		{ "when it is declared",
		    HELLO "MAIL FROM:<> SIZE=101\r\n"
			  "MAIL FROM:<> SIZE=18446744073709551615\r\n"
			  "MAIL FROM:<> SIZE=100\r\n",
		    HELLO_OK "552 5.3.4 Message too big\r\n"
			     "552 5.3.4 Message too big\r\n" MAIL_OK,
		    "" },
		{ "at its end",
		    HELLO MAIL RCPT RCPT "DATA\r\n" HUNDRED "\r\n.\r\nNOOP\r\n",
		    HELLO_OK MAIL_OK RCPT_OK RCPT_OK GO_ON
		    "552 5.3.4 Message too big\r\n"
		    "552 5.3.4 Message too big\r\n" OK,
		    NULL },
		{ "not if the limit is reached",
		    HELLO MAIL RCPT "DATA\r\n..." FIFTY TEN TEN TEN TEN
				    "123456\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE, NULL },
		{ "each chunk from there on",
		    HELLO MAIL RCPT "BDAT 100\r\n" HUNDRED "BDAT 1\r\nx"
				    "BDAT 1\r\nyBDAT 0 LAST\r\nNOOP\r\n",
		    HELLO_OK MAIL_OK RCPT_OK
		    "250 2.0.0 100 octets\r\n552 5.3.4 Message too big\r\n"
		    "552 5.3.4 Message too big\r\n"
		    "552 5.3.4 Message too big\r\n" OK,
		    TO_PAT HUNDRED "reset;" },
	};

	(void)state;
	check(cases, COUNT(cases), LMTP_UNDECIDED);
}

static void
a_message_that_cannot_be_kept_fails_for_all(void **state)
{
	static const struct dialogue cases[] = {
		{ "DATA",
		    HELLO MAIL RCPT RCPT "DATA\r\na\r\nb\r\n.\r\nNOOP\r\n",
		    HELLO_OK MAIL_OK RCPT_OK RCPT_OK GO_ON
		    "452 4.3.1 Not enough space, try later\r\n"
		    "452 4.3.1 Not enough space, try later\r\n" OK,
		    TO_PAT TO_PAT "reset;" },
		{ "BDAT", HELLO MAIL RCPT RCPT "BDAT 1\r\naBDAT 1 LAST\r\nb",
		    HELLO_OK MAIL_OK RCPT_OK RCPT_OK
		    "452 4.3.1 Not enough space, try later\r\n"
		    "452 4.3.1 Not enough space, try later\r\n"
		    "452 4.3.1 Not enough space, try later\r\n",
		    TO_PAT TO_PAT "reset;" },
	};

	(void)state;
	check(cases, COUNT(cases), LMTP_NO_SPACE);
}

/* What some servers take for the end of a message (RFC 5321 section 4.1.1.4).
 */
static void
a_message_cannot_smuggle_another_one(void **state)
{
	static const struct dialogue cases[] = {
		{ "LF.LF", HELLO MAIL RCPT "DATA\r\na\n.\nRSET\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE,
		    TO_PAT "a\n.\nRSET\r\n;bar.com from chris@bar.com 0;"
			   "reset;" },
		{ "LF.CRLF", HELLO MAIL RCPT "DATA\r\na\n.\r\nRSET\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE,
		    TO_PAT "a\n.\r\nRSET\r\n;bar.com from chris@bar.com 0;"
			   "reset;" },
		{ "CRLF.LF", HELLO MAIL RCPT "DATA\r\na\r\n.\nRSET\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE,
		    TO_PAT "a\r\n\nRSET\r\n;bar.com from chris@bar.com 0;"
			   "reset;" },
		{ "CR.CR", HELLO MAIL RCPT "DATA\r\na\r.\rRSET\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE,
		    TO_PAT "a\r.\rRSET\r\n;bar.com from chris@bar.com 0;"
			   "reset;" },
		{ "CRLF.CR", HELLO MAIL RCPT "DATA\r\na\r\n.\rRSET\r\n.\r\n",
		    HELLO_OK MAIL_OK RCPT_OK GO_ON DONE,
		    TO_PAT "a\r\n\rRSET\r\n;bar.com from chris@bar.com 0;"
			   "reset;" },
	};

	(void)state;
	check(cases, COUNT(cases), LMTP_UNDECIDED);
}

static void
a_line_without_end_is_not_kept(void **state)
{
	static unsigned char in[3 * LIMIT_LMTP_LINE];
	struct span line = span_of(in, LIMIT_LMTP_LINE - 1);
	struct server s = { 0 };
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	s.lmtp = lmtp_new(&foo_edu, &ops, &s);
	memset(in, 'x', sizeof(in));
	memcpy(in, "NOOP ", 5);
	assert_int_equal(lmtp_input(s.lmtp, line, &out), 0);
	line.n++;
	assert_int_equal(lmtp_input(s.lmtp, line, &out), line.n);
	line = span_of(in, sizeof(in));
	assert_int_equal(lmtp_input(s.lmtp, line, &out), line.n);
	assert_int_equal(lmtp_input(s.lmtp, SPAN("x\r"), &out), 1);
	assert_int_equal(out.n, 0);
	assert_int_equal(lmtp_input(s.lmtp, SPAN("\r\nNOOP\r\n"), &out), 8);
	assert_span(buf_span(&out), "500 5.5.2 Line too long\r\n" OK);

	buf_reset(&out);
	memcpy(in + LIMIT_LMTP_LINE - 2, "\r\n", 2);
	line = span_of(in, LIMIT_LMTP_LINE);
	assert_int_equal(lmtp_input(s.lmtp, line, &out), line.n);
	assert_span(buf_span(&out), OK);
	lmtp_free(&s.lmtp);
	buf_clear(&s.log);
}

static void
too_many_errors_end_a_connection(void **state)
{
	struct server s = { 0 };
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	s.lmtp = lmtp_new(&foo_edu, &ops, &s);
	for (int i = 1; i < LIMIT_LMTP_ERRORS; i++) {
		assert_false(lmtp_closed(s.lmtp));
		lmtp_input(s.lmtp, SPAN("FOO\r\n"), &out);
	}
	buf_reset(&out);
	assert_int_equal(lmtp_input(s.lmtp, SPAN("FOO\r\nNOOP\r\n"), &out), 11);
	assert_span(buf_span(&out), "421 4.7.0 Too many errors\r\n");
	assert_true(lmtp_closed(s.lmtp));
	lmtp_free(&s.lmtp);
}

/* Replies to a delivery go out as soon as those before them have. */
static void
replies_keep_the_order_of_recipients(void **state)
{
	struct server s = { 0 };
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	s.lmtp = lmtp_new(&foo_edu, &ops, &s);
	talk(&s, SPAN(HELLO MAIL RCPT RCPT RCPT), 1000, &out);
	buf_reset(&out);
	s.later = true;
	lmtp_input(s.lmtp, SPAN("DATA\r\n.\r\nNOOP\r\n"), &out);
	assert_true(lmtp_waiting(s.lmtp));
	lmtp_delivered(s.lmtp, 1, LMTP_TEMPORARY);
	lmtp_input(s.lmtp, SPAN(""), &out);
	assert_span(buf_span(&out), GO_ON);
	lmtp_delivered(s.lmtp, 0, LMTP_OK);
	lmtp_input(s.lmtp, SPAN(""), &out);
	assert_span(buf_span(&out),
	    GO_ON DONE "451 4.3.0 Can't do that now, try later\r\n");
	assert_true(lmtp_waiting(s.lmtp));
	lmtp_delivered(s.lmtp, 2, LMTP_OK);
	buf_reset(&out);
	assert_int_equal(lmtp_input(s.lmtp, SPAN("NOOP\r\n"), &out), 6);
	assert_span(buf_span(&out), DONE OK);
	lmtp_free(&s.lmtp);
	buf_clear(&s.log);
}

static void
it_can_be_closed_at_any_time(void **state)
{
	struct server s = { .later = true };
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	s.lmtp = lmtp_new(&foo_edu, &ops, &s);
	lmtp_greet(s.lmtp, &out);
	assert_span(buf_span(&out), "220 foo.edu LMTP Newel\r\n");
	lmtp_input(s.lmtp, SPAN(HELLO MAIL RCPT RCPT), &out);
	assert_true(lmtp_waiting(s.lmtp));
	buf_reset(&out);
	lmtp_close(s.lmtp, LMTP_SHUTDOWN, &out);
	lmtp_close(s.lmtp, LMTP_TIMEOUT, &out);
	assert_span(buf_span(&out), "421 4.3.2 Shutting down\r\n");
	assert_span(buf_span(&s.log), TO_PAT "reset;");
	assert_true(lmtp_closed(s.lmtp));
	lmtp_found(s.lmtp, LMTP_OK);
	lmtp_delivered(s.lmtp, 0, LMTP_OK);
	assert_int_equal(lmtp_input(s.lmtp, SPAN(RCPT), &out),
	    sizeof(RCPT) - 1);
	lmtp_free(&s.lmtp);
	assert_null(s.lmtp);
	lmtp_free(&s.lmtp);
	buf_clear(&s.log);
}

static void
quota_may_be_a_permanent_error(void **state)
{
	struct lmtp_settings settings = foo_edu;
	struct server s = { 0 };
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	settings.over_quota_temporary = false;
	s.lmtp = lmtp_new(&settings, &ops, &s);
	lmtp_input(s.lmtp, SPAN(HELLO MAIL), &out);
	buf_reset(&out);
	lmtp_input(s.lmtp, SPAN("RCPT TO:<full@foo.edu>\r\n"), &out);
	assert_span(buf_span(&out), "552 5.2.2 Mailbox full\r\n");
	lmtp_close(s.lmtp, LMTP_TIMEOUT, &out);
	lmtp_free(&s.lmtp);
	buf_clear(&s.log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_rfcs_work),
		cmocka_unit_test(recipients_get_the_reply_that_fits),
		cmocka_unit_test(commands_in_the_wrong_place_are_refused),
		cmocka_unit_test(
		    what_is_not_announced_or_understood_is_refused),
		cmocka_unit_test(a_message_that_is_too_big_is_refused),
		cmocka_unit_test(a_message_that_cannot_be_kept_fails_for_all),
		cmocka_unit_test(a_message_cannot_smuggle_another_one),
		cmocka_unit_test(a_line_without_end_is_not_kept),
		cmocka_unit_test(too_many_errors_end_a_connection),
		cmocka_unit_test(replies_keep_the_order_of_recipients),
		cmocka_unit_test(it_can_be_closed_at_any_time),
		cmocka_unit_test(quota_may_be_a_permanent_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
