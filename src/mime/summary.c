#include "mime/summary.h"

#include "base/limits.h"
#include "mime/charset.h"
#include "mime/envelope.h"
#include "mime/preview.h"
#include "mime/structure.h"
#include "mime/subject.h"

/* The three wire forms; true if the other kind of session gets others. */
static bool
write_wires(struct arena *a, const struct mime_tree *t, struct span message,
    const struct envelope *e, struct wire *w, struct span out[3])
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	CLEANUP(buf_clear) struct buf body = { 0 };

	w->out = &text;
	w->limit = LIMIT_MIME_ENVELOPE;
	mime_envelope_write(w, e);
	out[0] = arena_dup(a, buf_span(&text));
	buf_reset(&text);
	w->limit = LIMIT_MIME_STRUCTURE;
	structure_write(t, message, w, &body);
	out[1] = arena_dup(a, buf_span(&body));
	out[2] = arena_dup(a, buf_span(&text));
	return w->differs;
}

static struct wire_pair
pair_of(struct span wire, struct span utf8)
{
	struct wire_pair p = { .wire = wire };

	if (!span_eq(wire, utf8))
		p.wire_utf8 = utf8;
	return p;
}

static void
set_wires(struct arena *a, const struct mime_tree *t, struct span message,
    const struct envelope *e, struct mime_summary *out)
{
	struct wire seven = { 0 };
	struct wire eight = { .utf8 = true };
	struct span wire[3];
	struct span utf8[3];

	if (write_wires(a, t, message, e, &seven, wire))
		(void)write_wires(a, t, message, e, &eight, utf8);
	else
		memcpy(utf8, wire, sizeof(utf8));
	wire_clear(&seven);
	wire_clear(&eight);

	out->envelope = pair_of(wire[0], utf8[0]);
	out->body = pair_of(wire[1], utf8[1]);
	out->bodystructure = pair_of(wire[2], utf8[2]);
}

/* Header text as a sort key. */
static struct span
key_of(struct arena *a, struct span s)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	mime_header_text(span_head(s, LIMIT_SORT_TEXT), &text);
	return arena_dup(a,
	    utf8_head(span_trim(buf_span(&text)), LIMIT_SORT_KEY));
}

/* RFC 5256: addr-mailbox of the first address; of a group it is its name. */
static struct span
mailbox_key(struct arena *a, struct address_list list)
{
	if (list.n == 0)
		return (struct span){ 0 };
	return key_of(a, list.a[0].kind == ADDRESS_GROUP ? list.a[0].name
							 : list.a[0].mailbox);
}

/* RFC 5957 section 3. */
static struct span
display_key(struct arena *a, struct address_list list)
{
	CLEANUP(buf_clear) struct buf whole = { 0 };
	struct span name;

	if (list.n == 0)
		return (struct span){ 0 };
	name = key_of(a, list.a[0].name);
	if (name.n > 0)
		return name;
	buf_add(&whole, list.a[0].mailbox);
	if (list.a[0].host.n > 0) {
		buf_byte(&whole, '@');
		buf_add(&whole, list.a[0].host);
	}
	return key_of(a, buf_span(&whole));
}

/* Also where a program forgot the < and >. */
static struct span
own_id(struct arena *a, struct span value)
{
	struct message_ids ids = message_ids_parse(a, value, 1);

	if (ids.n > 0)
		return ids.id[0];
	if (value.n > LIMIT_MESSAGE_ID || span_find(value, '@') == value.n)
		return (struct span){ 0 };
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] == '<' || value.p[i] == '>')
			return (struct span){ 0 };
	return value;
}

static void
set_ids(struct arena *a, const struct envelope *e, struct mime_summary *out)
{
	struct message_ids refs =
	    message_ids_parse(a, e->references, LIMIT_REFERENCES);

	if (refs.n == 0) {
		refs = message_ids_parse(a, e->in_reply_to, LIMIT_REFERENCES);
		refs.n = MIN(refs.n, (size_t)1);
	}
	out->message_id = own_id(a, e->message_id);
	out->references = refs.id;
	out->reference_count = (uint32_t)refs.n;
}

static void
set_keys(struct arena *a, const struct envelope *e, struct mime_summary *out)
{
	out->has_date = header_date(e->date, &out->date);
	out->base_subject = base_subject(a, e->subject, &out->is_reply);
	out->sort_from = mailbox_key(a, e->from);
	out->sort_to = mailbox_key(a, e->to);
	out->sort_cc = mailbox_key(a, e->cc);
	out->display_from = display_key(a, e->from);
	out->display_to = display_key(a, e->to);
}

static struct span
preview_of(struct arena *a, const struct mime_tree *t, struct span message)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	preview_write(t, message, &text);
	return arena_dup(a, buf_span(&text));
}

static void
set_parts(struct arena *a, const struct mime_tree *t, struct mime_summary *out)
{
	struct mime_part *parts = ARENA_ARRAY(a, t->n, struct mime_part);

	memcpy(parts, t->parts, t->n * sizeof(*parts));
	out->parts = parts;
	out->part_count = t->n;
	out->has_8bit_header = t->has_8bit_header;
}

void
mime_summarise(struct arena *a, struct span message,
    const struct mime_limits *limits, struct mime_summary *out)
{
	struct mime_tree t;
	struct envelope e;

	*out = (struct mime_summary){ 0 };
	mime_parse(a, message, limits, &t);
	mime_envelope_read(a, part_header_of(&t.parts[0], message), &e);
	set_wires(a, &t, message, &e, out);
	set_keys(a, &e, out);
	set_ids(a, &e, out);
	out->preview = preview_of(a, &t, message);
	out->has_nul = span_find(message, '\0') < message.n;
	set_parts(a, &t, out);
	mime_tree_clear(&t);
}
