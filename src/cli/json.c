#include "cli/json.h"

static void
before(struct json *j)
{
	if (j->comma)
		buf_byte(j->out, ',');
	j->comma = true;
}

void
json_open(struct json *j, char bracket)
{
	before(j);
	buf_byte(j->out, (unsigned char)bracket);
	j->comma = false;
}

void
json_close(struct json *j, char bracket)
{
	buf_byte(j->out, (unsigned char)bracket);
	j->comma = true;
}

static void
quoted(struct json *j, struct span text)
{
	buf_byte(j->out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = text.p[i];

		if (c < 0x20 || c == 0x7f) {
			buf_printf(j->out, "\\u%04x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			buf_byte(j->out, '\\');
		buf_byte(j->out, c);
	}
	buf_byte(j->out, '"');
}

void
json_key(struct json *j, const char *key)
{
	before(j);
	quoted(j, span_str(key));
	buf_byte(j->out, ':');
	j->comma = false;
}

void
json_span(struct json *j, struct span text)
{
	before(j);
	quoted(j, text);
}

void
json_str(struct json *j, const char *text)
{
	json_span(j, span_str(text));
}

void
json_u64(struct json *j, uint64_t v)
{
	before(j);
	buf_u64(j->out, v);
}

void
json_bool(struct json *j, bool v)
{
	before(j);
	buf_str(j->out, v ? "true" : "false");
}

void
json_null(struct json *j)
{
	before(j);
	buf_str(j->out, "null");
}
