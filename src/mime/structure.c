#include "mime/structure.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mime/envelope.h"

#define LANGUAGES_MAX 100

/* A stretch of BODYSTRUCTURE that BODY doesn't have. */
struct cut {
	size_t from;
	size_t to;
};

struct writer {
	struct arena *scratch; /* reset after each use */
	const struct mime_tree *t;
	struct span message;
	struct wire *w;
	struct cut *cuts; /* two for each part at most */
	size_t cut_count;
	size_t headers; /* bytes of headers that were read for ENVELOPEs */
};

static const char *const encoding_names[] = { [MIME_7BIT] = "7BIT",
	[MIME_8BIT] = "8BIT",
	[MIME_BINARY] = "BINARY",
	[MIME_BASE64] = "BASE64",
	[MIME_QUOTED_PRINTABLE] = "QUOTED-PRINTABLE" };

/* What RFC 2231 section 7 lets stand for itself. */
static bool
is_attribute_char(unsigned char c)
{
	return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
	       ascii_digit(c) ||
	       (c != '\0' && strchr("-._~!#$&+^`{|}", c) != NULL);
}

static void
add_percent(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char *to = buf_room(b, 3);

	to[0] = '%';
	to[1] = (unsigned char)hex[c >> 4];
	to[2] = (unsigned char)hex[c & 15];
	buf_added(b, 3);
}

static void
write_percent(struct wire *w, struct span s)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	buf_str(&text, "UTF-8''");
	for (size_t i = 0; i < s.n; i++) {
		if (is_attribute_char(s.p[i]))
			buf_byte(&text, s.p[i]);
		else
			add_percent(&text, s.p[i]);
	}
	wire_string(w, buf_span(&text));
}

static void
write_param(struct wire *w, const struct param *p)
{
	CLEANUP(buf_clear) struct buf name = { 0 };

	buf_add(&name, p->name);
	if (p->extended)
		buf_byte(&name, '*');
	wire_string(w, buf_span(&name));
	buf_byte(w->out, ' ');
	w->differs = w->differs || p->extended;
	if (p->extended && !w->utf8)
		write_percent(w, p->value);
	else
		wire_string(w, p->value);
}

static void
write_params(struct writer *wr, struct span text)
{
	struct wire *w = wr->w;
	struct lex l = { .rest = text };
	struct params ps = { 0 };

	if (!wire_full(w))
		ps = params_parse(wr->scratch, &l);
	if (ps.n == 0)
		buf_str(w->out, "NIL");
	for (size_t i = 0; i < ps.n && (i == 0 || !wire_full(w)); i++) {
		buf_byte(w->out, i == 0 ? '(' : ' ');
		write_param(w, &ps.p[i]);
	}
	if (ps.n > 0)
		buf_byte(w->out, ')');
	arena_reset(wr->scratch);
}

static void
write_disposition(struct writer *wr, const struct part_info *info)
{
	struct wire *w = wr->w;

	if (info->disposition.p == NULL || wire_full(w)) {
		buf_str(w->out, "NIL");
		return;
	}
	buf_byte(w->out, '(');
	wire_string(w, info->disposition);
	buf_byte(w->out, ' ');
	write_params(wr, info->disposition_params);
	buf_byte(w->out, ')');
}

/* Reads the next tag of a list; empty at its end. */
static struct span
next_language(struct lex *l)
{
	struct span tag = { 0 };

	while (tag.n == 0 && l->rest.n > 0) {
		(void)lex_cfws(l, NULL);
		tag = span_head(l->rest, span_find(l->rest, ','));
		tag = span_head(tag, span_find(tag, '('));
		tag = lex_trim(tag);
		lex_skip(l, span_find(l->rest, ',') + 1);
	}
	return tag;
}

static void
write_language(struct wire *w, struct span value)
{
	struct lex l = { .rest = value };
	struct span tag = next_language(&l);
	struct span next = next_language(&l);

	if (tag.n == 0 || wire_full(w)) {
		buf_str(w->out, "NIL");
		return;
	}
	if (next.n == 0) {
		wire_string(w, tag);
		return;
	}
	buf_byte(w->out, '(');
	wire_string(w, tag);
	for (int i = 1; next.n > 0 && i < LANGUAGES_MAX; i++) {
		buf_byte(w->out, ' ');
		wire_string(w, next);
		next = next_language(&l);
	}
	buf_byte(w->out, ')');
}

/* What is behind md5 or the parameters, the same for all parts. */
static void
write_extension(struct writer *wr, const struct part_info *info,
    size_t cut_from)
{
	struct wire *w = wr->w;

	buf_byte(w->out, ' ');
	write_disposition(wr, info);
	buf_byte(w->out, ' ');
	write_language(w, info->language);
	buf_byte(w->out, ' ');
	wire_nstring(w, info->location);
	wr->cuts[wr->cut_count++] = (struct cut){ cut_from, w->out->n };
}

