#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/checkpoint.h"
#include "engine/committer.h"
#include "engine/leaf.h"
#include "engine/peer.h"
#include "engine/session_in.h"
#include "store/store.h"

static void
who_vanishes_while_something_is_under_way_is_forgotten_after_it(void **state)
{
	static const char *const commands[] = {
		"b STORE 1 +FLAGS (\\Seen plum)\r\n",
		"b FETCH 1 BODY[]\r\n",
		"b FETCH 1:* (ENVELOPE BODY.PEEK[])\r\n",
		"b SEARCH OR TEXT plum SUBJECT pear\r\n",
		"b THREAD REFERENCES UTF-8 BODY plum\r\n",
		"b COPY 1 Trash\r\nc EXPUNGE\r\n",
		"b MOVE 1 Trash\r\n",
		"b CLOSE\r\n",
		"b APPEND INBOX {3+}\r\nx\r\n\r\n",
		"b CREATE box\r\n",
		"b IDLE\r\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(commands); i++) {
		CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);

		(void)fixture_append(f, "INBOX", "x");
		say(p, "s SELECT INBOX\r\n");
		until(p, "s OK");
		say(p, commands[i]);
		for (int n = 0; n < 50 && accounts_in_flight(f->accounts) == 0;
		     n++)
			turn(p);
		session_drop(p->session);
		until_ended(p);
	}
}

static void
a_change_of_nothing_does_not_wait_forever(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	say(p, "b SELECT INBOX\r\nc EXPUNGE\r\nd UID COPY 7 Trash\r\n"
	       "e UID MOVE 7 Trash\r\nf UID STORE 7 FLAGS ()\r\ng CLOSE\r\n");
	until(p, "g OK");
}

static void
what_came_before_the_end_of_input_is_answered(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	(void)fixture_append(p->f, "INBOX", "x");
	say(p, "b SELECT INBOX\r\nc STORE 1 +FLAGS (\\Seen)\r\n"
	       "d COPY 1 Trash\r\ne SEARCH TEXT x\r\n");
	assert_int_equal(shutdown(p->fd, SHUT_WR), 0);
	until(p, "e OK");
	until_ended(p);
}

/* Turns the loop until there is no more room for output. */
static void
until_full(struct peer *p)
{
	for (int i = 0; i < 100000 && stream_waiting(p->session->stream) <
					  p->config.output_limit;
	     i++) {
		turn(p);
		if (i > 1000)
			usleep(100);
	}
}

static void
a_slow_reader_holds_up_its_own_command_and_no_memory(void **state)
{
	enum { LIMIT = 16384, MESSAGES = 300 };
	CLEANUP(peer_free) struct peer *p = peer_new(*state, LIMIT);

	for (int i = 0; i < MESSAGES; i++)
		(void)fixture_append(p->f, "INBOX", "a subject of some length");
	say(p, "b SELECT INBOX\r\n");
	until(p, "b OK");
	say(p, "c FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[])\r\n");
	until_full(p);
	assert_false(has(p, "c OK"));
	assert_in_range(stream_waiting(p->session->stream), LIMIT,
	    2 * LIMIT - 1);
	for (int i = 0; i < 3000 && !has(p, "c OK"); i++) {
		(void)take(p, 700);
		turn(p);
		assert_in_range(stream_waiting(p->session->stream), 0,
		    2 * LIMIT - 1);
	}
	until(p, "c OK");
	assert_true(has(p, "* 300 FETCH (ENVELOPE"));
}

/* One that is read in pieces. */
static void
append_large(struct fixture *f)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct arrival a = { .internal = { 1000000000, 0 } };
	struct change *c;
	uint32_t uid;

	BUF_LIT(&text, "Subject: large\r\n\r\n");
	while (text.n < 900000)
		BUF_LIT(&text, "All work and no play.\r\n");
	a.message = message_new(buf_span(&text), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
}

