#include "engine/message_text.h"

#include "mime/file_name.h"
#include "store/store.h"

enum status
message_bytes_get(struct message_bytes *m, uint64_t from, size_t n,
    struct span *out)
{
	enum status st;

	if (m->store == NULL) {
		*out = span_head(span_from(m->whole, (size_t)from), n);
		return ST_OK;
	}
	buf_reset(&m->piece);
	st = store_body(m->store, m->account, m->content, from, n, &m->piece);
	*out = buf_span(&m->piece);
	return st;
}

void
message_bytes_clear(struct message_bytes *m)
{
	buf_clear(&m->piece);
	buf_clear(&m->text);
	text_clear(&m->reader);
}

struct telling {
	struct message_bytes *bytes;
	const struct text_sink *sink;
	bool enough;
};

/* A text that is whole. */
static void
tell(struct telling *t, struct span text)
{
	t->enough =
	    t->sink->piece(t->sink->ctx, text) || t->sink->end(t->sink->ctx);
}

/* Names of fields are found too, and so is what lies between both. */
static void
tell_field(struct telling *t, const struct header_field *f)
{
	tell(t, f->name);
	if (t->enough)
		return;
	buf_reset(&t->bytes->text);
	mime_header_text(f->raw, &t->bytes->text);
	tell(t, buf_span(&t->bytes->text));
}

/* As a reader sees them; RFC 2231 hides them from a look at the field. */
static void
tell_file_name(struct telling *t, const struct header_field *f)
{
	buf_reset(&t->bytes->text);
	file_name_add(f, &t->bytes->text);
	if (t->bytes->text.n > 0)
		tell(t, buf_span(&t->bytes->text));
}

static enum status
tell_header(struct telling *t, const struct mime_part *p, bool fields,
    bool file_names)
{
	struct header_iter it;
	struct header_field f;
	enum status st;

	st = message_bytes_get(t->bytes, p->header, (size_t)p->header_bytes,
	    &it.rest);
	while (st == ST_OK && !t->enough && header_next(&it, &f)) {
		if (fields)
			tell_field(t, &f);
		if (file_names && !t->enough)
			tell_file_name(t, &f);
	}
	return st;
}

static void
tell_piece(struct telling *t)
{
	t->enough = t->sink->piece(t->sink->ctx, buf_span(&t->bytes->text));
	buf_reset(&t->bytes->text);
}

static enum status
tell_body(struct telling *t, const struct mime_part *p)
{
	enum status st = ST_OK;

	buf_reset(&t->bytes->text);
	text_start(&t->bytes->reader, p);
	for (uint64_t at = 0; at < p->body_bytes && !t->enough;) {
		size_t n =
		    (size_t)MIN(p->body_bytes - at, (uint64_t)STORE_BODY_STEP);
		struct span in;

		st = message_bytes_get(t->bytes, p->body + at, n, &in);
		if (st != ST_OK || in.n == 0)
			break;
		text_feed(&t->bytes->reader, in, &t->bytes->text);
		tell_piece(t);
		at += in.n;
	}
	if (st != ST_OK || t->enough)
		return st;
	text_end(&t->bytes->reader, &t->bytes->text);
	tell_piece(t);
	t->enough = t->enough || t->sink->end(t->sink->ctx);
	return ST_OK;
}

enum status
message_texts(struct message_bytes *m, const struct mime_parts *parts,
    unsigned which, const struct text_sink *sink)
{
	struct telling t = { .bytes = m, .sink = sink };
	enum status st = ST_OK;
	bool body = (which & TEXTS_BODY) != 0;
	bool header = (which & TEXTS_HEADER) != 0;

	for (uint32_t i = 0; i < parts->n; i++) {
		const struct mime_part *p = &parts->p[i];

		st = tell_header(&t, p, i == 0 ? header : body, body);
		if (st == ST_OK && !t.enough && p->is_text && body)
			st = tell_body(&t, p);
		if (st != ST_OK || t.enough)
			break;
	}
	return st;
}
