#include "imap/write.h"

#include "imap/chars.h"
#include "imap/flag.h"
#include "imap/mutf7.h"

/* A longer string goes into a literal, which some clients read better. */
#define QUOTED_MAX 1000

enum shape {
	SHAPE_CLEAN,   /* printable ASCII that needs no escapes */
	SHAPE_ESCAPES, /* with quotes or backslashes */
	SHAPE_UTF8,    /* with bytes of 8 bits */
	SHAPE_LITERAL, /* with control characters: no quoted string */
};

static enum shape
shape_of(struct span s)
{
	enum shape shape = SHAPE_CLEAN;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if (c < 0x20 || c == 0x7f)
			return SHAPE_LITERAL;
		if (c >= 0x80)
			shape = SHAPE_UTF8;
		else if ((c == '"' || c == '\\') && shape == SHAPE_CLEAN)
			shape = SHAPE_ESCAPES;
	}
	return shape;
}

static void
write_quoted(struct buf *b, struct span s)
{
	unsigned char *p = buf_room(b, 2 * s.n + 2);
	size_t n = 0;

	p[n++] = '"';
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			p[n++] = '\\';
		p[n++] = s.p[i];
	}
	p[n++] = '"';
	buf_added(b, n);
}

/* RFC 9051 section 9: CHAR8 is any octet but NUL. */
static void
write_literal(struct buf *b, struct span s)
{
	size_t start;

	write_literal_start(b, s.n);
	start = b->n;
	buf_add(b, s);
	for (size_t i = start; i < b->n; i++)
		if (b->p[i] == 0)
			b->p[i] = ' ';
}

void
write_string(struct buf *b, struct span s, bool utf8)
{
	enum shape shape = s.n > QUOTED_MAX ? SHAPE_LITERAL : shape_of(s);

	if (shape == SHAPE_LITERAL ||
	    (shape == SHAPE_UTF8 && (!utf8 || !utf8_valid(s)))) {
		write_literal(b, s);
	} else if (shape == SHAPE_CLEAN) {
		buf_byte(b, '"');
		buf_add(b, s);
		buf_byte(b, '"');
	} else {
		write_quoted(b, s);
	}
}

void
write_astring(struct buf *b, struct span s, bool utf8)
{
	if (chars_all(s, chars_is_atom) && !span_eq_nocase(s, SPAN("NIL")) &&
	    s.n <= QUOTED_MAX)
		buf_add(b, s);
	else
		write_string(b, s, utf8);
}

void
write_literal_start(struct buf *b, uint64_t n)
{
	buf_byte(b, '{');
	buf_u64(b, n);
	BUF_LIT(b, "}\r\n");
}

void
write_literal8_start(struct buf *b, uint64_t n)
{
	buf_byte(b, '~');
	write_literal_start(b, n);
}

void
write_mailbox(struct buf *b, struct span name, bool utf8)
{
	CLEANUP(buf_clear) struct buf wire = { 0 };

	if (utf8 || !utf8_to_mutf7(name, &wire))
		write_astring(b, name, utf8);
	else
		write_astring(b, buf_span(&wire), false);
}

void
write_flags(struct buf *b, unsigned system, const struct span *keywords,
    size_t n)
{
	size_t start;

	buf_byte(b, '(');
	start = b->n;
	for (unsigned left = system; left != 0; left &= left - 1) {
		if (b->n > start)
			buf_byte(b, ' ');
		buf_add(b, flag_name(left & -left));
	}
	for (size_t i = 0; i < n; i++) {
		if (b->n > start)
			buf_byte(b, ' ');
		buf_add(b, keywords[i]);
	}
	buf_byte(b, ')');
}

static void
put_two(unsigned char *p, int v)
{
	p[0] = (unsigned char)('0' + v / 10);
	p[1] = (unsigned char)('0' + v % 10);
}

void
write_internaldate(struct buf *b, const struct datetime *d)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char form[] = "\"00-Mon-0000 00:00:00 +0000\"";
	unsigned char *p = buf_room(b, sizeof(form));
	struct civil c = civil_of(d->wall + d->zone_secs);
	int zone = (d->zone_secs < 0 ? -d->zone_secs : d->zone_secs) / 60;

	if (c.year < 0 || c.year > 9999)
		c = civil_of(0);
	memcpy(p, form, sizeof(form));
	put_two(p + 1, c.day);
	if (c.day < 10)
		p[1] = ' ';
	memcpy(p + 4, months + (size_t)3 * (c.month - 1), 3);
	put_two(p + 8, c.year / 100);
	put_two(p + 10, c.year % 100);
	put_two(p + 13, c.hour);
	put_two(p + 16, c.minute);
	put_two(p + 19, c.second);
	p[22] = d->zone_secs < 0 ? '-' : '+';
	put_two(p + 23, zone / 60 % 100);
	put_two(p + 25, zone % 60);
	buf_added(b, sizeof(form) - 1);
}

/* Text that can't end the line or upset a client. */
static void
write_text(struct buf *b, struct span s, bool utf8)
{
	unsigned char *p = buf_room(b, s.n);
	bool wide = utf8 && utf8_valid(s);

	for (size_t i = 0; i < s.n; i++) {
		bool bad = s.p[i] < 0x20 || s.p[i] == 0x7f ||
		           (s.p[i] >= 0x80 && !wide);

		p[i] = bad ? '?' : s.p[i];
	}
	buf_added(b, s.n);
}

static const struct {
	const char *word;
	struct span text; /* where there is none */
} conditions[] = {
	[COND_OK] = { " OK ", SPAN_INIT("Done") },
	[COND_NO] = { " NO ", SPAN_INIT("Not done") },
	[COND_BAD] = { " BAD ", SPAN_INIT("Not understood") },
	[COND_BYE] = { " BYE ", SPAN_INIT("Goodbye") },
	[COND_PREAUTH] = { " PREAUTH ", SPAN_INIT("Welcome") },
};

void
write_condition(struct buf *b, struct span tag, enum condition cond,
    struct span code, struct span text, bool utf8)
{
	if (tag.n == 0)
		buf_byte(b, '*');
	else
		buf_add(b, tag);
	buf_str(b, conditions[cond].word);
	if (code.n > 0) {
		buf_byte(b, '[');
		write_text(b, code, utf8);
		BUF_LIT(b, "] ");
	}
	write_text(b, text.n > 0 ? text : conditions[cond].text, utf8);
	BUF_LIT(b, "\r\n");
}

void
write_continue(struct buf *b, struct span text)
{
	BUF_LIT(b, "+ ");
	write_text(b, text, false);
	BUF_LIT(b, "\r\n");
}