/* How many lines are an INPROGRESS; none has one within. */
static size_t
count_progress(struct span rest)
{
	static const char said[] = "* OK [INPROGRESS (\"c\" ";
	size_t n = 0;

	while (rest.n > 0) {
		struct span line = span_head(rest, span_find(rest, '\n') + 1);

		if (span_starts(line, span_str(said)))
			n++;
		else
			assert_null(memmem(line.p, line.n, said, 18));
		rest = span_from(rest, line.n);
	}
	return n;
}

/* RFC 9585: between responses, not within one. */
static void
a_long_command_says_that_it_is_in_progress_where_it_may(void **state)
{
	static const struct {
		const char *command;
		bool says;
	} cases[] = {
		{ "c FETCH 301 (UID BODY.PEEK[])\r\n", false },
		{ "c FETCH 301 (UID BINARY.PEEK[1])\r\n", false },
		{ "c SEARCH BODY play\r\n", true },
		{ "c SORT (SUBJECT) UTF-8 BODY play\r\n", true },
		{ "c THREAD REFERENCES UTF-8 BODY play\r\n", true },
	};
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	for (int i = 0; i < 300; i++)
		(void)fixture_append(p->f, "INBOX", "a subject");
	append_large(p->f);
	say(p, "b SELECT INBOX\r\n");
	until(p, "b OK");
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_reset(&p->got);
		say(p, cases[i].command);
		for (int n = 0; n < 100000 && !has(p, "c OK"); n++) {
			p->session->cmd.progress_ms = INT32_MIN;
			turn(p);
			(void)take(p, SIZE_MAX);
			if (n > 1000)
				usleep(100);
		}
		assert_true(has(p, "c OK"));
		if (cases[i].says)
			assert_true(count_progress(buf_span(&p->got)) > 0);
		else
			(void)count_progress(buf_span(&p->got));
	}
}

static void
who_reads_nothing_for_long_is_dropped(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 16384);
	int64_t now = loop_now_ms(p->f->loop);

	for (int i = 0; i < 100; i++)
		(void)fixture_append(p->f, "INBOX", "x");
	say(p, "b SELECT INBOX\r\nc FETCH 1:* (ENVELOPE BODY.PEEK[])\r\n");
	until_full(p);
	turn(p); /* which writes what can be written */
	session_tick(p->session, now + 200000);
	assert_non_null(p->session);
	session_tick(p->session, now + 400000);
	assert_null(p->session);
}

/* NATs drop lines that are silent for long; IDLE itself has no end. */
static void
idle_says_that_it_is_still_there_and_is_not_cut_off(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);
	int64_t now = loop_now_ms(p->f->loop);

	say(p, "b IDLE\r\n");
	until(p, "+ idling");
	session_tick(p->session, now + 60000);
	turn(p);
	(void)take(p, SIZE_MAX);
	assert_false(has(p, "Still here"));
	session_tick(p->session, now + 130000);
	until(p, "* OK Still here");
	session_tick(p->session, now + 3600000);
	assert_non_null(p->session);
	say(p, "DONE\r\nc NOOP\r\n");
	until(p, "c OK");
}

/* There may be twenty thousand of them. */
static void
an_idle_session_owns_no_buffer(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);
	const struct session *s = p->session;

	say(p, "b SELECT INBOX\r\nthe-longer-tag-of-an-idle IDLE\r\n");
	until(p, "+ idling");
	assert_null(s->cmd.arena);
	assert_null(s->reader.text.p);
	assert_true(stream_memory(s->stream) < 512);
	say(p, "DONE\r\n");
	until(p, "the-longer-tag-of-an-idle OK No longer idle\r\n");
}

static void
who_is_silent_for_too_long_gets_a_bye(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);
	int64_t now = loop_now_ms(p->f->loop);

	say(p, "b NOOP\r\n");
	until(p, "b OK");
	session_tick(p->session, now + 1700000);
	assert_non_null(p->session);
	session_tick(p->session, now + 1900000);
	until(p, "* BYE ");
	until_ended(p);
}

static void
a_bye_comes_behind_the_reply_to_the_command_at_hand(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	(void)fixture_append(p->f, "INBOX", "x");
	say(p, "b SELECT INBOX\r\nc STORE 1 +FLAGS (\\Seen)\r\n");
	for (int n = 0; n < 50 && accounts_in_flight(p->f->accounts) == 0; n++)
		turn(p);
	session_bye(p->session, "Shutting down");
	until(p, "* BYE Shutting down\r\n");
	assert_true(has(p, "c OK Stored\r\n* BYE"));
	until_ended(p);
}

