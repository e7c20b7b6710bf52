#include "config/read.h"

#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>

#include "config/scan.h"
#include "config/table.h"

#define SECTIONS_MAX 16

struct reader {
	struct problems *problems;
	struct arena *arena;
	struct written *out;
	const cfg_t *top;
};

/* libconfuse's callbacks have no context. */
static struct reader *reader;

/* The row of a setting; NULL if there is none. */
static const struct setting *
find(const char *section, const char *name, size_t *out_row)
{
	size_t n;
	const struct setting *all = setting_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].section, section) == 0 &&
		    strcmp(all[i].name, name) == 0) {
			*out_row = i;
			return &all[i];
		}
	}
	return NULL;
}

static void
unknown(const cfg_t *cfg, const char *name)
{
	const char *section = cfg == reader->top ? NULL : cfg->name;
	const char *near = setting_suggest(section, name);
	const char *elsewhere = setting_section(name);
	const char *what = section != NULL ? "setting" : "section";
	unsigned line = (unsigned)cfg->line;

	if (elsewhere != NULL)
		problem(reader->problems, line,
		    "\"%s\" belongs in the section \"%s\": %s { %s = ... }",
		    name, elsewhere, elsewhere, name);
	else if (near != NULL)
		problem(reader->problems, line,
		    "there is no %s \"%s\": did you mean \"%s\"?", what, name,
		    near);
	else
		problem(reader->problems, line,
		    "there is no %s \"%s\": newel.conf(5) lists them", what,
		    name);
}

static void on_error(cfg_t *cfg, const char *fmt, va_list ap) PRINTF(2, 0);

/* Puts libconfuse's messages into words that say what to do. */
static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	static const struct {
		const char *theirs; /* with one %s */
		const char *what;   /* around that */
		const char *advice;
	} words[] = {
		{ "missing equal sign after option", "no \"=\" after",
		    "write NAME = VALUE" },
		{ "missing opening brace for section", "no \"{\" after",
		    "write SECTION { NAME = VALUE ... }" },
		{ "unexpected token", "unexpected",
		    "a list is { A, B }, one value is without braces" },
	};
	unsigned line = (unsigned)cfg->line;
	char text[256];

	if (strncmp(fmt, "no such option", 14) == 0) {
		unknown(cfg, va_arg(ap, const char *));
		return;
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strncmp(fmt, words[i].theirs, strlen(words[i].theirs)) != 0)
			continue;
		problem(reader->problems, line, "%s \"%s\": %s", words[i].what,
		    va_arg(ap, const char *), words[i].advice);
		return;
	}
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	problem(reader->problems, line, "%s", text);
}

static void
keep(struct written *w, cfg_opt_t *opt, unsigned line)
{
	unsigned n = cfg_opt_size(opt);
	const char **items = ARENA_ARRAY(reader->arena, n, const char *);

	for (unsigned i = 0; i < n; i++)
		items[i] =
		    arena_str(reader->arena, span_str(cfg_opt_getnstr(opt, i)));
	w->items = items;
	w->n = n;
	if (w->line == 0)
		w->line = line;
}

/*
 * Called after each item, and for a list in braces once more at its end.
 * A setting that is written twice with two values starts over from 1.
 */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	size_t n = cfg_opt_size(opt);
	const struct setting *s;
	struct written *w;
	const char *last;
	size_t row;

	s = find(cfg->name, opt->name, &row);
	if (s == NULL || n == 0)
		return 0;
	w = &reader->out[row];
	last = cfg_opt_getnstr(opt, (unsigned)n - 1);
	if (w->n == n && strcmp(w->items[n - 1], last) == 0)
		return 0;
	if (w->n < n)
		keep(w, opt, (unsigned)cfg->line);
	else
		problem(reader->problems, (unsigned)cfg->line,
		    "\"%s\" is set in line %u already%s", s->name, w->line,
		    setting_is_list(s->kind) ? ": a list is { A, B }" : "");
	return 0;
}

static cfg_opt_t
option(const struct setting *s)
{
	cfg_opt_t one = CFG_STR(s->name, NULL, CFGF_NONE);
	cfg_opt_t list = CFG_STR_LIST(s->name, NULL, CFGF_NONE);
	cfg_opt_t opt = setting_is_list(s->kind) ? list : one;

	opt.validcb = on_value;
	return opt;
}

/* The table as libconfuse wants it.  Rows of one section are neighbours. */
static cfg_t *
grammar(struct arena *a)
{
	const cfg_opt_t end = CFG_END();
	cfg_opt_t sections[SECTIONS_MAX];
	size_t n_sections = 0;
	size_t n;
	const struct setting *all = setting_table(&n);
	/* each section's end takes a place */
	cfg_opt_t *options = ARENA_ARRAY(a, n + SECTIONS_MAX, cfg_opt_t);

	for (size_t i = 0; i < n && n_sections + 1 < SECTIONS_MAX; i++) {
		if (i == 0 || strcmp(all[i].section, all[i - 1].section) != 0) {
			const cfg_opt_t section = CFG_SEC(all[i].section,
			    options + i + n_sections, CFGF_NONE);

			sections[n_sections++] = section;
		}
		options[i + n_sections - 1] = option(&all[i]);
		options[i + n_sections] = end;
	}
	sections[n_sections] = end;
	return cfg_init(sections, CFGF_NONE);
}

void
read_written(struct span text, struct problems *p, struct arena *a,
    struct written *out)
{
	CLEANUP(buf_clear) struct buf plain = { 0 };
	size_t before;
	cfg_t *cfg;

	before = p->n;
	scan_plain(text, p, &plain);
	if (p->n > before)
		return;
	buf_byte(&plain, '\0');

	cfg = grammar(a);
	reader = &(struct reader){ p, a, out, cfg };
	(void)cfg_set_error_function(cfg, on_error);
	if (cfg_parse_buf(cfg, (const char *)plain.p) != CFG_SUCCESS &&
	    p->n == before)
		problem(p, (unsigned)cfg->line, "this can't be read");
	cfg_free(cfg);
	reader = NULL;
}
