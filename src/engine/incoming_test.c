#include "engine/incoming.h"

#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/peer.h"
#include "engine/upload.h"

/*
 * Messages of one APPEND.  They are of many sizes, from some bytes to several
 * portions, some too long for the memory; each has its number in its subject
 * and differs from the others everywhere.
 */
enum { MESSAGES = 400 };

static size_t
size_of(unsigned i)
{
	switch (i % 100) {
	case 40:
		return UPLOAD_MEMORY + 70000;
	case 60:
		return UPLOAD_MEMORY;
	case 61:
		return 100000;
	default:
		return 100 + (size_t)(i % 7) * 900;
	}
}

static void
add_message(struct buf *out, unsigned i)
{
	size_t end = out->n + size_of(i);

	buf_printf(out, "Subject: number %u\r\n\r\n", i);
	while (out->n < end)
		buf_printf(out, "%u,%zu\r\n", i, end - out->n);
	out->n = end;
}

static void
add_command(struct buf *out, unsigned n)
{
	BUF_LIT(out, "b APPEND INBOX");
	for (unsigned i = 0; i < n; i++) {
		buf_printf(out, " {%zu+}\r\n", size_of(i));
		add_message(out, i);
	}
}

static void
append_some(struct peer *p, unsigned n, const char *end)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	add_command(&b, n);
	buf_str(&b, end);
	send_all(p, buf_span(&b));
}

static void
append_many(struct peer *p, const char *end)
{
	append_some(p, MESSAGES, end);
}

static uint32_t
messages_in(struct fixture *f)
{
	return fixture_mailbox(f, "INBOX")->current->totals.count;
}

/* But for the contents of what is there. */
static void
assert_nothing_is_left(struct fixture *f)
{
	fixture_settle(f);
	assert_int_equal(f->account->portions, 0);
	assert_int_equal(f->account->summary_bytes, 0);
	assert_int_equal(fixture_keys(f, KEY_RECORD), messages_in(f));
	assert_int_equal(fixture_keys(f, KEY_GARBAGE), 0);
}

/* In the middle of a message, and where messages end. */
static void
who_goes_meanwhile_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_clear) struct buf b = { 0 };

	add_command(&b, MESSAGES);
	for (size_t n = 0; n < b.n; n += b.n / 20 + 1) {
		CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);

		send_all(p, span_head(buf_span(&b), n));
		session_drop(p->session);
		assert_null(p->session);
	}
	assert_nothing_is_left(f);
	assert_int_equal(messages_in(f), 0);
}

/* In the order that they came in, byte for byte. */
static void
assert_all_there(struct peer *p)
{
	CLEANUP(buf_clear) struct buf want = { 0 };

	say(p, "c SELECT INBOX\r\n");
	until(p, "c OK");
	buf_reset(&p->got);
	say(p, "d UID FETCH 1:* BODY.PEEK[]\r\n");
	until(p, "d OK");
	for (unsigned i = 0; i < MESSAGES; i++) {
		buf_printf(&want, "* %u FETCH (UID %u BODY[] {%zu}\r\n", i + 1,
		    i + 1, size_of(i));
		add_message(&want, i);
		BUF_LIT(&want, ")\r\n");
	}
	BUF_LIT(&want, "d OK");
	assert_true(span_starts(buf_span(&p->got), buf_span(&want)));
}

static void
many_come_in_their_order(void **state)
{
	struct fixture *f = *state;
	CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);

	append_many(p, "");
	fixture_settle(f);
	assert_in_range(fixture_keys(f, KEY_RECORD), 300, MESSAGES);
	assert_int_not_equal(fixture_keys(f, KEY_GARBAGE), 0);
	say(p, "\r\n");
	until(p, "b OK [APPENDUID ");
	assert_true(has(p, " 1:400] Appended\r\n"));
	assert_nothing_is_left(f);
	assert_all_there(p);
}

/* The disk refuses what comes first; what comes then is stored, and goes. */
static void
an_append_of_which_some_was_refused_adds_nothing(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);

	add_command(&b, MESSAGES);
	send_all(p, span_head(buf_span(&b), b.n / 4));
	fixture_settle(f);
	assert_int_not_equal(fixture_keys(f, KEY_GARBAGE), 0);
	fixture_refuse(f);
	send_all(p, span_head(span_from(buf_span(&b), b.n / 4), b.n / 4));
	fixture_settle(f);
	send_all(p, span_from(buf_span(&b), b.n / 4 * 2));
	say(p, "\r\n");
	until(p, "b NO [UNAVAILABLE]");
	assert_nothing_is_left(f);
	assert_int_equal(messages_in(f), 0);
	buf_reset(&p->got);
	append_many(p, "\r\n");
	until(p, "b OK");
	assert_nothing_is_left(f);
}

/* Others of the account have what threads may do: so the loop does it. */
static void
what_may_not_go_to_threads_is_made_all_the_same(void **state)
{
	struct fixture *f = *state;
	CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);

	f->account->portions = LIMIT_PORTIONS;
	append_many(p, "\r\n");
	until(p, "b OK [APPENDUID ");
	f->account->portions = 0;
	assert_nothing_is_left(f);
	assert_all_there(p);
}

