#include "config/config.h"

#include <assert.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/read.h"
#include "config/value.h"

#define HOST_NAME 256

/* A config with what it is made of. */
struct owned {
	struct config c; /* first: its address is that of the owned */
	atomic_uint refs;
	struct arena *arena;
};

struct maker {
	struct config *c;
	struct arena *arena;
	const char *folder;
	struct problems *problems;
	const struct written *written; /* for each row of the table */
};

static void *
place(struct maker *m, const struct setting *s)
{
	return (unsigned char *)m->c + s->offset;
}

static void
wrong(struct maker *m, const struct setting *s, const struct written *w,
    struct buf *why)
{
	problem(m->problems, w->line, "%s.%s %.*s", s->section, s->name,
	    SPAN_ARG(buf_span(why)));
	buf_reset(why);
}

static void
set_number(struct maker *m, const struct setting *s, const struct written *w)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	uint64_t v = s->number;

	if (w->line > 0 && !value_number(s, w->items[0], &v, &why))
		wrong(m, s, w, &why);
	if (s->kind == SETTING_BOOL)
		*(bool *)place(m, s) = v != 0;
	else if (s->kind == SETTING_TIME)
		*(int64_t *)place(m, s) = (int64_t)v;
	else
		*(uint64_t *)place(m, s) = v;
}

/* A path that is empty stays so: it stands for none. */
static const char *
own_text(struct maker *m, const struct setting *s, const char *text)
{
	bool path = s->kind == SETTING_PATH || s->kind == SETTING_PATHS;

	if (path && *text != '\0')
		return value_path(m->folder, text, m->arena);
	return arena_str(m->arena, span_str(text));
}

static void
set_text(struct maker *m, const struct setting *s, const struct written *w)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	const char *text = s->text;

	if (w->line > 0) {
		text = value_text(s, w->items[0], &why);
		if (text == NULL)
			wrong(m, s, w, &why);
	}
	*(const char **)place(m, s) = own_text(m, s, text != NULL ? text : "");
}

static void
set_texts(struct maker *m, const struct setting *s, const struct written *w)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct config_list *list = place(m, s);

	list->items = ARENA_ARRAY(m->arena, w->n, const char *);
	for (size_t i = 0; i < w->n; i++) {
		const char *text;

		if (w->items[i][0] == '\0')
			continue;
		text = value_text(s, w->items[i], &why);
		if (text != NULL)
			list->items[list->n++] = own_text(m, s, text);
		else
			wrong(m, s, w, &why);
	}
}

static void
set_addresses(struct maker *m, const struct setting *s, const struct written *w)
{
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct config_addresses *list = place(m, s);

	list->items = ARENA_ARRAY(m->arena, 2 * w->n, struct config_address);
	for (size_t i = 0; i < w->n; i++) {
		size_t n;

		if (w->items[i][0] == '\0')
			continue;
		n = value_address(s, w->items[i], m->folder, m->arena,
		    list->items + list->n, &why);
		list->n += n;
		if (n == 0)
			wrong(m, s, w, &why);
	}
}

static void
set(struct maker *m, const struct setting *s, const struct written *w)
{
	struct written standard = { &s->text, s->text != NULL ? 1 : 0, 0 };

	if (s->kind < SETTING_WORD)
		set_number(m, s, w);
	else if (s->kind < SETTING_WORDS)
		set_text(m, s, w);
	else if (s->kind == SETTING_ADDRESSES)
		set_addresses(m, s, w->line > 0 ? w : &standard);
	else
		set_texts(m, s, w->line > 0 ? w : &standard);
}

static unsigned
line_of(const struct maker *m, const char *section, const char *name)
{
	size_t n;
	const struct setting *all = setting_table(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].section, section) == 0 &&
		    strcmp(all[i].name, name) == 0)
			return m->written[i].line;
	return 0;
}

/* The one address that isn't a setting: "control" in the run folder. */
static void
set_control(struct maker *m)
{
	static const struct setting path = { .unix_too = true };
	CLEANUP(buf_clear) struct buf why = { 0 };
	struct config_instance *i = &m->c->instance;

	i->control.items = ARENA_ARRAY(m->arena, 2, struct config_address);
	i->control.n =
	    value_address(&path, value_path(i->run, "control", m->arena),
		m->folder, m->arena, i->control.items, &why);
	if (i->control.n == 0)
		problem(m->problems, line_of(m, "instance", "run"),
		    "instance.run: the socket in it %.*s",
		    SPAN_ARG(buf_span(&why)));
}

