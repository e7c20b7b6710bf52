#include "imap/reader.h"

#include <assert.h>

/* The next command starts with the memory of the last, up to this. */
#define KEEP_BYTES 4096

enum {
	IN_LINE,         /* reading a line of a command */
	AT_LITERAL,      /* the caller is to decide */
	IN_INLINE,       /* reading a literal into the text */
	IN_OUTSIDE,      /* handing a literal to the caller */
	DISCARD_LINE,    /* the command failed; its line goes on */
	DISCARD_LITERAL, /* the same, with a literal */
	AT_FAILURE,      /* the failure is to be told */
	AT_END,          /* the command or its failure was told */
};

/* What the end of a line announces. */
struct announced {
	size_t at; /* of its "{" or "~" in the line */
	uint64_t size;
	bool sync;
	bool literal8;
};

/* Digits that end at p[end]; *from is the first. */
static uint64_t
number_before(struct span line, size_t end, size_t *from)
{
	uint64_t v = 0;
	size_t i = end;

	while (i > 0 && ascii_digit(line.p[i - 1]))
		i--;
	*from = i;
	for (; i < end; i++) {
		unsigned d = line.p[i] - (unsigned)'0';

		if (v > ((uint64_t)INT64_MAX - d) / 10)
			return INT64_MAX;
		v = v * 10 + d;
	}
	return v;
}

/* "{5}", "{5+}", "~{5}" or "~{5+}" at the end of a line. */
static bool
find_literal(struct span line, struct announced *out)
{
	size_t end = line.n;
	size_t from;

	if (end == 0 || line.p[end - 1] != '}')
		return false;
	end--;
	out->sync = end == 0 || line.p[end - 1] != '+';
	if (!out->sync)
		end--;
	out->size = number_before(line, end, &from);
	if (from == end || from == 0 || line.p[from - 1] != '{')
		return false;
	out->at = from - 1;
	out->literal8 = out->at > 0 && line.p[out->at - 1] == '~';
	out->at -= out->literal8;
	return true;
}

static void
begin(struct reader *r)
{
	if (r->text.cap > KEEP_BYTES)
		buf_clear(&r->text);
	buf_reset(&r->text);
	r->line_bytes = 0;
	r->literal_bytes = 0;
	r->segment = 0;
	r->tail_n = 0;
	r->state = IN_LINE;
}

void
reader_clear(struct reader *r)
{
	buf_clear(&r->text);
	begin(r);
}

bool
reader_idle(const struct reader *r)
{
	return r->state == AT_END || (r->state == IN_LINE && r->text.n == 0);
}

struct span
reader_text(const struct reader *r)
{
	return buf_span(&r->text);
}

enum reader_fault
reader_fault(const struct reader *r)
{
	return (enum reader_fault)r->fault;
}

/* Keeps the last bytes of what is thrown away. */
static void
tail_add(struct reader *r, struct span s)
{
	size_t keep;

	if (s.n > sizeof(r->tail))
		s = span_from(s, s.n - sizeof(r->tail));
	keep = MIN(r->tail_n, sizeof(r->tail) - s.n);
	memmove(r->tail, r->tail + r->tail_n - keep, keep);
	if (s.n > 0)
		memcpy(r->tail + keep, s.p, s.n);
	r->tail_n = keep + s.n;
}

/* What *in has of the line at hand, without the LF; true if that is there. */
static bool
take_line(struct span *in, struct span *out)
{
	size_t n = span_find(*in, '\n');
	bool whole = n < in->n;

	*out = span_head(*in, n);
	*in = span_from(*in, whole ? n + 1 : n);
	return whole;
}

/* The whole line is in the text. */
static enum reader_event
line_done(struct reader *r)
{
	struct span line;
	struct announced lit;

	if (r->text.n > r->segment && r->text.p[r->text.n - 1] == '\r')
		r->text.n--;
	line = span_from(buf_span(&r->text), r->segment);
	if (!r->plain && find_literal(line, &lit)) {
		r->literal_at = r->segment + lit.at;
		r->literal_size = lit.size;
		r->literal_sync = lit.sync;
		r->literal8 = lit.literal8;
		r->state = AT_LITERAL;
		return READER_LITERAL;
	}
	r->state = AT_END;
	return READER_COMMAND;
}

