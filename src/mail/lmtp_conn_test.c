#include "mail/lmtp_world.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING "220 foo.edu LMTP Newel\r\n"
#define HELLO_OK \
	"250-foo.edu\r\n250-PIPELINING\r\n250-SIZE 67108864\r\n" \
	"250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n" \
	"250 CHUNKING\r\n"
#define OK       "250 2.0.0 Delivered\r\n"
#define SHUTDOWN "421 4.3.2 Shutting down\r\n"

static void
recipients_are_looked_up_whole_and_then_without_their_domain(void **state)
{
	static const struct {
		const char *rcpt;
		const char *reply;
	} cases[] = {
		{ "anna", "250 2.1.5 OK\r\n" },
		{ "anna@foo.edu", "250 2.1.5 OK\r\n" },
		{ "anna@another.example", "250 2.1.5 OK\r\n" },
		{ "anna+x@foo.edu", "250 2.1.5 OK\r\n" },
		{ "ben@foo.edu", "250 2.1.5 OK\r\n" },
		{ "ben+x@foo.edu", "250 2.1.5 OK\r\n" },
		{ "ben", "550 5.1.1 No such user\r\n" },
		{ "ben@bar.edu", "550 5.1.1 No such user\r\n" },
		{ "\"ben@foo.edu\"@bar.edu", "550 5.1.1 No such user\r\n" },
		{ "\"\"@foo.edu", "550 5.1.1 No such user\r\n" },
		{ "eve@foo.edu", "550 5.1.1 No such user\r\n" },
		{ "dora@foo.edu", "550 5.2.1 Mailbox disabled\r\n" },
		/* What can't be known now is not tried in another way. */
		{ "away@foo.edu",
		    "451 4.3.0 Can't do that now, try later\r\n" },
	};
	int fd = world_connect(0);

	(void)state;
	world_send(fd, SPAN("LHLO a\r\nMAIL FROM:<>\r\n"));
	world_expect(fd, GREETING HELLO_OK "250 2.1.0 OK\r\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		world_send(fd, SPAN("RCPT TO:<"));
		world_send(fd, span_str(cases[i].rcpt));
		world_send(fd, SPAN(">\r\n"));
		world_expect(fd, cases[i].reply);
	}
	close(fd);
}

static void
a_name_that_is_too_long_is_nobodys(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	int fd = world_connect(0);

	(void)state;
	BUF_LIT(&b, "LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<");
	memset(buf_room(&b, LIMIT_USER_NAME + 1), 'a', LIMIT_USER_NAME + 1);
	buf_added(&b, LIMIT_USER_NAME + 1);
	BUF_LIT(&b, "@foo.edu>\r\nRCPT TO:<anna@");
	memset(buf_room(&b, LIMIT_USER_NAME + 1), 'a', LIMIT_USER_NAME + 1);
	buf_added(&b, LIMIT_USER_NAME + 1);
	BUF_LIT(&b, ">\r\n");
	world_send(fd, buf_span(&b));
	world_expect(fd, GREETING HELLO_OK "250 2.1.0 OK\r\n"
					   "550 5.1.1 No such user\r\n"
					   "250 2.1.5 OK\r\n");
	close(fd);
}

static void
all_of_it_may_be_sent_at_once(void **state)
{
	int fd = world_connect(0);

	(void)state;
	world_send(fd,
	    SPAN("LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<anna>\r\n"
		 "RCPT TO:<eve>\r\nBDAT 4\r\na\r\nbBDAT 2 LAST\r\n\r\n"
		 "MAIL FROM:<>\r\nRCPT TO:<cara>\r\nRSET\r\n"
		 "MAIL FROM:<>\r\nRCPT TO:<ben@foo.edu>\r\nDATA\r\n"));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	world_expect(fd, GREETING HELLO_OK
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n550 5.1.1 No such user\r\n"
	    "250 2.0.0 4 octets\r\n" OK
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.0.0 OK\r\n"
	    "250 2.1.0 OK\r\n250 2.1.5 OK\r\n"
	    "354 Go on, a dot alone ends it\r\n");
	world_expect_end(fd);
	assert_int_equal(world_see(1, NULL).messages, 1);
	assert_int_equal(world_see(2, NULL).messages, 0);
	assert_int_equal(world_see(3, NULL).messages, 0);
}

/* Its replies wait until it does, and then all of them are there. */
static void
a_client_that_reads_late_is_waited_for(void **state)
{
	int fd = world_connect(0);
	char hello[8 * 2000];

	(void)state;
	for (size_t i = 0; i < sizeof(hello); i += 8)
		memcpy(hello + i, "LHLO a\r\n", 8);
	for (size_t i = 0; i < 4; i++)
		world_send(fd, span_of(hello, sizeof(hello)));
	world_send(fd, SPAN("QUIT\r\n"));
	world_expect(fd, GREETING);
	for (size_t i = 0; i < 8000; i++)
		world_expect(fd, HELLO_OK);
	world_expect(fd, "221 2.0.0 Bye\r\n");
	world_expect_end(fd);
}

