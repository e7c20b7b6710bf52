#include "engine/search.h"

#include <assert.h>

/*
 * How relevant a message is to a search with FUZZY (RFC 6203 section 4): the
 * average of how well its fuzzy keys fit; of an OR, the best of its keys.
 * What is asked for exactly, and all below a NOT, just has to be so.
 */

struct sum {
	enum search_op op;
	uint32_t end;
	bool yes;
	unsigned fits; /* in SEARCH_RELEVANT */
	unsigned n;
};

static unsigned
average(const struct sum *s)
{
	return s->n > 0 ? s->fits / s->n : 0;
}

static bool
is_fuzzy(const struct search_key *k)
{
	return k->fuzzy &&
	       (search_is_lookup(k->op) || k->op == SEARCH_BEFORE ||
		   k->op == SEARCH_ON || k->op == SEARCH_SINCE ||
		   k->op == SEARCH_SAVEDBEFORE || k->op == SEARCH_SAVEDON ||
		   k->op == SEARCH_SAVEDSINCE || k->op == SEARCH_SENTBEFORE ||
		   k->op == SEARCH_SENTON || k->op == SEARCH_SENTSINCE ||
		   k->op == SEARCH_LARGER || k->op == SEARCH_SMALLER ||
		   k->op == SEARCH_OLDER || k->op == SEARCH_YOUNGER);
}

static struct sum
of_key(const struct search_key *k, unsigned fit)
{
	struct sum s = { .yes = fit != FIT_NO };

	if (is_fuzzy(k)) {
		s.fits = fit * (SEARCH_RELEVANT / FIT_YES);
		s.n = 1;
	}
	return s;
}

static void
add(struct sum *to, const struct sum *s)
{
	if (to->op == SEARCH_NOT) {
		to->yes = !s->yes;
	} else if (to->op != SEARCH_OR) {
		to->yes = to->yes && s->yes;
		to->fits += s->fits;
		to->n += s->n;
	} else if (s->yes) {
		to->yes = true;
		if (average(s) > average(to)) {
			to->fits = average(s);
			to->n = 1;
		}
	}
}

/* Adds those that end here to the ones that they are in; the depth left. */
static size_t
add_ended(struct sum *stack, size_t depth, uint32_t end)
{
	for (; depth > 1 && stack[depth - 1].end == end; depth--)
		add(&stack[depth - 2], &stack[depth - 1]);
	return depth;
}

bool
search_relevancy_of(const struct question *q, uint16_t *out)
{
	const struct search_program *p = q->s->program;
	struct sum stack[LIMIT_SEARCH_DEPTH + 2];
	struct sum sum;
	size_t depth = 0;

	for (uint32_t i = 0; i < p->n;) {
		const struct search_key *k = &p->keys[i];
		unsigned fit;

		assert(depth < COUNT(stack));
		if (search_has_keys_below(k->op)) {
			stack[depth++] = (struct sum){ .op = k->op,
				.end = k->end,
				.yes = k->op != SEARCH_OR };
			i++;
			continue;
		}
		assert(depth > 0);
		fit = search_fit(q, i);
		if (fit == FIT_OPEN)
			return false;
		sum = of_key(k, fit);
		i = k->end;
		add(&stack[depth - 1], &sum);
		depth = add_ended(stack, depth, i);
	}
	sum = stack[0];
	*out = sum.n > 0 ? (uint16_t)MAX(average(&sum), 1U) : SEARCH_RELEVANT;
	return true;
}

unsigned
search_relevancy(const struct search *s)
{
	return s->given;
}

unsigned
search_score(unsigned relevancy, unsigned highest)
{
	return MAX((relevancy * 100 + highest / 2) / highest, 1U);
}