static uint32_t
leaves_loaded(const struct version *v)
{
	uint32_t n = 0;

	for (size_t s = 0; s < v->segment_count; s++)
		for (uint32_t i = 0; i < v->segment[s]->n; i++)
			n += v->segment[s]->leaf[i]->state != NULL;
	return n;
}

/* However large the mailbox is, and whatever was done to it before. */
static void
who_selects_a_mailbox_reads_its_root_only(void **state)
{
	struct fixture *f = *state;
	CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);
	struct uidrange all = { 1, 5000 };
	struct uidset set = { &all, 1, 1 };
	struct uidrange first = { 1, LEAF_MESSAGES + 10 };
	struct uidset read = { &first, 1, 1 };
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	struct change *c;

	fixture_append_many(f, 5000);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_flags(c, mb, &set, FLAGS_ADD,
	    (struct flags){ { FLAG_FLAGGED, 0 } }, NULL));
	assert_ok(change_flags(c, mb, &read, FLAGS_ADD,
	    (struct flags){ { FLAG_SEEN, 0 } }, NULL));
	assert_ok(fixture_commit(f, &c));
	assert_int_not_equal(mb->ops, 0);
	say(p, "b EXAMINE INBOX\r\nc UNSELECT\r\n");
	until(p, "c OK");
	fixture_settle(f);
	assert_int_equal(mb->ops, 0);
	peer_free(&p);

	fixture_reopen(f);
	p = peer_new(f, 65536);
	say(p, "b SELECT INBOX\r\n");
	until(p, "b OK");
	assert_true(has(p, "* 5000 EXISTS\r\n* 5000 RECENT\r\n"));
	assert_true(has(p, "[UNSEEN 267]"));
	mb = fixture_mailbox(f, "INBOX");
	assert_false(segment_loaded(mb->current->segment[0]));
	say(p, "c SEARCH RETURN (COUNT) FLAGGED\r\n");
	until(p, "COUNT 5000\r\n");
}

/* A step reads 16, and a turn has two steps at most. */
#define LEAVES_A_TURN 40

/* INBOX with so many messages, of which nothing is in memory. */
static struct peer *
select_cold(struct fixture *f)
{
	struct peer *p;

	fixture_reopen(f);
	p = peer_new(f, 1 << 20);
	say(p, "s SELECT INBOX\r\n");
	until(p, "s OK");
	return p;
}

static void
no_step_reads_very_many_leaves(void **state)
{
	static const char *const commands[] = {
		"b FETCH 1:* (UID)\r\n",
		"b UID FETCH 1:* (FLAGS)\r\n",
		"b STORE 1:* +FLAGS.SILENT (\\Seen)\r\n",
		"b UID COPY 1:* Trash\r\n",
		"b UID EXPUNGE 1:*\r\n",
	};
	struct fixture *f = *state;

	fixture_append_many(f, LEAVES_A_TURN * 2 * LEAF_MESSAGES);
	checkpoint_when_left(fixture_mailbox(f, "INBOX"));
	for (size_t i = 0; i < COUNT(commands); i++) {
		CLEANUP(peer_free) struct peer *p = select_cold(f);
		const struct mailbox *mb = fixture_mailbox(f, "INBOX");
		uint32_t before = 0;
		uint32_t now;

		say(p, commands[i]);
		while (!has(p, "b OK")) {
			turn(p);
			(void)take(p, SIZE_MAX);
			now = leaves_loaded(mb->current);
			assert_in_range(now - before, 0, LEAVES_A_TURN);
			before = now;
		}
		assert_int_equal(before, LEAVES_A_TURN * 2);
	}
}

