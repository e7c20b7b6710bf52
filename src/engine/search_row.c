#include "engine/object_id.h"
#include "engine/search.h"

/*
 * What the row of a message can say.  Below FUZZY, a date or a size that
 * isn't wanted fits too if little is lacking, and less the more that is (RFC
 * 6203 section 5).  Flags do not: who asks for unread messages doesn't want
 * to see others.
 */

#define DAY_SECS   86400
#define NEAR_DAYS  7
#define NEAR_SHARE 4  /* of a size or an age, a fourth */
#define NEAR_LEAST 10 /* the fit of what is just near enough */

/* One lacks so much of what is wanted. */
static unsigned
lacking(const struct search_key *k, uint64_t lack, uint64_t near)
{
	if (lack == 0)
		return FIT_YES;
	if (!k->fuzzy || lack > near)
		return FIT_NO;
	return FIT_YES -
	       (unsigned)((FIT_YES - NEAR_LEAST) * (double)lack / (double)near);
}

static unsigned
fit_of(bool yes)
{
	return yes ? FIT_YES : FIT_NO;
}

static int64_t
day_of(int64_t wall, int zone_min)
{
	int64_t local = wall + (int64_t)zone_min * 60;

	return local / DAY_SECS - (local % DAY_SECS < 0 ? 1 : 0);
}

static uint64_t
days_lacking(int64_t have, int64_t want)
{
	return have < want ? (uint64_t)(want - have) : 0;
}

enum when { BEFORE, ON, SINCE };

/* The days of a message, without its time or zone (RFC 9051 6.4.4). */
static unsigned
by_day(const struct search_key *k, int64_t day, enum when when)
{
	uint64_t lack;

	if (when == BEFORE)
		lack = days_lacking(k->day, day + 1);
	else if (when == SINCE)
		lack = days_lacking(day, k->day);
	else
		lack = days_lacking(day, k->day) + days_lacking(k->day, day);
	return lacking(k, lack, NEAR_DAYS);
}

static unsigned
by_date(const struct search_key *k, const struct msg_facts *f)
{
	int64_t internal = day_of(f->internal_wall, f->internal_zone_min);
	int64_t sent = day_of(f->sent_wall, f->sent_zone_min);
	int64_t saved = day_of(f->saved_wall, 0);

	switch ((int)k->op) {
	case SEARCH_BEFORE:
		return by_day(k, internal, BEFORE);
	case SEARCH_ON:
		return by_day(k, internal, ON);
	case SEARCH_SINCE:
		return by_day(k, internal, SINCE);
	case SEARCH_SENTBEFORE:
		return by_day(k, sent, BEFORE);
	case SEARCH_SENTON:
		return by_day(k, sent, ON);
	case SEARCH_SENTSINCE:
		return by_day(k, sent, SINCE);
	case SEARCH_SAVEDBEFORE:
		return by_day(k, saved, BEFORE);
	case SEARCH_SAVEDON:
		return by_day(k, saved, ON);
	default:
		return by_day(k, saved, SINCE);
	}
}

static uint64_t
lack(uint64_t have, uint64_t want)
{
	return have < want ? want - have : 0;
}

/* RFC 5032: at least so old, or so young. */
static unsigned
by_age(const struct search_key *k, int64_t age)
{
	uint64_t near = k->number / NEAR_SHARE;

	if (age < 0)
		return fit_of(k->op == SEARCH_YOUNGER);
	if (k->op == SEARCH_OLDER)
		return lacking(k, lack((uint64_t)age, k->number), near);
	return lacking(k, lack(k->number, (uint64_t)age), near);
}

static unsigned
by_size(const struct search_key *k, uint64_t size)
{
	uint64_t near = k->number / NEAR_SHARE;

	if (k->op == SEARCH_LARGER)
		return lacking(k, lack(size, k->number + 1), near);
	return lacking(k, lack(k->number, size + 1), near);
}

static unsigned
by_flags(const struct search *s, const struct search_key *k,
    const struct row *row)
{
	unsigned flags = row->state->flags.w[0] & FLAGS_SYSTEM;

	if (uidset_has(&s->session->recent, row->state->uid))
		flags |= FLAG_RECENT;
	return fit_of((flags & k->set) == k->set && (flags & k->clear) == 0);
}

unsigned
search_by_row(const struct search *s, uint32_t i, const struct row *row)
{
	const struct search_key *k = &s->program->keys[i];
	const struct prepared *p = &s->prepared[i];
	const struct msg_facts *f = row->facts;

	switch ((int)k->op) {
	case SEARCH_FLAGS:
		return by_flags(s, k, row);
	case SEARCH_KEYWORD:
		return fit_of(
		    p->has_bit && flags_bit(row->state->flags, p->bit));
	case SEARCH_UNKEYWORD:
		return fit_of(
		    !p->has_bit || !flags_bit(row->state->flags, p->bit));
	case SEARCH_SEQS:
		return fit_of(uidset_has(&p->set,
		    k->seqs.saved ? row->state->uid : row->seq));
	case SEARCH_UIDS:
		return fit_of(uidset_has(&p->set, row->state->uid));
	case SEARCH_LARGER:
	case SEARCH_SMALLER:
		return by_size(k, f->size);
	case SEARCH_OLDER:
	case SEARCH_YOUNGER:
		return by_age(k, s->now - f->internal_wall);
	case SEARCH_MODSEQ:
		return fit_of(row->state->modseq >= k->number);
	case SEARCH_EMAILID:
		return fit_of(
		    p->id != 0 && object_id_email(s->session, f) == p->id);
	case SEARCH_THREADID:
		return fit_of(p->id != 0 && f->thread == p->id);
	case SEARCH_ALL:
	case SEARCH_SAVEDATESUPPORTED:
		return FIT_YES;
	default:
		return by_date(k, f);
	}
}
