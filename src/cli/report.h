#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "base/buf.h"
#include "cli/json.h"

/* The findings of `newel check`, for a person line by line, or as JSON. */
enum finding { FINDING_OK, FINDING_WARNING, FINDING_PROBLEM };

struct report {
	bool as_json;
	size_t problems;
	struct buf text;
	struct json json;
};

void report_begin(struct report *r, bool as_json);

/* part is what was looked at, "certificate". */
void report(struct report *r, enum finding f, const char *part, const char *fmt,
    ...) PRINTF(4, 5);

/* A finding for each line. */
void report_lines(struct report *r, enum finding f, const char *part,
    const struct buf *lines);

/* Says the end; nothing of the report is left. */
void report_end(struct report *r);

#endif
