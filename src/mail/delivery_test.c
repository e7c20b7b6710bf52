#include "mail/lmtp_world.h"

#include <stdio.h>
#include <unistd.h>

#define OK   "250 2.0.0 Delivered\r\n"
#define TEXT "Subject: Hello\r\n\r\nA line\nand another.\r\n"

static void
quit(int fd)
{
	world_send(fd, SPAN("QUIT\r\n"));
	world_expect(fd, "221 2.0.0 Bye\r\n");
	world_expect_end(fd);
}

/* One message to these recipients, all of whom exist. */
static void
deliver(const char *rcpt, size_t n, const char *want)
{
	int fd = world_connect(0);

	world_begin(fd, rcpt, n);
	world_send(fd, SPAN(TEXT ".\r\n"));
	world_expect(fd, want);
	quit(fd);
}

/* The header that was put before it, but for the id and the date. */
static void
check_header(struct span *message, const char *before_id, const char *for_whom)
{
	size_t id = 16;

	assert_true(span_starts(*message, span_str(before_id)));
	*message = span_from(*message, strlen(before_id) + id);
	assert_true(span_starts(*message, span_str(for_whom)));
	*message = span_from(*message, strlen(for_whom));
	*message = span_from(*message, span_find(*message, '\n') + 1);
}

static void
a_message_is_kept_as_it_came(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span left;

	(void)state;
	deliver("RCPT TO:<anna@foo.edu>\r\n", 1, OK);
	world_read(1, "INBOX", &b);
	left = buf_span(&b);
	check_header(&left,
	    "Return-Path: <chris@bar.com>\r\n"
	    "Delivered-To: anna@foo.edu\r\n"
	    "Received: from bar.com ([192.0.2.1])\r\n"
	    "\tby foo.edu with LMTP id ",
	    "\r\n\tfor <anna@foo.edu>; ");
	assert_span(left, TEXT);
}

static void
an_account_keeps_one_content_for_all_its_recipients(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span left;
	struct seen all;

	(void)state;
	deliver("RCPT TO:<anna+Archive@foo.edu>\r\n"
		"RCPT TO:<ben@foo.edu>\r\n"
		"RCPT TO:<anna@foo.edu>\r\n",
	    3, OK OK OK);
	all = world_see(1, NULL);
	assert_int_equal(all.messages, 2);
	assert_int_equal(all.contents, 1);
	assert_int_equal(world_see(1, "Archive").messages, 1);
	assert_int_equal(world_see(1, "INBOX").messages, 1);
	assert_int_equal(world_see(2, NULL).messages, 1);

	world_read(1, "INBOX", &b);
	left = buf_span(&b);
	check_header(&left,
	    "Return-Path: <chris@bar.com>\r\n"
	    "Delivered-To: anna+Archive@foo.edu\r\n"
	    "Delivered-To: anna@foo.edu\r\n"
	    "Received: from bar.com ([192.0.2.1])\r\n"
	    "\tby foo.edu with LMTP id ",
	    ";\r\n\t");
	assert_span(left, TEXT);
}

static void
a_mailbox_that_is_named_twice_gets_one_message(void **state)
{
	(void)state;
	deliver("RCPT TO:<anna@foo.edu>\r\nRCPT TO:<anna@bar.edu>\r\n"
		"RCPT TO:<anna+inbox@foo.edu>\r\n",
	    3, OK OK OK);
	assert_int_equal(world_see(1, NULL).messages, 1);
}

/* Where mail for a subaddress goes. */
struct subaddress {
	const char *folder;
	const char *mailbox;
};

static void
check_subaddresses(const struct subaddress *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char rcpt[2000];
		uint32_t before = world_see(1, cases[i].mailbox).messages;

		(void)snprintf(rcpt, sizeof(rcpt),
		    "RCPT TO:<\"anna+%s\"@foo.edu>\r\n", cases[i].folder);
		deliver(rcpt, 1, OK);
		if (world_see(1, cases[i].mailbox).messages != before + 1)
			fail_msg("+%s is not in %s", cases[i].folder,
			    cases[i].mailbox);
	}
}

