#include "cli/progress.h"

#include "base/clock.h"
#include "cli/say.h"

#define SHOW_MS 100
#define BAR     24

void
progress_clear(struct progress *p)
{
	buf_clear(&p->name);
}

void
plain_name(struct buf *b, struct span name)
{
	buf_reset(b);
	for (size_t i = 0; i < name.n; i++)
		buf_byte(b,
		    name.p[i] < 0x20 || name.p[i] == 0x7f ? '?' : name.p[i]);
	buf_byte(b, '\0');
}

void
progress_begin(struct progress *p, struct span name, uint64_t total)
{
	plain_name(&p->name, name);
	p->total = total;
}

const char *
progress_name(const struct progress *p)
{
	return (const char *)p->name.p;
}

void
progress_hide(void)
{
	say_progress("%s", "");
}

void
progress_error(const char *what, const char *why)
{
	CLEANUP(buf_clear) struct buf name = { 0 };

	plain_name(&name, span_str(what));
	progress_hide();
	say_error("%s: %s", (const char *)name.p, why);
}

void
progress_show(struct progress *p, uint64_t done)
{
	int64_t now = clock_now_ms();
	uint64_t total = MAX(p->total, 1);
	double part = (double)MIN(done, total) / (double)total;
	char bar[BAR + 1];

	if (now - p->shown_ms < SHOW_MS)
		return;
	p->shown_ms = now;
	for (size_t i = 0; i < BAR; i++)
		bar[i] = (double)i < part * BAR ? '#' : '.';
	bar[BAR] = '\0';
	say_progress("[%s] %3.0f%% %s", bar, part * 100, progress_name(p));
}
