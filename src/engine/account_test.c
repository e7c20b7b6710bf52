#include "engine/fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/checkpoint.h"
#include "engine/collect.h"
#include "io/loop.h"
#include "store/store.h"

static struct uidset
set_of(uint32_t lo, uint32_t hi)
{
	struct uidset s = { 0 };

	uidset_add_range(&s, lo, hi);
	return s;
}

static void
a_new_account_has_its_mailboxes(void **state)
{
	static const struct {
		const char *name;
		unsigned use;
	} want[] = {
		{ "Archive", USE_ARCHIVE },
		{ "Drafts", USE_DRAFTS },
		{ "INBOX", 0 },
		{ "Junk", USE_JUNK },
		{ "Sent", USE_SENT },
		{ "Trash", USE_TRASH },
	};
	struct fixture *f = *state;

	for (int round = 0; round < 2; round++) {
		assert_int_equal(f->account->list->n, COUNT(want));
		for (size_t i = 0; i < COUNT(want); i++) {
			const struct mbox *m = f->account->list->item[i];

			assert_true(span_eq(m->name, span_str(want[i].name)));
			assert_int_equal(m->use, want[i].use);
			assert_true(m->exists && m->subscribed);
			assert_true(m->uidvalidity > 1700000000);
		}
		fixture_reopen(f);
	}
}

static void
what_is_committed_is_there_after_a_restart(void **state)
{
	CLEANUP(uidset_clear) struct uidset two = set_of(2, 2);
	CLEANUP(uidset_clear) struct uidset three = set_of(3, 9);
	CLEANUP(uidset_clear) struct uidset gone = { 0 };
	struct fixture *f = *state;
	struct change *c;
	struct row row;
	unsigned bit;

	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(fixture_append(f, "INBOX", "x"), i);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_keyword(c, fixture_mailbox(f, "INBOX"), SPAN("$Work"),
	    &bit));
	assert_ok(change_flags(c, fixture_mailbox(f, "INBOX"), &two, FLAGS_ADD,
	    (struct flags){ { FLAG_SEEN | (uint64_t)1 << bit, 0 } }, NULL));
	assert_ok(
	    change_expunge(c, fixture_mailbox(f, "INBOX"), &three, &gone));
	assert_int_equal(uidset_count(&gone), 1);
	assert_ok(fixture_commit(f, &c));

	for (int round = 0; round < 2; round++) {
		struct mailbox *mb = fixture_mailbox(f, "INBOX");

		assert_int_equal(mb->current->totals.count, 2);
		assert_int_equal(mb->current->uidnext, 4);
		assert_int_equal(mb->current->modseq,
		    f->account->current.modseq);
		assert_ok(version_find(mb->current, 2, &row));
		assert_true(flags_bit(row.state->flags, bit));
		assert_int_equal(row.state->modseq, mb->current->modseq);
		assert_span(keywords_name(mb->current->keywords, 0), "$Work");
		assert_int_equal(f->account->current.messages, 2);
		assert_int_equal(row.facts->internal_zone_min, 60);
		fixture_reopen(f);
	}
}

static void
an_aborted_change_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct account_state before = f->account->head;
	struct change *c;
	uint64_t id;

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_create(c, SPAN("a/b"), 0, &id));
	assert_ok(change_delete(c, SPAN("Sent")));
	change_abort(&c);
	assert_null(mbox_find(f->account->list_head, SPAN("a/b")));
	assert_memory_equal(&f->account->head, &before, sizeof(before));

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_create(c, SPAN("other"), 0, &id));
	assert_ok(fixture_commit(f, &c));
	assert_int_equal(id, before.mailbox);
	assert_int_equal(fixture_append(f, "other", "x"), 1);
}

