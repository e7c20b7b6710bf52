#include "engine/search.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/message.h"
#include "engine/object_id.h"
#include "engine/record.h"
#include "mime/collate.h"
#include "mime/decode.h"

/* Rows times keys that are gone through in one step. */
#define BATCH_KEYS ((size_t)16384)

static enum status
prepare_text(struct search *s, const struct search_key *k, struct span *out)
{
	CLEANUP(buf_clear) struct buf utf8 = { 0 };
	CLEANUP(buf_clear) struct buf key = { 0 };
	enum status st;

	st = mime_to_utf8(s->program->charset.n > 0 ? s->program->charset
						    : SPAN("UTF-8"),
	    k->text, &utf8);
	if (st != ST_OK)
		return st;
	collate_key(&key, buf_span(&utf8));
	*out = arena_dup(s->arena, buf_span(&key));
	return ST_OK;
}

static enum status
prepare_set(struct search *s, const struct search_key *k, struct uidset *out)
{
	const struct version *v = s->session->version;
	bool uid = k->op == SEARCH_UIDS;

	if (k->seqs.saved) { /* UIDs, also as a sequence set */
		uidset_add_set(out, &s->session->saved);
		return ST_OK;
	}
	if (!uid && seq_set_top(&k->seqs) > v->totals.count &&
	    v->totals.count > 0)
		return ST_BAD;
	seq_set_resolve(&k->seqs, uid ? v->totals.last_uid : v->totals.count,
	    out);
	return ST_OK;
}

/* What has no letters is looked for exactly. */
static enum status
prepare_lookup(struct search *s, const struct search_key *k, struct prepared *p)
{
	enum status st = prepare_text(s, k, &p->needle);

	if (st != ST_OK || !k->fuzzy)
		return st;
	p->fuzzy = fuzzy_new(s->arena, p->needle);
	s->fuzzy_words += p->fuzzy->n;
	if (p->fuzzy->n == 0)
		p->fuzzy = NULL;
	return s->fuzzy_words > LIMIT_FUZZY_SEARCH ? ST_LIMIT : ST_OK;
}

static enum status
prepare_key(struct search *s, uint32_t i)
{
	const struct search_key *k = &s->program->keys[i];
	struct prepared *p = &s->prepared[i];

	switch ((int)k->op) {
	case SEARCH_KEYWORD:
	case SEARCH_UNKEYWORD:
		p->has_bit =
		    keywords_bit(s->session->mailbox->current->keywords,
			k->text, &p->bit);
		return ST_OK;
	case SEARCH_SEQS:
	case SEARCH_UIDS:
		return prepare_set(s, k, &p->set);
	case SEARCH_EMAILID:
		p->id = object_id_read(k->text, 'E');
		return ST_OK;
	case SEARCH_THREADID:
		p->id = object_id_read(k->text, 'T');
		return ST_OK;
	default:
		if (!search_is_lookup(k->op))
			return ST_OK;
		p->lookup = s->lookups++;
		return prepare_lookup(s, k, p);
	}
}

/* Of the keys that all must fit, the one after i. */
static uint32_t
next_needed(const struct search_program *p, uint32_t i)
{
	enum search_op op = p->keys[i].op;

	return op == SEARCH_AND || op == SEARCH_FUZZY ? i + 1 : p->keys[i].end;
}

/* A set that all must be in saves going through the whole mailbox. */
static void
narrow(struct search *s)
{
	const struct search_program *p = s->program;

	for (uint32_t i = 0; i < p->n; i = next_needed(p, i)) {
		enum search_op op = p->keys[i].op;

		if (op != SEARCH_UIDS && op != SEARCH_SEQS)
			continue;
		s->rows = rows_of(s->session->version, &s->prepared[i].set,
		    op == SEARCH_UIDS || p->keys[i].seqs.saved);
		return;
	}
}

/* Many messages at a time, unless there are many keys. */
static size_t
rows_of_batch(const struct search *s)
{
	size_t n = s->session->version->totals.count;

	n = MIN(n, (size_t)RECORDS_MAX);
	return MAX(MIN(n, BATCH_KEYS / s->program->n), (size_t)1);
}

enum status
search_new(struct session *session, const struct search_program *program,
    struct search **out)
{
	struct search *s = MEM_NEW(struct search);
	enum status st = ST_OK;

	s->session = session;
	s->program = program;
	s->arena = arena_new();
	s->prepared = ARENA_ARRAY(s->arena, program->n, struct prepared);
	s->most = rows_of_batch(s);
	s->row = ARENA_ARRAY(s->arena, s->most, struct row);
	s->verdict = arena_alloc(s->arena, s->most);
	s->relevancy = ARENA_ARRAY(s->arena, s->most, uint16_t);
	s->content = ARENA_ARRAY(s->arena, s->most, uint64_t);
	s->open = ARENA_ARRAY(s->arena, s->most, size_t);
	s->answered = ARENA_ARRAY(s->arena, s->most, bool);
	s->now = clock_wall();
	s->rows = rows_all(session->version);
	if (program->charset.n > 0) { /* known, also without any text */
		struct buf none = { 0 };

		st = mime_to_utf8(program->charset, (struct span){ 0 }, &none);
		buf_clear(&none);
	}
	for (uint32_t i = 0; i < program->n && st == ST_OK; i++)
		st = prepare_key(s, i);
	narrow(s);
	s->answer = mem_array(s->most, MAX(s->lookups, 1U));
	if (st != ST_OK) {
		search_free(&s);
		return st;
	}
	*out = s;
	return ST_OK;
}

