#include "imap/section.h"

#include "base/limits.h"
#include "imap/write.h"

static const struct {
	struct span name;
	enum section_text text;
} texts[] = {
	{ SPAN_INIT("HEADER"), SECTION_HEADER },
	{ SPAN_INIT("HEADER.FIELDS"), SECTION_HEADER_FIELDS },
	{ SPAN_INIT("HEADER.FIELDS.NOT"), SECTION_HEADER_FIELDS_NOT },
	{ SPAN_INIT("TEXT"), SECTION_TEXT },
	{ SPAN_INIT("MIME"), SECTION_MIME },
};

/* Reads the numbers; true if a "." is left open behind them. */
static bool
part_numbers(struct tokens *t, struct section *s)
{
	uint32_t part[LIMIT_MIME_DEPTH];
	uint32_t n = 0;
	uint32_t *copy;
	bool open = false;

	while (t->rest.n > 0 && ascii_digit(t->rest.p[0])) {
		if (n == LIMIT_MIME_DEPTH) {
			tok_limit(t, "A part number is too deep");
			return false;
		}
		part[n++] = tok_nz_number(t);
		open = tok_accept(t, '.');
		if (!open)
			break;
	}
	copy = ARENA_ARRAY(t->arena, n, uint32_t);
	if (n > 0)
		memcpy(copy, part, n * sizeof(*part));
	s->part = copy;
	s->depth = n;
	return open;
}

static void
field_names(struct tokens *t, struct section *s)
{
	struct span fields[LIMIT_HEADER_FIELDS];
	struct span *copy;
	size_t n;

	tok_space(t);
	for (n = 0; tok_list_more(t, n); n++) {
		if (n == LIMIT_HEADER_FIELDS) {
			tok_limit(t, "There are too many header fields");
			return;
		}
		fields[n] = tok_astring(t);
	}
	if (n == 0)
		tok_bad(t, "Expected the name of a header field");
	if (tok_failed(t))
		return;
	copy = ARENA_ARRAY(t->arena, n, struct span);
	memcpy(copy, fields, n * sizeof(*copy));
	s->fields = copy;
	s->n = n;
}

static void
section_text(struct tokens *t, struct section *s)
{
	struct span name = tok_word(t);

	for (size_t i = 0; i < COUNT(texts); i++)
		if (span_eq_nocase(texts[i].name, name))
			s->text = texts[i].text;
	if (s->text == SECTION_ALL)
		tok_bad(t, "There is no such section of a message");
	if (s->text == SECTION_MIME && s->depth == 0)
		tok_bad(t, "MIME needs a part number");
	if (s->text == SECTION_HEADER_FIELDS ||
	    s->text == SECTION_HEADER_FIELDS_NOT)
		field_names(t, s);
}

struct section
tok_section(struct tokens *t, bool binary)
{
	struct section s = { 0 };
	bool open;

	tok_byte(t, '[');
	open = part_numbers(t, &s);
	if (binary && open)
		tok_bad(t, "BINARY needs a part number and nothing else");
	else if (open || (!binary && s.depth == 0 && !tok_at(t, ']')))
		section_text(t, &s);
	tok_byte(t, ']');
	return s;
}

static void
write_text(struct buf *b, const struct section *s)
{
	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].text == s->text)
			buf_add(b, texts[i].name);
	if (s->n == 0)
		return;
	for (size_t i = 0; i < s->n; i++) {
		buf_add(b, i == 0 ? SPAN(" (") : SPAN(" "));
		write_astring(b, s->fields[i], false);
	}
	buf_byte(b, ')');
}

void
section_write(struct buf *b, const struct section *s)
{
	buf_byte(b, '[');
	for (uint32_t i = 0; i < s->depth; i++) {
		if (i > 0)
			buf_byte(b, '.');
		buf_u64(b, s->part[i]);
	}
	if (s->depth > 0 && s->text != SECTION_ALL)
		buf_byte(b, '.');
	write_text(b, s);
	buf_byte(b, ']');
}
