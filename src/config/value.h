#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "base/arena.h"
#include "config/config.h"
#include "config/table.h"

/*
 * One value as a person writes it.  What is wrong with it, and what would be
 * right, is appended to why; then false.
 */
bool value_number(const struct setting *s, const char *text, uint64_t *out,
    struct buf *why);

/*
 * One item of a text, word, path or list setting: text itself, or the word of
 * the table that it is; NULL if it is wrong.
 */
const char *value_text(const struct setting *s, const char *text,
    struct buf *why);

/*
 * "192.0.2.1:143", "[2001:db8::1]:143", "localhost:1143" and "*:143", which
 * are two each, or where the setting allows it a path.  folder is what
 * relative paths are under.  How many addresses it is: up to 2; 0 if it is
 * none.
 */
size_t value_address(const struct setting *s, const char *text,
    const char *folder, struct arena *a, struct config_address out[2],
    struct buf *why);

/* Under folder, if it is relative. */
const char *value_path(const char *folder, const char *text, struct arena *a);

/* The value as a person would write it: 64M, 30m, yes. */
void value_format(const struct setting *s, uint64_t v, struct buf *out);

#endif
