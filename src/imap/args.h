#ifndef IMAP_ARGS_H
#define IMAP_ARGS_H

#include "imap/token.h"

/*
 * The arguments of each command, typed, in a header for each subject.
 * Parsers are pure: they read tokens, allocate from the arena, and touch
 * nothing else.  *out is set only with ST_OK; it points to the struct that
 * the comment at the parser names.  Spans borrow the text or the arena.
 */
typedef enum status parse_fn(struct tokens *t, struct arena *a,
    const void **out);

/* No arguments; *out is NULL. */
parse_fn parse_none;

/*
 * The parts of a command's text: "a1 UID FETCH 1 FLAGS" has the name "UID
 * FETCH" and the args " 1 FLAGS", which a parser gets as they are.
 */
struct command_text {
	struct span tag;
	struct span name; /* as the client wrote it */
	struct span args; /* empty, or from the space on */
};

/*
 * NULL, or what is wrong.  The tag is set whenever there was a valid one;
 * otherwise it is "*", so that it serves the reply.
 */
const char *command_split(struct span text, struct command_text *out);

#endif
