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
/*
 * Ends a message; the next bytes are the next one's.  True if it is in memory:
 * then *out are its bytes until more are added.
 */
bool upload_end_message(struct upload *u, struct span *out);
/* The bytes of the message that ended last go; it must be in memory. */
void upload_forget(struct upload *u);
size_t upload_count(const struct upload *u);

/* Once all have come. */
enum status upload_message(struct upload *u, size_t i, struct span *out);
/* All that have come. */
uint64_t upload_bytes(const struct upload *u);

#endif
