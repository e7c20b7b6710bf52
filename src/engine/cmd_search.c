#include <stdlib.h>

#include "base/mem.h"
#include "engine/partial.h"
#include "engine/search.h"

/*
 * SEARCH and UID SEARCH: RFC 9051 section 6.4.4, RFC 3501, 4731, 5182, 6203,
 * 7162, 9394.
 */
struct progress {
	struct search *search;
	struct uidset uids;
	struct uidset seqs;
	uint32_t count;
	uint32_t min_uid, min_seq, max_uid, max_seq;
	uint64_t modseq; /* the highest of all that were found */
	uint64_t min_modseq, max_modseq;
	uint16_t *relevancy; /* of each, if that is asked for */
	size_t relevancy_cap;
	unsigned highest;
	struct uidset some;   /* of them, that PARTIAL names */
	struct uidset scored; /* places, from 1, whose scores are told */
	unsigned ret;         /* what an ESEARCH has */
	enum { HEAD, ALL, PARTIAL, SCORES } part; /* what comes next of it */
	size_t range; /* and what of that has been written */
	uint32_t next;
};

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	search_free(&p->search);
	uidset_clear(&p->uids);
	uidset_clear(&p->seqs);
	uidset_clear(&p->some);
	uidset_clear(&p->scored);
	free(p->relevancy);
}

static void
note_relevancy(struct progress *p)
{
	unsigned relevancy = search_relevancy(p->search);

	p->relevancy = mem_grow(p->relevancy, p->count, &p->relevancy_cap,
	    sizeof(*p->relevancy));
	p->relevancy[p->count] = (uint16_t)relevancy;
	p->highest = MAX(p->highest, relevancy);
}

static void
found(struct progress *p, const struct row *row, bool scored)
{
	if (scored)
		note_relevancy(p);
	if (p->count++ == 0) {
		p->min_uid = row->state->uid;
		p->min_seq = row->seq;
		p->min_modseq = row->state->modseq;
	}
	p->max_uid = row->state->uid;
	p->max_seq = row->seq;
	p->max_modseq = row->state->modseq;
	p->modseq = MAX(p->modseq, row->state->modseq);
	uidset_add(&p->uids, row->state->uid);
	uidset_add(&p->seqs, row->seq);
}

/*
 * With MIN, MAX or PARTIAL and without COUNT or ALL, only what these name is
 * saved (RFC 5182 section 2.1, RFC 9394 section 3.2).
 */
static void
save(struct session *s, const struct search_args *args, struct progress *p)
{
	const unsigned some = RETURN_MIN | RETURN_MAX | RETURN_PARTIAL;
	unsigned ret = args->ret & ~(unsigned)(RETURN_SAVE | RETURN_RELEVANCY);

	uidset_reset(&s->saved);
	if (p->count == 0)
		return;
	if ((ret & ~some) != 0 || (ret & RETURN_PARTIAL) != 0 || ret == 0)
		uidset_add_set(&s->saved, &p->uids);
	if ((ret & ~some) != 0)
		return;
	if ((ret & RETURN_PARTIAL) != 0)
		partial_keep(&s->saved, &args->partial);
	if ((ret & RETURN_MIN) != 0)
		uidset_add(&s->saved, p->min_uid);
	if ((ret & RETURN_MAX) != 0)
		uidset_add(&s->saved, p->max_uid);
}

/* Whether the reply names no messages but these. */
static bool
names_ends_only(const struct search_args *args)
{
	const unsigned others = RETURN_ALL | RETURN_COUNT | RETURN_PARTIAL;

	return (args->ret & (RETURN_MIN | RETURN_MAX)) != 0 &&
	       (args->ret & others) == 0;
}

/* RFC 4731 section 3.2: of the messages that the reply names. */
static uint64_t
modseq_of_reply(const struct search_args *args, const struct progress *p)
{
	bool min = (args->ret & RETURN_MIN) != 0;
	bool max = (args->ret & RETURN_MAX) != 0;

	if (!names_ends_only(args))
		return p->modseq;
	if (min && max)
		return MAX(p->min_modseq, p->max_modseq);
	return min ? p->min_modseq : p->max_modseq;
}

/*
 * RFC 6203 doesn't say whose scores the reply has.  So that a client knows
 * without counting, it is as with MODSEQ: those of the messages it names.
 */