void
search_free(struct search **sp)
{
	struct search *s = TAKE(*sp);

	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->program->n; i++) {
		uidset_clear(&s->prepared[i].set);
		documents_clear(&s->prepared[i].candidates);
	}
	free(s->answer);
	arena_free(&s->arena);
	free(s);
}

unsigned
search_fit(const struct question *q, uint32_t i)
{
	const struct prepared *p = &q->s->prepared[i];
	struct row row = *q->row;

	if (!search_is_lookup(q->s->program->keys[i].op)) {
		(void)session_state(q->s->session, &row);
		return search_by_row(q->s, i, &row);
	}
	if (row.facts->content <= q->s->covered &&
	    !documents_have(&p->candidates, row.facts->content))
		return FIT_NO;
	return q->answers[p->lookup];
}

static enum verdict
ask(const struct question *q, uint32_t i)
{
	unsigned fit = search_fit(q, i);

	if (fit == FIT_OPEN)
		return MAYBE;
	return fit == FIT_NO ? NO : YES;
}

static enum verdict
verdict_of(bool yes)
{
	return yes ? YES : NO;
}

struct frame {
	enum search_op op;
	uint32_t end;
	bool maybe; /* one of its keys is open */
};

/* A key of the frame has been answered; true if that answers the frame. */
static bool
close_frame(struct frame *f, uint32_t i, enum verdict *v)
{
	enum verdict decides = f->op == SEARCH_OR ? YES : NO;

	if (f->op == SEARCH_NOT) {
		*v = *v == MAYBE ? MAYBE : verdict_of(*v == NO);
		return true;
	}
	if (*v == decides)
		return true;
	f->maybe = f->maybe || *v == MAYBE;
	if (i < f->end)
		return false;
	*v = f->maybe ? MAYBE : verdict_of(decides == NO);
	return true;
}

/* Goes through the tree without recursion, leaving out what can't matter. */
static enum verdict
judge(const struct question *q)
{
	const struct search_program *p = q->s->program;
	struct frame
	    stack[LIMIT_SEARCH_DEPTH + 2]; /* the root, and a key in the last */
	size_t depth = 0;
	uint32_t i = 0;

	for (;;) {
		const struct search_key *k = &p->keys[i];
		enum verdict v;

		assert(depth < COUNT(stack));
		if (search_has_keys_below(k->op)) {
			stack[depth++] =
			    (struct frame){ .op = k->op, .end = k->end };
			i++;
			continue;
		}
		v = ask(q, i);
		i = k->end;
		while (depth > 0 && close_frame(&stack[depth - 1], i, &v))
			i = stack[--depth].end;
		if (depth == 0)
			return v;
	}
}

/* The verdict about a row of the batch; with it, how relevant that is. */
static void
decide(struct search *s, size_t row)
{
	struct question q = { s, &s->row[row], search_answers(s, row) };
	enum verdict v = judge(&q);

	if (v == YES && s->program->scored &&
	    !search_relevancy_of(&q, &s->relevancy[row]))
		v = MAYBE;
	s->verdict[row] = (unsigned char)v;
}

/* Whether contents from low to high may have what all must have. */
static bool
wants(void *ctx, uint64_t low, uint64_t high)
{
	const struct search *s = ctx;

	return high > s->covered || documents_between(s->must, low, high);
}

void
search_index_answered(struct search *s)
{
	const struct search_program *p = s->program;

	for (uint32_t i = 0; i < p->n; i = next_needed(p, i)) {
		const struct documents *d = &s->prepared[i].candidates;

		if (search_is_lookup(p->keys[i].op) && !d->all &&
		    (s->must == NULL || d->n < s->must->n))
			s->must = d;
	}
	if (s->must != NULL)
		rows_only_contents(&s->rows, wants, s);
}

/* Without a look at the keys. */
static bool
may_be_found(struct search *s, const struct row *row)
{
	return s->must == NULL || row->facts->content > s->covered ||
	       documents_have_next(s->must, &s->must_at, row->facts->content);
}

static enum status
fill_batch(struct search *s)
{
	enum status st = ST_OK;

	s->n = 0;
	s->at = 0;
	s->looked_up = s->lookups == 0;
	memset(s->answered, 0, s->most * sizeof(*s->answered));
	memset(s->answer, FIT_OPEN, s->most * s->lookups);
	for (size_t passed = 0; passed < s->most; passed++) {
		st = rows_next(&s->rows, &s->row[s->n]);
		if (st != ST_OK)
			break;
		if (may_be_found(s, &s->row[s->n]))
			decide(s, s->n++);
	}
	return st == ST_NOTFOUND && s->n > 0 ? ST_OK : st;
}