static enum reader_event
read_line(struct reader *r, struct span *in)
{
	size_t room = r->line_max + 1 - r->line_bytes; /* and its CR */
	size_t before = r->text.n;
	struct span start = *in;
	struct span part;
	bool whole = take_line(in, &part);
	struct span fits = span_head(part, room);
	bool nul = span_find(fits, 0) < fits.n;

	buf_add(&r->text, fits);
	r->line_bytes += fits.n;
	if (!nul && part.n <= room)
		return whole ? line_done(r) : READER_MORE;

	/* Again from the start of the part, now to throw it away. */
	tail_add(r, span_from(span_of(r->text.p, before), r->segment));
	r->fault = nul ? (int)READER_HAS_NUL : (int)READER_TOO_LONG;
	r->state = DISCARD_LINE;
	*in = start;
	return READER_MORE;
}

static enum reader_event
discard_line(struct reader *r, struct span *in)
{
	struct span part;
	bool whole = take_line(in, &part);
	struct announced lit;

	tail_add(r, part);
	if (!whole)
		return READER_MORE;
	if (r->tail_n > 0 && r->tail[r->tail_n - 1] == '\r')
		r->tail_n--;
	if (!r->plain && find_literal(span_of(r->tail, r->tail_n), &lit) &&
	    !lit.sync) {
		r->left = lit.size;
		r->state = DISCARD_LITERAL;
		return READER_MORE;
	}
	r->state = AT_FAILURE;
	return READER_MORE;
}

static struct span
take_literal(struct reader *r, struct span *in)
{
	struct span part = span_head(*in, (size_t)MIN(r->left, in->n));

	*in = span_from(*in, part.n);
	r->left -= part.n;
	return part;
}

static void
literal_done(struct reader *r, int next)
{
	if (r->left > 0)
		return;
	r->segment = r->text.n;
	r->tail_n = 0;
	r->state = next;
}

/* One state's work on the input; READER_MORE is no event yet. */
static enum reader_event
step(struct reader *r, struct span *in, struct span *bytes)
{
	switch (r->state) {
	case IN_LINE:
		return read_line(r, in);
	case IN_INLINE:
		buf_add(&r->text, take_literal(r, in));
		literal_done(r, IN_LINE);
		return READER_MORE;
	case IN_OUTSIDE:
		*bytes = take_literal(r, in);
		literal_done(r, IN_LINE);
		return bytes->n > 0 ? READER_BYTES : READER_MORE;
	case DISCARD_LINE:
		return discard_line(r, in);
	default:
		(void)take_literal(r, in);
		literal_done(r, DISCARD_LINE);
		return READER_MORE;
	}
}

enum reader_event
reader_next(struct reader *r, struct span *in, struct span *bytes)
{
	enum reader_event ev = READER_MORE;

	assert(r->state != AT_LITERAL);
	if (r->state == AT_END)
		begin(r);
	while (ev == READER_MORE && r->state != AT_FAILURE) {
		if (in->n == 0)
			return READER_MORE;
		ev = step(r, in, bytes);
	}
	if (r->state != AT_FAILURE)
		return ev;
	r->state = AT_END;
	return READER_FAILED;
}

struct reader_literal
reader_literal(const struct reader *r)
{
	assert(r->state == AT_LITERAL);
	return (struct reader_literal){
		.text = span_of(r->text.p, r->literal_at),
		.size = r->literal_size,
		.sync = r->literal_sync,
		.literal8 = r->literal8,
		.fits = r->literal_size <= r->inline_max - r->literal_bytes,
	};
}

void
reader_inline(struct reader *r)
{
	assert(reader_literal(r).fits);
	BUF_LIT(&r->text, "\r\n");
	r->literal_bytes += (size_t)r->literal_size;
	r->left = r->literal_size;
	r->state = IN_INLINE;
	literal_done(r, IN_LINE);
}

void
reader_outside(struct reader *r)
{
	assert(r->state == AT_LITERAL);
	BUF_LIT(&r->text, "\n");
	r->left = r->literal_size;
	r->state = IN_OUTSIDE;
	literal_done(r, IN_LINE);
}

void
reader_refuse(struct reader *r)
{
	bool fits = reader_literal(r).fits;

	r->fault = fits ? (int)READER_REFUSED : (int)READER_TOO_BIG;
	r->left = r->literal_size;
	r->state = r->literal_sync ? (int)AT_FAILURE : (int)DISCARD_LITERAL;
	literal_done(r, r->literal_sync ? AT_FAILURE : DISCARD_LINE);
}
