#include "imap/args.h"

#include "base/limits.h"
#include "imap/chars.h"

enum status
parse_none(struct tokens *t, struct arena *a, const void **out)
{
	enum status st = tok_end(t);

	(void)a;
	if (st == ST_OK)
		*out = NULL;
	return st;
}

/* The bytes of one class at the front, which are taken off *s. */
static struct span
take_class(struct span *s, bool (*is)(unsigned char c))
{
	struct span out;
	size_t n = 0;

	while (n < s->n && is(s->p[n]))
		n++;
	out = span_head(*s, n);
	*s = span_from(*s, n);
	return out;
}

static bool
take_space(struct span *s)
{
	if (s->n == 0 || s->p[0] != ' ')
		return false;
	*s = span_from(*s, 1);
	return true;
}

const char *
command_split(struct span text, struct command_text *out)
{
	struct span tag = take_class(&text, chars_is_tag);
	struct span rest;
	struct span second;

	*out = (struct command_text){ .tag = SPAN("*") };
	if (tag.n == 0 || (text.n > 0 && text.p[0] != ' '))
		return "A command starts with a tag";
	if (tag.n > LIMIT_TAG)
		return "The tag is too long";
	out->tag = tag;
	if (!take_space(&text))
		return "There is no command behind the tag";

	out->name = take_class(&text, chars_is_atom);
	if (out->name.n == 0)
		return "There is no command behind the tag";
	rest = text;
	if (span_eq_nocase(out->name, SPAN("UID")) && take_space(&rest)) {
		second = take_class(&rest, chars_is_atom);
		out->name.n += 1 + second.n;
		text = rest;
	}
	if (text.n > 0 && text.p[0] != ' ')
		return "A command's name ends with a space";
	out->args = text;
	return NULL;
}