static void
an_expunge_reads_what_has_something_deleted(void **state)
{
	struct fixture *f = *state;
	struct uidrange one = { 20000, 20000 };
	struct uidset set = { &one, 1, 1 };
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	CLEANUP(peer_free) struct peer *p = NULL;
	struct change *c;

	fixture_append_many(f, LEAVES_A_TURN * 2 * LEAF_MESSAGES);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_flags(c, mb, &set, FLAGS_ADD,
	    (struct flags){ { FLAG_DELETED, 0 } }, NULL));
	assert_ok(fixture_commit(f, &c));
	checkpoint_when_left(mb);
	p = select_cold(f);
	say(p, "b EXPUNGE\r\n");
	until(p, "* 20000 EXPUNGE\r\nb OK");
	mb = fixture_mailbox(f, "INBOX");
	assert_in_range(leaves_loaded(mb->current), 1, 3);
}

/* How many messages are marked \Deleted or go in a turn, until an OK. */
static uint32_t
most_in_a_turn(struct peer *p, const struct mailbox *mb, const char *command)
{
	struct totals before = mb->head->totals;
	uint32_t most = 0;

	buf_reset(&p->got);
	say(p, command);
	for (int i = 0; i < 100000 && !has(p, "\r\nb OK"); i++) {
		const struct totals *now;

		turn(p);
		(void)take(p, SIZE_MAX);
		now = &mb->head->totals;
		most = MAX(most, before.count - now->count);
		if (now->deleted > before.deleted)
			most = MAX(most, now->deleted - before.deleted);
		before = *now;
	}
	assert_true(has(p, "\r\nb OK"));
	return most;
}

static void
very_many_messages_are_changed_in_parts(void **state)
{
	struct fixture *f = *state;
	CLEANUP(peer_free) struct peer *p = peer_new(f, 1 << 20);
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	uint32_t most;

	for (int i = 0; i < 4; i++)
		fixture_append_many(f, 20000);
	say(p, "s ENABLE QRESYNC\r\ns SELECT INBOX\r\n");
	until(p, "s OK [READ-WRITE]");
	most = most_in_a_turn(p, mb,
	    "b UID STORE 1:70000 +FLAGS.SILENT (\\Deleted)\r\n"
	    "c SEARCH RETURN (COUNT) DELETED MODSEQ 1\r\n");
	assert_in_range(most, 1, 69999);
	until(p, "c OK");
	assert_true(has(p, "* 1 FETCH (UID 1 MODSEQ ("));
	assert_true(has(p, "* 70000 FETCH (UID 70000 MODSEQ ("));
	assert_false(has(p, "FLAGS"));
	assert_true(has(p, " COUNT 70000 "));
	assert_int_equal(mb->current->totals.deleted, 70000);

	most = most_in_a_turn(p, mb, "b UID EXPUNGE 2:80000\r\n");
	assert_in_range(most, 1, 69998);
	assert_true(has(p, "* VANISHED 2:70000\r\n"));
	assert_int_equal(mb->current->totals.count, 10001);
	assert_int_equal(most_in_a_turn(p, mb, "b EXPUNGE\r\n"), 1);
	assert_true(has(p, "* VANISHED 1\r\n"));
	assert_int_equal(mb->current->totals.count, 10000);
}

static struct peer *
begin_expunge(struct fixture *f, uint32_t n)
{
	struct peer *p = peer_new(f, 1 << 20);
	const struct mailbox *mb = fixture_mailbox(f, "INBOX");

	fixture_append_many(f, n);
	say(p, "b SELECT INBOX\r\nc STORE 1:* +FLAGS.SILENT (\\Deleted)\r\n");
	until(p, "c OK");
	say(p, "d EXPUNGE\r\n");
	while (mb->head->totals.count == n)
		turn(p);
	assert_in_range(mb->head->totals.count, 1, n - 1);
	return p;
}

static void
an_expunge_ends_with_the_part_that_is_refused(void **state)
{
	struct fixture *f = *state;
	CLEANUP(peer_free) struct peer *p = begin_expunge(f, 60000);
	const struct mailbox *mb = fixture_mailbox(f, "INBOX");
	uint32_t left = mb->head->totals.count;

	fixture_refuse(f);
	until(p, "\r\nd NO [UNAVAILABLE]");
	fixture_settle(f);
	assert_int_equal(mb->current->totals.count, left);
	assert_ptr_equal(mb->current, mb->head);
	assert_int_equal(f->account->current.messages, left);
	say(p, "e EXPUNGE\r\n");
	until(p, "\r\ne OK");
	assert_int_equal(mb->current->totals.count, 0);
	assert_int_equal(f->account->current.messages, 0);
}