static void
mailboxes_are_made_renamed_and_deleted(void **state)
{
	struct fixture *f = *state;
	struct change *c;
	uint64_t id;

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_create(c, SPAN("a/b/c"), 0, &id));
	assert_int_equal(change_create(c, SPAN("a"), 0, NULL), ST_EXISTS);
	assert_ok(fixture_commit(f, &c));
	assert_int_equal(fixture_append(f, "a/b/c", "x"), 1);

	assert_ok(change_begin(f->account, &c));
	assert_int_equal(change_rename(c, SPAN("nope"), SPAN("y")),
	    ST_NOTFOUND);
	assert_ok(change_rename(c, SPAN("a"), SPAN("new/a")));
	assert_int_equal(change_rename(c, SPAN("new"), SPAN("INBOX")),
	    ST_EXISTS);
	change_abort(&c);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_rename(c, SPAN("a"), SPAN("new/a")));
	assert_ok(fixture_commit(f, &c));
	for (int round = 0; round < 2; round++) {
		assert_null(mbox_find(f->account->list, SPAN("a/b")));
		assert_int_equal(
		    mbox_find(f->account->list, SPAN("new/a/b/c"))->id, id);
		assert_int_equal(
		    fixture_mailbox(f, "new/a/b/c")->current->totals.count, 1);
		fixture_reopen(f);
	}

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_subscribe(c, SPAN("new/a/b/c"), true));
	assert_ok(change_delete(c, SPAN("new/a/b/c")));
	assert_int_equal(change_delete(c, SPAN("new/a/b/c")), ST_NOTFOUND);
	assert_ok(fixture_commit(f, &c));
	fixture_reopen(f);
	assert_false(mbox_find(f->account->list, SPAN("new/a/b/c"))->exists);
	assert_int_equal(f->account->current.messages, 0);
	assert_int_equal(f->account->current.bytes, 0);
}

/* DELETE and RENAME leave them behind. */
static void
names_that_are_only_subscribed_to_are_bounded(void **state)
{
	struct fixture *f = *state;
	enum status st = ST_OK;
	int n = 0;

	for (; st == ST_OK && n < 1000; n++) {
		unsigned char name[] = { 'x', (unsigned char)('A' + n / 26),
			(unsigned char)('A' + n % 26) };
		struct change *c;

		assert_ok(change_begin(f->account, &c));
		st = change_create(c, span_of(name, sizeof(name)), 0, NULL);
		if (st == ST_OK)
			st = change_subscribe(c, span_of(name, sizeof(name)),
			    true);
		if (st == ST_OK)
			st = change_delete(c, span_of(name, sizeof(name)));
		if (st == ST_OK)
			assert_ok(fixture_commit(f, &c));
		else
			change_abort(&c);
	}
	assert_int_equal(st, ST_LIMIT);
	assert_int_equal(f->account->list->n, f->engine.mailboxes_max * 2);
}

static void
note_done(void *done, enum status st)
{
	assert_ok(st);
	*(bool *)done = true;
}

/* RFC 7162 section 3.1: it SHOULD NOT have a mod-sequence. */
static void
a_change_of_nothing_is_no_change_but_keeps_its_place(void **state)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(1, 1);
	struct flags seen = { { FLAG_SEEN, 0 } };
	struct fixture *f = *state;
	bool done[3] = { false, false, false };

	(void)fixture_append(f, "INBOX", "x");
	for (int i = 0; i < 3; i++) {
		struct account_state before = f->account->head;
		struct mailbox *mb = fixture_mailbox(f, "INBOX");
		struct version *head = mb->head;
		struct change *c;

		assert_ok(change_begin(f->account, &c));
		assert_ok(change_flags(c, mb, &one, FLAGS_ADD, seen, NULL));
		change_submit(&c, note_done, &done[i]);
		assert_int_equal(f->account->head.modseq,
		    before.modseq + (i == 0));
		assert_int_equal(mb->head == head, i > 0);
		/* What is so is so only when the disk has it. */
		assert_int_equal(done[i], i == 2);
		if (i == 1)
			fixture_settle(f);
	}
	assert_true(done[0] && done[1]);
}

static size_t
contents_stored(struct fixture *f)
{
	return fixture_keys(f, KEY_RECORD);
}

/* Some slices of them; and again, as after a crash between two slices. */
static void
many_contents_go_in_slices(void **state)
{
	const uint32_t many = 1200;
	CLEANUP(uidset_clear) struct uidset all = set_of(1, many);
	CLEANUP(buf_clear) struct buf list = { 0 };
	struct key key = key_of1(KEY_GARBAGE, 1);
	struct fixture *f = *state;
	struct uint64_list ids = { 0 };
	struct change *c;

	fixture_append_numbered(f, many);
	(void)fixture_append(f, "INBOX", "stays");
	assert_int_equal(contents_stored(f), many + 1);
	for (uint64_t id = 1; id <= many; id++)
		uint64_list_add(&ids, id);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_expunge(c, fixture_mailbox(f, "INBOX"), &all, NULL));
	assert_ok(fixture_commit(f, &c));
	for (int again = 0; again < 2; again++) {
		fixture_reopen(f); /* reads what is to go */
		fixture_reopen(f); /* goes as it is left */
		assert_int_equal(contents_stored(f), 1);
		assert_int_equal(fixture_keys(f, KEY_GARBAGE), 0);

		buf_reset(&list);
		pack_contents(&list, &ids);
		assert_ok(change_begin(f->account, &c));
		batch_put(change_batch(c), key_span(&key), buf_span(&list));
		assert_ok(fixture_commit(f, &c));
		assert_int_equal(fixture_keys(f, KEY_GARBAGE), 1);
	}
	uint64_list_clear(&ids);
}

