#include "engine/search.h"

#include "engine/match.h"
#include "engine/message.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "store/store.h"

/*
 * The keys that need the bytes of a message: BODY, TEXT and HEADER.  Headers
 * are searched decoded; of the parts, all text as a reader would see it.
 */

/* The text of one part that is looked at: beyond it nothing is found. */
#define PART_TEXT_MAX ((size_t)64 * 1024 * 1024)

static enum status
read_message(struct search *s, const struct row *row)
{
	struct account *a = s->session->account;
	enum status st;

	if (s->bytes_of == row->facts->content)
		return ST_OK;
	buf_reset(&s->bytes);
	st = store_body(a->engine->store, a->id, row->facts->content, 0,
	    row->facts->size, &s->bytes);
	s->bytes_of = st == ST_OK ? row->facts->content : 0;
	if (st != ST_OK)
		log_event(&s->session->log, LEVEL_ERROR, "message.body.failed",
		    LF_U64("mailbox", s->session->mailbox->id),
		    LF_U64("uid", row->state->uid),
		    LF_U64("content", row->facts->content),
		    LF_STR("reason", status_name(st)));
	return st;
}

static bool
field_has(struct search *s, struct match *m, struct span value)
{
	buf_reset(&s->text);
	mime_header_text(value, &s->text);
	return match_text(m, buf_span(&s->text));
}

/* The fields of that name; all of them, names included, if it is empty. */
static bool
header_has(struct search *s, struct match *m, struct span header,
    struct span name)
{
	struct header_iter it = { header };
	struct header_field f;

	while (header_next(&it, &f)) {
		if (name.n == 0 &&
		    (match_text(m, f.name) || field_has(s, m, f.raw)))
			return true;
		if (name.n > 0 && span_eq_nocase(f.name, name) &&
		    field_has(s, m, f.value))
			return true;
	}
	return false;
}

static bool
parts_have(struct search *s, struct match *m, const struct structure *t,
    bool headers)
{
	struct span all = buf_span(&s->bytes);

	for (uint32_t i = 0; i < t->parts.n; i++) {
		const struct mime_part *p = &t->parts.p[i];
		struct span header =
		    span_head(span_from(all, (size_t)p->header),
			(size_t)p->header_bytes);

		/* Of the message's own header only TEXT knows. */
		if ((headers || i > 0) &&
		    header_has(s, m, header, (struct span){ 0 }))
			return true;
		if (!p->is_text)
			continue;
		buf_reset(&s->text);
		mime_part_text(p, all, PART_TEXT_MAX, &s->text);
		if (match_text(m, buf_span(&s->text)))
			return true;
	}
	return false;
}

static enum status
read_structure(struct search *s, const struct row *row, struct arena *arena,
    struct buf *value, struct structure *out)
{
	struct account *a = s->session->account;
	struct key key = key_of1(KEY_STRUCTURE, row->facts->content);
	enum status st =
	    store_get(a->engine->store, a->id, key_span(&key), value);

	return st == ST_OK ? message_structure_read(buf_span(value), arena, out)
	                   : st;
}

enum verdict
search_text(struct search *s, const struct row *row, uint32_t i)
{
	CLEANUP(arena_free) struct arena *arena = arena_new();
	CLEANUP(buf_clear) struct buf value = { 0 };
	CLEANUP(match_clear) struct match m = { 0 };
	const struct search_key *k = &s->program->keys[i];
	struct structure t;
	struct span header;
	bool found;

	/* What can't be read is not found; the log says why. */
	if (read_structure(s, row, arena, &value, &t) != ST_OK ||
	    read_message(s, row) != ST_OK || t.parts.n == 0)
		return NO;
	header =
	    span_head(buf_span(&s->bytes), (size_t)t.parts.p[0].header_bytes);
	match_init(&m, s->prepared[i].needle);
	if (k->op == SEARCH_BODY || k->op == SEARCH_TEXT)
		found = parts_have(s, &m, &t, k->op == SEARCH_TEXT);
	else if (k->op == SEARCH_HEADER)
		found = header_has(s, &m, header, k->field);
	else
		found = false;
	return found ? YES : NO;
}
