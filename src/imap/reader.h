#ifndef IMAP_READER_H
#define IMAP_READER_H

#include "base/buf.h"

/*
 * Cuts what a client sends into commands (RFC 9051 section 4.3, RFC 7888,
 * RFC 3516, RFC 6855): the only code that knows of half a command.
 *
 *	while ((ev = reader_next(&r, &in)) != READER_MORE)
 *		switch (ev) ...
 *
 * The text of a command is one contiguous buffer without the final line end.
 * A literal that the caller takes inline is in it as "{5}\r\n" and its bytes,
 * one that it takes outside as "{5}\n" and nothing: so the tokens (token.h)
 * are spans of the text, and the k-th outside literal of the text is the k-th
 * that the caller was given.  Lines may end with CRLF or LF.
 *
 * Work is O(bytes) however they are chopped.  Memory is the text alone, below
 * line_max + inline_max; between commands, after reader_clear(), it is none.
 */
struct reader {
	/* Set once by the caller. */
	size_t line_max;   /* of a command's text without its literals */
	size_t inline_max; /* of all its inline literals together */
	bool plain;        /* now comes a bare line: DONE or a SASL response */

	/* The reader's own. */
	int state;
	int fault;
	struct buf text;
	size_t literal_bytes; /* inline ones of this command */
	size_t literal_at;    /* where the last literal's "{" or "~" is */
	uint64_t left;        /* bytes to come of the literal at hand */
	uint64_t size;
	bool sync;
	bool literal8;
	bool carry_cr; /* the chunk ended between CR and LF */
};

enum reader_event {
	READER_MORE,    /* all input was taken, give more */
	READER_COMMAND, /* reader_text() is one command, or one bare line */
	READER_LITERAL, /* decide: reader_inline, _outside or _refuse */
	READER_BYTES,   /* *bytes: some of the outside literal */
	READER_FAILED,  /* what began is thrown away; reader_fault() */
};

enum reader_fault {
	READER_TOO_LONG, /* the line */
	READER_TOO_BIG,  /* a literal did not fit inline */
	READER_REFUSED,  /* the caller refused a literal */
	READER_HAS_NUL,  /* outside of a literal */
};

/* What is known when a literal was announced. */
struct reader_literal {
	struct span text; /* of the command, up to the literal's "{" or "~" */
	uint64_t size;
	bool sync;     /* the client waits for a "+ " line before it goes on */
	bool literal8; /* "~{5}": may hold NULs */
	bool fits;     /* it may be taken inline */
};

/*
 * Takes from *in what it needs for the next event.  After READER_COMMAND and
 * READER_FAILED the text stays as it is until the next call, which starts
 * with a new command; *in then holds what was pipelined behind it.
 */
enum reader_event reader_next(struct reader *r, struct span *in,
    struct span *bytes);

/* After READER_COMMAND and READER_FAILED (then as far as it was kept). */
struct span reader_text(const struct reader *r);

/* After READER_LITERAL. */
struct reader_literal reader_literal(const struct reader *r);

/*
 * The three answers to READER_LITERAL; exactly one must be given.  For a
 * synchronising literal the caller also sends the "+ " line with the first
 * two.  reader_inline() is only allowed if the literal fits.
 */
void reader_inline(struct reader *r);
void reader_outside(struct reader *r);

/*
 * READER_FAILED follows: at once for a synchronising literal, whose bytes and
 * the rest of the line the client then never sends; else when the bytes and
 * the rest of the line have come and have been thrown away.
 */
void reader_refuse(struct reader *r);

/* After READER_FAILED. */
enum reader_fault reader_fault(const struct reader *r);

/* Gives the memory back, and forgets what was begun. */
void reader_clear(struct reader *r);

/* Nothing of a command has come yet. */
bool reader_idle(const struct reader *r);

#endif
