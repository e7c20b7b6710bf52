#include "mime/parse.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "mime/collate.h"
#include "mime/part_header.h"

/* A multipart whose boundary is looked for. */
struct boundary {
	struct span text;
	uint32_t hash;
	uint32_t part;
	uint64_t hashes; /* a bit for its hash and those of the outer ones */
};

struct parser {
	struct arena *arena;
	struct span msg;
	struct mime_limits limits;
	size_t at;
	uint64_t lines; /* line ends before at */

	struct mime_tree t;
	size_t parts_cap;
	size_t info_cap;
	uint32_t current; /* the innermost part that hasn't ended */

	struct boundary *stack; /* the innermost last */
	size_t depth;
	size_t stack_cap;
};

/* A boundary line that was found. */
struct hit {
	size_t level; /* in the stack */
	bool last;    /* it ends the multipart */
};

static uint64_t
hash_bit(uint32_t hash)
{
	return UINT64_C(1) << (hash & 63);
}

/*
 * Whether text is the boundary of an open multipart, from the inside out;
 * there is one.
 */
static bool
find_level(const struct parser *p, struct span text, size_t *out)
{
	uint32_t hash = lex_hash(text);

	if ((p->stack[p->depth - 1].hashes & hash_bit(hash)) == 0)
		return false;
	for (size_t i = p->depth; i > 0; i--) {
		const struct boundary *b = &p->stack[i - 1];

		if (b->hash == hash && span_eq(b->text, text)) {
			*out = i - 1;
			return true;
		}
	}
	return false;
}

/*
 * Whether a boundary line begins here.  The whole line has to be it, but for
 * blanks at its end (RFC 2046 section 5.1.1): so it doesn't matter if one
 * boundary is the beginning of another.
 */
static bool
at_boundary(const struct parser *p, struct hit *out)
{
	struct span line = span_from(p->msg, p->at);

	if (p->depth == 0 || !span_starts(line, SPAN("--")))
		return false;
	line = span_from(span_head(line, lex_line(line)), 2);
	while (line.n > 0 && lex_is_space(line.p[line.n - 1]))
		line.n--;
	if (line.n == 0 || line.n > LIMIT_MIME_BOUNDARY + 2)
		return false;

	out->last = false;
	if (find_level(p, line, &out->level))
		return true;
	out->last = line.n > 2 && line.p[line.n - 2] == '-' &&
	            line.p[line.n - 1] == '-';
	return out->last &&
	       find_level(p, span_head(line, line.n - 2), &out->level);
}

static void
next_line(struct parser *p)
{
	size_t left = p->msg.n - p->at;
	const unsigned char *at = memchr(p->msg.p + p->at, '\n', left);

	if (at == NULL) {
		p->at = p->msg.n;
		return;
	}
	p->at = (size_t)(at - p->msg.p) + 1;
	p->lines++;
}

/* Goes to the next boundary line; false at the end of the message. */
static bool
next_boundary(struct parser *p, struct hit *out)
{
	while (p->at < p->msg.n) {
		if (p->msg.p[p->at] == '-' && at_boundary(p, out))
			return true;
		next_line(p);
	}
	return false;
}

/* Reads a header, which a boundary line ends too. */
static struct span
read_header(struct parser *p)
{
	size_t from = p->at;
	struct span rest = span_from(p->msg, from);
	struct hit hit;
	bool last = rest.n > 0 && !lex_begins_header(rest);

	while (!last && p->at < p->msg.n && p->at - from < LIMIT_HEADER_BYTES) {
		if (p->msg.p[p->at] == '-' && at_boundary(p, &hit))
			break;
		last = lex_line_empty(span_from(p->msg, p->at));
		next_line(p);
	}
	return span_head(rest, p->at - from);
}

static uint32_t
add_part(struct parser *p, uint32_t parent)
{
	struct mime_tree *t = &p->t;
	uint32_t i = t->n;

	t->parts = mem_grow(t->parts, i, &p->parts_cap, sizeof(t->parts[0]));
	t->info = mem_grow(t->info, i, &p->info_cap, sizeof(t->info[0]));
	t->parts[i] = (struct mime_part){ .parent = parent,
		.first_child = MIME_NONE,
		.next = MIME_NONE };
	t->info[i] = (struct part_info){ .last_child = MIME_NONE };
	t->n++;
	if (parent == MIME_NONE)
		return i;

	t->info[i].depth = t->info[parent].depth + 1;
	if (t->info[parent].last_child == MIME_NONE)
		t->parts[parent].first_child = i;
	else
		t->parts[t->info[parent].last_child].next = i;
	t->info[parent].last_child = i;
	return i;
}

static void
push_boundary(struct parser *p, uint32_t part, struct span text)
{
	uint32_t hash = lex_hash(text);

	p->stack =
	    mem_grow(p->stack, p->depth, &p->stack_cap, sizeof(p->stack[0]));
	p->stack[p->depth] =
	    (struct boundary){ text, hash, part, hash_bit(hash) };
	if (p->depth > 0)
		p->stack[p->depth].hashes |= p->stack[p->depth - 1].hashes;
	p->depth++;
}

