#include "engine/message.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "engine/format.h"
#include "engine/repeated.h"
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
add_fields(struct message *m, struct buf *scratch, struct span header)
{
	struct buf text[COUNT(key_fields)] = { 0 };
	struct header_iter it = { header };
	struct header_field f;

	while (header_next(&it, &f))
		add_field(text, &f);
	for (size_t i = 0; i < COUNT(key_fields); i++) {
		pack_key(&m->record, scratch,
		    span_head(buf_span(&text[i]), LIMIT_SEARCH_KEY));
		buf_clear(&text[i]);
		if (i == 0)
			record_end_column(&m->record, RECORD_SUBJECT);
	}
	record_end_column(&m->record, RECORD_ADDRESSES);
}

static void
add_names(struct message *m, struct buf *scratch, const struct mime_summary *s)
{
	struct buf *b = &m->record;

	pack_key(b, scratch, s->sort_from);
	pack_key(b, scratch, s->sort_to);
	pack_key(b, scratch, s->sort_cc);
	pack_key(b, scratch, s->display_from);
	pack_key(b, scratch, s->display_to);
	record_end_column(b, RECORD_NAMES);
}

static void
add_links(struct message *m, struct buf *scratch, const struct mime_summary *s)
{
	struct buf *b = &m->record;

	pack_key(b, scratch, s->base_subject);
	pack_u64(b, s->is_reply);
	pack_be64(b, m->message_id);
	pack_u64(b, m->reference_count);
	for (uint32_t i = 0; i < m->reference_count; i++)
		pack_be64(b, m->references[i]);
	record_end_column(b, RECORD_LINKS);
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
add_parts(struct message *m, const struct mime_summary *s)
{
	struct buf *b = &m->record;

	pack_u64(b, s->has_nul);
	pack_u64(b, s->part_count);
	for (uint32_t i = 0; i < s->part_count; i++)
		pack_part(b, &s->parts[i]);
	record_end_column(b, RECORD_PARTS);
}

static void
make_record(struct message *m, const struct mime_summary *s, struct span header)
{
	CLEANUP(buf_clear) struct buf scratch = { 0 };
	struct buf *b = &m->record;

	record_begin(b);
	pack_repeated(b, s->envelope.wire);
	pack_repeated(b, s->envelope.wire_utf8);
	record_end_column(b, RECORD_ENVELOPE);
	pack_pair(b, &s->body);
	pack_pair(b, &s->bodystructure);
	record_end_column(b, RECORD_STRUCTURE);
	pack_span(b, s->preview);
	record_end_column(b, RECORD_PREVIEW);
	add_parts(m, s);
	add_links(m, &scratch, s);
	add_names(m, &scratch, s);
	add_fields(m, &scratch, header);
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
	make_record(m, &s, span_head(header, LIMIT_HEADER_BYTES));
	return m;
}

static size_t
bytes_made(const struct message *m)
{
	return m->packed.n + m->record.n;
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
message_is_stored(struct message *m)
{
	if (m->total != NULL)
		*m->total -= bytes_made(m);
	buf_clear(&m->packed);
	buf_clear(&m->record);
}

void
message_free(struct message **mp)
{
	struct message *m = TAKE(*mp);

	if (m == NULL)
		return;
	message_is_stored(m);
	free(m->references);
	free(m);
}