static void
who_leaves_during_an_expunge_leaves_some_of_it_done(void **state)
{
	struct fixture *f = *state;
	struct peer *p = begin_expunge(f, 60000);
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	uint32_t left = mb->head->totals.count;

	peer_free(&p);
	fixture_settle(f);
	assert_in_range(mb->current->totals.count, 0, left);
	assert_ptr_equal(mb->current, mb->head);
	left = mb->current->totals.count;
	fixture_reopen(f);
	mb = fixture_mailbox(f, "INBOX");
	assert_int_equal(mb->current->totals.count, left);
}

static void
what_the_disk_has_refused_is_written_when_it_is_left_again(void **state)
{
	struct fixture *f = *state;
	CLEANUP(peer_free) struct peer *p = peer_new(f, 65536);
	struct mailbox *mb = fixture_mailbox(f, "INBOX");

	fixture_append_many(f, 5000);
	assert_int_not_equal(mb->ops, 0);
	say(p, "b EXAMINE INBOX\r\n");
	until(p, "b OK");
	f->account->failing = true;
	say(p, "c UNSELECT\r\n");
	until(p, "c OK");
	fixture_settle(f);
	assert_int_not_equal(mb->ops, 0);
	f->account->failing = false;
	say(p, "d EXAMINE INBOX\r\ne UNSELECT\r\n");
	until(p, "e OK");
	fixture_settle(f);
	assert_int_equal(mb->ops, 0);
}

/* RFC 9051 sections 6.3.12 and 6.4.7: as if it were gone already. */
static void
what_is_being_deleted_is_to_be_made_before_mail_goes_there(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);
	struct mailbox *trash = fixture_mailbox(p->f, "Trash");
	struct account *a = p->f->account;
	struct mbox_list *all = a->list_head;

	(void)fixture_append(p->f, "INBOX", "x");
	say(p, "s SELECT INBOX\r\n");
	until(p, "s OK");
	trash->deleting = true;
	a->list_head = mbox_list_drop(all, trash->id);
	say(p, "b APPEND Trash {3+}\r\nx\r\n\r\n"
	       "c COPY 1 Trash\r\nd MOVE 1 Trash\r\n");
	until(p, "b NO [TRYCREATE]");
	until(p, "c NO [TRYCREATE]");
	until(p, "d NO [TRYCREATE]");
	mbox_list_unref(&a->list_head);
	a->list_head = all;
	trash->deleting = false;
}

/* RFC 5819 section 2. */
static void
what_goes_during_a_list_has_no_status_and_is_noselect(void **state)
{
	enum { BOXES = 40, NAME = 200 };
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 1024);
	unsigned char name[NAME];
	struct change *c;

	assert_ok(change_begin(p->f->account, &c));
	for (int i = 0; i < BOXES; i++) {
		memset(name, 'A' + i % 26, NAME);
		name[0] = i < 26 ? 'a' : 'b';
		assert_ok(change_create(c, span_of(name, NAME), 0, NULL));
	}
	assert_ok(change_create(c, SPAN("zzz"), 0, NULL));
	assert_ok(fixture_commit(p->f, &c));

	say(p, "b LIST \"\" * RETURN (STATUS (MESSAGES UIDNEXT))\r\n");
	for (int i = 0; i < 200; i++)
		turn(p);
	assert_ok(change_begin(p->f->account, &c));
	assert_ok(change_delete(c, SPAN("zzz")));
	assert_ok(fixture_commit(p->f, &c));
	until(p, "b OK");
	assert_true(has(p, "* STATUS Trash"));
	assert_true(has(p,
	    "* LIST (\\NonExistent \\Noselect \\HasNoChildren) \"/\" zzz"));
	assert_false(has(p, "* STATUS zzz"));
}

