#include "engine/fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/committer.h"
#include "engine/format.h"
#include "engine/indexer.h"
#include "store/store.h"

/* The fixture's account is number 1. */
#define ACCOUNT 1

#define HOUR_MS 3600000

struct world {
	struct fixture *f;
	char folder[64];
	char path[96];
};

static int
begin(void **state)
{
	struct world *w = MEM_NEW(struct world);

	strcpy(w->folder, "/tmp/newel-indexer.XXXXXX");
	if (mkdtemp(w->folder) == NULL || fixture_setup((void **)&w->f) != 0)
		return -1;
	snprintf(w->path, sizeof(w->path), "%s/%d.db", w->folder, ACCOUNT);
	w->f->engine.indexer =
	    indexer_new(w->f->store, w->folder, &w->f->engine.log);
	*state = w;
	return w->f->engine.indexer == NULL ? -1 : 0;
}

static int
end(void **state)
{
	struct world *w = *state;

	fixture_settle(w->f);
	indexer_free(&w->f->engine.indexer);
	index_remove(w->path);
	(void)rmdir(w->folder);
	(void)fixture_teardown((void **)&w->f);
	free(w);
	return 0;
}

/* How many may have it, of those that are covered. */
static size_t
find(struct world *w, const char *needle, uint64_t *covered)
{
	const struct index_needle looked_for = { span_str(needle), NULL };
	struct documents d;
	size_t n;

	indexer_find(w->f->engine.indexer, ACCOUNT, &looked_for, 1, &d,
	    covered);
	n = d.all ? SIZE_MAX : d.n;
	documents_clear(&d);
	return n;
}

/* Builds it anew and waits for that. */
static void
rebuild(struct world *w)
{
	uint64_t done = 0;
	uint64_t all = 0;
	enum status st;

	indexer_rebuild(w->f->engine.indexer, ACCOUNT);
	while ((st = indexer_progress(w->f->engine.indexer, ACCOUNT, &done,
		    &all)) == ST_AGAIN)
		usleep(1000);
	assert_ok(st);
	assert_int_equal(done, all);
}

/* Until all that is in the account is covered. */
static void
wait_covered(struct world *w)
{
	uint64_t covered = 0;

	while (covered + 1 != w->f->account->current.content) {
		usleep(1000);
		(void)find(w, "OAK", &covered);
	}
}

static void
append_many(struct world *w, int n, const char *subject)
{
	for (int i = 0; i < n; i++)
		(void)fixture_append(w->f, "INBOX", subject);
}

static void
test_without_an_index_nothing_is_known(void **state)
{
	uint64_t covered;

	assert_int_equal(find(*state, "OAK", &covered), SIZE_MAX);
	assert_int_equal(covered, 0);
}

static void
test_it_is_built_when_asked(void **state)
{
	struct world *w = *state;
	uint64_t covered;

	append_many(w, 3, "oak stairs");
	append_many(w, 2, "steel");
	rebuild(w);
	assert_int_equal(find(w, "OAK ST", &covered), 3);
	assert_int_equal(covered, 5);
	assert_int_equal(find(w, "EEL", &covered), 2);
	assert_int_equal(find(w, "NEWEL", &covered), 0);
	rebuild(w);
	assert_int_equal(find(w, "OAK ST", &covered), 3);
}

static void
test_it_comes_behind_delivery(void **state)
{
	struct world *w = *state;
	uint64_t covered;

	append_many(w, INDEXER_DUE + 10, "oak");
	while (find(w, "OAK", &covered) == SIZE_MAX || covered < INDEXER_DUE)
		usleep(1000);
	assert_int_equal(find(w, "OAK", &covered), covered);
}

