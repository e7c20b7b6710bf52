#include "engine/indexer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "engine/index_build.h"
#include "store/store.h"

#define RESULTS_KEPT 64 /* of rebuildings */
#define RESTING      4  /* indexes that stay open between searches */
#define FAILED       16 /* accounts that are left alone for a while */
#define PAUSE_MS     60000

struct task {
	struct build build;
	struct buf path;
	int64_t due_ms;
	int64_t late_ms; /* then it waits for no quiet */
	bool begun;
	struct task *next;
};

/* A rebuilding that was asked for. */
struct result {
	uint64_t account;
	uint64_t done;
	uint64_t all;
	enum status st; /* ST_AGAIN until it has ended */
	struct result *next;
};

struct indexer {
	struct store *store;
	const struct log *log;
	char *folder;
	pthread_t thread;
	/* Held to write while files are removed or made, else to read. */
	pthread_rwlock_t files;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;
	struct task *first;
	struct task **last;
	struct result *results; /* the newest first */
	struct {
		struct index *ix;
		uint64_t account;
	} resting[RESTING]; /* the latest first */
	struct {
		uint64_t account;
		int64_t until_ms;
	} failed[FAILED];
	size_t next_failed;
	int64_t quiet_ms; /* when nothing has come for some time */
	bool ending;
};

static void
path_of(const struct indexer *x, uint64_t account, struct buf *out)
{
	buf_printf(out, "%s/%llu.db", x->folder, (unsigned long long)account);
	buf_byte(out, '\0');
}

/* --- Files -------------------------------------------------------------- */

/* Takes one that rests; NULL if there is none. */
static struct index *
take_resting(struct indexer *x, uint64_t account)
{
	struct index *ix = NULL;

	pthread_mutex_lock(&x->lock);
	for (size_t i = 0; i < RESTING && ix == NULL; i++)
		if (x->resting[i].account == account)
			ix = TAKE(x->resting[i].ix);
	pthread_mutex_unlock(&x->lock);
	return ix;
}

/* The one that has rested longest makes room. */
static void
put_to_rest(struct indexer *x, uint64_t account, struct index *ix)
{
	struct index *oldest;

	index_rest(ix);
	pthread_mutex_lock(&x->lock);
	oldest = x->resting[RESTING - 1].ix;
	memmove(&x->resting[1], &x->resting[0],
	    (RESTING - 1) * sizeof(x->resting[0]));
	x->resting[0].ix = ix;
	x->resting[0].account = account;
	pthread_mutex_unlock(&x->lock);
	index_close(&oldest);
}

static void
close_resting(struct indexer *x, uint64_t account)
{
	struct index *ix;

	while ((ix = take_resting(x, account)) != NULL)
		index_close(&ix);
}

void
indexer_remove(struct indexer *x, uint64_t account, const char *path)
{
	pthread_rwlock_wrlock(&x->files);
	close_resting(x, account);
	index_remove(path);
	pthread_rwlock_unlock(&x->files);
}

enum status
indexer_open(struct indexer *x, const char *path, enum index_use use,
    struct index **out)
{
	enum status st;

	pthread_rwlock_wrlock(&x->files);
	st = index_open(path, use, x->log, out);
	pthread_rwlock_unlock(&x->files);
	return st;
}

/* --- The thread --------------------------------------------------------- */

static void
task_free(struct task *t)
{
	if (t == NULL)
		return;
	build_clear(&t->build);
	buf_clear(&t->path);
	free(t);
}

static void
queue_task(struct indexer *x, struct task *t)
{
	t->next = NULL;
	*x->last = t;
	x->last = &t->next;
}

static bool
is_begun_for(const struct indexer *x, uint64_t account)
{
	const struct task *t = x->first;

	while (t != NULL && (!t->begun || t->build.account != account))
		t = t->next;
	return t != NULL;
}

static int64_t
due_ms(const struct indexer *x, const struct task *t)
{
	return MAX(t->due_ms, MIN(t->late_ms, x->quiet_ms));
}

/*
 * The next in turn; of an account, what has begun comes first.  NULL if none
 * is due; then *next_ms is when one will be.
 */
static struct task *
take_task(struct indexer *x, int64_t *next_ms)
{
	int64_t now = clock_now_ms();

	*next_ms = INT64_MAX;
	for (struct task **at = &x->first; *at != NULL; at = &(*at)->next) {
		struct task *t = *at;

		if (!t->begun && is_begun_for(x, t->build.account))
			continue;
		if (due_ms(x, t) > now) {
			*next_ms = MIN(*next_ms, due_ms(x, t));
			continue;
		}
		*at = t->next;
		if (*at == NULL)
			x->last = at;
		return t;
	}
	return NULL;
}