static void
drop_line(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

/* Adds a message of which something is missing. */
static void
forget_record(struct fixture *f)
{
	struct change *c;
	struct row row;
	struct key key;

	(void)fixture_append(f, "INBOX", "x");
	assert_ok(version_find(fixture_mailbox(f, "INBOX")->current, 1, &row));
	key = key_of1(KEY_RECORD, row.facts->content);
	assert_ok(change_begin(f->account, &c));
	batch_delete(change_batch(c), key_span(&key));
	assert_ok(fixture_commit(f, &c));
}

static void
what_can_not_be_read_is_told_to_be_seen_if_it_is(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	forget_record(p->f);
	log_set_sink(drop_line);
	say(p, "b SELECT INBOX\r\nc FETCH 1 BODY[]\r\n");
	until(p, "c NO [CORRUPTION]");
	log_set_sink(NULL);
	assert_true(has(p, "* 1 FETCH (UID 1 FLAGS (\\Seen"));
}

static bool long_step;

static bool
says(const char *line, size_t n, const char *text)
{
	return memmem(line, n, text, strlen(text)) != NULL;
}

/* What can't be read takes long to be told of. */
static void
wait_and_look(const char *line, size_t n)
{
	if (says(line, n, "event=message.read.failed"))
		usleep(10000);
	if (says(line, n, "event=session.step.long command=\"FETCH\""))
		long_step = true;
}

static void
a_step_that_holds_others_up_is_logged(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	forget_record(p->f);
	log_set_sink(wait_and_look);
	log_set_level(LEVEL_DEBUG);
	say(p, "b SELECT INBOX\r\nc FETCH 1 BODYSTRUCTURE\r\n");
	until(p, "c NO [CORRUPTION]");
	log_set_level(LEVEL_ERROR);
	log_set_sink(NULL);
	assert_true(long_step);
}

/* Of a reply, too, there is no more at once than the client takes. */
static void
a_long_search_reply_waits_for_its_reader(void **state)
{
	enum { MESSAGES = 20000, LIMIT = 4096 };
	CLEANUP(peer_free) struct peer *p = peer_new(*state, LIMIT);
	CLEANUP(uidset_clear) struct uidset odd = { 0 };
	CLEANUP(buf_clear) struct buf want = { 0 };
	struct change *c;

	fixture_append_many(p->f, MESSAGES);
	for (uint32_t uid = 1; uid < MESSAGES; uid += 2)
		uidset_add(&odd, uid);
	assert_ok(change_begin(p->f->account, &c));
	assert_ok(change_flags(c, fixture_mailbox(p->f, "INBOX"), &odd,
	    FLAGS_ADD, (struct flags){ { FLAG_FLAGGED, 0 } }, NULL));
	assert_ok(fixture_commit(p->f, &c));
	buf_str(&want, "* ESEARCH (TAG \"c\") UID MIN 1 ALL ");
	uidset_write(&want, &odd);
	buf_str(&want, " COUNT 10000\r\nc OK");
	buf_byte(&want, '\0');

	say(p, "b SELECT INBOX\r\n");
	until(p, "b OK");
	say(p, "c UID SEARCH RETURN (MIN ALL COUNT) FLAGGED\r\n");
	for (int i = 0; i < 1000; i++) {
		turn(p);
		assert_in_range(session_out(p->session)->n, 0, 2 * LIMIT);
	}
	until(p, (const char *)want.p);
}

/* RFC 9585 section 4. */
static void
a_command_that_takes_long_tells_how_far_it_is(void **state)
{
	enum { MESSAGES = 1000 };
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	for (int i = 0; i < MESSAGES; i++)
		(void)fixture_append(p->f, "INBOX", "x");
	say(p, "b SELECT INBOX\r\n");
	until(p, "b OK");
	/* As if each step took longer than a client likes to wait. */
	say(p, "c]x SEARCH NOT TEXT");
	for (int i = 0; i < 30; i++)
		say(p, " nowhere NOT TEXT");
	say(p, " anywhere\r\n");
	for (int i = 0; i < 100000 && !has(p, "c]x OK"); i++) {
		p->session->cmd.progress_ms -= 60000;
		turn(p);
		(void)take(p, SIZE_MAX);
		if (i > 1000)
			usleep(100);
	}
	assert_true(has(p, "* OK [INPROGRESS (\"c]x\" "));
	assert_true(has(p, " 1000)] Still working\r\n"));
	assert_true(has(p, "c]x OK"));
}

/* More than are ordered at once, with subjects from m00000 on. */
#define MANY 2500

static void
append_sorted(struct fixture *f)
{
	char subject[16];

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(subject, sizeof(subject), "m%05d", i);
		(void)fixture_append(f, "INBOX", subject);
	}
}