/* Which column says whether a key fits; RECORD_COLUMNS: none does. */
static enum record_column
column_of(enum search_op op)
{
	if (op == SEARCH_SUBJECT)
		return RECORD_SUBJECT;
	if (op == SEARCH_FROM || op == SEARCH_TO || op == SEARCH_CC ||
	    op == SEARCH_BCC)
		return RECORD_ADDRESSES;
	return RECORD_COLUMNS;
}

struct kept {
	struct span subject;
	struct message_addresses addresses;
};

static struct span
text_for(enum search_op op, const struct kept *k)
{
	switch ((int)op) {
	case SEARCH_SUBJECT:
		return k->subject;
	case SEARCH_FROM:
		return k->addresses.from;
	case SEARCH_TO:
		return k->addresses.to;
	case SEARCH_CC:
		return k->addresses.cc;
	default:
		return k->addresses.bcc;
	}
}

static bool
take_column(void *ctx, size_t i, struct span value)
{
	struct search *s = ctx;
	const struct search_program *p = s->program;
	unsigned char *answers = search_answers(s, s->open[i]);
	struct kept kept = { 0 };

	s->st = s->column == RECORD_SUBJECT
	            ? message_text_read(value, &kept.subject)
	            : message_addresses_read(value, &kept.addresses);
	if (s->st != ST_OK)
		return false;
	for (uint32_t k = 0; k < p->n; k++)
		if (column_of(p->keys[k].op) == s->column)
			answers[s->prepared[k].lookup] =
			    (unsigned char)search_fit_key(s, &s->prepared[k],
				text_for(p->keys[k].op, &kept));
	decide(s, s->open[i]);
	return true;
}

static bool
asks_column(const struct search *s, enum record_column column)
{
	bool asks = false;

	for (uint32_t i = 0; i < s->program->n && !asks; i++)
		asks = column_of(s->program->keys[i].op) == column;
	return asks;
}

/* Asks a column about what the rows have left open. */
static enum status
look_up_column(struct search *s, enum record_column column)
{
	size_t n = 0;
	enum status st;

	for (size_t i = 0; i < s->n; i++) {
		if (s->verdict[i] != MAYBE)
			continue;
		s->open[n] = i;
		s->content[n++] = s->row[i].facts->content;
	}
	s->column = column;
	s->st = ST_OK;
	st = records_read(s->session->account, column, s->content, n,
	    take_column, s);
	return st == ST_OK ? s->st : st;
}

static enum status
look_up(struct search *s)
{
	enum status st = ST_OK;

	s->looked_up = true;
	if (asks_column(s, RECORD_SUBJECT))
		st = look_up_column(s, RECORD_SUBJECT);
	if (st == ST_OK && asks_column(s, RECORD_ADDRESSES))
		st = look_up_column(s, RECORD_ADDRESSES);
	return st;
}

/*
 * The next of the batch at hand.  ST_NOTFOUND: there is none; ST_AGAIN: its
 * message is being read.
 */
static enum status
next_of_batch(struct search *s, struct row *out)
{
	for (; s->at < s->n; s->at++) {
		if (s->verdict[s->at] == MAYBE && !s->answered[s->at]) {
			search_read(s);
			return ST_AGAIN;
		}
		if (s->verdict[s->at] == MAYBE)
			decide(s, s->at);
		if (s->verdict[s->at] == YES) {
			s->given = s->relevancy[s->at];
			*out = s->row[s->at++];
			return ST_OK;
		}
	}
	return ST_NOTFOUND;
}

enum status
search_next(struct search *s, struct cmd *c, struct row *out)
{
	enum status st;

	if (!s->asked_index) {
		search_ask_index(s);
		if (s->jobs > 0)
			return ST_AGAIN;
	}
	for (;;) {
		st = s->looked_up ? next_of_batch(s, out) : ST_NOTFOUND;
		if (st != ST_NOTFOUND)
			return st;
		if (cmd_slice_over_now(c))
			return ST_AGAIN;
		st = s->looked_up ? fill_batch(s) : look_up(s);
		if (st != ST_OK)
			return st;
	}
}

enum step
search_again(const struct search *s)
{
	return s->jobs > 0 ? STEP_WAIT : STEP_MORE;
}

void
search_progress(const struct search *s, struct cmd *c)
{
	c->done = s->rows.seq;
	c->goal = s->session->version->totals.count;
}

enum step
search_refuse(struct cmd *c, enum status st)
{
	if (st == ST_NOTFOUND)
		return cmd_no(c, "BADCHARSET (US-ASCII UTF-8)",
		    "That charset is not known");
	if (st == ST_BAD)
		return cmd_bad(c, "There is no message of that number");
	return cmd_finish(c, st, "");
}
