#include "config/scan.h"

#define DEPTH_MAX 8

struct scanner {
	struct span in;
	size_t at;
	unsigned line;
	struct problems *problems;
	struct buf *out;
	unsigned opened[DEPTH_MAX]; /* the lines of open braces */
	size_t depth;
	unsigned equals; /* the line of a '=' that nothing has followed yet */
};

static bool
is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
in_word(unsigned char c)
{
	return !is_space(c) && memchr("{}=,\"'#", c, 7) == NULL;
}

/* Within double quotes libconfuse takes a backslash and any c for c. */
static void
put_char(struct scanner *s, unsigned char c)
{
	if (c < 0x20 || c == 0x7f) {
		problem(s->problems, s->line,
		    "a control character (0x%02x): settings are text", c);
		return;
	}
	if (c == '"' || c == '\\' || c == '$')
		buf_byte(s->out, '\\');
	buf_byte(s->out, c);
}

static void
scan_word(struct scanner *s)
{
	buf_byte(s->out, '"');
	for (; s->at < s->in.n && in_word(s->in.p[s->at]); s->at++)
		put_char(s, s->in.p[s->at]);
	buf_byte(s->out, '"');
}

/* In double quotes \" is a quote and \\ a backslash; in single ones none. */
static void
scan_string(struct scanner *s)
{
	unsigned char quote = s->in.p[s->at++];

	buf_byte(s->out, '"');
	for (; s->at < s->in.n && s->in.p[s->at] != '\n'; s->at++) {
		unsigned char c = s->in.p[s->at];

		if (c == quote)
			break;
		if (quote == '"' && c == '\\' && s->at + 1 < s->in.n &&
		    (s->in.p[s->at + 1] == '"' || s->in.p[s->at + 1] == '\\'))
			c = s->in.p[++s->at];
		put_char(s, c);
	}
	buf_byte(s->out, '"');
	if (s->at < s->in.n && s->in.p[s->at] == quote)
		s->at++;
	else
		problem(s->problems, s->line,
		    "this string has no end: put a %c behind it", quote);
}

static void
scan_comment(struct scanner *s)
{
	while (s->at < s->in.n && s->in.p[s->at] != '\n')
		s->at++;
}

/* An empty list, which libconfuse would pass over: "" says the same. */
static bool
scan_empty_list(struct scanner *s)
{
	size_t end = s->at + 1;

	while (end < s->in.n && (s->in.p[end] == ' ' || s->in.p[end] == '\t'))
		end++;
	if (end == s->in.n || s->in.p[end] != '}')
		return false;
	BUF_LIT(s->out, "\"\"");
	s->at = end + 1;
	return true;
}

static void
scan_brace(struct scanner *s, unsigned char c, bool value)
{
	if (c == '{' && value && scan_empty_list(s))
		return;
	if (c == '{') {
		if (s->depth < DEPTH_MAX)
			s->opened[s->depth] = s->line;
		s->depth++;
	} else if (s->depth > 0) {
		s->depth--;
	}
	buf_byte(s->out, c);
	s->at++;
}

static void
scan_newline(struct scanner *s)
{
	if (s->equals == s->line)
		problem(s->problems, s->line,
		    "no value after \"=\": put it on the same line");
	s->equals = 0;
	s->line++;
	buf_byte(s->out, '\n');
	s->at++;
}

static void
scan_token(struct scanner *s, unsigned char c)
{
	bool value = s->equals != 0;

	s->equals = c == '=' ? s->line : 0;
	if (c == '{' || c == '}') {
		scan_brace(s, c, value);
	} else if (c == '=' || c == ',') {
		buf_byte(s->out, c);
		s->at++;
	} else if (c == '"' || c == '\'') {
		scan_string(s);
	} else {
		scan_word(s);
	}
}

static void
scan_one(struct scanner *s)
{
	unsigned char c = s->in.p[s->at];

	if (c == '\n') {
		scan_newline(s);
	} else if (is_space(c)) {
		buf_byte(s->out, ' ');
		s->at++;
	} else if (c == '#') {
		scan_comment(s);
	} else {
		scan_token(s, c);
	}
}

void
scan_plain(struct span text, struct problems *p, struct buf *out)
{
	struct scanner s = { .in = text, .line = 1, .problems = p, .out = out };

	size_t before = p->n;

	while (s.at < s.in.n)
		scan_one(&s);
	if (s.depth > 0 && p->n == before)
		problem(p, s.opened[MIN(s.depth, DEPTH_MAX) - 1],
		    "this \"{\" has no \"}\"");
}