/* The first message of INBOX, in a change of its own. */
static void
copy_to_archive(struct fixture *f, struct uidset *to)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(1, 1);
	CLEANUP(uidset_clear) struct uidset from = { 0 };
	struct change *c;

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_copy(c, fixture_mailbox(f, "INBOX"), &one,
	    fixture_mailbox(f, "Archive"), &from, to));
	assert_ok(fixture_commit(f, &c));
}

static void
a_content_goes_with_its_last_message(void **state)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(1, 1);
	CLEANUP(uidset_clear) struct uidset from = { 0 };
	CLEANUP(uidset_clear) struct uidset to = { 0 };
	struct fixture *f = *state;
	struct change *c;
	uint64_t bytes;

	(void)fixture_append(f, "INBOX", "x");
	bytes = f->account->current.bytes;
	for (int i = 0; i < 2; i++)
		copy_to_archive(f, &to);
	assert_int_equal(uidset_count(&to), 2);
	assert_int_equal(f->account->current.bytes, 3 * bytes);
	assert_int_equal(contents_stored(f), 1);

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_move(c, fixture_mailbox(f, "INBOX"), &one,
	    fixture_mailbox(f, "Trash"), &from, &to));
	assert_ok(fixture_commit(f, &c));
	assert_int_equal(f->account->current.bytes, 3 * bytes);

	for (uint32_t i = 1; i <= 3; i++) {
		CLEANUP(uidset_clear)
		struct uidset last = set_of(i % 3 + 1, i % 3 + 1);

		fixture_reopen(f);
		assert_int_equal(contents_stored(f), 1);
		assert_ok(change_begin(f->account, &c));
		assert_ok(change_expunge(c,
		    fixture_mailbox(f, i == 2 ? "Trash" : "Archive"),
		    i == 2 ? &one : &last, NULL));
		assert_ok(fixture_commit(f, &c));
	}
	fixture_reopen(f);
	fixture_settle(f);
	if (f->account->current.messages == 0)
		assert_int_equal(contents_stored(f), 0);
	else
		assert_int_equal(contents_stored(f), 1);
}

static void
what_a_deleted_mailbox_had_is_given_back(void **state)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(1, 1);
	CLEANUP(uidset_clear) struct uidset to = { 0 };
	struct fixture *f = *state;
	struct change *c;
	uint64_t bytes;

	(void)fixture_append(f, "INBOX", "x");
	bytes = f->account->current.bytes;
	copy_to_archive(f, &to);
	for (uint64_t i = 0; i < 3; i++)
		(void)fixture_append(f, "Archive", "y");
	assert_int_equal(contents_stored(f), 4);

	for (int aborted = 1; aborted >= 0; aborted--) {
		assert_ok(change_begin(f->account, &c));
		assert_ok(change_delete(c, SPAN("Archive")));
		if (aborted)
			change_abort(&c);
		else
			assert_ok(fixture_commit(f, &c));
		fixture_reopen(f);
		fixture_settle(f);
		assert_int_equal(f->account->current.messages, aborted ? 5 : 1);
		assert_int_equal(contents_stored(f), aborted ? 4 : 1);
	}
	assert_int_equal(f->account->current.bytes, bytes);

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_expunge(c, fixture_mailbox(f, "INBOX"), &one, NULL));
	assert_ok(fixture_commit(f, &c));
	fixture_reopen(f);
	fixture_settle(f);
	assert_int_equal(contents_stored(f), 0);
}

static void
nothing_is_copied_out_of_a_deleted_mailbox(void **state)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(1, 1);
	CLEANUP(uidset_clear) struct uidset from = { 0 };
	CLEANUP(uidset_clear) struct uidset to = { 0 };
	struct fixture *f = *state;
	struct mailbox *deleted = fixture_mailbox(f, "Archive");
	struct change *c;

	(void)fixture_append(f, "Archive", "x");
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_delete(c, SPAN("Archive")));
	assert_ok(fixture_commit(f, &c));
	/* A session may still look at it; its contents will be collected. */
	assert_ok(change_begin(f->account, &c));
	assert_int_equal(change_copy(c, deleted, &one,
			     fixture_mailbox(f, "INBOX"), &from, &to),
	    ST_NOTFOUND);
	change_abort(&c);
}