/* What waits for its time goes at once when a search asks. */
static void
test_a_kick_overtakes_one_that_waits(void **state)
{
	struct world *w = *state;
	struct indexer *x = w->f->engine.indexer;
	uint64_t covered;

	append_many(w, 5, "oak");
	rebuild(w);
	append_many(w, 2, "beech");
	indexer_kick(x, ACCOUNT, HOUR_MS);
	indexer_kick(x, ACCOUNT + 1, HOUR_MS);
	(void)find(w, "OAK", &covered);
	assert_int_equal(covered, 5);
	indexer_kick(x, ACCOUNT, 0);
	indexer_kick(x, ACCOUNT, HOUR_MS);
	wait_covered(w);
	assert_int_equal(find(w, "BEECH", &covered), 2);
}

/* What others get puts it off, but not for ever. */
static void
test_what_keeps_coming_does_not_keep_it_away(void **state)
{
	struct world *w = *state;
	struct indexer *x = w->f->engine.indexer;
	uint64_t covered;

	append_many(w, 5, "oak");
	(void)find(w, "OAK", &covered);
	indexer_kick(x, ACCOUNT + 1, HOUR_MS);
	indexer_kick(x, ACCOUNT, 1);
	wait_covered(w);
	assert_int_equal(find(w, "OAK", &covered), 5);
}

static void
test_a_kick_brings_it_up_to_date(void **state)
{
	struct world *w = *state;
	uint64_t covered;

	append_many(w, 5, "oak");
	rebuild(w);
	append_many(w, 2, "beech");
	(void)find(w, "OAK", &covered);
	indexer_kick(w->f->engine.indexer, ACCOUNT, 0);
	wait_covered(w);
	assert_int_equal(find(w, "BEECH", &covered), 2);
}

static void
test_what_is_in_the_way_is_repaired(void **state)
{
	static const char rubbish[] = "this was an index once";
	struct world *w = *state;
	uint64_t covered;
	int fd;

	append_many(w, 5, "oak");
	rebuild(w);
	index_remove(w->path);
	fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, rubbish, sizeof(rubbish)),
		    sizeof(rubbish));
	close(fd);
	assert_int_equal(find(w, "OAK", &covered), SIZE_MAX);
	wait_covered(w);
	assert_int_equal(find(w, "OAK", &covered), 5);
}

static void
test_searches_are_not_in_the_way_of_making_it(void **state)
{
	struct world *w = *state;
	struct indexer *x = w->f->engine.indexer;
	uint64_t covered;
	uint64_t done;
	uint64_t all;
	enum status st;

	append_many(w, 5, "oak");
	for (int i = 0; i < 30; i++) {
		indexer_forget(x, ACCOUNT);
		indexer_rebuild(x, ACCOUNT);
		while ((st = indexer_progress(x, ACCOUNT, &done, &all)) ==
		       ST_AGAIN)
			(void)find(w, "OAK", &covered);
		assert_ok(st);
	}
}

/* No index can be made, and searches go without. */
static void
test_what_stays_in_the_way_does_no_harm(void **state)
{
	struct world *w = *state;
	uint64_t covered;

	assert_int_equal(mkdir(w->path, 0700), 0);
	append_many(w, 5, "oak");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(find(w, "OAK", &covered), SIZE_MAX);
		assert_int_equal(covered, 0);
		indexer_rebuild(w->f->engine.indexer, ACCOUNT);
		append_many(w, INDEXER_DUE, "oak");
	}
	assert_int_equal(rmdir(w->path), 0);
	rebuild(w);
	assert_int_equal(find(w, "OAK", &covered), 5 + 3 * INDEXER_DUE);
}

static void
test_one_that_was_removed_comes_back(void **state)
{
	struct world *w = *state;
	uint64_t covered;

	append_many(w, 5, "oak");
	rebuild(w);
	index_remove(w->path);
	(void)find(w, "OAK", &covered);
	assert_int_equal(covered, 0);
	wait_covered(w);
}

