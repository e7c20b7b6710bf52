#include "engine/message.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/format.h"
#include "mime/collate.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "store/body.h"

/* Names things on disk, so it is fixed. */
static const struct hash_key id_key = { 0x6e6577656c2e6964,
	0x7468726561642e31 };

static uint64_t
id_hash(struct span id)
{
	uint64_t h = id.n == 0 ? 0 : hash_sip(&id_key, id);

	return h == 0 && id.n > 0 ? 1 : h;
}

static void
pack_pair(struct buf *b, const struct wire_pair *p)
{
	pack_span(b, p->wire);
	pack_span(b, p->wire_utf8);
}

static void
unpack_pair(struct unpack *u, struct wire_pair *out)
{
	out->wire = unpack_span(u);
	out->wire_utf8 = unpack_span(u);
	if (out->wire_utf8.n == 0)
		out->wire_utf8 = out->wire;
}

static void
pack_key(struct buf *b, struct buf *scratch, struct span text)
{
	buf_reset(scratch);
	collate_key(scratch, text);
	pack_span(b, buf_span(scratch));
}

/* Fields that have a key each. */
static const struct span key_fields[] = {
	SPAN_INIT("subject"),
	SPAN_INIT("from"),
	SPAN_INIT("to"),
	SPAN_INIT("cc"),
	SPAN_INIT("bcc"),
};

static void
add_field(struct buf *text, const struct header_field *f)
{
	for (size_t i = 0; i < COUNT(key_fields); i++) {
		if (!span_eq_nocase(f->name, key_fields[i]))
			continue;
		if (text[i].n >= LIMIT_SEARCH_KEY)
			return;
		if (text[i].n > 0)
			buf_byte(&text[i], '\n');
		mime_header_text(f->value, &text[i]);
		return;
	}
}

/* All fields of a name as one key, at most LIMIT_SEARCH_KEY bytes of text. */
static void
pack_field_keys(struct buf *b, struct buf *scratch, struct span header)
{
	struct buf text[COUNT(key_fields)] = { 0 };
	struct header_iter it = { header };
	struct header_field f;

	while (header_next(&it, &f))
		add_field(text, &f);
	for (size_t i = 0; i < COUNT(key_fields); i++) {
		pack_key(b, scratch,
		    span_head(buf_span(&text[i]), LIMIT_SEARCH_KEY));
		buf_clear(&text[i]);
	}
}

static void
make_keys(struct message *m, const struct mime_summary *s, struct span header)
{
	CLEANUP(buf_clear) struct buf scratch = { 0 };
	struct buf *b = &m->keys;

	pack_format(b);
	pack_key(b, &scratch, s->base_subject);
	pack_u64(b, s->is_reply);
	pack_key(b, &scratch, s->sort_from);
	pack_key(b, &scratch, s->sort_to);
	pack_key(b, &scratch, s->sort_cc);
	pack_key(b, &scratch, s->display_from);
	pack_key(b, &scratch, s->display_to);
	pack_field_keys(b, &scratch, header);
	pack_be64(b, m->message_id);
	pack_u64(b, m->reference_count);
	for (uint32_t i = 0; i < m->reference_count; i++)
		pack_be64(b, m->references[i]);
}

static void
pack_part(struct buf *b, const struct mime_part *p)
{
	pack_u64(b, p->header);
	pack_u64(b, p->header_bytes);
	pack_u64(b, p->body);
	pack_u64(b, p->body_bytes);
	pack_u64(b, p->parent + 1U); /* MIME_NONE is 0 */
	pack_u64(b, p->first_child + 1U);
	pack_u64(b, p->next + 1U);
	pack_u64(b, p->kind);
	pack_u64(b, p->encoding);
	pack_u64(b, (p->is_text ? 1 : 0) | (p->is_attachment ? 2 : 0));
	pack_span(b, p->charset);
	pack_span(b, p->type);
	pack_span(b, p->subtype);
}

static void
unpack_part(struct unpack *u, struct mime_part *p)
{
	uint64_t bits;

	p->header = unpack_u64(u);
	p->header_bytes = unpack_u64(u);
	p->body = unpack_u64(u);
	p->body_bytes = unpack_u64(u);
	p->parent = unpack_u32(u) - 1U;
	p->first_child = unpack_u32(u) - 1U;
	p->next = unpack_u32(u) - 1U;
	p->kind = (enum mime_kind)unpack_u32(u);
	p->encoding = (enum mime_encoding)unpack_u32(u);
	bits = unpack_u64(u);
	p->is_text = (bits & 1) != 0;
	p->is_attachment = (bits & 2) != 0;
	p->charset = unpack_span(u);
	p->type = unpack_span(u);
	p->subtype = unpack_span(u);
}

static void
make_structure(struct message *m, const struct mime_summary *s)
{
	struct buf *b = &m->structure;

	pack_format(b);
	pack_pair(b, &s->body);
	pack_pair(b, &s->bodystructure);
	pack_span(b, s->preview);
	pack_u64(b, s->has_nul);
	pack_u64(b, s->part_count);
	for (uint32_t i = 0; i < s->part_count; i++)
		pack_part(b, &s->parts[i]);
}

