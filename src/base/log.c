#include "base/log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_CAP 2048

struct line {
	char buf[LINE_CAP];
	size_t n;
};

/* One write, so that lines of several processes don't mix. */
static void
sink_stderr(const char *text, size_t n)
{
	ssize_t done = write(STDERR_FILENO, text, n);

	(void)done; /* there is nowhere to say that logging failed */
}

static void (*sink)(const char *, size_t) = sink_stderr;
static enum log_level lowest = LEVEL_INFO;
static const char *process;

void
log_set_level(enum log_level level)
{
	lowest = level;
}

void
log_set_sink(void (*to)(const char *line, size_t n))
{
	sink = to != NULL ? to : sink_stderr;
}

void
log_set_process(const char *name)
{
	process = name;
}

/* The last byte is kept for the newline. */
static void
put(struct line *l, char c)
{
	if (l->n < LINE_CAP - 1)
		l->buf[l->n++] = c;
}

static void
put_str(struct line *l, const char *s)
{
	while (*s != '\0')
		put(l, *s++);
}

/* Quoted, so that no peer can forge a field or a line. */
static void
put_quoted(struct line *l, struct span v)
{
	static const char hex[] = "0123456789abcdef";

	put(l, '"');
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = v.p[i];

		if (c == '"' || c == '\\') {
			put(l, '\\');
			put(l, (char)c);
		} else if (c < 0x20 || c >= 0x7f) {
			put_str(l, "\\x");
			put(l, hex[c >> 4]);
			put(l, hex[c & 15]);
		} else {
			put(l, (char)c);
		}
	}
	put(l, '"');
}

static void
put_fields(struct line *l, const struct log_field *f)
{
	char num[24];

	for (; f != NULL && f->type != LF_END; f++) {
		put(l, ' ');
		put_str(l, f->key);
		put(l, '=');
		if (f->type == LF_TYPE_SPAN) {
			put_quoted(l, f->span);
		} else {
			snprintf(num, sizeof(num), "%llu",
			    (unsigned long long)f->u64);
			put_str(l, num);
		}
	}
}

/* The C library's own would read the time zone's file, for UTC too. */
static void
put_time(struct line *l)
{
	struct timespec ts;
	struct civil c;
	char text[64];

	clock_gettime(CLOCK_REALTIME, &ts);
	c = civil_of(ts.tv_sec);
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ",
	    c.year, c.month, c.day, c.hour, c.minute, c.second,
	    ts.tv_nsec / 1000000);
	put_str(l, text);
}

void
log_emit(const struct log *lg, enum log_level level, const char *event,
    const struct log_field *fields)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct line l;

	if (level < lowest)
		return;
	l.n = 0;
	put_time(&l);
	put_str(&l, " level=");
	put_str(&l, names[level]);
	if (process != NULL) {
		put_str(&l, " process=");
		put_str(&l, process);
	}
	put_str(&l, " event=");
	put_str(&l, event);
	put_fields(&l, fields);
	for (; lg != NULL; lg = lg->parent)
		put_fields(&l, lg->fields);
	l.buf[l.n++] = '\n';
	sink(l.buf, l.n);
}