static void
a_subaddress_names_a_mailbox_that_is_there(void **state)
{
	static const struct subaddress cases[] = {
		{ "", "INBOX" },
		{ "inbox", "INBOX" },
		{ "InBox", "INBOX" },
		{ "Archive", "Archive" },
		{ "Nowhere", "INBOX" },
		{ "Archive/Nowhere", "INBOX" },
		{ "Archive/", "INBOX" },
		{ "/Archive", "INBOX" },
	};

	(void)state;
	check_subaddresses(cases, COUNT(cases));
}

static void
a_mailbox_that_is_missing_is_made_if_that_is_set(void **state)
{
	static const struct subaddress cases[] = {
		{ "Lists/newel", "Lists/newel" },
		{ "lists+a", "lists+a" },
		{ "inbox/a", "INBOX/a" },
		{ "Archive", "Archive" },
		{ "a//b", "INBOX" },
		{ "/", "INBOX" },
		/* limits.mailboxes: there are ten now */
		{ "one more", "INBOX" },
		{ "Lists/newel", "Lists/newel" },
	};

	(void)state;
	world.config.lmtp.create_mailbox = true;
	check_subaddresses(cases, COUNT(cases));
	assert_true(world_see(1, "Lists/newel").subscribed);
	assert_true(world_see(1, "Lists").exists);
	assert_false(world_see(1, "one more").exists);
}

static void
a_mailbox_and_its_parent_may_be_made_at_once(void **state)
{
	(void)state;
	world.config.lmtp.create_mailbox = true;
	deliver("RCPT TO:<anna+a/b@foo.edu>\r\nRCPT TO:<anna+a@foo.edu>\r\n", 2,
	    OK OK);
	assert_int_equal(world_see(1, "a").messages, 1);
	assert_int_equal(world_see(1, "a/b").messages, 1);
	assert_int_equal(world_see(1, NULL).contents, 1);
}

/* The reply to one recipient; params are those of MAIL. */
static void
check_rcpt(const char *params, const char *rcpt, const char *want)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	int fd = world_connect(0);

	buf_printf(&b, "LHLO bar.com\r\nMAIL FROM:<>%s\r\n%s\r\n", params,
	    rcpt);
	world_send(fd, buf_span(&b));
	world_expect(fd,
	    "220 foo.edu LMTP Newel\r\n"
	    "250-foo.edu\r\n250-PIPELINING\r\n250-SIZE 67108864\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250 CHUNKING\r\n250 2.1.0 OK\r\n");
	world_expect(fd, want);
	quit(fd);
}

static void
who_is_over_quota_is_told_alone(void **state)
{
	static const char rcpt[] = "RCPT TO:<few@foo.edu>\r\n"
				   "RCPT TO:<anna@foo.edu>\r\n"
				   "RCPT TO:<few+Archive@foo.edu>\r\n";

	(void)state;
	deliver(rcpt, 3,
	    "552 5.2.2 Mailbox full\r\n" OK "552 5.2.2 Mailbox full\r\n");
	assert_int_equal(world_see(5, NULL).messages, 0);
	assert_int_equal(world_see(1, NULL).messages, 1);

	deliver("RCPT TO:<few@foo.edu>\r\n", 1, OK);
	check_rcpt("", "RCPT TO:<few@foo.edu>", "552 5.2.2 Mailbox full\r\n");
	check_rcpt("", "RCPT TO:<few+Archive@foo.edu>",
	    "552 5.2.2 Mailbox full\r\n");
	world.config.quota.over = OVER_QUOTA_TEMPORARY;
	check_rcpt("", "RCPT TO:<few@foo.edu>", "452 4.2.2 Mailbox full\r\n");
	check_rcpt("", "RCPT TO:<anna@foo.edu>", "250 2.1.5 OK\r\n");
	assert_int_equal(world_see(5, NULL).messages, 1);
}

