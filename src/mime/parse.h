#ifndef MIME_PARSE_H
#define MIME_PARSE_H

#include "base/arena.h"
#include "base/limits.h"
#include "mime/params.h"
#include "mime/summary.h"

/*
 * The tree of parts, and what BODYSTRUCTURE says of each beyond struct
 * mime_part.  A field that isn't there has no pointer.
 */
struct part_info {
	struct span params; /* of Content-Type, to be parsed */
	struct span boundary;
	struct span id;
	struct span description;
	struct span encoding; /* as it is written, for an unknown one */
	struct span md5;
	struct span disposition;
	struct span disposition_params;
	struct span language;
	struct span location;
	uint64_t lines;
	uint64_t lines_before; /* the line its body begins on */
	uint32_t depth;
	uint32_t last_child;
};

struct mime_tree {
	struct mime_part *parts;
	struct part_info *info;
	uint32_t n;
	bool has_8bit_header;
};

/*
 * One pass over the message; spans borrow from it and from the arena.  The
 * tree is the caller's, to be cleared.
 */
void mime_parse(struct arena *a, struct span message,
    const struct mime_limits *limits, struct mime_tree *out);
void mime_tree_clear(struct mime_tree *t);

/*
 * As much of a part's header as is looked at: where it ends in a line that
 * is long itself, not all of it.
 */
static inline struct span
part_header_of(const struct mime_part *part, struct span message)
{
	return span_of(message.p + part->header,
	    (size_t)MIN(part->header_bytes, (uint64_t)LIMIT_HEADER_BYTES));
}

/* message/rfc822 and message/global, looked into or not. */
bool part_is_message(const struct mime_part *part);

#endif
