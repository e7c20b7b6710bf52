#include "engine/search.h"

#include "engine/match.h"
#include "mime/decode.h"
#include "mime/header.h"

/*
 * The keys that need the bytes of a message: BODY, TEXT and HEADER.  Headers
 * are searched decoded; of the parts, all text as a reader would see it.
 */

/* The text of one part that is looked at: beyond it nothing is found. */
#define PART_TEXT_MAX ((size_t)64 * 1024 * 1024)

struct looking {
	const struct structure *structure;
	struct span bytes;
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

/* The fields of that name; all of them, names included, if it is empty. */
static bool
header_has(struct looking *l, struct span header, struct span name)
{
	struct header_iter it = { header };
	struct header_field f;

	while (header_next(&it, &f)) {
		if (name.n == 0 &&
		    (match_text(&l->match, f.name) || field_has(l, f.raw)))
			return true;
		if (name.n > 0 && span_eq_nocase(f.name, name) &&
		    field_has(l, f.value))
			return true;
	}
	return false;
}

static bool
parts_have(struct looking *l, bool headers)
{
	for (uint32_t i = 0; i < l->structure->parts.n; i++) {
		const struct mime_part *p = &l->structure->parts.p[i];
		struct span header =
		    span_head(span_from(l->bytes, (size_t)p->header),
			(size_t)p->header_bytes);

		/* Of the message's own header only TEXT knows. */
		if ((headers || i > 0) &&
		    header_has(l, header, (struct span){ 0 }))
			return true;
		if (!p->is_text)
			continue;
		buf_reset(&l->text);
		mime_part_text(p, l->bytes, PART_TEXT_MAX, &l->text);
		if (match_text(&l->match, buf_span(&l->text)))
			return true;
	}
	return false;
}

bool
search_text(const struct search_key *k, struct span needle,
    const struct structure *structure, struct span bytes)
{
	struct looking l = { .structure = structure, .bytes = bytes };
	bool found = false;

	match_init(&l.match, needle);
	if (k->op == SEARCH_BODY || k->op == SEARCH_TEXT)
		found = parts_have(&l, k->op == SEARCH_TEXT);
	else if (structure->parts.n > 0)
		found = header_has(&l,
		    span_head(bytes,
			(size_t)structure->parts.p[0].header_bytes),
		    k->field);
	match_clear(&l.match);
	buf_clear(&l.text);
	return found;
}