static void
a_size_that_is_declared_is_compared_with_the_quota(void **state)
{
	(void)state;
	check_rcpt(" SIZE=901", "RCPT TO:<small@foo.edu>",
	    "552 5.2.2 Mailbox full\r\n");
	check_rcpt(" SIZE=900", "RCPT TO:<small@foo.edu>", "250 2.1.5 OK\r\n");
	deliver("RCPT TO:<small@foo.edu>\r\n", 1, OK);
	check_rcpt(" SIZE=900", "RCPT TO:<small@foo.edu>",
	    "552 5.2.2 Mailbox full\r\n");
	check_rcpt("", "RCPT TO:<small@foo.edu>", "250 2.1.5 OK\r\n");
	check_rcpt(" SIZE=900", "RCPT TO:<anna@foo.edu>", "250 2.1.5 OK\r\n");
}

/* And it is for the sessions of the account, too. */
static void
a_quota_that_is_changed_during_a_delivery_holds(void **state)
{
	const struct msg_account_limits none = { .account = 4 };
	int fd = world_connect(0);

	(void)state;
	world_begin(fd, "RCPT TO:<small@foo.edu>\r\n", 1);
	worker_set_quota(world.worker[0], &none);
	for (int i = 0; i < 1000; i++)
		world_send(fd, SPAN("A line\r\n"));
	world_send(fd, SPAN(".\r\n"));
	world_expect(fd, OK);
	quit(fd);
}

static void
quota_counts_the_octets_that_are_kept(void **state)
{
	(void)state;
	deliver("RCPT TO:<small@foo.edu>\r\n", 1, OK);
	deliver("RCPT TO:<small@foo.edu>\r\n", 1, OK);
	deliver("RCPT TO:<small@foo.edu>\r\n", 1, OK);
	deliver("RCPT TO:<small@foo.edu>\r\n", 1, "552 5.2.2 Mailbox full\r\n");
}

static void
what_the_disk_refuses_is_to_be_sent_again(void **state)
{
	(void)state;
	deliver("RCPT TO:<anna@foo.edu>\r\n", 1, OK);
	world_set(&world.disk_fails, true);
	deliver("RCPT TO:<anna@foo.edu>\r\nRCPT TO:<ben@foo.edu>\r\n", 2,
	    "451 4.3.0 Can't do that now, try later\r\n"
	    "451 4.3.0 Can't do that now, try later\r\n");
	world_set(&world.disk_fails, false);
	world_set(&world.disk_full, true);
	deliver("RCPT TO:<anna@foo.edu>\r\nRCPT TO:<ben@foo.edu>\r\n", 2,
	    "452 4.3.1 Not enough space, try later\r\n"
	    "452 4.3.1 Not enough space, try later\r\n");
	world_set(&world.disk_full, false);
	assert_int_equal(world_see(1, NULL).messages, 1);
	deliver("RCPT TO:<anna@foo.edu>\r\nRCPT TO:<ben@foo.edu>\r\n", 2,
	    OK OK);
	assert_int_equal(world_see(1, NULL).messages, 2);
	assert_int_equal(world_see(2, NULL).messages, 1);
}

/* A body of so many lines; lines begin with dots now and then. */
static void
add_lines(struct buf *b, unsigned n, bool stuffed)
{
	for (unsigned i = 0; i < n; i++)
		buf_printf(b, "%s%u, and more of the same kind\r\n",
		    i % 100 != 0 ? ""
		    : stuffed    ? "..."
				 : "..",
		    i);
}

