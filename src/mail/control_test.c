#include "base/test.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/config.h"
#include "imap/flag.h"
#include "mail/control.h"
#include "mail/control_frame.h"

/* An offline mail process as a thread, with its store in memory. */
struct world {
	const struct config *config;
	pthread_t thread;
	enum status st;
	int server;
	int fd;
	struct buf in;
	size_t taken;
};

static void
drop_line(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

static void *
serve(void *arg)
{
	struct world *w = arg;

	w->st = control_offline(w->config, w->server);
	return NULL;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	CLEANUP(buf_clear) struct buf problems = { 0 };
	int fds[2];

	log_set_sink(drop_line);
	assert_ok(config_parse(SPAN("store { driver = \"memory\" }\n"
				    "instance { mail-threads = 2 }\n"),
	    "/newel.conf", &w->config, &problems));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	w->fd = fds[0];
	w->server = fds[1];
	assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
	*state = w;
	return 0;
}

static void
hang_up(struct world *w)
{
	if (w->fd == -1)
		return;
	close(w->fd);
	w->fd = -1;
	pthread_join(w->thread, NULL);
	assert_ok(w->st);
}

static int
teardown(void **state)
{
	struct world *w = *state;

	hang_up(w);
	buf_clear(&w->in);
	config_unref(&w->config);
	free(w);
	return 0;
}

static void
send_all(struct world *w, struct span s)
{
	while (s.n > 0) {
		ssize_t n = send(w->fd, s.p, s.n, MSG_NOSIGNAL);

		assert_true(n > 0);
		s = span_from(s, (size_t)n);
	}
}

/* False: the connection has ended. */
static bool
answer(struct world *w, struct control_reply *out)
{
	struct span fields;

	buf_drop(&w->in, w->taken);
	w->taken = 0;
	while (
	    control_frame(buf_span(&w->in), &fields, &w->taken) == ST_AGAIN) {
		ssize_t n = recv(w->fd, buf_room(&w->in, 4096), 4096, 0);

		if (n <= 0)
			return false;
		buf_added(&w->in, (size_t)n);
	}
	assert_ok(control_reply_read(fields, out));
	return true;
}

static struct control_reply
ask(struct world *w, const struct control_request *r, enum status want)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct control_reply reply;

	control_ask(&b, r);
	send_all(w, buf_span(&b));
	assert_true(answer(w, &reply));
	assert_int_equal(reply.st, want);
	assert_true((reply.text.n == 0) == (want == ST_OK));
	return reply;
}

#define ASK(w, want, ...) \
	ask((w), &(struct control_request){ __VA_ARGS__ }, (want))

/* Accounts of odd numbers belong to the other worker. */
static void
greet(struct world *w, uint64_t account)
{
	ASK(w, ST_OK, .op = CONTROL_HELLO, .version = CONTROL_VERSION,
	    .account = account);
}

static struct control_target
prepare(struct world *w, const char *name, uint32_t uidvalidity)
{
	struct control_reply r = ASK(w, ST_OK, .op = CONTROL_PREPARE,
	    .name = span_str(name), .uidvalidity = uidvalidity);
	struct control_target t;

	assert_true(control_target_next(&r.rest, &t));
	return t;
}

static struct control_mailbox
find(struct world *w, const char *name)
{
	struct control_reply r = ASK(w, ST_OK, .op = CONTROL_MAILBOXES);
	struct control_mailbox m;

	while (control_mailbox_next(&r.rest, &m))
		if (span_eq(m.name, span_str(name)))
			return m;
	return (struct control_mailbox){ 0 };
}

static void
pack_message(struct buf *b, const char *source, uint32_t uid)
{
	CLEANUP(buf_clear) struct buf keywords = { 0 };
	struct control_item i = { .source = span_str(source),
		.uid = uid,
		.flags = FLAG_SEEN,
		.date = { 1700000000, 7200 },
		.bytes = SPAN("Subject: x\r\n\r\nHello\r\n") };

	pack_span(&keywords, SPAN("$Work"));
	pack_span(&keywords, SPAN("not a keyword"));
	i.keywords = buf_span(&keywords);
	control_item_pack(b, &i);
}

