#include "engine/object_id.h"
#include "engine/search.h"

/* What the row of a message can say. */

#define DAY_SECS 86400

static int64_t
day_of(int64_t wall, int zone_min)
{
	int64_t local = wall + (int64_t)zone_min * 60;

	return local / DAY_SECS - (local % DAY_SECS < 0 ? 1 : 0);
}

/* The days of a message, without its time or zone (RFC 9051 6.4.4). */
static enum verdict
by_day(const struct search_key *k, const struct msg_facts *f)
{
	int64_t internal = day_of(f->internal_wall, f->internal_zone_min);
	int64_t sent = day_of(f->sent_wall, f->sent_zone_min);
	int64_t saved = day_of(f->saved_wall, 0);

	switch ((int)k->op) {
	case SEARCH_BEFORE:
		return search_verdict(internal < k->day);
	case SEARCH_ON:
		return search_verdict(internal == k->day);
	case SEARCH_SINCE:
		return search_verdict(internal >= k->day);
	case SEARCH_SENTBEFORE:
		return search_verdict(sent < k->day);
	case SEARCH_SENTON:
		return search_verdict(sent == k->day);
	case SEARCH_SENTSINCE:
		return search_verdict(sent >= k->day);
	case SEARCH_SAVEDBEFORE:
		return search_verdict(saved < k->day);
	case SEARCH_SAVEDON:
		return search_verdict(saved == k->day);
	case SEARCH_SAVEDSINCE:
		return search_verdict(saved >= k->day);
	default:
		return MAYBE;
	}
}

static enum verdict
by_flags(const struct search *s, const struct search_key *k,
    const struct row *row)
{
	unsigned flags = row->state->flags.w[0] & FLAGS_SYSTEM;

	if (uidset_has(&s->session->recent, row->state->uid))
		flags |= FLAG_RECENT;
	return search_verdict(
	    (flags & k->set) == k->set && (flags & k->clear) == 0);
}

enum verdict
search_by_row(const struct search *s, uint32_t i, const struct row *row)
{
	const struct search_key *k = &s->program->keys[i];
	const struct prepared *p = &s->prepared[i];
	const struct msg_facts *f = row->facts;
	int64_t age = s->now - f->internal_wall;

	switch ((int)k->op) {
	case SEARCH_ALL:
	case SEARCH_SAVEDATESUPPORTED:
		return YES;
	case SEARCH_FLAGS:
		return by_flags(s, k, row);
	case SEARCH_KEYWORD:
		return search_verdict(
		    p->has_bit && flags_bit(row->state->flags, p->bit));
	case SEARCH_UNKEYWORD:
		return search_verdict(
		    !p->has_bit || !flags_bit(row->state->flags, p->bit));
	case SEARCH_SEQS:
		return search_verdict(uidset_has(&p->set,
		    k->seqs.saved ? row->state->uid : row->seq));
	case SEARCH_UIDS:
		return search_verdict(uidset_has(&p->set, row->state->uid));
	case SEARCH_LARGER:
		return search_verdict(f->size > k->number);
	case SEARCH_SMALLER:
		return search_verdict(f->size < k->number);
	case SEARCH_OLDER: /* RFC 5032: at least so old, or so young */
		return search_verdict(age >= 0 && (uint64_t)age >= k->number);
	case SEARCH_YOUNGER:
		return search_verdict(age < 0 || (uint64_t)age <= k->number);
	case SEARCH_MODSEQ:
		return search_verdict(row->state->modseq >= k->number);
	case SEARCH_EMAILID:
		return search_verdict(
		    p->id != 0 && object_id_email(s->session, f) == p->id);
	case SEARCH_THREADID:
		return search_verdict(p->id != 0 && f->thread == p->id);
	default:
		return by_day(k, f);
	}
}
