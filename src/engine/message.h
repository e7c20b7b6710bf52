#ifndef ENGINE_MESSAGE_H
#define ENGINE_MESSAGE_H

#include "base/buf.h"
#include "base/status.h"
#include "mime/section.h"
#include "mime/summary.h"

/*
 * A message on its way into an account: its bytes and what the engine keeps
 * of them, a record (format.h).  Made by pure functions, so a large one can be
 * made in another thread.  Of one that isn't longer than STORE_BODY_STEP the
 * bytes themselves are no longer needed then.
 */
struct message {
	uint64_t size;
	struct span bytes; /* borrowed, of a long one */
	struct buf packed; /* else: as they are stored (store/body.h) */
	size_t *total;     /* what it is counted in, or NULL */
	struct buf record;
	bool has_8bit_header; /* its own, not those of its parts */
	bool has_date;
	struct datetime sent;
	uint64_t message_id; /* a hash; 0 without one */
	uint64_t *references;
	uint32_t reference_count;
};

struct message *message_new(struct span bytes,
    const struct mime_limits *limits);
void message_free(struct message **m);

/* What the store needed of it goes, unless it is long. */
void message_is_stored(struct message *m);

/*
 * Counts what was made of it in a total, the account's, until it is freed:
 * messages that came and are not yet on disk are few or small.  ST_LIMIT:
 * there would be more than LIMIT_SUMMARIES, and this is not the first.
 */
enum status message_count(struct message *m, size_t *total);

/*
 * The columns of a record, each read by who needs it alone.  Spans borrow from
 * the column; ST_CORRUPT.
 *
 * Keys are collation keys (mime/collate.h).
 */

/* RECORD_ENVELOPE: for who understands UTF-8 (RFC 6855), or for anybody. */
struct repeated;
enum status message_envelope_read(struct span column, bool utf8,
    struct repeated *out);

/* RECORD_STRUCTURE: BODY and BODYSTRUCTURE, as they are sent. */
struct structure {
	struct wire_pair body;
	struct wire_pair bodystructure;
};
enum status message_structure_read(struct span column, struct structure *out);

/*
 * RECORD_PREVIEW (RFC 8970), and RECORD_SUBJECT: a key for SEARCH, of the whole
 * field, decoded; several with a newline between them.
 */
enum status message_text_read(struct span column, struct span *out);

/* RECORD_PARTS: where parts lie in the body.  They are in the arena. */
struct message_parts {
	bool has_nul;
	struct mime_parts parts;
};
enum status message_parts_read(struct span column, struct arena *a,
    struct message_parts *out);

/* RECORD_LINKS: what THREAD links messages by; the subject for SORT too. */
struct message_links {
	struct span base_subject; /* a key */
	bool is_reply;
	uint64_t message_id;
	struct span references; /* packed: references_read() */
	uint32_t reference_count;
};
enum status message_links_read(struct span column, struct message_links *out);
/* out has room for reference_count hashes. */
enum status references_read(const struct message_links *l, uint64_t *out);

/* RECORD_NAMES: keys for SORT by people (RFC 5256, RFC 5957). */
struct message_names {
	struct span from;
	struct span to;
	struct span cc;
	struct span display_from;
	struct span display_to;
};
enum status message_names_read(struct span column, struct message_names *out);

/* RECORD_ADDRESSES: keys for SEARCH, as that of the subject. */
struct message_addresses {
	struct span from;
	struct span to;
	struct span cc;
	struct span bcc;
};
enum status message_addresses_read(struct span column,
    struct message_addresses *out);

#endif
