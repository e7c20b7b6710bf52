#ifndef MIME_CHARSET_NAMES_H
#define MIME_CHARSET_NAMES_H

#include "base/span.h"

/*
 * The charsets that mail is found in, under all the names that they are
 * found under.  What isn't here isn't converted: not every converter of a C
 * library is fit to be fed by strangers.
 */
enum charset_kind {
	CHARSET_UTF8,
	CHARSET_GUESS,  /* said to be ASCII, or nothing is said */
	CHARSET_CP1252, /* and ISO 8859-1, which is a subset */
	CHARSET_UTF16,  /* in the order of bytes that its mark says */
	CHARSET_UTF32,
	CHARSET_UNITS_1, /* by iconv; the number is the size of the least */
	CHARSET_UNITS_2, /* piece to skip when one is bad */
	CHARSET_UNITS_4,
};

struct charset {
	const char *name;  /* lower case; the table is sorted by it */
	const char *iconv; /* or NULL */
	enum charset_kind kind;
};

/*
 * Where to find a name in whatever case; NULL if it isn't known.  The empty
 * name is CHARSET_GUESS.
 */
const struct charset *charset_find(struct span name);

/* The table, for tests. */
const struct charset *charset_table(size_t *out_count);

#endif
