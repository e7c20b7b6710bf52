#include "engine/match.h"
#include "engine/message_text.h"
#include "engine/search.h"
#include "mime/collate.h"
#include "mime/decode.h"
#include "mime/header.h"

/*
 * The keys that need the bytes of a message: BODY, TEXT and HEADER.  Headers
 * are searched decoded; of the parts, all text as a reader would see it.
 */

/* A fuzzy needle fits the subject or the field it is for; the rest has it. */
#define REST_WEIGHT 50

struct looking {
	bool is_fuzzy;
	struct match match; /* one of these */
	struct fuzzy_match fuzzy;
	struct buf text;
	struct buf key;
};

static struct span
text_key(struct looking *l, struct span utf8)
{
	buf_reset(&l->key);
	collate_key(&l->key, utf8);
	return buf_span(&l->key);
}

static bool
field_has(struct looking *l, struct span value)
{
	buf_reset(&l->text);
	mime_header_text(value, &l->text);
	if (l->is_fuzzy)
		return fuzzy_match_text(&l->fuzzy,
		    text_key(l, buf_span(&l->text)));
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

	if (l->is_fuzzy)
		return fuzzy_match_add(&l->fuzzy, text_key(l, utf8));
	return match_add(&l->match, utf8);
}

static bool
look_at_end(void *ctx)
{
	struct looking *l = ctx;

	if (l->is_fuzzy)
		return fuzzy_match_end(&l->fuzzy);
	if (match_end(&l->match))
		return true;
	match_start(&l->match);
	return false;
}

static enum status
look_at_texts(struct looking *l, struct message_bytes *m,
    const struct mime_parts *parts, unsigned which)
{
	const struct text_sink sink = { look_at, look_at_end, l };

	match_start(&l->match);
	l->fuzzy.weight = REST_WEIGHT;
	return message_texts(m, parts, which, &sink);
}

static enum status
look_at_header(struct looking *l, struct message_bytes *m,
    const struct mime_parts *parts, struct span field)
{
	struct span header;
	enum status st;

	l->match.found = false;
	if (parts->n == 0)
		return ST_OK;
	st = message_bytes_get(m, 0, (size_t)parts->p[0].header_bytes, &header);
	if (st == ST_OK)
		l->match.found = header_has(l, header, field);
	return st;
}

static enum status
look_for(struct looking *l, const struct search_key *k, struct message_bytes *m,
    const struct mime_parts *parts)
{
	enum status st;

	if (k->op == SEARCH_HEADER)
		return look_at_header(l, m, parts, k->field);
	if (k->op == SEARCH_BODY)
		return look_at_texts(l, m, parts, TEXTS_BODY);
	if (l->is_fuzzy) {
		st = look_at_header(l, m, parts, SPAN("Subject"));
		if (st != ST_OK || l->match.found)
			return st;
	}
	return look_at_texts(l, m, parts, TEXTS_HEADER | TEXTS_BODY);
}

enum status
search_text(const struct search *s, uint32_t key,
    const struct mime_parts *parts, struct message_bytes *m, unsigned *fit)
{
	const struct prepared *p = &s->prepared[key];
	struct looking l = { .is_fuzzy = p->fuzzy != NULL };
	enum status st;

	match_init(&l.match, p->needle);
	fuzzy_match_init(&l.fuzzy, p->fuzzy, s->program->scored);
	st = look_for(&l, &s->program->keys[key], m, parts);
	if (l.is_fuzzy)
		*fit = fuzzy_match_quality(&l.fuzzy);
	else
		*fit = l.match.found ? FIT_YES : FIT_NO;
	match_clear(&l.match);
	fuzzy_match_clear(&l.fuzzy);
	buf_clear(&l.text);
	buf_clear(&l.key);
	return st;
}

unsigned
search_fit_key(const struct search *s, const struct prepared *p,
    struct span key)
{
	struct fuzzy_match m;

	if (p->fuzzy == NULL)
		return p->needle.n == 0 || memmem(key.p, key.n, p->needle.p,
					       p->needle.n) != NULL
		           ? FIT_YES
		           : FIT_NO;
	fuzzy_match_init(&m, p->fuzzy, s->program->scored);
	(void)fuzzy_match_text(&m, key);
	return fuzzy_match_quality(&m);
}