static void
who_is_silent_for_too_long_is_told_so(void **state)
{
	int fd;

	(void)state;
	world.config.limits.idle_ms = 0;
	fd = world_connect(0);
	world_expect(fd, GREETING);
	world_expect(fd, "421 4.4.2 You were silent for too long\r\n");
	world_expect_end(fd);
}

static void
who_reads_nothing_for_too_long_is_dropped(void **state)
{
	int fd;

	(void)state;
	world.config.limits.stall_ms = 0;
	fd = world_connect(0);
	while (send(fd, "LHLO a\r\n", 8, MSG_NOSIGNAL) > 0)
		continue;
	/* That it was closed, or that there was more to read when it was. */
	assert_true(errno == EPIPE || errno == ECONNRESET);
	close(fd);
}

static void
a_message_is_delivered_though_its_client_has_gone(void **state)
{
	int fd;

	(void)state;
	(void)world_see(1, NULL);
	world_set(&world.hold_disk, true);
	fd = world_connect(0);
	world_begin(fd, "RCPT TO:<anna>\r\n", 1);
	world_send(fd, SPAN("Hello\r\n.\r\n"));
	world_wait_held();
	close(fd);
	world_set(&world.hold_disk, false);
	fd = world_connect(0);
	world_begin(fd, "RCPT TO:<anna>\r\n", 1);
	world_send(fd, SPAN("Hello again\r\n.\r\n"));
	world_expect(fd, OK);
	close(fd);
	assert_int_equal(world_see(1, NULL).messages, 2);
}

static void
a_client_may_go_while_a_recipient_is_looked_up(void **state)
{
	int fd = world_connect(0);

	(void)state;
	world.hold_auth = true;
	world_send(fd, SPAN("LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<anna>\r\n"));
	world_wait_held();
	close(fd);
	(void)world_see(2, NULL); /* the worker has seen it go */
	world_answer();
}

/* The account is new, and waits for the disk. */
static void
a_client_may_go_while_its_recipients_room_is_looked_at(void **state)
{
	int fd = world_connect(0);

	(void)state;
	world_set(&world.hold_disk, true);
	world_send(fd, SPAN("LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<few>\r\n"));
	world_wait_held();
	close(fd);
	world_set(&world.hold_disk, false);
	assert_int_equal(world_see(5, NULL).messages, 0);
}

static void
those_who_wait_are_told_that_it_ends(void **state)
{
	int fd = world_connect(0);
	int asking = world_connect(1);

	(void)state;
	world_send(fd, SPAN("LHLO a\r\nMAIL FROM:<>\r\n"));
	world_expect(fd, GREETING HELLO_OK "250 2.1.0 OK\r\n");
	world.hold_auth = true;
	world_send(asking,
	    SPAN("LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<anna>\r\n"));
	world_expect(asking, GREETING HELLO_OK "250 2.1.0 OK\r\n");
	world_wait_held();
	world_stop();
	world_expect(fd, SHUTDOWN);
	world_expect_end(fd);
	world_expect(asking, SHUTDOWN);
	world_expect_end(asking);
	world_answer();
}

/* Else it would come again, and be there twice. */
static void
what_is_being_delivered_is_answered_before_the_end(void **state)
{
	int fd;

	(void)state;
	(void)world_see(1, NULL);
	world_set(&world.hold_disk, true);
	fd = world_connect(0);
	world_begin(fd, "RCPT TO:<anna>\r\n", 1);
	world_send(fd, SPAN("Hello\r\n.\r\nNOOP\r\n"));
	world_wait_held();
	world_stop();
	world_set(&world.hold_disk, false);
	world_expect(fd, OK);
	world_expect(fd, SHUTDOWN);
	world_expect_end(fd);
}

/* A worker has work for as long as others have some that may need it. */
static void
a_worker_that_was_told_to_stop_still_takes_what_others_deliver(void **state)
{
	int fd = world_connect(0);

	(void)state;
	world_begin(fd, "RCPT TO:<anna>\r\n", 1);
	world_stop_one(1);
	world_send(fd, SPAN("Hello\r\n.\r\n"));
	world_expect(fd, OK);
	world_stop();
	world_expect(fd, SHUTDOWN);
	world_expect_end(fd);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    recipients_are_looked_up_whole_and_then_without_their_domain),
		TEST(a_name_that_is_too_long_is_nobodys),
		TEST(all_of_it_may_be_sent_at_once),
		TEST(a_client_that_reads_late_is_waited_for),
		TEST(who_is_silent_for_too_long_is_told_so),
		TEST(who_reads_nothing_for_too_long_is_dropped),
		TEST(a_message_is_delivered_though_its_client_has_gone),
		TEST(a_client_may_go_while_a_recipient_is_looked_up),
		TEST(a_client_may_go_while_its_recipients_room_is_looked_at),
		TEST(those_who_wait_are_told_that_it_ends),
		TEST(what_is_being_delivered_is_answered_before_the_end),
		TEST(
		    a_worker_that_was_told_to_stop_still_takes_what_others_deliver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