static void
what_is_imported_can_be_exported(void **state)
{
	struct world *w = *state;
	CLEANUP(buf_clear) struct buf items = { 0 };
	struct control_target t;
	struct control_reply r;
	struct control_row row;
	struct span word;

	greet(w, 1);
	t = prepare(w, "Work/2024", 4711);
	assert_int_equal(t.uidvalidity, 4711);
	assert_int_equal(t.uidnext, 1);
	pack_message(&items, "a", 10);
	pack_message(&items, "b", 5); /* not above the last: the next one */
	pack_message(&items, "a", 12);
	r = ASK(w, ST_OK, .op = CONTROL_IMPORT, .mailbox = t.mailbox,
	    .items = buf_span(&items));
	assert_int_equal(unpack_u64(&r.rest), 1);
	assert_int_equal(unpack_u64(&r.rest), 1);
	assert_int_equal(unpack_u64(&r.rest), 0); /* twice in one request */
	ASK(w, ST_OK, .op = CONTROL_UIDNEXT, .mailbox = t.mailbox, .uid = 50);

	r = ASK(w, ST_OK, .op = CONTROL_ROWS, .mailbox = t.mailbox);
	assert_int_equal(unpack_u64(&r.rest), 0);
	assert_true(control_row_next(&r.rest, &row));
	assert_int_equal(row.uid, 10);
	assert_int_equal(row.flags, FLAG_SEEN);
	assert_true(row.date.wall == 1700000000);
	assert_int_equal(row.date.zone_secs, 7200);
	assert_true(control_keyword(&row.keywords, &word));
	assert_span(word, "$Work");
	assert_false(control_keyword(&row.keywords, &word));
	assert_true(control_row_next(&r.rest, &row));
	assert_int_equal(row.uid, 11);
	assert_false(control_row_next(&r.rest, &row));

	r = ASK(w, ST_OK, .op = CONTROL_BODY, .content = row.content,
	    .offset = 14);
	assert_span(unpack_span(&r.rest), "Hello\r\n");
	r = ASK(w, ST_OK, .op = CONTROL_USAGE);
	assert_int_equal(unpack_u64(&r.rest), 2 * row.size);
	assert_int_equal(unpack_u64(&r.rest), 2);
	assert_int_equal(find(w, "Work/2024").uidnext, 50);
}

static void
an_import_takes_nothing_twice(void **state)
{
	struct world *w = *state;
	CLEANUP(buf_clear) struct buf items = { 0 };
	struct control_target t;

	greet(w, 2);
	pack_message(&items, "a", 0);
	for (int round = 0; round < 4; round++) {
		struct control_reply r;

		/* Not even if it was expunged; a new mailbox is another. */
		if (round == 2)
			ASK(w, ST_OK, .op = CONTROL_DELETE,
			    .name = SPAN("Work"));
		t = prepare(w, "Work", 0);
		r = ASK(w, ST_OK, .op = CONTROL_IMPORT, .mailbox = t.mailbox,
		    .items = buf_span(&items));
		assert_int_equal(unpack_u64(&r.rest), round % 2 == 0);
	}
}

static void
an_old_mailbox_keeps_its_uidvalidity(void **state)
{
	struct world *w = *state;
	CLEANUP(buf_clear) struct buf items = { 0 };
	struct control_target t;

	greet(w, 1);
	assert_int_equal(prepare(w, "INBOX", 12).uidvalidity, 12);
	t = prepare(w, "inbox", 13);
	assert_int_equal(t.uidvalidity, 13);
	pack_message(&items, "a", 0);
	ASK(w, ST_OK, .op = CONTROL_IMPORT, .mailbox = t.mailbox,
	    .items = buf_span(&items));
	assert_int_equal(prepare(w, "INBOX", 14).uidvalidity, 13);
}

static void
a_use_goes_to_where_the_mail_is(void **state)
{
	struct world *w = *state;
	CLEANUP(buf_clear) struct buf items = { 0 };
	struct control_target t;

	greet(w, 1);
	ASK(w, ST_OK, .op = CONTROL_PREPARE, .name = SPAN("Sent Items"),
	    .use = USE_SENT, .subscribed = true);
	assert_int_equal(find(w, "Sent").use, 0);
	assert_int_equal(find(w, "Sent Items").use, USE_SENT);
	assert_true(find(w, "Sent Items").subscribed);
	t = prepare(w, "Sent Items", 0);
	pack_message(&items, "a", 0);
	ASK(w, ST_OK, .op = CONTROL_IMPORT, .mailbox = t.mailbox,
	    .items = buf_span(&items));
	ASK(w, ST_OK, .op = CONTROL_PREPARE, .name = SPAN("Sent"),
	    .use = USE_SENT);
	assert_int_equal(find(w, "Sent").use, 0);
}