static void
take_ids(struct message *m, const struct mime_summary *s)
{
	m->message_id = id_hash(s->message_id);
	m->reference_count = s->reference_count;
	m->references = mem_array(s->reference_count, sizeof(uint64_t));
	for (uint32_t i = 0; i < s->reference_count; i++)
		m->references[i] = id_hash(s->references[i]);
}

struct message *
message_new(struct span bytes, const struct mime_limits *limits)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct message *m = MEM_NEW(struct message);
	struct mime_summary s;
	struct span header;

	mime_summarise(a, bytes, limits, &s);
	header = span_head(bytes, (size_t)s.parts[0].header_bytes);
	m->size = bytes.n;
	if (body_is_long(bytes.n))
		m->bytes = bytes;
	else
		body_pack(bytes, &m->packed);
	m->has_8bit_header = collate_ascii_run(header) < header.n;
	m->has_date = s.has_date;
	m->sent = s.date;
	take_ids(m, &s);
	pack_format(&m->envelope);
	pack_pair(&m->envelope, &s.envelope);
	make_keys(m, &s, span_head(header, LIMIT_HEADER_BYTES));
	make_structure(m, &s);
	return m;
}

static size_t
bytes_made(const struct message *m)
{
	return m->packed.n + m->envelope.n + m->keys.n + m->structure.n;
}

enum status
message_count(struct message *m, size_t *total)
{
	size_t n = bytes_made(m);

	if (*total > 0 && *total + n > LIMIT_SUMMARIES)
		return ST_LIMIT;
	*total += n;
	m->total = total;
	return ST_OK;
}

void
message_free(struct message **mp)
{
	struct message *m = TAKE(*mp);

	if (m == NULL)
		return;
	if (m->total != NULL)
		*m->total -= bytes_made(m);
	buf_clear(&m->packed);
	buf_clear(&m->envelope);
	buf_clear(&m->keys);
	buf_clear(&m->structure);
	free(m->references);
	free(m);
}

enum status
message_envelope_read(struct span value, struct wire_pair *out)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);

	if (st != ST_OK)
		return st;
	unpack_pair(&u, out);
	return unpack_status(&u);
}

enum status
message_keys_read(struct span value, struct message_keys *out)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);

	if (st != ST_OK)
		return st;
	out->base_subject = unpack_span(&u);
	out->is_reply = unpack_u64(&u) != 0;
	out->sort_from = unpack_span(&u);
	out->sort_to = unpack_span(&u);
	out->sort_cc = unpack_span(&u);
	out->display_from = unpack_span(&u);
	out->display_to = unpack_span(&u);
	out->search_subject = unpack_span(&u);
	out->search_from = unpack_span(&u);
	out->search_to = unpack_span(&u);
	out->search_cc = unpack_span(&u);
	out->search_bcc = unpack_span(&u);
	out->message_id = unpack_be64(&u);
	out->reference_count = unpack_u32(&u);
	out->references = u.rest;
	return unpack_ok(&u) && u.rest.n == (size_t)out->reference_count * 8
	           ? ST_OK
	           : ST_CORRUPT;
}

enum status
references_read(const struct message_keys *k, uint64_t *out)
{
	struct unpack u = unpack_over(k->references);

	for (uint32_t i = 0; i < k->reference_count; i++)
		out[i] = unpack_be64(&u);
	return unpack_status(&u);
}

/* A part's links must stay in the table. */
static bool
part_is_sound(const struct mime_part *p, uint32_t n)
{
	return (p->parent == MIME_NONE || p->parent < n) &&
	       (p->first_child == MIME_NONE || p->first_child < n) &&
	       (p->next == MIME_NONE || p->next < n) &&
	       p->kind <= MIME_MESSAGE && p->encoding <= MIME_UNKNOWN_ENCODING;
}

/* Leaves the number of parts and the parts. */
static enum status
unpack_texts(struct unpack *u, struct structure *out)
{
	enum status st = unpack_format(u);

	if (st != ST_OK)
		return st;
	unpack_pair(u, &out->body);
	unpack_pair(u, &out->bodystructure);
	out->preview = unpack_span(u);
	out->has_nul = unpack_u64(u) != 0;
	out->parts = (struct mime_parts){ 0 };
	return unpack_ok(u) ? ST_OK : ST_CORRUPT;
}

enum status
message_structure_texts(struct span value, struct structure *out)
{
	struct unpack u = unpack_over(value);

	return unpack_texts(&u, out);
}

enum status
message_structure_read(struct span value, struct arena *a,
    struct structure *out)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_texts(&u, out);
	struct mime_part *parts;
	uint32_t n;

	if (st != ST_OK)
		return st;
	n = unpack_u32(&u);
	if (!unpack_ok(&u) || n > u.rest.n)
		return ST_CORRUPT;

	parts = ARENA_ARRAY(a, n, struct mime_part);
	for (uint32_t i = 0; i < n; i++) {
		unpack_part(&u, &parts[i]);
		if (!part_is_sound(&parts[i], n))
			return ST_CORRUPT;
	}
	out->parts = (struct mime_parts){ parts, n };
	return unpack_status(&u);
}