static void
write_basic(struct writer *wr, const struct mime_part *part,
    const struct part_info *info)
{
	struct wire *w = wr->w;

	wire_string(w, part->type);
	buf_byte(w->out, ' ');
	wire_string(w, part->subtype);
	buf_byte(w->out, ' ');
	write_params(wr, info->params);
	buf_byte(w->out, ' ');
	wire_nstring(w, info->id);
	buf_byte(w->out, ' ');
	wire_nstring(w, info->description);
	buf_byte(w->out, ' ');
	if (part->encoding == MIME_UNKNOWN_ENCODING)
		wire_string(w, info->encoding);
	else
		wire_string(w, span_str(encoding_names[part->encoding]));
	buf_byte(w->out, ' ');
	buf_u64(w->out, part->body_bytes);
}

/* What stands for the body of a message that can't be looked into. */
static void
write_empty_body(struct writer *wr)
{
	struct buf *out = wr->w->out;
	size_t cut_from;

	buf_str(out, "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 0 0");
	cut_from = out->n;
	buf_str(out, " NIL NIL NIL NIL");
	wr->cuts[wr->cut_count++] = (struct cut){ cut_from, out->n };
	buf_byte(out, ')');
}

/* Of a message in a part.  Past the bounds it is left empty. */
static void
read_envelope(struct writer *wr, const struct mime_part *message,
    struct envelope *out)
{
	struct span header = part_header_of(message, wr->message);

	wr->headers += header.n;
	if (!wire_full(wr->w) && wr->headers <= LIMIT_MIME_INNER)
		mime_envelope_read(wr->scratch, header, out);
}

/* All that is in front of the first child, if there is one. */
static void
open_part(struct writer *wr, uint32_t i)
{
	const struct mime_part *part = &wr->t->parts[i];
	struct envelope e = { 0 };

	buf_byte(wr->w->out, '(');
	if (part->kind == MIME_MULTIPART)
		return;
	write_basic(wr, part, &wr->t->info[i]);
	if (!part_is_message(part))
		return;

	/* Grammar wants these also where the message can't be looked into. */
	if (part->kind == MIME_MESSAGE)
		read_envelope(wr, &wr->t->parts[part->first_child], &e);
	buf_byte(wr->w->out, ' ');
	mime_envelope_write(wr->w, &e);
	arena_reset(wr->scratch);
	buf_byte(wr->w->out, ' ');
	if (part->kind != MIME_MESSAGE)
		write_empty_body(wr);
}

static void
close_part(struct writer *wr, uint32_t i)
{
	const struct mime_part *part = &wr->t->parts[i];
	const struct part_info *info = &wr->t->info[i];
	struct wire *w = wr->w;
	size_t cut_from;

	if (part->kind == MIME_MULTIPART) {
		buf_byte(w->out, ' ');
		wire_string(w, part->subtype);
		cut_from = w->out->n;
		buf_byte(w->out, ' ');
		write_params(wr, info->params);
	} else {
		if (part->is_text || part_is_message(part)) {
			buf_byte(w->out, ' ');
			buf_u64(w->out, info->lines);
		}
		cut_from = w->out->n;
		buf_byte(w->out, ' ');
		wire_nstring(w, info->md5);
	}
	write_extension(wr, info, cut_from);
	buf_byte(w->out, ')');
}

/* Depth first, by the links: parts may nest deeply. */
static void
write_tree(struct writer *wr)
{
	const struct mime_part *parts = wr->t->parts;
	uint32_t i = 0;

	open_part(wr, i);
	for (;;) {
		while (parts[i].first_child != MIME_NONE) {
			i = parts[i].first_child;
			open_part(wr, i);
		}
		close_part(wr, i);
		while (i != 0 && parts[i].next == MIME_NONE) {
			i = parts[i].parent;
			close_part(wr, i);
		}
		if (i == 0)
			return;
		i = parts[i].next;
		open_part(wr, i);
	}
}

void
structure_write(const struct mime_tree *t, struct span message, struct wire *w,
    struct buf *body)
{
	CLEANUP(arena_free) struct arena *scratch = arena_new();
	struct writer wr = { .scratch = scratch,
		.t = t,
		.message = message,
		.w = w,
		.cuts = mem_array((size_t)t->n * 2, sizeof(struct cut)) };
	struct span whole;
	size_t from = 0;

	write_tree(&wr);
	whole = buf_span(w->out);
	for (size_t i = 0; i < wr.cut_count; i++) {
		buf_add(body, span_of(whole.p + from, wr.cuts[i].from - from));
		from = wr.cuts[i].to;
	}
	buf_add(body, span_from(whole, from));
	free(wr.cuts);
}
