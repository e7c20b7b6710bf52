#include "cli/say.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

void
say_error(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("newel: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

void
say_errors(const struct buf *lines)
{
	struct span rest = buf_span(lines);

	while (rest.n > 0) {
		size_t n = span_find(rest, '\n');

		say_error("%.*s", SPAN_ARG(span_head(rest, n)));
		rest = span_from(rest, n + 1);
	}
}

/* A disk that is full, or a reader that has gone: the answer is not out. */
static void
must_write(bool done)
{
	if (!done || fflush(stdout) != 0)
		exit(EXIT_FAILED);
}

void
say(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vprintf(fmt, ap);
	va_end(ap);
	must_write(n >= 0);
}

void
say_buf(const struct buf *text)
{
	must_write(fwrite(text->p, 1, text->n, stdout) == text->n);
}

void
say_json(const struct buf *text)
{
	say_buf(text);
	say("\n");
}

void
say_progress(const char *fmt, ...)
{
	va_list ap;

	if (isatty(STDERR_FILENO) == 0)
		return;
	(void)fputs("\r\033[K", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fflush(stderr);
}

void
say_time(int64_t wall, struct buf *out)
{
	time_t t = (time_t)wall;
	char text[40];
	struct tm tm;

	if (wall == 0 || localtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm) == 0)
		strcpy(text, "never");
	buf_str(out, text);
}

void
say_size(uint64_t bytes, struct buf *out)
{
	static const char units[] = " KMGTPE";
	size_t i = 0;
	uint64_t whole = bytes;
	uint64_t rest = 0;

	for (; whole >= 1024; i++) {
		rest = whole % 1024;
		whole /= 1024;
	}
	buf_u64(out, whole);
	if (rest * 10 / 1024 > 0)
		buf_printf(out, ".%" PRIu64, rest * 10 / 1024);
	if (i > 0)
		buf_byte(out, (unsigned char)units[i]);
}