static struct msg_facts
only_facts(struct fixture *f, const char *mailbox)
{
	struct mailbox *mb = fixture_mailbox(f, mailbox);
	struct rows rows = rows_all(mb->current);
	struct row row;

	assert_ok(rows_next(&rows, &row));
	return *row.facts;
}

static void
a_copy_has_an_email_id_of_its_own_and_a_move_keeps_it(void **state)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(1, 1);
	CLEANUP(uidset_clear) struct uidset from = { 0 };
	CLEANUP(uidset_clear) struct uidset to = { 0 };
	struct fixture *f = *state;
	struct msg_facts original;
	struct msg_facts copied;
	struct msg_facts moved;
	struct change *c;

	(void)fixture_append(f, "INBOX", "x");
	original = only_facts(f, "INBOX");
	assert_int_equal(original.email, original.content);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_copy(c, fixture_mailbox(f, "INBOX"), &one,
	    fixture_mailbox(f, "Archive"), &from, &to));
	assert_ok(fixture_commit(f, &c));
	copied = only_facts(f, "Archive");
	assert_int_equal(copied.content, original.content);
	assert_int_equal(copied.thread, original.thread);
	assert_int_not_equal(copied.email, original.email);

	fixture_reopen(f);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_move(c, fixture_mailbox(f, "Archive"), &one,
	    fixture_mailbox(f, "Trash"), &from, &to));
	assert_ok(fixture_commit(f, &c));
	fixture_reopen(f);
	moved = only_facts(f, "Trash");
	assert_int_equal(moved.email, copied.email);
	assert_int_equal(moved.content, copied.content);
	assert_int_equal(only_facts(f, "INBOX").email, original.email);
}

static void
a_quota_is_kept(void **state)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(1, 1);
	CLEANUP(uidset_clear) struct uidset from = { 0 };
	CLEANUP(uidset_clear) struct uidset to = { 0 };
	struct fixture *f = *state;
	struct change *c;

	(void)fixture_append(f, "INBOX", "x");
	f->account->quota_messages = 1;
	assert_ok(change_begin(f->account, &c));
	assert_int_equal(change_copy(c, fixture_mailbox(f, "INBOX"), &one,
			     fixture_mailbox(f, "Sent"), &from, &to),
	    ST_QUOTA);
	change_abort(&c);
	uidset_reset(&from);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_move(c, fixture_mailbox(f, "INBOX"), &one,
	    fixture_mailbox(f, "Sent"), &from, &to));
	assert_ok(fixture_commit(f, &c));
	account_set_quota(f->account->set, f->account->id,
	    f->account->current.bytes, 0);
	account_set_quota(f->account->set, f->account->id + 1, 1, 1);
	assert_ok(change_begin(f->account, &c));
	uidset_reset(&from);
	assert_int_equal(change_copy(c, fixture_mailbox(f, "Sent"), &one,
			     fixture_mailbox(f, "Sent"), &from, &to),
	    ST_QUOTA);
	change_abort(&c);
}

static void
vanished_says_what_went_since(void **state)
{
	CLEANUP(uidset_clear) struct uidset two = set_of(2, 3);
	CLEANUP(uidset_clear) struct uidset four = set_of(4, 4);
	CLEANUP(uidset_clear) struct uidset known = set_of(3, 5);
	CLEANUP(uidset_clear) struct uidset got = { 0 };
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct fixture *f = *state;
	struct mailbox *mb;
	struct change *c;
	uint64_t since;

	for (int i = 0; i < 5; i++)
		(void)fixture_append(f, "INBOX", "x");
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_expunge(c, fixture_mailbox(f, "INBOX"), &four, NULL));
	assert_ok(fixture_commit(f, &c));
	since = f->account->current.modseq;
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_expunge(c, fixture_mailbox(f, "INBOX"), &two, NULL));
	assert_ok(fixture_commit(f, &c));
	fixture_reopen(f);

	mb = fixture_mailbox(f, "INBOX");
	assert_ok(mailbox_vanished(mb, since, mb->current, NULL, &got));
	uidset_write(&text, &got);
	assert_span(buf_span(&text), "2:3");
	uidset_reset(&got);
	buf_reset(&text);
	assert_ok(mailbox_vanished(mb, since, mb->current, &known, &got));
	uidset_write(&text, &got);
	assert_span(buf_span(&text), "3");
	uidset_reset(&got);
	buf_reset(&text);
	assert_ok(mailbox_vanished(mb, 0, mb->current, NULL, &got));
	uidset_write(&text, &got);
	assert_span(buf_span(&text), "2:4");
}

