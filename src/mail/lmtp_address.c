#include "mail/lmtp_address.h"

#include "imap/mutf7.h"

static bool
is_atext(unsigned char c)
{
	return c >= 0x80 || ascii_digit(c) ||
	       (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
	       (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_domain(unsigned char c)
{
	return c >= 0x80 || ascii_digit(c) || c == '-' || c == '_' ||
	       (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static bool
is_literal(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '[' && c != ']' && c != '\\' &&
	       c != '<' && c != '>';
}

static size_t
run_of(struct span s, bool (*is)(unsigned char))
{
	size_t n = 0;

	while (n < s.n && (is(s.p[n]) || (is != is_literal && s.p[n] == '.')))
		n++;
	return n;
}

/* The length of a quoted string at the start of s, or 0. */
static size_t
quoted_length(struct span s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
		if (i == s.n || s.p[i] < ' ' || s.p[i] == 0x7f)
			return 0;
	}
	return 0;
}

static size_t
local_length(struct span s)
{
	if (s.n > 0 && s.p[0] == '"')
		return quoted_length(s);
	return run_of(s, is_atext);
}

static size_t
domain_length(struct span s)
{
	size_t n;

	if (s.n == 0 || s.p[0] != '[')
		return run_of(s, is_domain);
	n = run_of(span_from(s, 1), is_literal);
	return n + 1 < s.n && n > 0 && s.p[n + 1] == ']' ? n + 2 : 0;
}

/* "@one,@two:" in front of an address means nothing today. */
static struct span
skip_route(struct span s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] == '@') {
		size_t n = domain_length(span_from(s, i + 1));
		size_t end = i + 1 + n;

		if (n == 0 || end == s.n)
			return s;
		if (s.p[end] == ':')
			return span_from(s, end + 1);
		if (s.p[end] != ',')
			return s;
		i = end + 1;
	}
	return s;
}

static bool
take_address(struct span *s, struct lmtp_path *out)
{
	size_t local = local_length(*s);
	struct span rest = span_from(*s, local);
	size_t domain = 0;

	if (local == 0)
		return false;
	if (rest.n > 0 && rest.p[0] == '@') {
		domain = domain_length(span_from(rest, 1));
		if (domain == 0)
			return false;
	}
	out->local = span_head(*s, local);
	out->domain = span_head(span_from(rest, 1), domain);
	out->text = span_head(*s, local + (domain > 0 ? 1 + domain : 0));
	*s = span_from(*s, out->text.n);
	return true;
}

static bool
has_high_octet(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x80)
			return true;
	return false;
}

bool
lmtp_path_take(struct span *in, struct lmtp_path *out)
{
	struct lmtp_path path = { 0 };
	struct span s = *in;

	if (s.n < 2 || s.p[0] != '<')
		return false;
	s = span_from(s, 1);
	if (s.p[0] != '>') {
		s = skip_route(s);
		if (!take_address(&s, &path))
			return false;
	}
	if (s.n == 0 || s.p[0] != '>' || !utf8_valid(path.text))
		return false;

	path.has_utf8 = has_high_octet(path.text);
	*out = path;
	*in = span_from(s, 1);
	return true;
}

static void
add_unquoted(struct buf *to, struct span local)
{
	if (local.n == 0 || local.p[0] != '"') {
		buf_add(to, local);
		return;
	}
	for (size_t i = 1; i + 1 < local.n; i++) {
		if (local.p[i] == '\\')
			i++;
		buf_byte(to, local.p[i]);
	}
}

struct lmtp_mailbox
lmtp_path_mailbox(const struct lmtp_path *path, unsigned char delimiter,
    struct buf *scratch)
{
	struct lmtp_mailbox m = { 0 };
	size_t local;
	size_t end;

	/* folder, user: so that the domain follows the user's local part. */
	buf_reset(scratch);
	add_unquoted(scratch, path->local);
	local = scratch->n;
	end = local;
	if (delimiter != 0 && local > 0)
		end = 1 + span_find(span_from(buf_span(scratch), 1), delimiter);

	(void)buf_room(scratch, end + 1 + path->domain.n);
	buf_add(scratch, span_head(buf_span(scratch), end));
	if (path->domain.n > 0) {
		buf_byte(scratch, '@');
		buf_add(scratch, path->domain);
	}
	m.user = span_from(buf_span(scratch), local);
	m.folder = span_from(span_head(buf_span(scratch), local), end + 1);
	return m;
}
