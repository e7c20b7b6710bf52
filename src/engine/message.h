#ifndef ENGINE_MESSAGE_H
#define ENGINE_MESSAGE_H

#include "base/buf.h"
#include "base/status.h"
#include "mime/section.h"
#include "mime/summary.h"

/*
 * A message on its way into an account: its bytes and what the engine keeps
 * of them, three records by content id (format.h).  Made by pure functions,
 * so a large one can be made in another thread.  Of one that isn't longer than
 * STORE_BODY_STEP the bytes themselves are no longer needed then.
 *
 * Each record is read alone: ENVELOPE for FETCH, the keys for SORT, THREAD
 * and SEARCH in headers, the structure for everything about parts.
 */
struct message {
	uint64_t size;
	struct span bytes; /* borrowed, of a long one */
	struct buf packed; /* else: as they are stored (store/body.h) */
	size_t *total;     /* what it is counted in, or NULL */
	struct buf envelope;
	struct buf keys;
	struct buf structure;
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

/*
 * Counts what was made of it in a total, the account's, until it is freed:
 * messages that came and are not yet on disk are few or small.  ST_LIMIT:
 * there would be more than LIMIT_SUMMARIES, and this is not the first.
 */
enum status message_count(struct message *m, size_t *total);

/* KEY_ENVELOPE.  Spans borrow from the value, in all of these. */
enum status message_envelope_read(struct span value, struct wire_pair *out);

/*
 * KEY_SORT.  Strings are collation keys (mime/collate.h); the search_ ones
 * are whole fields, decoded, several of a kind with a newline between them.
 */
struct message_keys {
	struct span base_subject;
	bool is_reply;
	struct span sort_from;
	struct span sort_to;
	struct span sort_cc;
	struct span display_from;
	struct span display_to;
	struct span search_subject;
	struct span search_from;
	struct span search_to;
	struct span search_cc;
	struct span search_bcc;
	uint64_t message_id;
	struct span references; /* packed: references_read() */
	uint32_t reference_count;
};
enum status message_keys_read(struct span value, struct message_keys *out);
/* out has room for reference_count hashes. */
enum status references_read(const struct message_keys *k, uint64_t *out);

/* KEY_STRUCTURE.  parts are in the arena. */
struct structure {
	struct wire_pair body;
	struct wire_pair bodystructure;
	struct span preview;
	bool has_nul;
	struct mime_parts parts;
};
enum status message_structure_read(struct span value, struct arena *a,
    struct structure *out);
/* All but the parts. */
enum status message_structure_texts(struct span value, struct structure *out);

#endif
