#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "base/buf.h"

/*
 * Writes JSON (RFC 8259) for programs that read an answer.  Commas are put
 * where they belong; the caller sees to it that what it opens is closed.
 */
struct json {
	struct buf *out;
	bool comma; /* something stands before what comes next */
};

void json_open(struct json *j, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);
void json_key(struct json *j, const char *key);
void json_span(struct json *j, struct span text);
void json_str(struct json *j, const char *text);
void json_u64(struct json *j, uint64_t v);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);

#endif
