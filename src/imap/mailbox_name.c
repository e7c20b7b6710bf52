#include "imap/mailbox_name.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "imap/mutf7.h"

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x80)
			return false;
	return true;
}

/* s is valid UTF-8. */
static struct span
to_nfc(struct span s, struct arena *a)
{
	utf8proc_uint8_t *nfc = NULL;
	utf8proc_ssize_t n;
	struct span out;

	if (is_ascii(s))
		return arena_dup(a, s);
	n = utf8proc_map(s.p, (utf8proc_ssize_t)s.n, &nfc,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n < 0)
		return arena_dup(a, s);
	out = arena_dup(a, span_of(nfc, (size_t)n));
	free(nfc);
	return out;
}

static struct span
upper_inbox(struct span name, struct arena *a)
{
	unsigned char *p;

	if (!span_starts_nocase(name, SPAN("INBOX")))
		return name;
	if ((name.n > 5 && name.p[5] != MAILBOX_DELIMITER) ||
	    span_starts(name, SPAN("INBOX")))
		return name;
	p = arena_alloc(a, name.n);
	memcpy(p, name.p, name.n);
	for (size_t i = 0; i < 5; i++)
		p[i] = ascii_upper(p[i]);
	return span_of(p, name.n);
}

bool
mailbox_name_decode(struct span wire, bool utf8, struct arena *a,
    struct span *out)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span name = wire;

	if (!utf8) {
		if (!mutf7_to_utf8(wire, &b))
			return false;
		name = buf_span(&b);
	} else if (!utf8_valid(wire)) {
		return false;
	}
	*out = upper_inbox(to_nfc(name, a), a);
	return true;
}

/* RFC 9051 section 5.1: C0, DEL, C1, and the two separators. */
static bool
has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
		if (s.p[i] == 0xc2 && i + 1 < s.n && s.p[i + 1] < 0xa0)
			return true;
		if (s.p[i] == 0xe2 && i + 2 < s.n && s.p[i + 1] == 0x80 &&
		    (s.p[i + 2] == 0xa8 || s.p[i + 2] == 0xa9))
			return true;
	}
	return false;
}

/* Their number, or 0 if one of them is empty. */
static size_t
components(struct span name)
{
	size_t n = 1;

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] != MAILBOX_DELIMITER)
			continue;
		if (i == 0 || i + 1 == name.n ||
		    name.p[i - 1] == MAILBOX_DELIMITER)
			return 0;
		n++;
	}
	return n;
}

static const char *
find_fault(struct span name, const struct name_limits *limits)
{
	size_t depth;

	if (name.n == 0)
		return "The mailbox name is empty";
	if (name.n > limits->bytes)
		return "The mailbox name is too long";
	if (has_control(name))
		return "The mailbox name has a control character";
	depth = components(name);
	if (depth == 0)
		return "The mailbox name has an empty part beside a \"/\"";
	if (depth > limits->depth)
		return "The mailbox name has too many levels";
	return NULL;
}

const char *
mailbox_name_parse(struct span wire, bool utf8,
    const struct name_limits *limits, struct arena *a, struct span *out)
{
	struct span name;
	const char *fault;

	if (!mailbox_name_decode(wire, utf8, a, &name))
		return utf8 ? "The mailbox name is not valid UTF-8"
		            : "The mailbox name is not valid modified UTF-7";
	fault = find_fault(name, limits);
	if (fault == NULL)
		*out = name;
	return fault;
}

bool
mailbox_name_is_inbox(struct span name)
{
	return span_eq(name, SPAN("INBOX"));
}

bool
mailbox_name_in_inbox(struct span name)
{
	return mailbox_name_is_inbox(name) || span_starts(name, SPAN("INBOX/"));
}

struct span
mailbox_name_parent(struct span name)
{
	size_t n = name.n;

	while (n > 0 && name.p[n - 1] != MAILBOX_DELIMITER)
		n--;
	return span_head(name, n > 0 ? n - 1 : 0);
}

bool
mailbox_name_is_below(struct span name, struct span parent)
{
	if (parent.n == 0)
		return name.n > 0;
	return name.n > parent.n && name.p[parent.n] == MAILBOX_DELIMITER &&
	       span_starts(name, parent);
}
