#include "engine/fetch.h"

/*
 * BODY[...], BINARY[...] and BINARY.SIZE[...]: read (ahead.h) and written in
 * pieces, so that a large part takes no more memory than a small one.
 */
#define PIECE 65536

/* What can't be in a literal, in the place of NUL. */
#define NUL_STAND_IN 0x80

static void
write_label(struct cmd *c, const struct fetch_item *item)
{
	const struct fetch *f = c->progress;
	struct buf *b = session_out(c->session);

	if (f->item > 0)
		buf_byte(b, ' ');
	buf_add(b, item->label);
	buf_byte(b, ' ');
}

/* An empty value is a quoted string: some clients stumble over "{0}". */
static void
write_start(struct buf *b, uint64_t n, bool nul)
{
	if (n == 0)
		BUF_LIT(b, "\"\"");
	else if (nul)
		write_literal8_start(b, n);
	else
		write_literal_start(b, n);
}

/*
 * The next bytes of the part, at most PIECE of them, which are then behind.
 * ST_AGAIN: return STEP_WAIT.
 */
static enum status
next_bytes(struct fetch *f, struct span *out)
{
	struct fetch_part *p = &f->part;
	enum status st =
	    ahead_bytes(f->ahead, p->from, MIN(p->left, (uint64_t)PIECE), out);

	if (st == ST_OK) {
		p->from += out->n;
		p->left -= out->n;
	}
	return st;
}

static enum step
write_nil(struct cmd *c, const struct fetch_item *item)
{
	write_label(c, item);
	BUF_LIT(session_out(c->session), "NIL");
	return STEP_DONE;
}

static enum step
write_damaged(struct cmd *c, const struct fetch_item *item)
{
	struct fetch *f = c->progress;

	f->damaged = true;
	f->part.begun = false;
	return write_nil(c, item);
}

/* The damage is behind the start of a literal: nothing else can be said. */
static enum step
give_up(struct cmd *c)
{
	struct fetch *f = c->progress;

	f->damaged = true;
	c->session->ending = true;
	return STEP_MORE;
}

static void
no_nul(struct fetch *f, unsigned char *p, size_t n)
{
	if (!f->parts.has_nul)
		return;
	for (unsigned char *at; (at = memchr(p, '\0', n)) != NULL;)
		*at = NUL_STAND_IN;
}

/* Which part of n bytes was asked for; an offset past the end gives none. */
static void
cut(const struct fetch_item *item, uint64_t n, uint64_t *from, uint64_t *want)
{
	*from = item->partial ? MIN(item->offset, n) : 0;
	*want = item->partial ? MIN(item->count, n - *from) : n - *from;
}

/* HEADER.FIELDS: the header is gathered and then filtered. */
static enum step
write_fields(struct cmd *c, const struct fetch_item *item)
{
	CLEANUP(buf_clear) struct buf fields = { 0 };
	struct fetch *f = c->progress;
	struct buf *b;
	uint64_t from;
	uint64_t want;

	while (f->part.left > 0) {
		struct span bytes;
		enum status st = next_bytes(f, &bytes);

		if (st == ST_AGAIN)
			return STEP_WAIT;
		if (st != ST_OK)
			return write_damaged(c, item);
		buf_add(&f->bytes, bytes);
	}
	section_fields(&item->section, buf_span(&f->bytes), &fields);
	if (fields.n > 0)
		no_nul(f, fields.p, fields.n);
	cut(item, fields.n, &from, &want);
	write_label(c, item);
	b = session_out(c->session);
	write_start(b, want, false);
	buf_add(b, span_head(span_from(buf_span(&fields), from), want));
	f->part.begun = false;
	return STEP_DONE;
}

/* Writes a range of the message, piece by piece. */
static enum step
write_range(struct cmd *c)
{
	struct fetch *f = c->progress;

	while (f->part.left > 0) {
		struct span bytes;
		struct buf *b;
		enum status st;

		if (!session_room(c->session))
			return STEP_MORE;
		st = next_bytes(f, &bytes);
		if (st == ST_AGAIN)
			return STEP_WAIT;
		if (st != ST_OK)
			return give_up(c);
		b = session_out(c->session);
		buf_add(b, bytes);
		no_nul(f, b->p + b->n - bytes.n, bytes.n);
	}
	f->part.begun = false;
	return STEP_DONE;
}

