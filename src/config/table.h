#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "base/span.h"

/*
 * Every setting: its section and name, what it may be, its default, and its
 * place in struct config.  Parsing, defaults, checks, suggestions and the
 * test of the manual page all go by this table.
 */
enum setting_kind {
	SETTING_BOOL,      /* bool */
	SETTING_COUNT,     /* uint64_t */
	SETTING_SIZE,      /* uint64_t, bytes: 64M */
	SETTING_TIME,      /* int64_t, milliseconds: 30m */
	SETTING_MODE,      /* uint64_t, octal: 0660 */
	SETTING_CHOICE,    /* uint64_t, the number of one of the words */
	SETTING_WORD,      /* const char *, one of the words */
	SETTING_TEXT,      /* const char * */
	SETTING_PATH,      /* const char * */
	SETTING_WORDS,     /* struct config_list, each one of the words */
	SETTING_PATHS,     /* struct config_list */
	SETTING_ADDRESSES, /* struct config_addresses */
};

struct setting {
	const char *section;
	const char *name;
	enum setting_kind kind;
	size_t offset; /* in struct config */

	/* of BOOL, COUNT, SIZE, TIME, MODE, CHOICE */
	uint64_t number;
	/* of the others; NULL is nothing: an empty text or list */
	const char *text;

	/* of numbers: bounds; of TEXT: the bounds of its length */
	uint64_t min;
	uint64_t max;
	/* of CHOICE, WORD, WORDS: what is allowed, ended by NULL */
	const char *const *words;
	/* of ADDRESSES: whether a UNIX socket's path may be one */
	bool unix_too;
};

const struct setting *setting_table(size_t *out_count);

/* In which section `name` is a setting; NULL if in none. */
const char *setting_section(const char *name);

/*
 * The name most like `name` among the settings of a section, or among the
 * sections if section is NULL.  NULL if none is near.
 */
const char *setting_suggest(const char *section, const char *name);

static inline bool
setting_is_list(enum setting_kind k)
{
	return k >= SETTING_WORDS;
}

#endif