/* What no setting can be wrong about alone. */
static void
check_together(struct maker *m)
{
	const struct config *c = m->c;

	set_control(m);
	if (c->tls.certificate.n != c->tls.key.n)
		problem(m->problems,
		    MAX(line_of(m, "tls", "certificate"),
			line_of(m, "tls", "key")),
		    "there are %zu certificates and %zu keys: tls.certificate "
		    "and tls.key must name one file each, in the same order",
		    c->tls.certificate.n, c->tls.key.n);
	if (c->tls.certificate.n > LIMIT_CERTIFICATES)
		problem(m->problems, line_of(m, "tls", "certificate"),
		    "there are %zu certificates, at most %d are possible",
		    c->tls.certificate.n, LIMIT_CERTIFICATES);
	if (c->tls.certificate.n == 0 && c->listen.imaps.n > 0)
		problem(m->problems, line_of(m, "tls", "certificate"),
		    "listen.imaps needs a certificate: set tls.certificate "
		    "and tls.key, or listen.imaps = {}");
	if (c->tls.certificate.n == 0 && *c->tls.client_ca != '\0')
		problem(m->problems, line_of(m, "tls", "client-ca"),
		    "tls.client-ca needs a certificate: set tls.certificate "
		    "and tls.key");
}

/*
 * Asked for once: a process whose rights are dropped may not ask again when
 * new settings come.
 */
static const char *
machine_name(void)
{
	static char name[HOST_NAME];

	if (name[0] == '\0' && gethostname(name, sizeof(name) - 1) == -1)
		strcpy(name, "localhost");
	return name;
}

static void
fill_in(struct maker *m)
{
	struct config_instance *i = &m->c->instance;

	i->mail = value_path(i->data, "mail", m->arena);
	i->store = value_path(i->mail, "store", m->arena);
	i->index = value_path(i->mail, "index", m->arena);
	i->directory = value_path(i->data, "directory", m->arena);
	i->empty = value_path(i->run, "empty", m->arena);
	if (*i->hostname == '\0')
		i->hostname = machine_name();
	if (*i->gate_user == '\0')
		i->gate_user = i->user;
	if (*i->auth_user == '\0')
		i->auth_user = i->user;
}

/* "/etc/newel" of "/etc/newel/newel.conf". */
static const char *
folder_of(const char *file, struct arena *a)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL)
		return ".";
	return arena_str(a, span_of(file, (size_t)(slash - file)));
}

static struct owned *
owned_new(void)
{
	struct owned *o = MEM_NEW(struct owned);

	atomic_init(&o->refs, 1);
	o->arena = arena_new();
	return o;
}

enum status
config_parse(struct span text, const char *file, const struct config **out,
    struct buf *problems)
{
	struct problems p = { .file = file, .out = problems };
	struct owned *o = owned_new();
	const struct config *c = &o->c;
	size_t n;
	const struct setting *all = setting_table(&n);
	struct written *written = ARENA_ARRAY(o->arena, n, struct written);
	struct maker m = { &o->c, o->arena, folder_of(file, o->arena), &p,
		written };

	o->c.file = arena_str(o->arena, span_str(file));
	read_written(text, &p, o->arena, written);
	for (size_t i = 0; i < n; i++)
		set(&m, &all[i], &written[i]);
	if (p.n == 0)
		check_together(&m);
	if (p.n > 0) {
		config_unref(&c);
		return ST_BAD;
	}
	fill_in(&m);
	*out = c;
	return ST_OK;
}

const struct config *
config_default(void)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	const struct config *c = NULL;
	enum status st;

	st = config_parse(SPAN(""), "/etc/newel/newel.conf", &c, &problems);
	assert(st == ST_OK);
	return c;
}

static bool
same_list(const struct config_list *a, const struct config_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool
same_addresses(const struct config_addresses *a,
    const struct config_addresses *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i].text, b->items[i].text) != 0)
			return false;
	return true;
}

static bool
same(const struct setting *s, const void *a, const void *b)
{
	if (setting_is_list(s->kind))
		return s->kind == SETTING_ADDRESSES ? same_addresses(a, b)
		                                    : same_list(a, b);
	if (s->kind >= SETTING_WORD)
		return strcmp(*(const char *const *)a,
			   *(const char *const *)b) == 0;
	if (s->kind == SETTING_BOOL)
		return *(const bool *)a == *(const bool *)b;
	return *(const uint64_t *)a == *(const uint64_t *)b;
}

bool
config_same(const struct config *a, const struct config *b, const char *section)
{
	size_t n;
	const struct setting *all = setting_table(&n);

	for (size_t i = 0; i < n; i++) {
		const unsigned char *in_a = (const unsigned char *)a;
		const unsigned char *in_b = (const unsigned char *)b;

		if (strcmp(all[i].section, section) == 0 &&
		    !same(&all[i], in_a + all[i].offset, in_b + all[i].offset))
			return false;
	}
	return true;
}

const struct config *
config_ref(const struct config *c)
{
	struct owned *o = (struct owned *)(uintptr_t)c;

	atomic_fetch_add(&o->refs, 1);
	return c;
}

void
config_unref(const struct config **c)
{
	struct owned *o = (struct owned *)(uintptr_t)*c;

	*c = NULL;
	if (o == NULL || atomic_fetch_sub(&o->refs, 1) > 1)
		return;
	arena_free(&o->arena);
	mem_free(&o);
}