static bool
is_filtered(const struct fetch_item *item)
{
	return item->section.text == SECTION_HEADER_FIELDS ||
	       item->section.text == SECTION_HEADER_FIELDS_NOT;
}

/* Finds the section; ST_AGAIN: whether it can be read is not known yet. */
static enum status
begin_section(struct cmd *c, const struct fetch_item *item)
{
	struct fetch *f = c->progress;
	struct fetch_part *p = &f->part;
	struct section_range range;
	uint64_t skipped = 0;
	struct span some;
	enum status st;

	st = section_find(&f->parts.parts, &item->section, &range);
	if (st != ST_OK)
		return st;
	*p = (struct fetch_part){ .left = range.bytes };
	if (!is_filtered(item))
		cut(item, range.bytes, &skipped, &p->left);
	p->from = range.from + skipped;
	if (p->left > 0)
		st = ahead_bytes(f->ahead, p->from, 1, &some);
	p->begun = st == ST_OK;
	return st;
}

static enum step
write_section(struct cmd *c, const struct fetch_item *item)
{
	struct fetch *f = c->progress;
	enum status st;

	if (!f->part.begun) {
		st = begin_section(c, item);
		if (st == ST_AGAIN)
			return STEP_WAIT;
		if (st == ST_NOTFOUND)
			return write_nil(c, item);
		if (st != ST_OK)
			return write_damaged(c, item);
		buf_reset(&f->bytes);
		if (!is_filtered(item)) {
			write_label(c, item);
			write_start(session_out(c->session), f->part.left,
			    false);
		}
	}
	return is_filtered(item) ? write_fields(c, item) : write_range(c);
}

/* Which bytes BINARY decodes; ST_NOTFOUND, ST_DENIED: unknown encoding. */
static enum status
begin_binary(struct cmd *c, const struct fetch_item *item)
{
	struct fetch *f = c->progress;
	const struct mime_part *part = &f->parts.parts.p[0];
	struct section_range range;
	enum status st;

	st = section_find(&f->parts.parts, &item->section, &range);
	if (st == ST_OK && item->section.depth > 0)
		st = section_part(&f->parts.parts, item->section.part,
		    item->section.depth, &part);
	if (st != ST_OK)
		return st;
	/* A whole message is what it is, whatever its parts are in. */
	f->part = (struct fetch_part){ .begun = true,
		.from = range.from,
		.left = range.bytes };
	f->part.decodes = item->section.depth > 0 && part->kind == MIME_LEAF;
	if (!f->part.decodes)
		return ST_OK;
	f->part.is_text = part->is_text;
	if (part->encoding == MIME_UNKNOWN_ENCODING) {
		f->unknown_cte = true;
		return ST_DENIED;
	}
	f->part.decoder.encoding = part->encoding;
	return ST_OK;
}

/* The LFs in a piece without a CR before them. */
static size_t
count_bare_lfs(struct fetch_part *p, struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		n += s.p[i] == '\n' && !p->after_cr;
		p->after_cr = s.p[i] == '\r';
	}
	return n;
}

/* RFC 3516 section 6: lines of text end with CRLF, whatever they were. */
static void
add_crs(struct fetch *f)
{
	CLEANUP(buf_clear) struct buf lf = f->bytes;
	struct span rest = buf_span(&lf);

	f->bytes = (struct buf){ 0 };
	while (rest.n > 0) {
		struct span line = span_head(rest, span_find(rest, '\n') + 1);
		struct span text = line;

		if (count_bare_lfs(&f->part, line) > 0)
			text.n--;
		buf_add(&f->bytes, text);
		if (text.n < line.n)
			BUF_LIT(&f->bytes, "\r\n");
		rest = span_from(rest, line.n);
	}
}

/* Decodes one more piece into f->bytes; *more is false at the end. */
static enum status
decode_piece(struct fetch *f, bool *more)
{
	struct fetch_part *p = &f->part;
	struct span raw;
	enum status st;

	buf_reset(&f->bytes);
	*more = p->left > 0;
	if (!*more)
		return ST_OK;
	st = next_bytes(f, &raw);
	if (st != ST_OK)
		return st;
	if (!p->decodes) {
		buf_add(&f->bytes, raw);
		return ST_OK;
	}
	mime_decoder_feed(&p->decoder, raw, &f->bytes);
	if (p->left == 0)
		mime_decoder_end(&p->decoder, &f->bytes);
	if (p->add_crs)
		add_crs(f);
	return ST_OK;
}

