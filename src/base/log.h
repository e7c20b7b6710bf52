#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/span.h"

/*
 * One event per cause, as one line: when, how bad, subject.object.outcome,
 * and the fields.  docs/log-events.md lists every event with its fields.
 */
enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

struct log_field {
	const char *key;
	enum { LF_END, LF_TYPE_SPAN, LF_TYPE_U64 } type;
	union {
		struct span span;
		uint64_t u64;
	};
};

/*
 * What is known about the work at hand: a context adds its own fields to
 * those of its parent (server, session, command).  It borrows both.
 */
struct log {
	const struct log *parent;
	const struct log_field *fields; /* LF_END terminated, or NULL */
};

#define LF_SPAN(k, v) \
	((struct log_field){ .key = (k), .type = LF_TYPE_SPAN, .span = (v) })
#define LF_STR(k, v) LF_SPAN((k), span_str(v))
#define LF_U64(k, v) \
	((struct log_field){ .key = (k), .type = LF_TYPE_U64, .u64 = (v) })
#define LF_DONE ((struct log_field){ .type = LF_END })

/* lg may be NULL.  Peers' bytes are quoted; secrets are never passed. */
#define log_event(lg, level, event, ...) \
	log_emit((lg), (level), (event), \
	    (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ) LF_DONE })

void log_emit(const struct log *lg, enum log_level level, const char *event,
    const struct log_field *fields);

/* Events below this are dropped; the default is LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Where lines go; they end in '\n'.  The default is standard error. */
void log_set_sink(void (*to)(const char *line, size_t n));

/* The name of this process, a field of every line; borrowed. */
void log_set_process(const char *name);

#endif