static void
many_messages_are_ordered_as_few_are(void **state)
{
	CLEANUP(peer_free) struct peer *p = peer_new(*state, 65536);

	append_sorted(p->f);
	say(p, "b SELECT INBOX\r\nc SORT (REVERSE SUBJECT) UTF-8 ALL\r\n"
	       "d THREAD REFERENCES UTF-8 ALL\r\n"
	       "e SORT (REVERSE SUBJECT) UTF-8 1:2\r\n");
	until(p, "e OK");
	assert_true(has(p, "* SORT 2500 2499 2498 "));
	assert_true(has(p, " 3 2 1\r\nc OK"));
	assert_true(has(p, "* THREAD (1)(2)(3)"));
	assert_true(has(p, "(2499)(2500)\r\nd OK"));
	assert_true(has(p, "* SORT 2 1\r\ne OK"));
}

/* While another thread orders, and while the answer is written. */
static void
who_vanishes_from_a_large_sort_leaves_nothing(void **state)
{
	static const char *const commands[] = {
		"b SORT (SUBJECT DATE) UTF-8 ALL\r\n",
		"b THREAD REFERENCES UTF-8 ALL\r\n",
	};
	struct fixture *f = *state;

	append_sorted(f);
	for (size_t i = 0; i < 2 * COUNT(commands); i++) {
		CLEANUP(peer_free) struct peer *p = peer_new(f, 4096);

		say(p, "s SELECT INBOX\r\n");
		until(p, "s OK");
		say(p, commands[i / 2]);
		if (i % 2 == 0)
			while (accounts_in_flight(f->accounts) == 0)
				turn(p);
		else
			until(p, i / 2 == 0 ? "* SORT" : "* THREAD");
		session_drop(p->session);
		until_ended(p);
	}
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(
		    who_vanishes_while_something_is_under_way_is_forgotten_after_it),
		TEST(a_change_of_nothing_does_not_wait_forever),
		TEST(what_came_before_the_end_of_input_is_answered),
		TEST(a_slow_reader_holds_up_its_own_command_and_no_memory),
		TEST(a_long_command_says_that_it_is_in_progress_where_it_may),
		TEST(who_reads_nothing_for_long_is_dropped),
		TEST(idle_says_that_it_is_still_there_and_is_not_cut_off),
		TEST(an_idle_session_owns_no_buffer),
		TEST(who_is_silent_for_too_long_gets_a_bye),
		TEST(a_bye_comes_behind_the_reply_to_the_command_at_hand),
		TEST(who_selects_a_mailbox_reads_its_root_only),
		TEST(no_step_reads_very_many_leaves),
		TEST(an_expunge_reads_what_has_something_deleted),
		TEST(an_expunge_ends_with_the_part_that_is_refused),
		TEST(who_leaves_during_an_expunge_leaves_some_of_it_done),
		TEST(
		    what_the_disk_has_refused_is_written_when_it_is_left_again),
		TEST(
		    what_is_being_deleted_is_to_be_made_before_mail_goes_there),
		TEST(what_goes_during_a_list_has_no_status_and_is_noselect),
		TEST(what_can_not_be_read_is_told_to_be_seen_if_it_is),
		TEST(a_step_that_holds_others_up_is_logged),
		TEST(a_long_search_reply_waits_for_its_reader),
		TEST(a_command_that_takes_long_tells_how_far_it_is),
		TEST(many_messages_are_ordered_as_few_are),
		TEST(very_many_messages_are_changed_in_parts),
		TEST(who_vanishes_from_a_large_sort_leaves_nothing),
	};

	log_set_level(LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