static void
wait_until(struct indexer *x, int64_t ms)
{
	struct timespec at = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	if (ms == INT64_MAX)
		pthread_cond_wait(&x->wake, &x->lock);
	else
		(void)pthread_cond_timedwait(&x->wake, &x->lock, &at);
}

static struct task *
next_task(struct indexer *x)
{
	struct task *t = NULL;
	int64_t next_ms;

	pthread_mutex_lock(&x->lock);
	while (!x->ending && (t = take_task(x, &next_ms)) == NULL)
		wait_until(x, next_ms);
	pthread_mutex_unlock(&x->lock);
	return t;
}

static struct result *
find_result(struct indexer *x, uint64_t account)
{
	struct result *r = x->results;

	while (r != NULL && r->account != account)
		r = r->next;
	return r;
}

static void
note_progress(struct indexer *x, const struct build *b, enum status st)
{
	struct result *r;

	if (b->work != BUILD_ANEW)
		return;
	pthread_mutex_lock(&x->lock);
	r = find_result(x, b->account);
	if (r != NULL) {
		build_progress(b, &r->done, &r->all);
		r->st = st;
	}
	pthread_mutex_unlock(&x->lock);
}

/* One step of it. */
static void
do_task(struct indexer *x, struct task *t)
{
	enum status st = build_step(&t->build);

	t->begun = true;
	note_progress(x, &t->build, st);
	pthread_mutex_lock(&x->lock);
	if (st == ST_AGAIN) {
		queue_task(x, TAKE(t));
	} else if (st != ST_OK) {
		size_t i = x->next_failed++ % FAILED;

		x->failed[i].account = t->build.account;
		x->failed[i].until_ms = clock_now_ms() + PAUSE_MS;
	}
	pthread_mutex_unlock(&x->lock);
	task_free(t);
}

static void *
run(void *arg)
{
	struct indexer *x = arg;
	struct task *t;

	thread_give_way();
	while ((t = next_task(x)) != NULL)
		do_task(x, t);
	return NULL;
}

struct indexer *
indexer_new(struct store *s, const char *folder, const struct log *log)
{
	pthread_rwlockattr_t waiting;
	pthread_condattr_t monotonic;
	struct indexer *x;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		log_event(log, LEVEL_ERROR, "index.folder.failed",
		    LF_STR("path", folder), LF_STR("error", strerror(errno)));
		return NULL;
	}
	x = MEM_NEW(struct indexer);
	x->store = s;
	x->log = log;
	x->folder = mem_strdup(folder);
	x->last = &x->first;
	pthread_rwlockattr_init(&waiting);
	pthread_rwlockattr_setkind_np(&waiting,
	    PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&x->files, &waiting);
	pthread_rwlockattr_destroy(&waiting);
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&x->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&x->thread, NULL, run, x) != 0)
		abort();
	return x;
}

void
indexer_free(struct indexer **xp)
{
	struct indexer *x = TAKE(*xp);

	if (x == NULL)
		return;
	pthread_mutex_lock(&x->lock);
	x->ending = true;
	pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
	pthread_join(x->thread, NULL);
	for (size_t i = 0; i < RESTING; i++)
		index_close(&x->resting[i].ix);
	while (x->first != NULL) {
		struct task *t = x->first;

		x->first = t->next;
		if (t->build.work == BUILD_FORGET)
			(void)(build_step(&t->build) == ST_OK);
		task_free(t);
	}
	while (x->results != NULL) {
		struct result *r = x->results;

		x->results = r->next;
		free(r);
	}
	pthread_rwlock_destroy(&x->files);
	pthread_mutex_destroy(&x->lock);
	pthread_cond_destroy(&x->wake);
	free(x->folder);
	free(x);
}

/* Where the disk is full, asking again and again is of no use. */
static bool
failed_lately(const struct indexer *x, uint64_t account)
{
	int64_t now = clock_now_ms();

	for (size_t i = 0; i < FAILED; i++)
		if (x->failed[i].account == account &&
		    x->failed[i].until_ms > now)
			return true;
	return false;
}

static struct task *
find_task(const struct indexer *x, uint64_t account, enum build_work work)
{
	struct task *t = x->first;

	while (
	    t != NULL && (t->build.account != account || t->build.work != work))
		t = t->next;
	return t;
}

