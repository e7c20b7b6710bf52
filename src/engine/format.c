#include "engine/format.h"

struct key
key_of(enum key_kind kind)
{
	return (struct key){ .p = { (unsigned char)kind }, .n = 1 };
}

static void
key_add(struct key *k, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		k->p[k->n++] = (unsigned char)(v >> (56 - 8 * i));
}

struct key
key_of1(enum key_kind kind, uint64_t a)
{
	struct key k = key_of(kind);

	key_add(&k, a);
	return k;
}

struct key
key_of2(enum key_kind kind, uint64_t a, uint64_t b)
{
	struct key k = key_of1(kind, a);

	key_add(&k, b);
	return k;
}

bool
key_read(struct span key, enum key_kind kind, uint64_t *out_a, uint64_t *out_b)
{
	struct unpack u = unpack_over(span_from(key, 1));

	if (key.n == 0 || key.p[0] != kind)
		return false;
	*out_a = unpack_be64(&u);
	if (out_b != NULL)
		*out_b = unpack_be64(&u);
	return unpack_end(&u);
}

void
pack_format(struct buf *b)
{
	buf_byte(b, FORMAT);
}

enum status
unpack_format(struct unpack *u)
{
	unsigned char format;

	if (u->rest.n == 0 || u->rest.p[0] == 0)
		return ST_CORRUPT;
	format = u->rest.p[0];
	u->rest = span_from(u->rest, 1);
	return format != FORMAT ? ST_BAD : ST_OK;
}

enum status
unpack_status(const struct unpack *u)
{
	return unpack_end(u) ? ST_OK : ST_CORRUPT;
}

/* --- KEY_RECORD ----------------------------------------------------------- */

/* Behind the format stands where each column ends. */
#define END_BYTES     4
#define COLUMNS_BEGIN (1 + END_BYTES * (size_t)RECORD_COLUMNS)

void
record_begin(struct buf *b)
{
	static const unsigned char ends[COLUMNS_BEGIN - 1];

	pack_format(b);
	buf_add(b, span_of(ends, sizeof(ends)));
}

void
record_end_column(struct buf *b, enum record_column column)
{
	unsigned char *end = b->p + 1 + END_BYTES * (size_t)column;

	for (unsigned i = 0; i < END_BYTES; i++)
		end[i] = (unsigned char)(b->n >> (24 - 8 * i));
}

struct span
record_column(struct span record, enum record_column column)
{
	struct unpack u = unpack_over(record);
	uint32_t from = COLUMNS_BEGIN;
	uint32_t to;

	if (unpack_format(&u) != ST_OK)
		return (struct span){ 0 };
	if (column > 0) {
		u.rest = span_from(u.rest, END_BYTES * ((size_t)column - 1));
		from = unpack_be32(&u);
	}
	to = unpack_be32(&u);
	if (!unpack_ok(&u) || from < COLUMNS_BEGIN || to < from ||
	    to > record.n)
		return (struct span){ 0 };
	return span_of(record.p + from, to - from);
}

/* --- Others --------------------------------------------------------------- */

void
pack_state(struct buf *b, const struct account_state *s)
{
	pack_format(b);
	pack_u64(b, s->modseq);
	pack_u64(b, s->content);
	pack_u64(b, s->paged);
	pack_u64(b, s->mailbox);
	pack_u64(b, s->uidvalidity);
	pack_u64(b, s->bytes);
	pack_u64(b, s->messages);
}

enum status
unpack_state(struct span value, struct account_state *out)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);

	if (st != ST_OK)
		return st;
	out->modseq = unpack_u64(&u);
	out->content = unpack_u64(&u);
	out->paged = unpack_u64(&u);
	out->mailbox = unpack_u64(&u);
	out->uidvalidity = unpack_u32(&u);
	out->bytes = unpack_u64(&u);
	out->messages = unpack_u64(&u);
	return unpack_status(&u);
}

static void
pack_totals(struct buf *b, const struct totals *t)
{
	pack_u64(b, t->count);
	pack_u64(b, t->unseen);
	pack_u64(b, t->seen);
	pack_u64(b, t->deleted);
	pack_u64(b, t->last_uid);
	pack_u64(b, t->modseq);
	pack_u64(b, t->bytes);
	pack_u64(b, t->deleted_bytes);
	pack_u64(b, t->lowest);
	pack_u64(b, t->highest - t->lowest);
}

static struct totals
unpack_totals(struct unpack *u)
{
	struct totals t;

	t.count = unpack_u32(u);
	t.unseen = unpack_u32(u);
	t.seen = unpack_u32(u);
	t.deleted = unpack_u32(u);
	t.last_uid = unpack_u32(u);
	t.modseq = unpack_u64(u);
	t.bytes = unpack_u64(u);
	t.deleted_bytes = unpack_u64(u);
	t.lowest = unpack_u64(u);
	t.highest = t.lowest + unpack_u64(u);
	return t;
}

static void
pack_keywords(struct buf *b, const struct keywords *k)
{
	pack_u64(b, keywords_count(k));
	for (unsigned i = 0; i < keywords_count(k); i++)
		pack_span(b, keywords_name(k, i));
}

static void
unpack_keywords(struct unpack *u, struct version *v)
{
	uint64_t n = unpack_u64(u);

	for (uint64_t i = 0; i < n && unpack_ok(u); i++) {
		const struct keywords *more;

		if (keywords_with(v->keywords, unpack_span(u), &more) !=
		    ST_OK) {
			u->bad = true;
			return;
		}
		keywords_unref(&v->keywords);
		v->keywords = more;
	}
}

