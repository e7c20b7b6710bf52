#ifndef IMAP_READER_H
#define IMAP_READER_H

#include "base/buf.h"

/*
 * Cuts what a client sends into commands (RFC 9051 section 4.3, RFC 7888,
 * 3516, 6855): the only code that knows of half a command.
 *
 *	while ((ev = reader_next(&r, &in, &bytes)) != READER_MORE)
 *		switch (ev) ...
 *
 * The text of a command is one contiguous buffer without the final line end.
 * A literal that the caller takes inline is in it as "{5}\r\n" and its bytes,
 * one that it takes outside as "{5}\n" and nothing: so the tokens (token.h)
 * are spans of the text, and an outside literal is known by its place among
 * the others of its command.  A line may end with CRLF or LF; an empty
 * one is a command too, which no grammar takes.
 *
 * Work is O(bytes) however they are chopped.  Memory is the text alone, about
 * line_max + inline_max at most; after reader_clear() it is none.
 */
struct reader {
	/* The caller's to set, { 0 } for the rest. */
	size_t line_max;   /* of a command's text without its literals */
	size_t inline_max; /* of all its inline literals together */
	bool plain; /* what comes is a bare line: DONE or a SASL response */

	/* The reader's own. */
	int state;
	int fault;
	struct buf text;
	size_t line_bytes;    /* of the text that counts for line_max */
	size_t literal_bytes; /* for inline_max */
	size_t segment;       /* where the line at hand starts in the text */
	size_t literal_at;    /* where the last literal starts */
	uint64_t literal_size;
	bool literal_sync;
	bool literal8;
	uint64_t left; /* bytes to come of the literal at hand */
	/* The end of a line being thrown away: it may announce a literal. */
	unsigned char tail[32];
	size_t tail_n;
};

enum reader_event {
	READER_MORE,    /* all input was taken, give more */
	READER_COMMAND, /* reader_text() is one command, or one bare line */
	READER_LITERAL, /* decide: reader_inline, _outside or _refuse */
	READER_BYTES,   /* *bytes are some of the outside literal */
	READER_FAILED,  /* the command was thrown away; reader_fault() */
};

enum reader_fault {
	READER_TOO_LONG, /* the line */
	READER_TOO_BIG,  /* a literal, refused because it did not fit */
	READER_REFUSED,  /* a literal, refused although it did fit */
	READER_HAS_NUL,  /* outside of a literal */
};

/* What is known when a literal was announced. */
struct reader_literal {
	struct span text; /* of the command, up to the literal */
	uint64_t size;    /* what can't be is INT64_MAX */
	bool sync;        /* the client waits for a "+ " line */
	bool literal8;    /* "~{5}": may hold NULs */
	bool fits;        /* it may be taken inline */
};

/*
 * Takes from *in what it needs for the next event and sets *bytes for
 * READER_BYTES only.  After READER_COMMAND and READER_FAILED, *in holds what
 * was pipelined behind, and the text stays until the next call, which starts
 * a new command.
 */
enum reader_event reader_next(struct reader *r, struct span *in,
    struct span *bytes);

/* After READER_COMMAND; after READER_FAILED as much of it as was kept. */
struct span reader_text(const struct reader *r);

/* After READER_LITERAL. */
struct reader_literal reader_literal(const struct reader *r);

/*
 * The three answers to READER_LITERAL; one must be given.  If the literal is
 * synchronising, the caller sends the "+ " line with the first two.
 * reader_inline() is only for what fits.
 */
void reader_inline(struct reader *r);
void reader_outside(struct reader *r);

/*
 * READER_FAILED follows: at once for a synchronising literal, whose bytes and
 * the rest of the line then never come; for others when these have come and
 * been thrown away.
 */
void reader_refuse(struct reader *r);

/* After READER_FAILED. */
enum reader_fault reader_fault(const struct reader *r);

/* Gives the memory back and forgets what was begun. */
void reader_clear(struct reader *r);

/* Between commands: nothing of the next one has come. */
bool reader_idle(const struct reader *r);

#endif