/* With the lock; what waits already isn't asked for twice, but may hurry. */
static void
add_task(struct indexer *x, uint64_t account, enum build_work work,
    int64_t wait_ms)
{
	struct task *t = find_task(x, account, work);
	int64_t now = clock_now_ms();
	int64_t due = now + wait_ms;
	int64_t late = now + wait_ms * INDEXER_LATE;

	pthread_cond_signal(&x->wake);
	if (t != NULL) {
		t->due_ms = MIN(t->due_ms, due);
		t->late_ms = MIN(t->late_ms, late);
		return;
	}
	t = MEM_NEW(struct task);
	t->due_ms = due;
	t->late_ms = late;
	path_of(x, account, &t->path);
	t->build = (struct build){ .store = x->store,
		.log = x->log,
		.indexer = x,
		.account = account,
		.path = (const char *)t->path.p,
		.work = work };
	queue_task(x, t);
}

static void
ask(struct indexer *x, uint64_t account, enum build_work work)
{
	pthread_mutex_lock(&x->lock);
	add_task(x, account, work, 0);
	pthread_mutex_unlock(&x->lock);
}

void
indexer_kick(struct indexer *x, uint64_t account, int64_t wait_ms)
{
	pthread_mutex_lock(&x->lock);
	x->quiet_ms = MAX(x->quiet_ms, clock_now_ms() + wait_ms);
	if (!failed_lately(x, account))
		add_task(x, account, BUILD_UPDATE, wait_ms);
	pthread_mutex_unlock(&x->lock);
}

void
indexer_forget(struct indexer *x, uint64_t account)
{
	ask(x, account, BUILD_FORGET);
}

/* The oldest results of those that have ended are let go. */
static void
trim_results(struct indexer *x)
{
	struct result **at = &x->results;

	for (size_t n = 0; *at != NULL;) {
		struct result *r = *at;

		if (++n > RESULTS_KEPT && r->st != ST_AGAIN) {
			*at = r->next;
			free(r);
		} else {
			at = &r->next;
		}
	}
}

void
indexer_rebuild(struct indexer *x, uint64_t account)
{
	struct result *r;

	pthread_mutex_lock(&x->lock);
	r = find_result(x, account);
	if (r == NULL) {
		r = MEM_NEW(struct result);
		r->account = account;
		r->next = x->results;
		x->results = r;
	}
	if (r->st != ST_AGAIN)
		r->done = r->all = 0;
	r->st = ST_AGAIN;
	trim_results(x);
	add_task(x, account, BUILD_ANEW, 0);
	pthread_mutex_unlock(&x->lock);
}

enum status
indexer_progress(struct indexer *x, uint64_t account, uint64_t *done,
    uint64_t *all)
{
	const struct result *r;
	enum status st = ST_NOTFOUND;

	pthread_mutex_lock(&x->lock);
	r = find_result(x, account);
	if (r != NULL) {
		*done = r->done;
		*all = r->all;
		st = r->st;
	}
	pthread_mutex_unlock(&x->lock);
	return st;
}

/* --- Finding ------------------------------------------------------------ */

static enum status
find_one(struct index *ix, const struct index_needle *needle,
    struct documents *out)
{
	return needle->fuzzy != NULL ? index_find_fuzzy(ix, needle->fuzzy, out)
	                             : index_find(ix, needle->key, out);
}

static enum status
find_all(struct indexer *x, uint64_t account, const struct index_needle *needle,
    size_t n, struct documents *out, uint64_t *covered)
{
	CLEANUP(buf_clear) struct buf path = { 0 };
	CLEANUP(index_close) struct index *ix = NULL;
	uint64_t version;
	enum status st;

	path_of(x, account, &path);
	ix = take_resting(x, account);
	if (ix != NULL)
		st = index_resume(ix);
	else
		st = index_open((const char *)path.p, INDEX_READ, x->log, &ix);
	if (st == ST_OK)
		st = store_version(x->store, account, &version);
	if (st == ST_OK && index_state(ix).version > version)
		return ST_AGAIN; /* the update will see */
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = find_one(ix, &needle[i], &out[i]);
	if (st != ST_OK)
		return st;
	*covered = index_state(ix).covered;
	put_to_rest(x, account, TAKE(ix));
	return ST_OK;
}

void
indexer_find(struct indexer *x, uint64_t account,
    const struct index_needle *needle, size_t n, struct documents *out,
    uint64_t *covered)
{
	enum status st;

	*covered = 0;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct documents){ .all = true };
	pthread_rwlock_rdlock(&x->files);
	st = find_all(x, account, needle, n, out, covered);
	pthread_rwlock_unlock(&x->files);
	if (st == ST_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		documents_clear(&out[i]);
		out[i].all = true;
	}
	if (st == ST_CORRUPT || st == ST_BAD)
		ask(x, account, BUILD_REPAIR);
	else
		indexer_kick(x, account, 0);
}
