#include "engine/radix.h"

#include <string.h>

#define DIGIT_BITS 10
#define DIGIT_MASK ((1 << DIGIT_BITS) - 1)
#define KEY_BITS   64

/* Below this, inserting is faster than counting. */
#define INSERT_MAX 32

static void
insert_all(struct radix_item *items, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct radix_item one = items[i];
		uint32_t at = i;

		for (; at > 0 && items[at - 1].key > one.key; at--)
			items[at] = items[at - 1];
		items[at] = one;
	}
}

static void
look(struct radix *r, uint32_t until)
{
	const struct radix_item *items = r->items;
	uint64_t before = items[r->at == 0 ? 0 : r->at - 1].key;
	uint64_t differ = r->differ;
	bool sorted = r->sorted;

	for (uint32_t i = r->at; i < until; i++) {
		differ |= items[i].key ^ before;
		sorted = sorted && before <= items[i].key;
		before = items[i].key;
	}
	r->differ = differ;
	r->sorted = sorted;
}

/* The compiler can't know that counting leaves the rest of *r alone. */
static void
count(struct radix *r, uint32_t until)
{
	const struct radix_item *items = r->items;
	uint32_t *place = r->place;
	unsigned shift = r->shift;

	for (uint32_t i = r->at; i < until; i++)
		place[items[i].key >> shift & DIGIT_MASK]++;
}

static void
spread(struct radix *r, uint32_t until)
{
	const struct radix_item *items = r->items;
	struct radix_item *spare = r->spare;
	uint32_t *place = r->place;
	unsigned shift = r->shift;

	for (uint32_t i = r->at; i < until; i++)
		spare[place[items[i].key >> shift & DIGIT_MASK]++] = items[i];
}

/* Goes to the next digit that is not the same in all keys. */
static void
next_digit(struct radix *r)
{
	while (r->shift < KEY_BITS && (r->differ >> r->shift & DIGIT_MASK) == 0)
		r->shift += DIGIT_BITS;
	if (r->shift < KEY_BITS)
		r->state = RADIX_COUNT;
	else
		r->state = r->moves % 2 != 0 ? RADIX_RETURN : RADIX_DONE;
	memset(r->place, 0, sizeof(r->place));
}

/* From how often each digit occurs to where its first item goes. */
static void
counts_to_places(struct radix *r)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < COUNT(r->place); i++) {
		uint32_t n = r->place[i];

		r->place[i] = sum;
		sum += n;
	}
}

static void
swap(struct radix *r)
{
	struct radix_item *items = r->items;

	r->items = r->spare;
	r->spare = items;
	r->moves++;
}

static void
next_state(struct radix *r)
{
	r->at = 0;
	switch (r->state) {
	case RADIX_LOOK:
		if (r->sorted)
			r->state = RADIX_DONE;
		else
			next_digit(r);
		break;
	case RADIX_COUNT:
		counts_to_places(r);
		r->state = RADIX_SPREAD;
		break;
	case RADIX_SPREAD:
		swap(r);
		r->shift += DIGIT_BITS;
		next_digit(r);
		break;
	case RADIX_RETURN:
		swap(r);
		r->state = RADIX_DONE;
		break;
	case RADIX_DONE:
		break;
	}
}

static void
run_until(struct radix *r, uint32_t until)
{
	if (r->state == RADIX_LOOK)
		look(r, until);
	else if (r->state == RADIX_COUNT)
		count(r, until);
	else if (r->state == RADIX_SPREAD)
		spread(r, until);
	else
		memcpy(r->spare + r->at, r->items + r->at,
		    (until - r->at) * sizeof(*r->items));
}

void
radix_start(struct radix *r, struct radix_item *items, struct radix_item *spare,
    uint32_t n)
{
	r->items = items;
	r->spare = spare;
	r->n = n;
	r->state = RADIX_LOOK;
	r->at = 0;
	r->shift = 0;
	r->moves = 0;
	r->sorted = true;
	r->differ = 0;
	if (n > INSERT_MAX)
		return;
	insert_all(items, n);
	r->state = RADIX_DONE;
}

bool
radix_step(struct radix *r, size_t *work)
{
	while (r->state != RADIX_DONE && *work > 0) {
		uint32_t some = (uint32_t)MIN((size_t)(r->n - r->at), *work);

		run_until(r, r->at + some);
		r->at += some;
		*work -= some;
		if (r->at == r->n)
			next_state(r);
	}
	return r->state == RADIX_DONE;
}
