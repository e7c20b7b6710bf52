#include "mime/wire.h"

#include "mime/charset.h"
#include "mime/word.h"

#define QUOTED_MAX 1000 /* longer strings are literals */

/* What in a string decides how it is written. */
enum {
	HAS_SPECIAL = 1 << 0, /* to be escaped in quotes */
	HAS_CONTROL = 1 << 1, /* better in a literal */
	HAS_LINE = 1 << 2,    /* in no string: CR, LF, NUL */
	HAS_8BIT = 1 << 3,
};

static unsigned
class_of(unsigned char c)
{
	if (c >= 0x80)
		return HAS_8BIT;
	if (c == '"' || c == '\\')
		return HAS_SPECIAL;
	if (c == '\r' || c == '\n' || c == '\0')
		return HAS_LINE;
	return (c < ' ' && c != '\t') || c == 0x7f ? HAS_CONTROL : 0;
}

static unsigned
classes(struct span s)
{
	unsigned has = 0;

	for (size_t i = 0; i < s.n; i++)
		has |= class_of(s.p[i]);
	return has;
}

void
wire_clear(struct wire *w)
{
	buf_clear(&w->line);
	buf_clear(&w->text);
	buf_clear(&w->words);
}

static void
put_quoted(struct buf *out, struct span s, bool escape)
{
	size_t from = 0;

	buf_byte(out, '"');
	for (size_t i = 0; escape && i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\') {
			buf_add(out, span_of(s.p + from, i - from));
			buf_byte(out, '\\');
			from = i;
		}
	}
	buf_add(out, span_from(s, from));
	buf_byte(out, '"');
}

static void
put(struct buf *out, struct span s, unsigned has)
{
	if ((has & HAS_CONTROL) == 0 && s.n <= QUOTED_MAX) {
		put_quoted(out, s, (has & HAS_SPECIAL) != 0);
		return;
	}
	buf_byte(out, '{');
	buf_u64(out, s.n);
	buf_str(out, "}\r\n");
	buf_add(out, s);
}

void
wire_string(struct wire *w, struct span s)
{
	unsigned has = classes(s);

	if ((has & HAS_LINE) != 0) {
		buf_reset(&w->line);
		header_unfold(s, &w->line);
		s = buf_span(&w->line);
	}
	if ((has & HAS_8BIT) != 0) {
		w->differs = true;
		buf_reset(&w->text);
		charset_guess(s, &w->text);
		s = buf_span(&w->text);
	}
	if ((has & HAS_8BIT) != 0 && !w->utf8) {
		buf_reset(&w->words);
		word_encode(s, &w->words);
		s = buf_span(&w->words);
	}
	put(w->out, s, has);
}

void
wire_nstring(struct wire *w, struct span s)
{
	if (s.p == NULL || wire_full(w))
		buf_str(w->out, "NIL");
	else
		wire_string(w, s);
}

/* An empty part of an address is NIL, as it is not there. */
static void
put_or_nil(struct wire *w, struct span s)
{
	wire_nstring(w, s.n == 0 ? (struct span){ 0 } : s);
}

static bool
is_7bit(const struct address *a)
{
	return ((classes(a->mailbox) | classes(a->host) | classes(a->route)) &
		   HAS_8BIT) == 0;
}

/*
 * RFC 6858: an address that a 7-bit session can't be told becomes one that
 * can't be anybody's, and a name that says which it was.
 */
static void
put_downgraded(struct wire *w, const struct address *a)
{
	CLEANUP(buf_clear) struct buf whole = { 0 };

	buf_add(&whole, a->mailbox);
	buf_byte(&whole, '@');
	buf_add(&whole, a->host);
	wire_string(w, a->name.n > 0 ? a->name : buf_span(&whole));
	buf_str(w->out,
	    " NIL \"invalid\" \"internationalized-address.invalid\"");
}

static void
put_mailbox(struct wire *w, const struct address *a)
{
	bool plain = is_7bit(a);

	w->differs = w->differs || !plain;
	if (!plain && !w->utf8) {
		put_downgraded(w, a);
		return;
	}
	put_or_nil(w, a->name);
	buf_byte(w->out, ' ');
	put_or_nil(w, a->route);
	buf_byte(w->out, ' ');
	wire_string(w, a->mailbox);
	buf_byte(w->out, ' ');
	wire_string(w, a->host.n > 0 ? a->host : SPAN("MISSING_DOMAIN"));
}

static void
put_address(struct wire *w, const struct address *a)
{
	buf_byte(w->out, '(');
	switch (a->kind) {
	case ADDRESS_MAILBOX:
		put_mailbox(w, a);
		break;
	case ADDRESS_GROUP:
		buf_str(w->out, "NIL NIL ");
		wire_string(w, a->name);
		buf_str(w->out, " NIL");
		break;
	case ADDRESS_GROUP_END:
		buf_str(w->out, "NIL NIL NIL NIL");
		break;
	}
	buf_byte(w->out, ')');
}

void
wire_addresses(struct wire *w, struct address_list list)
{
	static const struct address end = { .kind = ADDRESS_GROUP_END };
	bool in_group = false;

	if (list.n == 0 || wire_full(w)) {
		buf_str(w->out, "NIL");
		return;
	}
	buf_byte(w->out, '(');
	for (size_t i = 0; i < list.n && (i == 0 || !wire_full(w)); i++) {
		put_address(w, &list.a[i]);
		if (list.a[i].kind != ADDRESS_MAILBOX)
			in_group = list.a[i].kind == ADDRESS_GROUP;
	}
	if (in_group) /* the end of the list was cut off */
		put_address(w, &end);
	buf_byte(w->out, ')');
}
