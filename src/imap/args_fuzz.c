#include "imap/args_append.h"
#include "imap/args_fetch.h"
#include "imap/args_list.h"
#include "imap/args_mailbox.h"
#include "imap/args_session.h"
#include "imap/args_sort.h"
#include "imap/args_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void check_fn(const void *args);

/* Reads each byte, for the sanitizers to see. */
static void
touch(struct span s)
{
	unsigned char all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= s.p[i];
	if (s.n == 0 && all != 0)
		__builtin_trap();
}

static void
check_flags(const struct flag_list *f)
{
	if ((f->system & ~(unsigned)FLAGS_SYSTEM) != 0)
		__builtin_trap();
	for (size_t i = 0; i < f->n; i++)
		if (!flag_is_keyword(f->keywords[i]))
			__builtin_trap();
}

static void
check_append(const void *p)
{
	const struct append_args *args = p;

	touch(args->mailbox);
	for (size_t i = 0; i < args->n; i++) {
		check_flags(&args->messages[i].flags);
		touch(args->messages[i].body.bytes);
	}
}

static void
check_fetch(const void *p)
{
	const struct fetch_args *args = p;

	for (size_t i = 0; i < args->n; i++) {
		if (args->items[i].label.n == 0)
			__builtin_trap();
		touch(args->items[i].label);
		if (args->items[i].what == FETCH_UID && i > 0)
			__builtin_trap();
	}
}

static void
check_list(const void *p)
{
	const struct list_args *args = p;

	(void)list_args_match(args, SPAN("INBOX/a/b"));
}

/* The ends nest, and none is empty. */
static void
check_program(const struct search_program *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct search_key *k = &p->keys[i];
		bool inner = k->op <= SEARCH_NOT;

		touch(k->field);
		touch(k->text);
		if (k->end <= i || k->end > p->n || inner != (k->end > i + 1))
			__builtin_trap();
		for (uint32_t c = i + 1; c < k->end; c = p->keys[c].end)
			if (p->keys[c].end > k->end)
				__builtin_trap();
	}
}

static void
check_search(const void *p)
{
	const struct search_args *args = p;

	check_program(&args->program);
}

static void
check_sort(const void *p)
{
	const struct sort_args *args = p;

	if (args->n == 0)
		__builtin_trap();
	check_program(&args->program);
}

static void
check_store(const void *p)
{
	const struct store_args *args = p;

	check_flags(&args->flags);
}

static const struct {
	parse_fn *parse;
	check_fn *check;
} parsers[] = {
	{ parse_none, NULL },
	{ parse_login, NULL },
	{ parse_authenticate, NULL },
	{ parse_id, NULL },
	{ parse_enable, NULL },
	{ parse_compress, NULL },
	{ parse_mailbox, NULL },
	{ parse_select, NULL },
	{ parse_create, NULL },
	{ parse_rename, NULL },
	{ parse_status, NULL },
	{ parse_getquota, NULL },
	{ parse_setquota, NULL },
	{ parse_list, check_list },
	{ parse_lsub, check_list },
	{ parse_append, check_append },
	{ parse_search, check_search },
	{ parse_uid_search, check_search },
	{ parse_sort, check_sort },
	{ parse_uid_sort, check_sort },
	{ parse_thread, NULL },
	{ parse_uid_thread, NULL },
	{ parse_fetch, check_fetch },
	{ parse_uid_fetch, check_fetch },
	{ parse_store, check_store },
	{ parse_uid_store, check_store },
	{ parse_copy, NULL },
	{ parse_uid_copy, NULL },
	{ parse_uid_expunge, NULL },
};

/* Any text gives arguments that hold together, or an error that says why. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct grammar g = grammar_default;
	struct command_text text;
	struct tokens t;
	const void *args = &g;
	size_t i;

	if (size < 1)
		return 0;
	i = data[0] % COUNT(parsers);
	g.utf8 = data[0] >= 128;
	t = tok_over(span_of(data + 1, size - 1), &g, a);
	if (parsers[i].parse(&t, a, &args) != ST_OK) {
		if (args != &g || t.why == NULL)
			__builtin_trap();
	} else if (args == &g) {
		__builtin_trap();
	} else if (parsers[i].check != NULL) {
		parsers[i].check(args);
	}
	if (command_split(span_of(data, size), &text) == NULL)
		touch(text.args);
	if (text.tag.n == 0)
		__builtin_trap();
	return 0;
}