static void
choose_scored(struct progress *p, const struct search_args *args)
{
	if (p->count == 0)
		return;
	if (names_ends_only(args)) {
		if ((args->ret & RETURN_MIN) != 0)
			uidset_add(&p->scored, 1);
		if ((args->ret & RETURN_MAX) != 0)
			uidset_add(&p->scored, p->count);
		return;
	}
	uidset_add_range(&p->scored, 1, p->count);
	if ((args->ret & RETURN_PARTIAL) != 0)
		partial_keep(&p->scored, &args->partial);
}

/* Of each the number, or the score of that place; true when that was all. */
static bool
write_each(struct cmd *c, const struct uidset *set, bool scores)
{
	struct progress *p = c->progress;
	struct session *s = c->session;

	for (; p->range < set->n; p->range++, p->next = 0) {
		const struct uidrange *r = &set->r[p->range];

		for (p->next = MAX(p->next, r->lo); p->next <= r->hi;
		     p->next++) {
			if (!session_room(s) || cmd_slice_over(c))
				return false;
			if (!scores || p->next > set->r[0].lo)
				buf_byte(session_out(s), ' ');
			buf_u64(session_out(s),
			    scores ? search_score(p->relevancy[p->next - 1],
					 p->highest)
				   : p->next);
		}
	}
	return true;
}

/* "2,10:15,21"; true when that was all. */
static bool
write_ranges(struct cmd *c, const struct uidset *set)
{
	struct progress *p = c->progress;
	struct session *s = c->session;

	for (; p->range < set->n; p->range++) {
		const struct uidset one = { &set->r[p->range], 1, 1 };

		if (!session_room(s) || cmd_slice_over(c))
			return false;
		if (p->range > 0)
			buf_byte(session_out(s), ',');
		uidset_write(session_out(s), &one);
	}
	p->range = 0;
	return true;
}

static const struct uidset *
numbers_of(const struct cmd *c)
{
	const struct search_args *args = c->args;
	const struct progress *p = c->progress;

	return args->uid ? &p->uids : &p->seqs;
}

static void
write_head(struct cmd *c)
{
	const struct search_args *args = c->args;
	const struct progress *p = c->progress;
	struct buf *b = session_out(c->session);

	c->in_response = true;
	BUF_LIT(b, "* ESEARCH (TAG ");
	write_string(b, c->tag, false);
	buf_str(b, args->uid ? ") UID" : ")");
	if ((p->ret & RETURN_MIN) != 0 && p->count > 0)
		buf_printf(b, " MIN %u", args->uid ? p->min_uid : p->min_seq);
	if ((p->ret & RETURN_MAX) != 0 && p->count > 0)
		buf_printf(b, " MAX %u", args->uid ? p->max_uid : p->max_seq);
	if ((p->ret & RETURN_ALL) != 0 && p->count > 0)
		BUF_LIT(b, " ALL ");
}

/* Behind ALL. */
static void
write_count(struct cmd *c)
{
	const struct search_args *args = c->args;
	struct progress *p = c->progress;
	struct buf *b = session_out(c->session);

	if ((p->ret & RETURN_COUNT) != 0)
		buf_printf(b, " COUNT %u", p->count);
	if ((p->ret & RETURN_PARTIAL) == 0)
		return;
	BUF_LIT(b, " PARTIAL (");
	partial_write(b, &args->partial);
	buf_byte(b, ' ');
	uidset_add_set(&p->some, numbers_of(c));
	partial_keep(&p->some, &args->partial);
	if (uidset_empty(&p->some))
		BUF_LIT(b, "NIL");
}

static void
write_end(struct cmd *c)
{
	const struct search_args *args = c->args;
	struct progress *p = c->progress;
	struct buf *b = session_out(c->session);

	if ((p->ret & RETURN_PARTIAL) != 0)
		buf_byte(b, ')');
	if (args->program.has_modseq && p->count > 0)
		buf_printf(b, " MODSEQ %llu",
		    (unsigned long long)modseq_of_reply(args, p));
	if ((p->ret & RETURN_RELEVANCY) == 0)
		return;
	BUF_LIT(b, " RELEVANCY (");
	choose_scored(p, args);
}

static enum step
end_reply(struct cmd *c)
{
	BUF_LIT(session_out(c->session), "\r\n");
	c->in_response = false;
	return cmd_finish(c, ST_OK, "Searched");
}

