#include "engine/format.h"
#include "engine/message.h"
#include "engine/repeated.h"

static void
unpack_pair(struct unpack *u, struct wire_pair *out)
{
	out->wire = unpack_span(u);
	out->wire_utf8 = unpack_span(u);
	if (out->wire_utf8.n == 0)
		out->wire_utf8 = out->wire;
}

enum status
message_envelope_read(struct span column, bool utf8, struct repeated *out)
{
	struct unpack u = unpack_over(column);
	struct repeated in_utf8;

	unpack_repeated(&u, out);
	unpack_repeated(&u, &in_utf8);
	/* Without a text of its own it is the same. */
	if (utf8 && in_utf8.before.n > 0)
		*out = in_utf8;
	return unpack_status(&u);
}

enum status
message_structure_read(struct span column, struct structure *out)
{
	struct unpack u = unpack_over(column);

	unpack_pair(&u, &out->body);
	unpack_pair(&u, &out->bodystructure);
	return unpack_status(&u);
}

enum status
message_text_read(struct span column, struct span *out)
{
	struct unpack u = unpack_over(column);

	*out = unpack_span(&u);
	return unpack_status(&u);
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

/* A part's links must stay in the table. */
static bool
part_is_sound(const struct mime_part *p, uint32_t n)
{
	return (p->parent == MIME_NONE || p->parent < n) &&
	       (p->first_child == MIME_NONE || p->first_child < n) &&
	       (p->next == MIME_NONE || p->next < n) &&
	       p->kind <= MIME_MESSAGE && p->encoding <= MIME_UNKNOWN_ENCODING;
}

enum status
message_parts_read(struct span column, struct arena *a,
    struct message_parts *out)
{
	struct unpack u = unpack_over(column);
	struct mime_part *parts;
	uint32_t n;

	out->has_nul = unpack_u64(&u) != 0;
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

enum status
message_links_read(struct span column, struct message_links *out)
{
	struct unpack u = unpack_over(column);

	out->base_subject = unpack_span(&u);
	out->is_reply = unpack_u64(&u) != 0;
	out->message_id = unpack_be64(&u);
	out->reference_count = unpack_u32(&u);
	out->references = u.rest;
	return unpack_ok(&u) && u.rest.n == (size_t)out->reference_count * 8
	           ? ST_OK
	           : ST_CORRUPT;
}

enum status
references_read(const struct message_links *l, uint64_t *out)
{
	struct unpack u = unpack_over(l->references);

	for (uint32_t i = 0; i < l->reference_count; i++)
		out[i] = unpack_be64(&u);
	return unpack_status(&u);
}

enum status
message_names_read(struct span column, struct message_names *out)
{
	struct unpack u = unpack_over(column);

	out->from = unpack_span(&u);
	out->to = unpack_span(&u);
	out->cc = unpack_span(&u);
	out->display_from = unpack_span(&u);
	out->display_to = unpack_span(&u);
	return unpack_status(&u);
}

enum status
message_addresses_read(struct span column, struct message_addresses *out)
{
	struct unpack u = unpack_over(column);

	out->from = unpack_span(&u);
	out->to = unpack_span(&u);
	out->cc = unpack_span(&u);
	out->bcc = unpack_span(&u);
	return unpack_status(&u);
}
