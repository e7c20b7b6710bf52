#ifndef ENGINE_FETCH_H
#define ENGINE_FETCH_H

#include "engine/ahead.h"
#include "engine/message.h"
#include "engine/session.h"
#include "imap/args_fetch.h"
#include "mime/decode.h"

/*
 * A FETCH under way: cmd_fetch.c goes from row to row, fetch_item.c writes
 * what is short, and fetch_part.c what may be long.
 */
struct fetch_part {
	bool begun;
	uint64_t from; /* where the next bytes are, in the message */
	uint64_t left; /* how many of them there are */
	uint64_t skip; /* of what they decode to, still to be passed over */
	uint64_t want; /* and then to be written */
	struct mime_decoder decoder;
	bool decodes;
	bool measuring; /* a first pass over it finds the decoded size */
	uint64_t decoded;
	bool is_text;
	uint64_t bare_lfs; /* of text, once decoded */
	bool after_cr;     /* the last byte was a CR */
	bool add_crs;      /* to be sent with a CR before each of them */
	bool has_nul;
};

struct fetch {
	struct uidset uids;
	struct rows rows;
	struct ahead *ahead; /* NULL: the rows say all that was asked for */
	struct row row;
	size_t item;     /* the next one of the row */
	struct buf *out; /* the session's, while a row is written */

	/* \Seen set by this very command (RFC 9051 section 6.4.5). */
	struct uidset marked;
	uint64_t marked_modseq;
	struct version *marked_version;
	bool marking;

	/* Of the row's content. */
	struct arena *arena;
	struct span envelope;
	struct structure structure;
	struct span preview;
	struct message_parts parts;
	struct buf bytes;
	struct fetch_part part;

	bool damaged;     /* a message could not be read */
	bool unknown_cte; /* RFC 3516 section 4.3 */
};

/* Writes a short item; its label has been written, and a space. */
void fetch_write_item(struct cmd *c, const struct fetch_item *item);

/*
 * Writes the label and value of BODY[...] or BINARY[...].  STEP_MORE and
 * STEP_WAIT: call again.  On an error it is NIL, or the session is ending.
 */
enum step fetch_write_part(struct cmd *c, const struct fetch_item *item);

/* The decoded size of a part, for BINARY.SIZE. */
enum step fetch_write_size(struct cmd *c, const struct fetch_item *item);

#endif
