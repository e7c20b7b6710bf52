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

static bool
texts_have(struct looking *l, const struct structure *structure,
    struct span bytes, unsigned which)
{
	const struct text_sink sink = { look_at, look_at_end, l };
	struct message_bytes m = { .whole = bytes };

	match_start(&l->match);
	return message_texts(&m, structure, which, &sink) == ST_OK &&
	       l->match.found;
}

bool
search_text(const struct search_key *k, struct span needle,
    const struct structure *structure, struct span bytes)
{
	struct looking l = { 0 };
	bool found = false;

	match_init(&l.match, needle);
	if (k->op == SEARCH_BODY)
		found = texts_have(&l, structure, bytes, TEXTS_BODY);
	else if (k->op == SEARCH_TEXT)
		found =
		    texts_have(&l, structure, bytes, TEXTS_HEADER | TEXTS_BODY);
	else if (structure->parts.n > 0)
		found = header_has(&l,
		    span_head(bytes,
			(size_t)structure->parts.p[0].header_bytes),
		    k->field);
	match_clear(&l.match);
	buf_clear(&l.text);
	return found;
}