/* As a store that was put back to yesterday: its ids come again. */
static void
test_one_that_knows_the_future_is_built_anew(void **state)
{
	struct world *w = *state;
	struct index *ix;
	uint64_t covered;

	append_many(w, 3, "oak");
	rebuild(w);
	assert_ok(index_open(w->path, INDEX_WRITE, &w->f->engine.log, &ix));
	for (uint64_t doc = 4; doc < 9; doc++) {
		index_document(ix, doc);
		index_text(ix, SPAN("OAK"));
		index_text_end(ix);
	}
	assert_ok(index_commit(ix, 8, 1 << 20));
	index_close(&ix);
	assert_int_equal(find(w, "OAK", &covered), SIZE_MAX);
	wait_covered(w);
	assert_int_equal(find(w, "OAK", &covered), 3);
}

static void
test_what_was_mostly_deleted_is_built_anew(void **state)
{
	struct world *w = *state;
	struct mailbox *mb = fixture_mailbox(w->f, "INBOX");
	struct uidset all = { 0 };
	struct uidset gone = { 0 };
	struct change *c;
	uint64_t covered;

	append_many(w, 400, "secret");
	rebuild(w);
	uidset_add_range(&all, 1, 399);
	assert_ok(change_begin(w->f->account, &c));
	assert_ok(change_expunge(c, mb, &all, &gone));
	assert_ok(fixture_commit(w->f, &c));
	fixture_reopen(w->f); /* contents go when nobody can see them */
	while (find(w, "SECRET", &covered) != 1) {
		indexer_kick(w->f->engine.indexer, ACCOUNT, 0);
		usleep(1000);
	}
	uidset_clear(&all);
	uidset_clear(&gone);
}

/* Behind the engine's back: what it keeps of a content is rubbish. */
static void
damage(struct world *w, uint64_t content)
{
	struct key key = key_of1(KEY_RECORD, content);
	struct batch *b;
	uint64_t version;
	enum status st;

	assert_ok(store_version(w->f->store, ACCOUNT, &version));
	b = batch_new(ACCOUNT, version);
	batch_put(b, key_span(&key), SPAN("\1rubbish"));
	store_commit(w->f->store, &b, 1, &st);
	assert_ok(st);
	batch_free(&b);
}

static void
test_what_is_damaged_may_have_anything(void **state)
{
	struct world *w = *state;
	uint64_t covered;

	append_many(w, 3, "oak");
	append_many(w, 3, "beech");
	damage(w, 5);
	rebuild(w);
	assert_int_equal(find(w, "OAK", &covered), 4);
	assert_int_equal(find(w, "BEECH", &covered), 3);
	assert_int_equal(covered, 6);
}

static void
test_it_goes_with_its_account(void **state)
{
	struct world *w = *state;
	struct stat info;

	append_many(w, 3, "oak");
	rebuild(w);
	assert_int_equal(stat(w->path, &info), 0);
	indexer_forget(w->f->engine.indexer, ACCOUNT);
	while (stat(w->path, &info) == 0)
		usleep(1000);
}

static void
test_of_what_was_not_asked_for_there_is_no_progress(void **state)
{
	struct world *w = *state;
	uint64_t done;
	uint64_t all;

	assert_int_equal(indexer_progress(w->f->engine.indexer, 7, &done, &all),
	    ST_NOTFOUND);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_without_an_index_nothing_is_known),
		TEST(test_it_is_built_when_asked),
		TEST(test_it_comes_behind_delivery),
		TEST(test_what_keeps_coming_does_not_keep_it_away),
		TEST(test_a_kick_brings_it_up_to_date),
		TEST(test_a_kick_overtakes_one_that_waits),
		TEST(test_what_is_in_the_way_is_repaired),
		TEST(test_searches_are_not_in_the_way_of_making_it),
		TEST(test_what_stays_in_the_way_does_no_harm),
		TEST(test_one_that_was_removed_comes_back),
		TEST(test_one_that_knows_the_future_is_built_anew),
		TEST(test_what_was_mostly_deleted_is_built_anew),
		TEST(test_what_is_damaged_may_have_anything),
		TEST(test_it_goes_with_its_account),
		TEST(test_of_what_was_not_asked_for_there_is_no_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
