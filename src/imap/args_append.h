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
 * Whether the literal that the reader has just announced is a message.  args
 * is the command's text so far, from behind the name to before the "{" or the
 * "~".  ST_OK: it is, and *out holds the mailbox and the messages so far, the
 * last being the one to come, with its size 0.  ST_AGAIN: it is something
 * else (the mailbox name), to be taken inline.  Other: the text is wrong
 * already, and t->why says how, as with parse_append.
 */
enum status append_peek(struct tokens *t, struct arena *a,
    struct append_args *out);

#endif
