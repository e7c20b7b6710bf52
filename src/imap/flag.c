#include "imap/flag.h"

#include <assert.h>

#include "base/limits.h"
#include "imap/chars.h"

struct bit_name {
	unsigned bit;
	struct span name;
};

static const struct bit_name flags[] = {
	{ FLAG_ANSWERED, SPAN_INIT("\\Answered") },
	{ FLAG_FLAGGED, SPAN_INIT("\\Flagged") },
	{ FLAG_DELETED, SPAN_INIT("\\Deleted") },
	{ FLAG_SEEN, SPAN_INIT("\\Seen") },
	{ FLAG_DRAFT, SPAN_INIT("\\Draft") },
	{ FLAG_RECENT, SPAN_INIT("\\Recent") },
};

static const struct bit_name uses[] = {
	{ USE_ALL, SPAN_INIT("\\All") },
	{ USE_ARCHIVE, SPAN_INIT("\\Archive") },
	{ USE_DRAFTS, SPAN_INIT("\\Drafts") },
	{ USE_FLAGGED, SPAN_INIT("\\Flagged") },
	{ USE_IMPORTANT, SPAN_INIT("\\Important") },
	{ USE_JUNK, SPAN_INIT("\\Junk") },
	{ USE_SENT, SPAN_INIT("\\Sent") },
	{ USE_TRASH, SPAN_INIT("\\Trash") },
};

static unsigned
find_name(const struct bit_name *t, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(t[i].name, name))
			return t[i].bit;
	return 0;
}

static struct span
find_bit(const struct bit_name *t, size_t n, unsigned bit)
{
	size_t i = 0;

	while (i < n && t[i].bit != bit)
		i++;
	assert(i < n);
	return t[i].name;
}

unsigned
flag_of_name(struct span name)
{
	return find_name(flags, COUNT(flags), name);
}

/* Written for each message of a FETCH, so it is not searched for. */
struct span
flag_name(unsigned bit)
{
	size_t i =
	    bit == FLAG_RECENT ? COUNT(flags) - 1 : (size_t)__builtin_ctz(bit);

	assert(i < COUNT(flags) && flags[i].bit == bit);
	return flags[i].name;
}

bool
flag_is_keyword(struct span s)
{
	return s.n <= LIMIT_KEYWORD && chars_all(s, chars_is_atom);
}

unsigned
special_use_of_name(struct span name)
{
	return find_name(uses, COUNT(uses), name);
}

struct span
special_use_name(unsigned bit)
{
	return find_bit(uses, COUNT(uses), bit);
}