bool
part_is_message(const struct mime_part *part)
{
	return span_eq(part->type, SPAN("message")) &&
	       (span_eq(part->subtype, SPAN("rfc822")) ||
		   span_eq(part->subtype, SPAN("global")));
}

/* Decides what is in a part, whose header has been read. */
static void
open_body(struct parser *p, uint32_t i)
{
	struct mime_part *part = &p->t.parts[i];
	struct part_info *info = &p->t.info[i];
	/* Each part with children is sure of one. */
	bool fits =
	    info->depth + 1 < p->limits.depth && p->t.n < p->limits.parts;
	bool multipart = span_eq(part->type, SPAN("multipart"));
	bool message = part_is_message(part) && part->encoding <= MIME_BINARY;
	struct span boundary = lex_trim(info->boundary);

	if (multipart &&
	    (boundary.n == 0 || boundary.n > LIMIT_MIME_BOUNDARY)) {
		part_header_degrade(part, info, "text", "plain");
	} else if ((multipart || message) && !fits) {
		part_header_degrade(part, info, "application", "octet-stream");
	} else if (multipart) {
		part->kind = MIME_MULTIPART;
		part->encoding = MIN(part->encoding, MIME_BINARY);
		push_boundary(p, i, boundary);
	} else if (message) {
		part->kind = MIME_MESSAGE;
	}
	part->is_text =
	    part->kind == MIME_LEAF && span_eq(part->type, SPAN("text"));
}

/* Reads the header of a part that begins here, and of what it contains. */
static void
open_part(struct parser *p, uint32_t parent)
{
	do {
		uint32_t i = add_part(p, parent);
		struct mime_part *part = &p->t.parts[i];
		bool in_digest =
		    parent != MIME_NONE &&
		    p->t.parts[parent].kind == MIME_MULTIPART &&
		    span_eq(p->t.parts[parent].subtype, SPAN("digest"));
		struct span header;

		part->header = p->at;
		header = read_header(p);
		part->header_bytes = header.n;
		part->body = p->at;
		p->t.info[i].lines_before = p->lines;
		if (collate_ascii_run(header) < header.n)
			p->t.has_8bit_header = true;
		part_header_read(p->arena, part_header_of(part, p->msg),
		    in_digest, part, &p->t.info[i]);
		open_body(p, i);
		p->current = parent = i;
	} while (p->t.parts[parent].kind == MIME_MESSAGE);
}

/* Grammar wants a child in every multipart. */
static void
close_multipart(struct parser *p, uint32_t i)
{
	uint32_t child;

	if (p->t.parts[i].first_child != MIME_NONE)
		return;
	child = add_part(p, i);
	p->t.parts[child].header = p->t.parts[child].body =
	    p->t.parts[i].body + p->t.parts[i].body_bytes;
	part_header_read(p->arena, SPAN(""), false, &p->t.parts[child],
	    &p->t.info[child]);
	p->t.parts[child].is_text = true;
}

/* Sets where a part ends; `nested` in another one that ends here, too. */
static void
end_part(struct parser *p, uint32_t i, size_t end, uint64_t lines, bool nested)
{
	struct mime_part *part = &p->t.parts[i];
	struct part_info *info = &p->t.info[i];

	if (end > part->body) {
		part->body_bytes = end - part->body;
		info->lines = lines - info->lines_before +
		              (p->msg.p[end - 1] != '\n' ? 1 : 0);
	} else if (nested) {
		/* Its header took the boundary's line end: none is larger
		 * than what it is in. */
		part->body = MAX(part->header, end);
		part->header_bytes = part->body - part->header;
	}
}

/*
 * Ends all parts within `outer`, here: at the end or at a boundary line, to
 * which the line end before it belongs.
 */
static void
close_parts(struct parser *p, uint32_t outer)
{
	bool line_end = p->at < p->msg.n;
	size_t end = p->at;
	uint64_t lines = p->lines;

	if (line_end && end > 0) {
		end -= end > 1 && p->msg.p[end - 2] == '\r' ? 2 : 1;
		lines--;
	}
	while (p->current != outer) {
		uint32_t i = p->current;

		end_part(p, i, end, lines, p->t.parts[i].parent != outer);
		if (p->t.parts[i].kind == MIME_MULTIPART)
			close_multipart(p, i);
		p->current = p->t.parts[i].parent;
	}
}

void
mime_parse(struct arena *a, struct span message,
    const struct mime_limits *limits, struct mime_tree *out)
{
	struct parser p = { .arena = a, .msg = message, .limits = *limits };
	struct hit hit;

	open_part(&p, MIME_NONE);
	while (next_boundary(&p, &hit)) {
		uint32_t outer = p.stack[hit.level].part;

		if (!hit.last && p.t.n >= p.limits.parts) {
			p.depth = 0; /* the rest belongs to the last part */
			continue;
		}
		close_parts(&p, outer);
		p.depth = hit.last ? hit.level : hit.level + 1;
		next_line(&p);
		if (!hit.last)
			open_part(&p, outer);
	}
	close_parts(&p, MIME_NONE);
	free(p.stack);
	*out = p.t;
}

void
mime_tree_clear(struct mime_tree *t)
{
	free(t->parts);
	free(t->info);
	*t = (struct mime_tree){ 0 };
}
