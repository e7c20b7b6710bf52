#include "config/problems.h"

#include <stdarg.h>
#include <stdio.h>

#define PROBLEM_LENGTH 1024
#define PROBLEMS       20

void
problem(struct problems *p, unsigned line, const char *fmt, ...)
{
	char text[PROBLEM_LENGTH];
	va_list ap;

	p->n++;
	if (p->n > PROBLEMS)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	buf_str(p->out, p->file);
	if (line > 0)
		buf_printf(p->out, ":%u", line);
	buf_printf(p->out, ": %s\n", text);
}
