#ifndef ENGINE_UPLOAD_H
#define ENGINE_UPLOAD_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Message bytes on their way in, of one APPEND or one delivery: in memory as
 * long as they are few, else in a file without a name, which is mapped; so
 * that what clients send never fills the memory.
 *
 * Bounds  Two times UPLOAD_MEMORY.
 *
 * Errors  ST_IO  the folder's disk is full or broken: logged, sticky.
 */
struct upload;
struct log;

#define UPLOAD_MEMORY 262144

/* folder and log are borrowed. */
struct upload *upload_new(const char *folder, const struct log *log);
void upload_free(struct upload **u);

enum status upload_add(struct upload *u, struct span bytes);
/* Ends a message; the next bytes are the next one's. */
void upload_end_message(struct upload *u);
size_t upload_count(const struct upload *u);

/*
 * Between messages: those at the end that are in memory may be taken away, all
 * at once.  They are no longer there then, but count as before.
 */
struct upload_taken {
	size_t first; /* the number of the first of them */
	size_t n;
	size_t *end; /* of each, among the bytes; the taker's */
	struct buf bytes;
};
size_t upload_here(const struct upload *u);
size_t upload_here_bytes(const struct upload *u);
void upload_take(struct upload *u, struct upload_taken *out);
struct span upload_taken_message(const struct upload_taken *t, size_t i);
void upload_taken_clear(struct upload_taken *t);

/* Once all have come: one that wasn't taken. */
enum status upload_message(struct upload *u, size_t i, struct span *out);
/* All that have come. */
uint64_t upload_bytes(const struct upload *u);

#endif
