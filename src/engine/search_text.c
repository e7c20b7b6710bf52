#include "engine/search.h"

#include "engine/match.h"
#include "engine/message_text.h"
#include "mime/decode.h"
#include "mime/header.h"

/*
 * The keys that need the bytes of a message: BODY, TEXT and HEADER.  Headers
 * are searched decoded; of the parts, all text as a reader would see it.
 */

struct looking {
	struct match match;
	struct buf text;
};

static bool
field_has(struct looking *l, struct span value)
{
	buf_reset(&l->text);
	mime_header_text(value, &l->text);
	return match_text(&l->match, buf_span(&l->text));
}

/* The fields of that name. */
static bool
header_has(struct looking *l, struct span header, struct span name)
{
	struct header_iter it = { header };
	struct header_field f;

	while (header_next(&it, &f))
		if (span_eq_nocase(f.name, name) && field_has(l, f.value))
			return true;
	return false;
}

static bool
look_at(void *ctx, struct span utf8)
{
	struct looking *l = ctx;

	return match_add(&l->match, utf8);
}

static bool
look_at_end(void *ctx)
{
	struct looking *l = ctx;

	if (match_end(&l->match))
		return true;
	match_start(&l->match);
	return false;
}

static enum status
look_at_texts(struct looking *l, struct message_bytes *m,
    const struct structure *structure, unsigned which)
{
	const struct text_sink sink = { look_at, look_at_end, l };

	match_start(&l->match);
	return message_texts(m, structure, which, &sink);
}

static enum status
look_at_header(struct looking *l, struct message_bytes *m,
    const struct structure *structure, struct span field)
{
	struct span header;
	enum status st;

	l->match.found = false;
	if (structure->parts.n == 0)
		return ST_OK;
	st = message_bytes_get(m, 0, (size_t)structure->parts.p[0].header_bytes,
	    &header);
	if (st == ST_OK)
		l->match.found = header_has(l, header, field);
	return st;
}

enum status
search_text(const struct search_key *k, struct span needle,
    const struct structure *structure, struct message_bytes *m, bool *found)
{
	struct looking l = { 0 };
	enum status st;

	match_init(&l.match, needle);
	if (k->op == SEARCH_BODY)
		st = look_at_texts(&l, m, structure, TEXTS_BODY);
	else if (k->op == SEARCH_TEXT)
		st = look_at_texts(&l, m, structure, TEXTS_HEADER | TEXTS_BODY);
	else
		st = look_at_header(&l, m, structure, k->field);
	*found = l.match.found;
	match_clear(&l.match);
	buf_clear(&l.text);
	return st;
}
