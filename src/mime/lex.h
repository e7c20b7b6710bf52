#ifndef MIME_LEX_H
#define MIME_LEX_H

#include "base/buf.h"

/*
 * What structured header fields are made of (RFC 5322 section 3.2), as it is
 * found in real mail.  Values may still be folded: line ends are blanks.
 */
static inline bool
lex_is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* A blank or a piece of a line end; NULs count as that, too. */
static inline bool
lex_is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* Without lex_is_space() bytes at both ends. */
struct span lex_trim(struct span s);

/* The length of the first line of s, its line end included. */
size_t lex_line(struct span s);
bool lex_line_empty(struct span s); /* only the line end */

/*
 * The length of the field name that a line begins with, and where its colon
 * is; 0 if the line begins no field.
 */
size_t lex_field_name(struct span s, size_t *out_colon);

/*
 * Whether a header begins with that line: an empty line, a field, or what
 * mbox files put in front of messages.
 */
bool lex_begins_header(struct span s);

/* Tells most strings apart at once; anyone can make two that are alike. */
uint32_t lex_hash(struct span s);

/*
 * A cursor.  Starts as { .rest = value }.  A comment or quoted string that
 * never ends isn't one: its first byte is then a byte like any other, and so
 * are all later ones of its kind, which keeps reading linear.
 */
struct lex {
	struct span rest;
	bool no_comments;
	bool no_quotes;
};

/* The next byte, or -1 at the end. */
static inline int
lex_peek(const struct lex *l)
{
	return l->rest.n > 0 ? l->rest.p[0] : -1;
}

static inline void
lex_skip(struct lex *l, size_t n)
{
	l->rest = span_from(l->rest, n);
}

/*
 * Skips blanks and comments.  True if there were any.  *comment becomes what
 * was in the last comment that wasn't empty, if there was one; it may be
 * NULL.
 */
bool lex_cfws(struct lex *l, struct span *comment);

/*
 * Reads a quoted string, adding what it stands for.  False, and nothing
 * read, if there is none.
 */
bool lex_quoted(struct lex *l, struct buf *out);

/* Adds s unfolded and without the backslashes of quoted pairs. */
void lex_unescape(struct span s, struct buf *out);

#endif