void
pack_root(struct buf *b, const struct root *r)
{
	const struct version *v = r->version;

	pack_format(b);
	pack_u64(b, v->uidvalidity);
	pack_u64(b, v->uidnext);
	pack_u64(b, v->modseq);
	pack_u64(b, r->recent_uid);
	pack_u64(b, r->next_image);
	pack_u64(b, r->gone_floor);
	pack_keywords(b, v->keywords);
	for (size_t s = 0; s < v->segment_count; s++) {
		pack_u64(b, v->segment[s]->image);
		pack_totals(b, &v->segment[s]->totals);
	}
}

/*
 * The next leaf or segment: as it must be, numbered, not empty, and behind the
 * last UID of the one before.
 */
static bool
unpack_image(struct unpack *u, uint32_t before, uint64_t *image,
    struct totals *t)
{
	*image = unpack_u64(u);
	*t = unpack_totals(u);
	return unpack_ok(u) && *image != 0 && t->count > 0 &&
	       t->last_uid > before;
}

static bool
unpack_root_segments(struct unpack *u, struct version *v)
{
	uint32_t before = 0;

	while (u->rest.n > 0) {
		struct segment *s = segment_new();

		version_push_segment(v, s);
		if (!unpack_image(u, before, &s->image, &s->totals) ||
		    s->totals.last_uid >= v->uidnext)
			return false;
		before = s->totals.last_uid;
	}
	version_count(v);
	return unpack_end(u);
}

void
pack_segment(struct buf *b, const struct segment *s)
{
	pack_format(b);
	for (uint32_t i = 0; i < s->n; i++) {
		pack_u64(b, s->leaf[i]->image);
		pack_totals(b, &s->leaf[i]->totals);
	}
}

enum status
unpack_segment(struct span value, struct segment *into)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);
	uint32_t before = 0;

	while (st == ST_OK && u.rest.n > 0) {
		uint64_t image;
		struct totals t;

		if (into->n == SEGMENT_LEAVES ||
		    !unpack_image(&u, before, &image, &t) ||
		    t.count > LEAF_MESSAGES)
			return ST_CORRUPT;
		before = t.last_uid;
		into->leaf[into->n++] = leaf_new(image, &t);
	}
	return st == ST_OK ? unpack_status(&u) : st;
}

enum status
unpack_root(struct span value, const struct leaf_source *source,
    struct root *out)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);
	struct root r = { 0 };

	if (st != ST_OK)
		return st;
	r.version = version_new(unpack_u32(&u), 0, source);
	r.version->uidnext = unpack_u32(&u);
	r.version->modseq = unpack_u64(&u);
	r.recent_uid = unpack_u32(&u);
	r.next_image = unpack_u64(&u);
	r.gone_floor = unpack_u64(&u);
	unpack_keywords(&u, r.version);
	if (!unpack_root_segments(&u, r.version)) {
		version_unref(&r.version);
		return ST_CORRUPT;
	}
	*out = r;
	return ST_OK;
}

/* As the distance from another time, which may be any. */
static void
pack_wall(struct buf *b, int64_t wall, int64_t from)
{
	pack_i64(b, (int64_t)((uint64_t)wall - (uint64_t)from));
}

static int64_t
unpack_wall(struct unpack *u, int64_t from)
{
	return (int64_t)((uint64_t)from + (uint64_t)unpack_i64(u));
}

void
pack_row(struct buf *b, const struct msg_state *s, const struct msg_facts *f)
{
	pack_u64(b, s->uid);
	pack_u64(b, s->modseq);
	pack_u64(b, s->flags.w[0]);
	pack_u64(b, s->flags.w[1]);
	pack_u64(b, f->content);
	pack_i64(b, (int64_t)(f->email - f->content));
	pack_i64(b, (int64_t)(f->content - f->thread));
	pack_i64(b, f->internal_wall);
	pack_wall(b, f->saved_wall, f->internal_wall);
	pack_wall(b, f->sent_wall, f->internal_wall);
	pack_i64(b, f->internal_zone_min);
	pack_i64(b, f->sent_zone_min);
	pack_u64(b, f->size);
}

void
unpack_row(struct unpack *u, struct msg_state *s, struct msg_facts *f)
{
	s->uid = unpack_u32(u);
	s->modseq = unpack_u64(u);
	s->flags.w[0] = unpack_u64(u);
	s->flags.w[1] = unpack_u64(u);
	f->content = unpack_u64(u);
	f->email = f->content + (uint64_t)unpack_i64(u);
	f->thread = f->content - (uint64_t)unpack_i64(u);
	f->internal_wall = unpack_i64(u);
	f->saved_wall = unpack_wall(u, f->internal_wall);
	f->sent_wall = unpack_wall(u, f->internal_wall);
	f->internal_zone_min = (int16_t)unpack_i64(u);
	f->sent_zone_min = (int16_t)unpack_i64(u);
	f->size = unpack_u32(u);
}

void
pack_uidset(struct buf *b, const struct uidset *s)
{
	uint32_t before = 0;

	pack_u64(b, s->n);
	for (size_t i = 0; i < s->n; i++) {
		pack_u64(b, s->r[i].lo - before);
		pack_u64(b, s->r[i].hi - s->r[i].lo);
		before = s->r[i].hi;
	}
}

void
unpack_uidset(struct unpack *u, struct uidset *out)
{
	uint64_t n = unpack_u64(u);
	uint64_t at = 0;

	for (uint64_t i = 0; i < n && unpack_ok(u); i++) {
		uint64_t lo = at + unpack_u32(u);
		uint64_t hi = lo + unpack_u32(u);

		if (!unpack_ok(u) || lo == 0 || hi > UINT32_MAX) {
			u->bad = true;
			return;
		}
		uidset_add_range(out, (uint32_t)lo, (uint32_t)hi);
		at = hi;
	}
}
