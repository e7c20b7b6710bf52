#include "imap/args_fetch.h"

#include "base/limits.h"

struct item_name {
	struct span name;
	enum fetch_what what;
	enum section_text text; /* of the RFC822 items */
	bool peek;
};

/* Those without a section. */
static const struct item_name names[] = {
	{ SPAN_INIT("UID"), FETCH_UID, 0, true },
	{ SPAN_INIT("FLAGS"), FETCH_FLAGS, 0, true },
	{ SPAN_INIT("INTERNALDATE"), FETCH_INTERNALDATE, 0, true },
	{ SPAN_INIT("RFC822.SIZE"), FETCH_RFC822_SIZE, 0, true },
	{ SPAN_INIT("ENVELOPE"), FETCH_ENVELOPE, 0, true },
	{ SPAN_INIT("BODY"), FETCH_BODY, 0, true },
	{ SPAN_INIT("BODYSTRUCTURE"), FETCH_BODYSTRUCTURE, 0, true },
	{ SPAN_INIT("MODSEQ"), FETCH_MODSEQ, 0, true },
	{ SPAN_INIT("EMAILID"), FETCH_EMAILID, 0, true },
	{ SPAN_INIT("THREADID"), FETCH_THREADID, 0, true },
	{ SPAN_INIT("SAVEDATE"), FETCH_SAVEDATE, 0, true },
	{ SPAN_INIT("PREVIEW"), FETCH_PREVIEW, 0, true },
	{ SPAN_INIT("OBJECTID"), FETCH_OBJECTID, 0, true },
	{ SPAN_INIT("RFC822"), FETCH_SECTION, SECTION_ALL, false },
	{ SPAN_INIT("RFC822.HEADER"), FETCH_SECTION, SECTION_HEADER, true },
	{ SPAN_INIT("RFC822.TEXT"), FETCH_SECTION, SECTION_TEXT, false },
};

/* Those with one. */
static const struct item_name section_names[] = {
	{ SPAN_INIT("BODY"), FETCH_SECTION, 0, false },
	{ SPAN_INIT("BODY.PEEK"), FETCH_SECTION, 0, true },
	{ SPAN_INIT("BINARY"), FETCH_BINARY, 0, false },
	{ SPAN_INIT("BINARY.PEEK"), FETCH_BINARY, 0, true },
	{ SPAN_INIT("BINARY.SIZE"), FETCH_BINARY_SIZE, 0, true },
};

/* Items being collected. */
struct items {
	struct tokens *t;
	struct fetch_args *args;
	struct fetch_item *item;
	size_t max;
};

static void
add(struct items *list, const struct fetch_item *item)
{
	struct fetch_args *args = list->args;
	unsigned bit = 1U << item->what;

	if (item->what < FETCH_SECTION && (args->what & bit) != 0)
		return;
	if (args->n == list->max) {
		tok_limit(list->t, "There are too many items to fetch");
		return;
	}
	args->what |= bit;
	args->marks_seen |= !item->peek;
	list->item[args->n++] = *item;
}

static void
add_plain(struct items *list, enum fetch_what what)
{
	struct fetch_item item = { .what = what, .peek = true };

	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].what == what)
			item.label = names[i].name;
	add(list, &item);
}

static const struct item_name *
find_item(const struct item_name *table, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(table[i].name, name))
			return &table[i];
	return NULL;
}

/* "<" offset "." count ">" */
static void
partial(struct tokens *t, struct fetch_item *item)
{
	item->partial = true;
	item->offset = tok_number64(t);
	tok_byte(t, '.');
	item->count = tok_number64(t);
	tok_byte(t, '>');
	if (item->count == 0)
		tok_bad(t, "A partial fetch needs a count above 0");
}

static struct span
section_label(struct arena *a, const struct fetch_item *item)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	if (item->what == FETCH_SECTION)
		BUF_LIT(&b, "BODY");
	else if (item->what == FETCH_BINARY)
		BUF_LIT(&b, "BINARY");
	else
		BUF_LIT(&b, "BINARY.SIZE");
	section_write(&b, &item->section);
	if (item->partial) {
		buf_byte(&b, '<');
		buf_u64(&b, item->offset);
		buf_byte(&b, '>');
	}
	return arena_dup(a, buf_span(&b));
}

static void
section_item(struct items *list, struct span name)
{
	struct tokens *t = list->t;
	const struct item_name *row =
	    find_item(section_names, COUNT(section_names), name);
	struct fetch_item item = { 0 };

	if (row == NULL) {
		tok_bad(t, "There is no such item to fetch");
		return;
	}
	item.what = row->what;
	item.peek = row->peek;
	item.section = tok_section(t, row->what != FETCH_SECTION);
	if (row->what != FETCH_BINARY_SIZE && tok_accept(t, '<'))
		partial(t, &item);
	if (tok_failed(t))
		return;
	item.label = section_label(t->arena, &item);
	add(list, &item);
}