static void
a_large_message_is_kept_as_it_came(void **state)
{
	CLEANUP(buf_clear) struct buf sent = { 0 };
	CLEANUP(buf_clear) struct buf want = { 0 };
	CLEANUP(buf_clear) struct buf got = { 0 };
	static const char *const mailboxes[] = { "INBOX", "Archive" };
	int fd = world_connect(1);

	(void)state;
	add_lines(&sent, 40000, true);
	add_lines(&want, 40000, false);
	BUF_LIT(&sent, ".\r\n");
	world_begin(fd,
	    "RCPT TO:<anna@foo.edu>\r\nRCPT TO:<ben@foo.edu>\r\n"
	    "RCPT TO:<anna+Archive@foo.edu>\r\n",
	    3);
	world_send(fd, buf_span(&sent));
	world_expect(fd, OK OK OK);
	quit(fd);
	for (size_t i = 0; i < COUNT(mailboxes); i++) {
		world_read(1, mailboxes[i], &got);
		assert_true(got.n > want.n);
		assert_true(span_eq(span_from(buf_span(&got), got.n - want.n),
		    buf_span(&want)));
	}
	assert_int_equal(world_see(1, NULL).contents, 1);
	assert_int_equal(world_see(2, NULL).messages, 1);
}

static void
a_message_that_cant_be_put_aside_is_refused_for_now(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	int fd;

	(void)state;
	world.mail.session.spool_folder = "/nowhere/at/all";
	fd = world_connect(0);
	add_lines(&b, 20000, true);
	BUF_LIT(&b, ".\r\n");
	world_begin(fd, "RCPT TO:<anna@foo.edu>\r\n", 1);
	world_send(fd, buf_span(&b));
	world_expect(fd, "452 4.3.1 Not enough space, try later\r\n");
	quit(fd);
	deliver("RCPT TO:<anna@foo.edu>\r\n", 1, OK);
	assert_int_equal(world_see(1, NULL).messages, 1);
}

static void
a_thousand_recipients_are_served(void **state)
{
	static const char *const who[] = { "anna@foo.edu", "ben@foo.edu",
		"cara@bar.edu", "anna+Archive@foo.edu", "away@bar.edu" };
	CLEANUP(buf_clear) struct buf rcpt = { 0 };
	CLEANUP(buf_clear) struct buf want = { 0 };

	(void)state;
	for (size_t i = 0; i < LIMIT_LMTP_RECIPIENTS; i++) {
		buf_printf(&rcpt, "RCPT TO:<%s>\r\n", who[i % COUNT(who)]);
		BUF_LIT(&want, OK);
	}
	buf_byte(&rcpt, '\0');
	buf_byte(&want, '\0');
	deliver((const char *)rcpt.p, LIMIT_LMTP_RECIPIENTS,
	    (const char *)want.p);
	assert_int_equal(world_see(1, NULL).messages, 2);
	assert_int_equal(world_see(2, NULL).messages, 1);
	assert_int_equal(world_see(3, NULL).messages, 1);
	assert_int_equal(world_see(7, NULL).messages, 1);
}

static void
a_message_may_be_empty(void **state)
{
	int fd = world_connect(0);

	(void)state;
	world_send(fd, SPAN("LHLO bar.com\r\nMAIL FROM:<>\r\nRCPT TO:<anna>\r\n"
			    "BDAT 0 LAST\r\n"));
	world_expect(fd,
	    "220 foo.edu LMTP Newel\r\n"
	    "250-foo.edu\r\n250-PIPELINING\r\n250-SIZE 67108864\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250 CHUNKING\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n" OK);
	quit(fd);
	assert_int_equal(world_see(1, "INBOX").messages, 1);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_kept_as_it_came),
		TEST(an_account_keeps_one_content_for_all_its_recipients),
		TEST(a_mailbox_that_is_named_twice_gets_one_message),
		TEST(a_subaddress_names_a_mailbox_that_is_there),
		TEST(a_mailbox_that_is_missing_is_made_if_that_is_set),
		TEST(a_mailbox_and_its_parent_may_be_made_at_once),
		TEST(who_is_over_quota_is_told_alone),
		TEST(a_size_that_is_declared_is_compared_with_the_quota),
		TEST(a_quota_that_is_changed_during_a_delivery_holds),
		TEST(quota_counts_the_octets_that_are_kept),
		TEST(what_the_disk_refuses_is_to_be_sent_again),
		TEST(a_large_message_is_kept_as_it_came),
		TEST(a_message_that_cant_be_put_aside_is_refused_for_now),
		TEST(a_thousand_recipients_are_served),
		TEST(a_message_may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
