#ifndef IMAP_ARGS_APPEND_H
#define IMAP_ARGS_APPEND_H

#include "imap/args.h"

/*
 * APPEND: RFC 9051 section 6.3.12, RFC 3502 (several), 3516 (literal8), 6855
 * (UTF8).  struct append_args
 *
 * A message of no bytes cancels the whole command (RFC 3502): the parser
 * answers ST_DENIED.
 */
struct append_message {
	struct flag_list flags;
	bool has_date;
	struct datetime date;
	bool utf8; /* UTF8 (~{...}): headers may be UTF-8 */
	struct tok_literal body;
};
struct append_args {
	struct span mailbox;
	const struct append_message *messages;
	size_t n; /* at least 1 */
};
parse_fn parse_append;

/*
 * Says of each literal, when the reader has announced it, whether it is a
 * message: { 0 } before the first literal of the command, and the same one
 * with each that follows.
 */
struct append_scan {
	struct span mailbox; /* in the arena */
	size_t n;            /* messages announced so far */
	size_t at;           /* the scan's own: what was scanned before */
	bool utf8;           /* the same: a ")" follows the literal */
};

/*
 * t is over the command's text from behind its name up to the literal.
 *
 * ST_OK     it is the n-th message, to be taken outside; *out is what is
 *           known of it, its body apart.
 * ST_AGAIN  it is something else (the mailbox), to be taken inline.
 * Others    the command is wrong already, as t says: refuse the literal.
 */
enum status append_scan(struct append_scan *s, struct tokens *t,
    struct append_message *out);

#endif
