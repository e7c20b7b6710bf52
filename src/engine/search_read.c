#include "engine/search.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/indexer.h"
#include "engine/mailbox.h"
#include "engine/message.h"
#include "engine/record.h"
#include "engine/work.h"
#include "store/store.h"

/*
 * What SEARCH asks of whole messages.  Reading and decoding them takes long,
 * so it is done in other threads (engine/work.h), a few messages in a job, some
 * jobs at a time, while the command waits.  A job answers all keys that its
 * rows have left open; what they say together is judged in the session's own
 * thread.
 */
#define JOB_ROWS  64
#define JOB_BYTES ((size_t)1024 * 1024)
#define JOB_KEYS  512 /* rows times keys */

struct job_row {
	uint64_t content;
	size_t index; /* in the search's batch */
	uint32_t uid;
	size_t parts; /* where the column lies in the job's; 0 is nowhere */
	size_t parts_n;
	bool done;
	enum status st;
};

struct search_job {
	struct work work; /* first, so that the job can be found from it */
	struct search *search;
	struct job_row row[JOB_ROWS];
	size_t n;
	uint64_t bytes;
	struct buf parts;
	struct arena *arena;
	struct message_bytes source;
};

static enum status
answer_texts(struct search_job *j, const struct job_row *r,
    const struct mime_parts *parts)
{
	struct search *s = j->search;
	enum status st = ST_OK;

	for (uint32_t i = 0; i < s->program->n && st == ST_OK; i++) {
		const struct search_key *k = &s->program->keys[i];
		unsigned fit = FIT_NO;

		if (!search_needs_text(k->op))
			continue;
		st = search_text(s, i, parts, &j->source, &fit);
		search_answers(s, r->index)[s->prepared[i].lookup] =
		    (unsigned char)fit;
	}
	return st;
}

/* Answers the keys about a message whose parts have been read. */
static void
answer(struct search_job *j, struct job_row *r)
{
	struct message_parts parts;
	struct span column;

	column =
	    span_head(span_from(buf_span(&j->parts), r->parts - 1), r->parts_n);
	arena_reset(j->arena);
	r->done = true;
	r->st = message_parts_read(column, j->arena, &parts);
	if (r->st == ST_OK)
		r->st = answer_texts(j, r, &parts.parts);
}

static bool
take_parts(void *ctx, size_t i, struct span value)
{
	struct search_job *j = ctx;

	j->row[i].parts = j->parts.n + 1;
	j->row[i].parts_n = value.n;
	buf_add(&j->parts, value);
	return true;
}

static bool
take_body(void *ctx, size_t i, struct span bytes)
{
	struct search_job *j = ctx;

	j->source.whole = bytes;
	if (j->row[i].parts > 0)
		answer(j, &j->row[i]);
	return true;
}

/* A long one, or one that the others' reading has not come to: in steps. */
static void
read_alone(struct search_job *j, struct job_row *r)
{
	const struct account *a = j->search->session->account;

	j->source.store = a->engine->store;
	j->source.account = a->id;
	j->source.content = r->content;
	r->done = true;
	r->st = ST_CORRUPT;
	if (r->parts > 0)
		answer(j, r);
}

/* In another thread. */
static void
run(struct work *work)
{
	struct search_job *j = (struct search_job *)work;
	struct account *a = j->search->session->account;
	uint64_t content[JOB_ROWS];

	for (size_t i = 0; i < j->n; i++)
		content[i] = j->row[i].content;
	j->arena = arena_new();
	(void)records_read(a, RECORD_PARTS, content, j->n, take_parts, j);
	(void)bodies_read(a, content, j->n, take_body, j);
	for (size_t i = 0; i < j->n; i++)
		if (!j->row[i].done)
			read_alone(j, &j->row[i]);
	arena_free(&j->arena);
	buf_clear(&j->parts);
	message_bytes_clear(&j->source);
}

