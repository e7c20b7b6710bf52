#ifndef MIME_WIRE_CHECK_H
#define MIME_WIRE_CHECK_H

#include "mime/charset.h"
#include "mime/lex.h"

/*
 * For tests: whether wire forms keep to the grammar of RFC 9051 section 9,
 * with the bounds that clients have been seen to need.
 */
struct wire_check {
	struct span rest;
	bool utf8; /* else every byte is 7-bit */
	bool bad;
};

static inline void
check_byte(struct wire_check *c, unsigned char want)
{
	c->bad = c->bad || c->rest.n == 0 || c->rest.p[0] != want;
	c->rest = span_from(c->rest, 1);
}

static inline bool
check_next(struct wire_check *c, const char *want)
{
	if (c->bad || !span_starts(c->rest, span_str(want)))
		return false;
	c->rest = span_from(c->rest, strlen(want));
	return true;
}

static inline void
check_number(struct wire_check *c)
{
	size_t n = 0;

	while (n < c->rest.n && ascii_digit(c->rest.p[n]))
		n++;
	c->bad = c->bad || n == 0 || (n > 1 && c->rest.p[0] == '0');
	c->rest = span_from(c->rest, n);
}

/* What a string holds, in either form. */
static inline void
check_text(struct wire_check *c, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		c->bad = c->bad || s.p[i] == '\0' || s.p[i] == '\r' ||
		         s.p[i] == '\n' || (s.p[i] >= 0x80 && !c->utf8);
	c->bad = c->bad || utf8_run(s) != s.n;
}

static inline void
check_literal(struct wire_check *c)
{
	size_t end = span_find(c->rest, '}');
	uint64_t n = 0;

	c->bad = c->bad || !span_u64(span_head(c->rest, end), c->rest.n, &n);
	c->rest = span_from(c->rest, end + 1);
	if (!check_next(c, "\r\n") || n > c->rest.n) {
		c->bad = true;
		return;
	}
	check_text(c, span_head(c->rest, n));
	c->rest = span_from(c->rest, n);
}

static inline void
check_string(struct wire_check *c)
{
	size_t n = 0;

	if (check_next(c, "{")) {
		check_literal(c);
		return;
	}
	check_byte(c, '"');
	while (n < c->rest.n && c->rest.p[n] != '"')
		n += c->rest.p[n] == '\\' ? 2 : 1;
	n = n < c->rest.n ? n : c->rest.n;
	check_text(c, span_head(c->rest, n));
	c->rest = span_from(c->rest, n);
	check_byte(c, '"');
}

static inline void
check_nstring(struct wire_check *c)
{
	if (!check_next(c, "NIL"))
		check_string(c);
}

static inline void
check_params(struct wire_check *c)
{
	if (check_next(c, "NIL"))
		return;
	check_byte(c, '(');
	do {
		check_string(c);
		check_byte(c, ' ');
		check_string(c);
	} while (check_next(c, " "));
	check_byte(c, ')');
}

static inline void
check_addresses(struct wire_check *c)
{
	if (check_next(c, "NIL"))
		return;
	check_byte(c, '(');
	while (check_next(c, "(")) {
		for (int i = 0; i < 4; i++) {
			if (i > 0)
				check_byte(c, ' ');
			check_nstring(c);
		}
		check_byte(c, ')');
	}
	check_byte(c, ')');
}

static inline void
check_envelope(struct wire_check *c)
{
	check_byte(c, '(');
	for (int i = 0; i < 10; i++) {
		if (i > 0)
			check_byte(c, ' ');
		if (i >= 2 && i <= 7)
			check_addresses(c);
		else
			check_nstring(c);
	}
	check_byte(c, ')');
}

/* Disposition, language, location. */
static inline void
check_extension(struct wire_check *c)
{
	check_byte(c, ' ');
	if (!check_next(c, "NIL")) {
		check_byte(c, '(');
		check_string(c);
		check_byte(c, ' ');
		check_params(c);
		check_byte(c, ')');
	}
	check_byte(c, ' ');
	if (check_next(c, "(")) {
		do
			check_string(c);
		while (check_next(c, " "));
		check_byte(c, ')');
	} else {
		check_nstring(c);
	}
	check_byte(c, ' ');
	check_nstring(c);
}

/* Up to the octets; whether lines or a message follow is in *text, *msg. */
static inline void
check_basic(struct wire_check *c, bool *text, bool *msg)
{
	*text = span_starts(c->rest, SPAN("\"text\" "));
	*msg = span_starts(c->rest, SPAN("\"message\" \"rfc822\" ")) ||
	       span_starts(c->rest, SPAN("\"message\" \"global\" "));
	check_string(c);
	check_byte(c, ' ');
	check_string(c);
	check_byte(c, ' ');
	check_params(c);
	check_byte(c, ' ');
	check_nstring(c);
	check_byte(c, ' ');
	check_nstring(c);
	check_byte(c, ' ');
	check_string(c); /* pitfall 2: never NIL */
	check_byte(c, ' ');
	check_number(c);
}

/* The end of a part that isn't a multipart. */
static inline void
check_part_end(struct wire_check *c, bool lines, bool extended)
{
	if (lines) {
		check_byte(c, ' ');
		check_number(c);
	}
	if (extended) {
		check_byte(c, ' ');
		check_nstring(c);
		check_extension(c);
	}
	check_byte(c, ')');
}

#endif