/* "* ESEARCH (TAG "a") ALL 2,10:15 COUNT 7": parts of it, as there is room. */
static enum step
write_esearch(struct cmd *c)
{
	struct progress *p = c->progress;

	if (p->part == HEAD) {
		write_head(c);
		p->part = ALL;
	}
	if (p->part == ALL) {
		if ((p->ret & RETURN_ALL) != 0 &&
		    !write_ranges(c, numbers_of(c)))
			return STEP_MORE;
		write_count(c);
		p->part = PARTIAL;
	}
	if (p->part == PARTIAL) {
		if (!write_ranges(c, &p->some))
			return STEP_MORE;
		write_end(c);
		p->part = SCORES;
	}
	if ((p->ret & RETURN_RELEVANCY) != 0) {
		if (!write_each(c, &p->scored, true))
			return STEP_MORE;
		buf_byte(session_out(c->session), ')');
	}
	return end_reply(c);
}

static enum step
reply_esearch(struct cmd *c, unsigned ret)
{
	struct progress *p = c->progress;

	p->ret = ret;
	return write_esearch(c);
}

/* "* SEARCH 2 84 882": one number after the other, however many. */
static enum step
write_numbers(struct cmd *c, const struct search_args *args)
{
	const struct progress *p = c->progress;
	struct session *s = c->session;

	if (!write_each(c, numbers_of(c), false))
		return STEP_MORE;
	if (args->program.has_modseq && p->count > 0)
		buf_printf(session_out(s), " (MODSEQ %llu)",
		    (unsigned long long)p->modseq);
	return end_reply(c);
}

static enum step
reply(struct cmd *c)
{
	const struct search_args *args = c->args;
	struct progress *p = c->progress;
	struct session *s = c->session;

	if (c->in_response)
		return p->part != HEAD ? write_esearch(c)
		                       : write_numbers(c, args);
	if ((args->ret & RETURN_SAVE) != 0)
		save(s, args, p);
	if (args->esearch) {
		/* RETURN (SAVE) alone asks for no reply. */
		if ((args->ret & ~RETURN_SAVE) != 0)
			return reply_esearch(c, args->ret);
		return cmd_finish(c, ST_OK, "Searched");
	}
	if (session_rev2(s))
		return reply_esearch(c, RETURN_ALL);
	c->in_response = true;
	BUF_LIT(session_out(s), "* SEARCH");
	return write_numbers(c, args);
}

static enum status
begin(struct cmd *c)
{
	const struct search_args *args = c->args;
	struct progress *p = ARENA_NEW(c->arena, struct progress);

	c->progress = p;
	c->cleanup = clear_progress;
	if (args->program.has_modseq)
		session_enable_condstore(c->session);
	return search_new(c->session, &args->program, &p->search);
}

/* RFC 5182 section 2.1: after NO nothing is saved, BAD changes nothing. */
static enum step
failed(struct cmd *c, enum status st)
{
	const struct search_args *args = c->args;

	if ((args->ret & RETURN_SAVE) != 0 && st != ST_BAD)
		uidset_reset(&c->session->saved);
	return search_refuse(c, st);
}

/*
 * RFC 6855 section 3: after ENABLE UTF8=ACCEPT no charset is named.  RFC 9051
 * section 6.4.4 lets IMAP4rev2 name UTF-8.
 */
static bool
may_name_charset(const struct session *s)
{
	return (s->enabled & ENABLED_UTF8) == 0 || session_rev2(s);
}

enum step
run_search(struct cmd *c)
{
	const struct search_args *args = c->args;
	struct progress *p = c->progress;
	struct row row;
	enum status st;

	if (p == NULL) {
		if (args->program.charset.n > 0 &&
		    !may_name_charset(c->session))
			return cmd_bad(c,
			    "After ENABLE UTF8=ACCEPT, no CHARSET is named");
		st = begin(c);
		p = c->progress;
		if (st != ST_OK) {
			return failed(c, st);
		}
	}
	if (c->in_response)
		return reply(c);
	while ((st = search_next(p->search, c, &row)) == ST_OK)
		found(p, &row, args->program.scored);
	search_progress(p->search, c);
	if (st == ST_AGAIN)
		return search_again(p->search);
	return st == ST_NOTFOUND ? reply(c) : failed(c, st);
}
