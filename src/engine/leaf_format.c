#include <endian.h>

#include "engine/format.h"

/*
 * KEY_LEAF.  Values of one column of a leaf are close to each other, mostly:
 * a column is its least value, how many bytes each has above that (0 if they
 * are all alike), and these bytes, little-endian.  So a leaf is read column by
 * column without a branch for each value.
 */
#define SIGN (UINT64_C(1) << 63)

/* Signed numbers, in their order. */
static uint64_t
biased(int64_t v)
{
	return (uint64_t)v ^ SIGN;
}

static int64_t
unbiased(uint64_t v)
{
	return (int64_t)(v ^ SIGN);
}

static uint8_t
width_of(uint64_t most)
{
	uint8_t width = 0;

	for (; most > 0; most >>= 8)
		width++;
	return width;
}

static void
pack_column(struct buf *b, const uint64_t *v, uint32_t n)
{
	uint64_t least = UINT64_MAX;
	uint64_t most = 0;
	uint8_t width;

	for (uint32_t i = 0; i < n; i++) {
		least = MIN(least, v[i]);
		most = MAX(most, v[i]);
	}
	width = width_of(n > 0 ? most - least : 0);
	pack_be64(b, least);
	buf_byte(b, width);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t le = htole64(v[i] - least);

		buf_add(b, span_of(&le, width));
	}
}

static void
unpack_column(struct unpack *u, uint64_t *out, uint32_t n)
{
	uint64_t least = unpack_be64(u);
	size_t width = u->rest.n > 0 ? u->rest.p[0] : 0;
	uint64_t mask = width == 0 ? 0 : UINT64_MAX >> (64 - 8 * MIN(width, 8));
	const unsigned char *p = u->rest.p + 1;
	uint32_t i = 0;

	if (u->rest.n == 0 || width > 8 || u->rest.n - 1 < n * width) {
		u->bad = true;
		return;
	}
	u->rest = span_from(u->rest, 1 + n * width);
	/* As long as eight bytes can be read at once. */
	for (; i < n && (n - i) * width + u->rest.n >= 8; i++, p += width) {
		uint64_t le;

		memcpy(&le, p, sizeof(le));
		out[i] = least + (le64toh(le) & mask);
	}
	for (; i < n; i++, p += width) {
		uint64_t le = 0;

		memcpy(&le, p, width);
		out[i] = least + le64toh(le);
	}
}

enum column {
	UID,
	MODSEQ,
	FLAGS,
	MORE_FLAGS,
	CONTENT,
	EMAIL, /* less the content */
	THREAD,
	INTERNAL_WALL,
	SAVED_WALL,
	SENT_WALL,
	INTERNAL_ZONE,
	SENT_ZONE,
	SIZE,
	COLUMNS,
};

struct columns {
	uint64_t v[COLUMNS][LEAF_MESSAGES];
};

static void
take_row(struct columns *c, uint32_t i, const struct msg_state *s,
    const struct msg_facts *f)
{
	c->v[UID][i] = s->uid;
	c->v[MODSEQ][i] = s->modseq;
	c->v[FLAGS][i] = s->flags.w[0];
	c->v[MORE_FLAGS][i] = s->flags.w[1];
	c->v[CONTENT][i] = f->content;
	c->v[EMAIL][i] = f->email - f->content;
	c->v[THREAD][i] = f->thread;
	c->v[INTERNAL_WALL][i] = biased(f->internal_wall);
	c->v[SAVED_WALL][i] = biased(f->saved_wall);
	c->v[SENT_WALL][i] = biased(f->sent_wall);
	c->v[INTERNAL_ZONE][i] = biased(f->internal_zone_min);
	c->v[SENT_ZONE][i] = biased(f->sent_zone_min);
	c->v[SIZE][i] = f->size;
}

static void
give_row(const struct columns *c, uint32_t i, struct msg_state *s,
    struct msg_facts *f)
{
	*s = (struct msg_state){
		.uid = (uint32_t)c->v[UID][i],
		.modseq = c->v[MODSEQ][i],
		.flags = { { c->v[FLAGS][i], c->v[MORE_FLAGS][i] } },
	};
	*f = (struct msg_facts){
		.content = c->v[CONTENT][i],
		.email = c->v[CONTENT][i] + c->v[EMAIL][i],
		.thread = c->v[THREAD][i],
		.internal_wall = unbiased(c->v[INTERNAL_WALL][i]),
		.saved_wall = unbiased(c->v[SAVED_WALL][i]),
		.sent_wall = unbiased(c->v[SENT_WALL][i]),
		.internal_zone_min = (int16_t)unbiased(c->v[INTERNAL_ZONE][i]),
		.sent_zone_min = (int16_t)unbiased(c->v[SENT_ZONE][i]),
		.size = (uint32_t)c->v[SIZE][i],
	};
}

void
pack_leaf(struct buf *b, const struct leaf *l)
{
	uint32_t n = l->facts->n;
	struct columns c;

	for (uint32_t i = 0; i < n; i++)
		take_row(&c, i, &l->state[i], &l->facts->f[i]);
	pack_format(b);
	pack_u64(b, n);
	for (unsigned k = 0; k < COLUMNS; k++)
		pack_column(b, c.v[k], n);
}

/* UIDs ascend, and what is kept in 32 bits has no more. */
static bool
is_sound(const struct columns *c, uint32_t n)
{
	uint64_t before = 0;
	uint64_t sizes = 0;
	bool ascend = true;

	for (uint32_t i = 0; i < n; i++) {
		ascend = ascend && c->v[UID][i] > before;
		before = c->v[UID][i];
		sizes |= c->v[SIZE][i];
	}
	return ascend && before <= UINT32_MAX && sizes <= UINT32_MAX;
}

enum status
unpack_leaf(struct span value, struct leaf *into)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);
	uint32_t n = unpack_u32(&u);
	struct columns c = { 0 };

	if (st != ST_OK)
		return st;
	if (n > LEAF_MESSAGES)
		return ST_CORRUPT;
	for (unsigned k = 0; k < COLUMNS && unpack_ok(&u); k++)
		unpack_column(&u, c.v[k], n);
	if (!unpack_ok(&u) || !is_sound(&c, n))
		return ST_CORRUPT;
	for (uint32_t i = 0; i < n; i++)
		give_row(&c, i, &into->state[i], &into->facts->f[i]);
	into->facts->n = n;
	return unpack_status(&u);
}
