#ifndef IMAP_CHARS_H
#define IMAP_CHARS_H

#include "base/span.h"

/* The character classes of RFC 9051 section 9. */

static inline bool
chars_is_special(unsigned char c)
{
	switch (c) {
	case '(':
	case ')':
	case '{':
	case ' ':
	case '%':
	case '*':
	case '"':
	case '\\':
	case ']':
		return true;
	default:
		return c < 0x20 || c >= 0x7f;
	}
}

/* ATOM-CHAR */
static inline bool
chars_is_atom(unsigned char c)
{
	return !chars_is_special(c);
}

/* ASTRING-CHAR */
static inline bool
chars_is_astring(unsigned char c)
{
	return c == ']' || !chars_is_special(c);
}

/* list-char */
static inline bool
chars_is_list(unsigned char c)
{
	return c == '%' || c == '*' || chars_is_astring(c);
}

static inline bool
chars_is_tag(unsigned char c)
{
	return c != '+' && chars_is_astring(c);
}

static inline bool
chars_is_alpha(unsigned char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

/* Of the names of FETCH items, STATUS items and search keys. */
static inline bool
chars_is_word(unsigned char c)
{
	return chars_is_alpha(c) || ascii_digit(c) || c == '.' || c == '-';
}

/* A whole span of one class; false if it is empty. */
static inline bool
chars_all(struct span s, bool (*is)(unsigned char c))
{
	for (size_t i = 0; i < s.n; i++)
		if (!is(s.p[i]))
			return false;
	return s.n > 0;
}

#endif