/* " (LAZY)" of RFC 8970; what else is in "(" may be a modifier of FETCH. */
static bool
accept_lazy(struct tokens *t)
{
	static const struct span lazy = SPAN_INIT(" (LAZY)");

	if (!span_starts_nocase(t->rest, lazy))
		return false;
	t->rest = span_from(t->rest, lazy.n);
	return true;
}

static void
item(struct items *list)
{
	struct tokens *t = list->t;
	struct span name = tok_word(t);
	const struct item_name *row;
	struct fetch_item it = { 0 };

	if (tok_at(t, '[')) {
		section_item(list, name);
		return;
	}
	row = find_item(names, COUNT(names), name);
	if (row == NULL) {
		tok_bad(t, "There is no such item to fetch");
		return;
	}
	it.what = row->what;
	it.peek = row->peek;
	it.label = row->name;
	it.section.text = row->text;
	it.lazy = row->what == FETCH_PREVIEW && accept_lazy(t);
	add(list, &it);
}

/* ALL, FAST and FULL; false if it is none of them. */
static bool
macro(struct items *list)
{
	bool full = tok_accept_word(list->t, SPAN("FULL"));
	bool all = full || tok_accept_word(list->t, SPAN("ALL"));

	if (!all && !tok_accept_word(list->t, SPAN("FAST")))
		return false;
	add_plain(list, FETCH_FLAGS);
	add_plain(list, FETCH_INTERNALDATE);
	add_plain(list, FETCH_RFC822_SIZE);
	if (all)
		add_plain(list, FETCH_ENVELOPE);
	if (full)
		add_plain(list, FETCH_BODY);
	return true;
}

static void
read_items(struct items *list)
{
	size_t n;

	if (!tok_at(list->t, '(')) {
		if (!macro(list))
			item(list);
		return;
	}
	for (n = 0; tok_list_more(list->t, n); n++)
		item(list);
	if (n == 0)
		tok_bad(list->t, "Expected an item to fetch");
}

static void
modifier(struct tokens *t, struct fetch_args *args)
{
	if (tok_accept_word(t, SPAN("CHANGEDSINCE"))) {
		tok_space(t);
		args->changed = true;
		args->changed_since = tok_number64(t);
	} else if (tok_accept_word(t, SPAN("VANISHED"))) {
		args->vanished = true;
	} else if (tok_accept_word(t, SPAN("PARTIAL"))) {
		tok_space(t);
		args->has_range = true;
		args->range = tok_partial_range(t);
	} else {
		tok_bad(t, "There is no such modifier of FETCH");
	}
}

static void
modifiers(struct tokens *t, struct fetch_args *args)
{
	for (size_t n = 0; tok_list_more(t, n); n++)
		modifier(t, args);
	if (args->vanished && (!args->uid || !args->changed))
		tok_bad(t, "VANISHED needs UID FETCH and CHANGEDSINCE");
	if (args->has_range && !args->uid)
		tok_bad(t, "PARTIAL needs UID FETCH");
}

static void
move_uid_first(struct fetch_item *item, size_t n)
{
	struct fetch_item uid;
	size_t i = 0;

	while (i < n && item[i].what != FETCH_UID)
		i++;
	if (i == n)
		return;
	uid = item[i];
	memmove(&item[1], &item[0], i * sizeof(*item));
	item[0] = uid;
}

static enum status
fetch(struct tokens *t, struct arena *a, bool uid, const void **out)
{
	struct fetch_args *args = ARENA_NEW(a, struct fetch_args);
	struct items list = { .t = t, .args = args };

	/* The shortest item is a name of three and a space; a macro has 5. */
	list.max = MIN((size_t)LIMIT_FETCH_ITEMS, t->rest.n / 4 + 5) + 2;
	list.item = ARENA_ARRAY(a, list.max, struct fetch_item);
	args->items = list.item;
	args->uid = uid;
	tok_space(t);
	args->set = tok_seq_set(t);
	tok_space(t);
	read_items(&list);
	if (tok_accept(t, ' ') && !tok_at_end(t))
		modifiers(t, args);
	if (uid)
		add_plain(&list, FETCH_UID);
	if (args->changed)
		add_plain(&list, FETCH_MODSEQ);
	move_uid_first(list.item, args->n);
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

enum status
parse_fetch(struct tokens *t, struct arena *a, const void **out)
{
	return fetch(t, a, false, out);
}

enum status
parse_uid_fetch(struct tokens *t, struct arena *a, const void **out)
{
	return fetch(t, a, true, out);
}