/* The messages before it are made already, or are being made. */
static void
what_is_wrong_at_the_end_undoes_all(void **state)
{
	static const struct {
		const char *end;
		const char *reply;
	} cases[] = {
		{ " nonsense\r\n", "b BAD" },
		{ " {0+}\r\n\r\n", "b NO" }, /* RFC 3502: it is cancelled */
		{ " (\\Seen) {9999999}\r\n", "b NO [TOOBIG]" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);

		append_many(p, cases[i].end);
		until(p, cases[i].reply);
		say(p, "c NOOP\r\n");
		until(p, "c OK");
	}
	assert_nothing_is_left(f);
	assert_int_equal(messages_in(f), 0);
}

/* They aren't worth a change while it is in use, and go with the last user. */
static void
the_few_that_were_given_up_go_with_the_session(void **state)
{
	struct fixture *f = *state;
	struct peer *p = peer_new(f, 65536);

	f->account->portions = LIMIT_PORTIONS; /* the loop makes them */
	append_some(p, 36, " nonsense\r\n");
	until(p, "b BAD");
	f->account->portions = 0;
	fixture_settle(f);
	assert_int_not_equal(fixture_keys(f, KEY_GARBAGE), 0);
	peer_free(&p);
	assert_nothing_is_left(f);
}

static void
what_is_made_counts_for_its_account(void **state)
{
	struct fixture *f = *state;
	CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);
	size_t *total = &f->account->summary_bytes;

	*total = LIMIT_SUMMARIES - 10000;
	append_many(p, "\r\n");
	until(p, "b NO [LIMIT]");
	fixture_settle(f);
	assert_int_equal(*total, LIMIT_SUMMARIES - 10000);
	*total = 0;
	assert_int_equal(messages_in(f), 0);
	buf_reset(&p->got);
	append_many(p, "\r\n");
	until(p, "b OK");
	assert_all_there(p);
}

/* Keeps all threads from the account until they are let go. */
struct hold {
	struct work work; /* the first thing in it */
	struct holds *all;
};

struct holds {
	sem_t go;
	unsigned holding;
	struct hold hold[FIXTURE_THREADS / 2];
};

static void
wait_in_thread(struct work *w)
{
	while (sem_wait(&((struct hold *)w)->all->go) != 0)
		continue;
}

static void
let_go(struct work *w)
{
	((struct hold *)w)->all->holding--;
}

static void
hold_threads(struct fixture *f, struct holds *h)
{
	sem_init(&h->go, 0, 0);
	h->holding = COUNT(h->hold);
	for (size_t i = 0; i < COUNT(h->hold); i++) {
		h->hold[i] = (struct hold){
			.work = { .run = wait_in_thread, .done = let_go },
			.all = h,
		};
		work_start(f->account, WORK_SHORT, &h->hold[i].work);
	}
}

static void
let_threads_go(struct holds *h)
{
	for (size_t i = 0; i < COUNT(h->hold); i++)
		sem_post(&h->go);
}

/*
 * A few portions wait for threads, whatever else comes, also when who has sent
 * them gives up and sends others, or goes.
 */
static void
few_portions_wait_for_threads(void **state)
{
	struct fixture *f = *state;
	struct holds holds;
	struct peer *p = peer_new(f, 65536);

	hold_threads(f, &holds);
	append_many(p, " nonsense\r\n");
	until(p, "b BAD");
	assert_int_equal(f->account->portions, LIMIT_PORTIONS);
	append_many(p, " ");
	assert_int_equal(f->account->portions, LIMIT_PORTIONS);
	session_drop(p->session);
	assert_null(p->session);

	let_threads_go(&holds);
	while (holds.holding > 0)
		turn(p);
	peer_free(&p);
	assert_nothing_is_left(f);
	sem_destroy(&holds.go);
}

/* What it waits for is ready after it has gone. */
static void
who_goes_while_the_last_are_made_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct holds holds;
	struct peer *p = peer_new(f, 65536);

	hold_threads(f, &holds);
	append_many(p, "\r\n");
	while (!p->session->waiting || !p->session->incoming->awaited)
		turn(p);
	session_drop(p->session);
	assert_non_null(p->session); /* it must be woken first */
	let_threads_go(&holds);
	until_ended(p);
	peer_free(&p);
	assert_nothing_is_left(f);
	assert_int_equal(messages_in(f), 0);
	sem_destroy(&holds.go);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(many_come_in_their_order),
		TEST(what_may_not_go_to_threads_is_made_all_the_same),
		TEST(an_append_of_which_some_was_refused_adds_nothing),
		TEST(who_goes_meanwhile_leaves_nothing),
		TEST(what_is_wrong_at_the_end_undoes_all),
		TEST(the_few_that_were_given_up_go_with_the_session),
		TEST(what_is_made_counts_for_its_account),
		TEST(few_portions_wait_for_threads),
		TEST(who_goes_while_the_last_are_made_leaves_nothing),
	};

	log_set_level(LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