static void
finish(struct search_job *j)
{
	struct search *s = j->search;

	for (size_t i = 0; i < j->n; i++) {
		const struct job_row *r = &j->row[i];

		s->answered[r->index] = true;
		if (r->st == ST_OK)
			continue;
		/* What can't be read is not found. */
		s->verdict[r->index] = NO;
		log_event(&s->session->log, LEVEL_ERROR, "message.body.failed",
		    LF_U64("mailbox", s->session->mailbox->id),
		    LF_U64("uid", r->uid), LF_U64("content", r->content),
		    LF_STR("reason", status_name(r->st)));
	}
}

static void
done(struct work *work)
{
	struct search_job *j = (struct search_job *)work;
	struct search *s = j->search;

	finish(j);
	free(j);
	if (--s->jobs == 0)
		session_wake(s->session);
}

/* Takes open rows from *at on; NULL if there is none. */
static struct search_job *
make_job(struct search *s, size_t *at)
{
	struct search_job *j = NULL;

	for (; *at < s->n; ++*at) {
		const struct row *row = &s->row[*at];

		if (s->verdict[*at] != MAYBE || s->answered[*at])
			continue;
		if (j == NULL) {
			j = MEM_NEW(struct search_job);
			j->search = s;
			j->work = (struct work){ .run = run, .done = done };
		}
		if (j->n == JOB_ROWS || j->bytes >= JOB_BYTES ||
		    j->n * s->lookups > JOB_KEYS)
			break;
		j->row[j->n++] = (struct job_row){
			.content = row->facts->content,
			.index = *at,
			.uid = row->state->uid,
		};
		j->bytes += row->facts->size;
	}
	return j;
}

void
search_read(struct search *s)
{
	struct account *a = s->session->account;
	size_t at = s->at;

	while (s->jobs < SEARCH_JOBS) {
		struct search_job *j = make_job(s, &at);

		if (j == NULL)
			return;
		s->jobs++;
		work_start(a, WORK_SHORT, &j->work);
	}
}

/* --- The index ---------------------------------------------------------- */

struct index_job {
	struct work work; /* first */
	struct search *search;
	struct index_needle *needle; /* one for each lookup */
	struct documents *found;
	uint64_t covered;
};

/* In another thread. */
static void
ask(struct work *work)
{
	struct index_job *j = (struct index_job *)work;
	const struct account *a = j->search->session->account;

	indexer_find(a->engine->indexer, a->id, j->needle, j->search->lookups,
	    j->found, &j->covered);
}

static void
asked(struct work *work)
{
	struct index_job *j = (struct index_job *)work;
	struct search *s = j->search;
	const struct account *a = s->session->account;

	s->covered = j->covered;
	for (uint32_t i = 0; i < s->program->n; i++)
		if (search_is_lookup(s->program->keys[i].op))
			s->prepared[i].candidates =
			    j->found[s->prepared[i].lookup];
	search_index_answered(s);
	free(j->found);
	free(j->needle);
	free(j);
	if (a->current.content > s->covered + INDEXER_FEW)
		indexer_kick(a->engine->indexer, a->id, 0);
	if (--s->jobs == 0)
		session_wake(s->session);
}

void
search_ask_index(struct search *s)
{
	struct account *a = s->session->account;
	struct index_job *j;

	s->asked_index = true;
	if (s->lookups == 0 || a->engine->indexer == NULL)
		return;
	j = MEM_NEW(struct index_job);
	j->search = s;
	j->work = (struct work){ .run = ask, .done = asked };
	j->needle = mem_array(s->lookups, sizeof(*j->needle));
	j->found = mem_array(s->lookups, sizeof(*j->found));
	for (uint32_t i = 0; i < s->program->n; i++)
		if (search_is_lookup(s->program->keys[i].op))
			j->needle[s->prepared[i].lookup] =
			    (struct index_needle){ s->prepared[i].needle,
				    s->prepared[i].fuzzy };
	s->jobs++;
	work_start(a, WORK_SHORT, &j->work);
}