/*
 * The first pass: how long it is decoded, and whether it has NULs.  Text with
 * NULs, as UTF-16 is, isn't in lines of bytes and stays as it is.
 */
static enum step
measure(struct cmd *c, enum status *st)
{
	struct fetch *f = c->progress;
	struct fetch_part *p = &f->part;
	bool more;

	for (;;) {
		*st = decode_piece(f, &more);
		if (*st == ST_AGAIN)
			return STEP_WAIT;
		if (*st != ST_OK || !more)
			break;
		p->decoded += f->bytes.n;
		if (span_find(buf_span(&f->bytes), '\0') < f->bytes.n)
			p->has_nul = true;
		if (p->is_text)
			p->bare_lfs += count_bare_lfs(p, buf_span(&f->bytes));
		if (cmd_slice_over_now(c))
			return STEP_MORE;
	}
	if (p->has_nul)
		p->bare_lfs = 0;
	p->decoded += p->bare_lfs;
	return STEP_DONE;
}

/* Begins and measures; STEP_DONE with *st. */
static enum step
prepare(struct cmd *c, const struct fetch_item *item, enum status *st)
{
	struct fetch *f = c->progress;

	*st = ST_OK;
	if (!f->part.begun) {
		*st = begin_binary(c, item);
		if (*st != ST_OK)
			return STEP_DONE;
		f->part.measuring = true;
	}
	return measure(c, st);
}

enum step
fetch_write_size(struct cmd *c, const struct fetch_item *item)
{
	struct fetch *f = c->progress;
	enum status st;
	enum step next = prepare(c, item, &st);

	if (next != STEP_DONE)
		return next;
	write_label(c, item);
	buf_u64(session_out(c->session), st == ST_OK ? f->part.decoded : 0);
	f->damaged = f->damaged || st == ST_IO || st == ST_CORRUPT;
	f->part.begun = false;
	return STEP_DONE;
}

static enum step
write_decoded(struct cmd *c)
{
	struct fetch *f = c->progress;
	struct fetch_part *p = &f->part;

	while (p->want > 0) {
		struct span out;
		enum status st;
		bool more;

		if (!session_room(c->session) || cmd_slice_over_now(c))
			return STEP_MORE;
		st = decode_piece(f, &more);
		if (st == ST_AGAIN)
			return STEP_WAIT;
		if (st != ST_OK || !more)
			return give_up(c);
		out = span_from(buf_span(&f->bytes), (size_t)p->skip);
		p->skip -= MIN(p->skip, f->bytes.n);
		out = span_head(out, (size_t)MIN(p->want, out.n));
		buf_add(session_out(c->session), out);
		p->want -= out.n;
	}
	p->begun = false;
	return STEP_DONE;
}

/* RFC 3516 section 4.3: a literal8 where there are NULs. */
static enum step
write_binary(struct cmd *c, const struct fetch_item *item)
{
	struct fetch *f = c->progress;
	struct fetch_part *p = &f->part;
	enum status st;
	enum step next;
	uint64_t size;
	bool add;
	bool nul;

	if (p->begun && !p->measuring)
		return write_decoded(c);
	next = prepare(c, item, &st);
	if (next != STEP_DONE)
		return next;
	if (st != ST_OK) {
		f->damaged = f->damaged || st == ST_IO || st == ST_CORRUPT;
		p->begun = false;
		return write_nil(c, item);
	}
	size = p->decoded;
	nul = p->has_nul;
	add = p->bare_lfs > 0;
	if (begin_binary(c, item) != ST_OK) /* again, to write */
		return give_up(c);
	p->add_crs = add;
	cut(item, size, &p->skip, &p->want);
	write_label(c, item);
	write_start(session_out(c->session), p->want, nul);
	return write_decoded(c);
}

enum step
fetch_write_part(struct cmd *c, const struct fetch_item *item)
{
	return item->what == FETCH_BINARY ? write_binary(c, item)
	                                  : write_section(c, item);
}
