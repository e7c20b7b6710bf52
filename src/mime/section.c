#include "mime/section.h"

#include "mime/header.h"
#include "mime/lex.h"

static struct section_range
header_of(const struct mime_part *part)
{
	return (struct section_range){ part->header, part->header_bytes };
}

static struct section_range
body_of(const struct mime_part *part)
{
	return (struct section_range){ part->body, part->body_bytes };
}

/* The child with that number, counted from 1. */
static const struct mime_part *
nth_child(const struct mime_parts *parts, const struct mime_part *of,
    uint32_t number)
{
	uint32_t i = of->first_child;

	while (i != MIME_NONE && --number > 0)
		i = parts->p[i].next;
	return i == MIME_NONE ? NULL : &parts->p[i];
}

/*
 * One number on.  `at` is the part that the numbers so far name, or NULL for
 * the message.  The numbers of a message that is not a multipart are those
 * of a multipart with one part.
 */
static const struct mime_part *
step(const struct mime_parts *parts, const struct mime_part *at,
    uint32_t number)
{
	const struct mime_part *top = at;

	if (at == NULL)
		top = &parts->p[0];
	else if (at->kind == MIME_MESSAGE)
		top = &parts->p[at->first_child];
	if (top->kind == MIME_MULTIPART)
		return nth_child(parts, top, number);
	return top != at && number == 1 ? top : NULL;
}

enum status
section_part(const struct mime_parts *parts, const uint32_t *path,
    uint32_t depth, const struct mime_part **out)
{
	const struct mime_part *at = NULL;

	for (uint32_t i = 0; i < depth; i++) {
		if (path[i] == 0)
			return ST_NOTFOUND;
		at = step(parts, at, path[i]);
		if (at == NULL)
			return ST_NOTFOUND;
	}
	if (at == NULL)
		return ST_NOTFOUND;
	*out = at;
	return ST_OK;
}

/* The sections of a whole message: `top` is its first part. */
static struct section_range
of_message(const struct mime_part *top, enum section_text text)
{
	struct section_range r = header_of(top);

	if (text == SECTION_ALL)
		r.bytes += top->body_bytes;
	else if (text == SECTION_TEXT)
		r = body_of(top);
	return r;
}

enum status
section_find(const struct mime_parts *parts, const struct section *s,
    struct section_range *out)
{
	const struct mime_part *part;
	enum status st;

	if (s->depth == 0) {
		*out = of_message(&parts->p[0], s->text);
		return ST_OK;
	}
	st = section_part(parts, s->part, s->depth, &part);
	if (st != ST_OK)
		return st;

	if (s->text == SECTION_ALL) {
		*out = body_of(part);
		return ST_OK;
	}
	if (s->text == SECTION_MIME) {
		*out = header_of(part);
		return ST_OK;
	}
	if (part->kind != MIME_MESSAGE)
		return ST_NOTFOUND;
	*out = of_message(&parts->p[part->first_child], s->text);
	return ST_OK;
}

static bool
is_named(const struct section *s, struct span name)
{
	for (size_t i = 0; i < s->n && name.n > 0; i++)
		if (span_eq_nocase(s->fields[i], name))
			return true;
	return false;
}

void
section_fields(const struct section *s, struct span header, struct buf *out)
{
	struct header_iter it = { header };
	bool want = s->text == SECTION_HEADER_FIELDS;
	struct header_field f;

	while (header_next(&it, &f))
		if (is_named(s, f.name) == want)
			buf_add(out, f.raw);
	buf_add(out, it.rest);
}