static void
mailboxes_are_managed(void **state)
{
	struct world *w = *state;

	greet(w, 3);
	ASK(w, ST_OK, .op = CONTROL_CREATE, .name = SPAN("a/b"));
	ASK(w, ST_EXISTS, .op = CONTROL_CREATE, .name = SPAN("a/b"));
	ASK(w, ST_BAD, .op = CONTROL_CREATE, .name = SPAN("a//b"));
	ASK(w, ST_BAD, .op = CONTROL_CREATE, .name = SPAN("\377"));
	ASK(w, ST_DENIED, .op = CONTROL_RENAME, .name = SPAN("a"),
	    .to = SPAN("a/c"));
	ASK(w, ST_OK, .op = CONTROL_RENAME, .name = SPAN("a"), .to = SPAN("c"));
	assert_true(find(w, "c/b").exists && find(w, "c/b").subscribed);
	assert_false(find(w, "a/b").exists);
	ASK(w, ST_OK, .op = CONTROL_DELETE, .name = SPAN("c/b"));
	ASK(w, ST_NOTFOUND, .op = CONTROL_DELETE, .name = SPAN("c/b"));
	ASK(w, ST_DENIED, .op = CONTROL_DELETE, .name = SPAN("InBox"));
	ASK(w, ST_NOTFOUND, .op = CONTROL_ROWS, .mailbox = 99);
	ASK(w, ST_NOTFOUND, .op = CONTROL_BODY, .content = 99);
	ASK(w, ST_NOTFOUND, .op = CONTROL_UIDNEXT, .mailbox = 99);
	ASK(w, ST_NOTFOUND, .op = CONTROL_IMPORT, .mailbox = 99);
}

static void
erasing_leaves_nothing_and_ends(void **state)
{
	struct world *w = *state;
	CLEANUP(buf_clear) struct buf items = { 0 };
	struct control_target t;
	struct control_reply r;

	greet(w, 1);
	t = prepare(w, "INBOX", 0);
	pack_message(&items, "a", 0);
	ASK(w, ST_OK, .op = CONTROL_IMPORT, .mailbox = t.mailbox,
	    .items = buf_span(&items));
	ASK(w, ST_OK, .op = CONTROL_ERASE);
	assert_false(answer(w, &r));
}

static void
what_makes_no_sense_ends_the_connection(void **state)
{
	static const struct span bad[] = {
		SPAN_INIT("\0\0\0\1\2"),         /* before HELLO */
		SPAN_INIT("\0\0\0\1\x7f"),       /* not a request */
		SPAN_INIT("\xff\xff\xff\xff\1"), /* too long */
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct control_reply r;

		assert_int_equal(setup(state), 0);
		send_all(*state, bad[i]);
		assert_false(answer(*state, &r));
		teardown(state);
	}
}

static void
another_version_is_told_so(void **state)
{
	struct world *w = *state;
	struct control_reply r;

	ASK(w, ST_BAD, .op = CONTROL_HELLO, .version = CONTROL_VERSION + 1,
	    .account = 1);
	assert_false(answer(w, &r));
}

static void
items_that_make_no_sense_are_refused(void **state)
{
	struct world *w = *state;
	CLEANUP(buf_clear) struct buf items = { 0 };

	greet(w, 1);
	ASK(w, ST_BAD, .op = CONTROL_IMPORT, .mailbox = 1,
	    .items = SPAN("\5x"));
	for (int i = 0; i <= LIMIT_CONTROL_ITEMS; i++)
		pack_message(&items, "a", 0);
	ASK(w, ST_LIMIT, .op = CONTROL_IMPORT, .mailbox = 1,
	    .items = buf_span(&items));
	hang_up(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_imported_can_be_exported),
		TEST(an_import_takes_nothing_twice),
		TEST(an_old_mailbox_keeps_its_uidvalidity),
		TEST(a_use_goes_to_where_the_mail_is),
		TEST(mailboxes_are_managed),
		TEST(erasing_leaves_nothing_and_ends),
		cmocka_unit_test(what_makes_no_sense_ends_the_connection),
		TEST(another_version_is_told_so),
		TEST(items_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
