#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/say.h"

void
report_begin(struct report *r, bool as_json)
{
	*r = (struct report){ .as_json = as_json };
	r->json.out = &r->text;
	json_open(&r->json, '[');
}

static void
add(struct report *r, enum finding f, const char *part, struct span text)
{
	static const char *const names[] = { "ok", "warning", "problem" };

	if (f == FINDING_PROBLEM)
		r->problems++;
	if (!r->as_json) {
		say("%-8s %-12s %.*s\n", names[f], part, SPAN_ARG(text));
		return;
	}
	json_open(&r->json, '{');
	json_key(&r->json, "result");
	json_str(&r->json, names[f]);
	json_key(&r->json, "part");
	json_str(&r->json, part);
	json_key(&r->json, "text");
	json_span(&r->json, text);
	json_close(&r->json, '}');
}

void
report(struct report *r, enum finding f, const char *part, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(r, f, part, span_str(text));
}

void
report_lines(struct report *r, enum finding f, const char *part,
    const struct buf *lines)
{
	struct span rest = buf_span(lines);

	while (rest.n > 0) {
		size_t n = span_find(rest, '\n');

		add(r, f, part, span_head(rest, n));
		rest = span_from(rest, n + 1);
	}
}

void
report_end(struct report *r)
{
	json_close(&r->json, ']');
	if (r->as_json)
		say_json(&r->text);
	else if (r->problems == 0)
		say("Fit to serve.\n");
	else
		say("Not fit to serve: %zu problem%s.\n", r->problems,
		    r->problems == 1 ? "" : "s");
	buf_clear(&r->text);
}
