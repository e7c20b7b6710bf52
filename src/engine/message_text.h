#ifndef ENGINE_MESSAGE_TEXT_H
#define ENGINE_MESSAGE_TEXT_H

#include "base/status.h"
#include "engine/message.h"
#include "mime/text.h"

/*
 * The texts of a message that can be found by SEARCH (RFC 9051 section
 * 6.4.4): the fields of its headers, decoded, all text as a reader would see
 * it, and the names of attached files.  SEARCH looks at them and the search
 * index is made of them, so that one knows of all that the other finds.
 *
 * Memory  Of a message that isn't whole in memory, a header or one step
 *         (STORE_BODY_STEP) of a part at a time.
 */
struct store;

/*
 * Where the bytes are: all in `whole`, or else in the store.  What reading
 * them takes stays for the next message.
 */
struct message_bytes {
	struct span whole;
	struct store *store;
	uint64_t account;
	uint64_t content;
	struct buf piece;
	struct buf text;
	struct text_reader reader;
};

/* Bytes from an offset on; good until the next call. */
enum status message_bytes_get(struct message_bytes *m, uint64_t from, size_t n,
    struct span *out);
void message_bytes_clear(struct message_bytes *m);

enum {
	TEXTS_HEADER = 1, /* the message's own */
	TEXTS_BODY = 2,   /* the parts, with their headers and files' names */
};

/*
 * Takes a piece of a text, not cut within a character, or its end (both are
 * UTF-8); true: that was enough.
 */
struct text_sink {
	bool (*piece)(void *ctx, struct span utf8);
	bool (*end)(void *ctx);
	void *ctx;
};

/* ST_OK also if the sink had enough. */
enum status message_texts(struct message_bytes *m,
    const struct mime_parts *parts, unsigned which,
    const struct text_sink *sink);

#endif