static void
expunge_one(struct fixture *f, struct mailbox *mb, uint32_t uid)
{
	CLEANUP(uidset_clear) struct uidset one = set_of(uid, uid);
	struct change *c;

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_expunge(c, mb, &one, NULL));
	assert_ok(fixture_commit(f, &c));
}

static void
expect_all_vanished(struct mailbox *mb, uint64_t since, uint32_t last)
{
	CLEANUP(uidset_clear) struct uidset got = { 0 };

	assert_ok(mailbox_vanished(mb, since, mb->current, NULL, &got));
	assert_int_equal(uidset_count(&got), last);
}

/* Old expunges are forgotten one day, and until then all are told. */
static void
vanished_is_never_too_little(void **state)
{
	enum { MANY = 10500, FORGOTTEN = 10000 };
	struct fixture *f = *state;
	struct arrival a = { .internal = { 1000000000, 0 } };
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	struct change *c;
	uint32_t uid;
	uint64_t since;

	a.message = message_new(SPAN("Subject: x\r\n\r\n"), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	for (int i = 0; i < MANY; i++)
		assert_ok(change_append(c, mb, &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
	since = f->account->current.modseq;

	for (uid = 1; uid <= MANY; uid++) {
		expunge_one(f, mb, uid);
		/* On disk, perhaps, and not yet back. */
		while (uid > FORGOTTEN && mb->checkpointing) {
			uv_run(loop_uv(f->loop), UV_RUN_NOWAIT);
			usleep(1000);
			expect_all_vanished(mb, since, uid);
		}
	}
	fixture_settle(f);
	assert_true(mb->gone_floor > since);
}

/* So many leaves that they are committed in pieces, with changes between. */
static void
a_large_checkpoint_is_written_in_pieces(void **state)
{
	enum { MANY = 40000 };
	struct fixture *f = *state;
	struct arrival a = { .internal = { 1000000000, 0 } };
	struct mailbox *mb = fixture_mailbox(f, "INBOX");
	struct change *c;
	uint32_t uid;
	uint32_t n = 0;
	struct rows rows;
	struct row row;

	a.message = message_new(SPAN("Subject: x\r\n\r\n"), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	for (int i = 0; i < MANY; i++)
		assert_ok(change_append(c, mb, &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
	checkpoint_when_left(mb);
	for (uint32_t i = 1; mb->checkpointing && i <= MANY / 400; i++) {
		CLEANUP(uidset_clear)
		struct uidset one = set_of(i * 400, i * 400);

		assert_ok(change_begin(f->account, &c));
		assert_ok(change_flags(c, mb, &one, FLAGS_ADD,
		    (struct flags){ { FLAG_SEEN, 0 } }, NULL));
		assert_ok(fixture_commit(f, &c));
		n = i;
	}
	fixture_settle(f);
	assert_true(mb->image_count > MANY / LEAF_MESSAGES / SEGMENT_LEAVES);
	assert_true(mb->next_image > MANY / LEAF_MESSAGES);
	assert_true(mb->ops <= n);

	fixture_reopen(f);
	mb = fixture_mailbox(f, "INBOX");
	assert_int_equal(mb->current->totals.count, MANY);
	rows = rows_all(mb->current);
	for (uid = 1; rows_next(&rows, &row) == ST_OK; uid++) {
		bool seen = uid % 400 == 0 && uid / 400 <= n;

		assert_int_equal(row.state->uid, uid);
		assert_int_equal((row.state->flags.w[0] & FLAG_SEEN) != 0,
		    seen);
	}
	assert_int_equal(uid, MANY + 1);
}

/* Enough changes for checkpoints; what is read again must be the same. */
static void
checkpoints_keep_everything(void **state)
{
	struct fixture *f = *state;
	unsigned seed = 3;

	for (int round = 0; round < 1500; round++) {
		uint32_t top = fixture_mailbox(f, "INBOX")->current->uidnext;
		uint32_t lo = (uint32_t)rand_r(&seed) % top + 1;
		CLEANUP(uidset_clear)
		struct uidset set =
		    set_of(lo, lo + (uint32_t)rand_r(&seed) % 3);
		struct change *c;

		if (round % 2 == 0) {
			(void)fixture_append(f, "INBOX", "x");
			continue;
		}
		assert_ok(change_begin(f->account, &c));
		if (round % 7 == 0)
			assert_ok(change_expunge(c, fixture_mailbox(f, "INBOX"),
			    &set, NULL));
		else
			assert_ok(change_flags(c, fixture_mailbox(f, "INBOX"),
			    &set, FLAGS_SET,
			    (struct flags){ { rand_r(&seed) % 32, 0 } }, NULL));
		assert_ok(fixture_commit(f, &c));
		if (round % 301 == 0) {
			struct version *before =
			    version_ref(fixture_mailbox(f, "INBOX")->current);
			struct rows a = rows_all(before);
			struct rows b;
			struct row x;
			struct row y;

			/* All leaves, as their source will be gone. */
			while (rows_next(&a, &x) == ST_OK)
				continue;
			fixture_reopen(f);
			assert_true(fixture_mailbox(f, "INBOX")->ops < 400);
			a = rows_all(before);
			b = rows_all(fixture_mailbox(f, "INBOX")->current);
			while (rows_next(&a, &x) == ST_OK) {
				assert_ok(rows_next(&b, &y));
				assert_int_equal(x.state->uid, y.state->uid);
				assert_int_equal(x.state->modseq,
				    y.state->modseq);
				assert_true(
				    flags_eq(x.state->flags, y.state->flags));
				assert_memory_equal(x.facts, y.facts,
				    sizeof(*x.facts));
			}
			assert_int_equal(rows_next(&b, &y), ST_NOTFOUND);
			version_unref(&before);
		}
	}
	assert_int_equal(contents_stored(f), f->account->current.messages + 0U);
}

static void
replies_share_their_thread(void **state)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct fixture *f = *state;
	struct arrival a = { .internal = { 5, 0 } };
	struct mailbox *mb;
	struct change *c;
	struct row first;
	struct row reply;
	uint32_t uid;

	(void)fixture_append(f, "INBOX", "first");
	buf_str(&text, "Message-ID: <second@example.org>\r\n"
		       "References: <first@example.org>\r\n\r\nYes.\r\n");
	a.message = message_new(buf_span(&text), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
	mb = fixture_mailbox(f, "INBOX");
	assert_ok(version_find(mb->current, 1, &first));
	assert_ok(version_find(mb->current, 2, &reply));
	assert_int_equal(first.facts->thread, first.facts->content);
	assert_int_equal(reply.facts->thread, first.facts->thread);
	assert_int_not_equal(reply.facts->content, first.facts->content);
}

static void
an_import_can_keep_uidvalidity_and_uidnext(void **state)
{
	struct fixture *f = *state;
	struct change *c;

	assert_ok(change_begin(f->account, &c));
	assert_ok(change_uidvalidity(c, fixture_mailbox(f, "INBOX"), 77));
	assert_ok(fixture_commit(f, &c));
	assert_int_equal(fixture_append(f, "INBOX", "x"), 1);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_uidnext(c, fixture_mailbox(f, "INBOX"), 50));
	assert_ok(change_uidnext(c, fixture_mailbox(f, "INBOX"), 9));
	assert_ok(fixture_commit(f, &c));
	for (int round = 0; round < 2; round++) {
		const struct version *v = fixture_mailbox(f, "INBOX")->current;

		assert_int_equal(v->uidvalidity, 77);
		assert_int_equal(v->uidnext, 50);
		fixture_reopen(f);
	}
	assert_int_equal(fixture_append(f, "INBOX", "y"), 50);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_account_has_its_mailboxes),
		TEST(what_is_committed_is_there_after_a_restart),
		TEST(an_aborted_change_leaves_nothing),
		TEST(mailboxes_are_made_renamed_and_deleted),
		TEST(a_change_of_nothing_is_no_change_but_keeps_its_place),
		TEST(names_that_are_only_subscribed_to_are_bounded),
		TEST(many_contents_go_in_slices),
		TEST(a_content_goes_with_its_last_message),
		TEST(what_a_deleted_mailbox_had_is_given_back),
		TEST(nothing_is_copied_out_of_a_deleted_mailbox),
		TEST(a_copy_has_an_email_id_of_its_own_and_a_move_keeps_it),
		TEST(a_quota_is_kept),
		TEST(vanished_says_what_went_since),
		TEST(vanished_is_never_too_little),
		TEST(a_large_checkpoint_is_written_in_pieces),
		TEST(checkpoints_keep_everything),
		TEST(replies_share_their_thread),
		TEST(an_import_can_keep_uidvalidity_and_uidnext),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
