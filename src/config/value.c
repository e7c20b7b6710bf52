#include "config/value.h"

#include <inttypes.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* From big to small, for value_format(). */
static const struct unit sizes[] = {
	{ "T", UINT64_C(1) << 40 },
	{ "G", UINT64_C(1) << 30 },
	{ "M", UINT64_C(1) << 20 },
	{ "K", UINT64_C(1) << 10 },
	{ "", 1 },
};

static const struct unit times[] = {
	{ "d", UINT64_C(86400000) },
	{ "h", UINT64_C(3600000) },
	{ "m", UINT64_C(60000) },
	{ "s", UINT64_C(1000) },
};

static const struct unit counts[] = { { "", 1 } };

struct units {
	const struct unit *of;
	size_t n;
	const char *advice;
};

static struct units
units_of(enum setting_kind k)
{
	if (k == SETTING_SIZE)
		return (struct units){ sizes, COUNT(sizes),
			"a size, such as 64M (K, M, G or T)" };
	if (k == SETTING_TIME)
		return (struct units){ times, COUNT(times),
			"a time, such as 30s or 5m (s, m, h or d)" };
	return (struct units){ counts, COUNT(counts), "a number" };
}

void
value_format(const struct setting *s, uint64_t v, struct buf *out)
{
	struct units units = units_of(s->kind);
	size_t i = 0;

	if (s->kind == SETTING_BOOL) {
		buf_str(out, v != 0 ? "yes" : "no");
		return;
	}
	if (s->kind == SETTING_CHOICE) {
		buf_str(out, s->words[v]);
		return;
	}
	if (s->kind == SETTING_MODE) {
		buf_printf(out, "%04" PRIo64, v);
		return;
	}
	while (i + 1 < units.n && v % units.of[i].factor != 0)
		i++;
	if (v == 0)
		buf_str(out, "0");
	else
		buf_printf(out, "%" PRIu64 "%s", v / units.of[i].factor,
		    units.of[i].name);
}

/* A number and a unit; 0 needs none. */
static bool
read_units(const char *text, const struct units *units, uint64_t *out)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;
	uint64_t n;

	if (!span_u64(span_of(text, digits), UINT64_MAX, &n))
		return false;
	if (n == 0 && *unit == '\0') {
		*out = 0;
		return true;
	}
	for (size_t i = 0; i < units->n; i++)
		if (span_eq_nocase(span_str(unit), span_str(units->of[i].name)))
			return !__builtin_mul_overflow(n, units->of[i].factor,
			    out);
	return false;
}

static bool
read_mode(const char *text, uint64_t *out)
{
	uint64_t mode = 0;

	if (*text == '\0' || strlen(text) > 4)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '7')
			return false;
		mode = mode * 8 + (uint64_t)(*text - '0');
	}
	*out = mode;
	return true;
}

static bool
read_bool(const char *text, uint64_t *out)
{
	static const char *const yes[] = { "yes", "on", "true", NULL };
	static const char *const no[] = { "no", "off", "false", NULL };

	for (size_t i = 0; yes[i] != NULL; i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*out = strcmp(text, yes[i]) == 0 ? 1 : 0;
			return true;
		}
	}
	return false;
}

/* The place of text among the words; they are all named in why if it isn't. */
static bool
read_word(const struct setting *s, const char *text, uint64_t *out,
    struct buf *why)
{
	for (uint64_t i = 0; s->words[i] != NULL; i++) {
		if (span_eq_nocase(span_str(text), span_str(s->words[i]))) {
			*out = i;
			return true;
		}
	}
	buf_printf(why, "is \"%s\", must be one of:", text);
	for (size_t i = 0; s->words[i] != NULL; i++)
		buf_printf(why, " %s", s->words[i]);
	return false;
}

static bool
in_bounds(const struct setting *s, const char *text, uint64_t v,
    struct buf *why)
{
	if (v >= s->min && v <= s->max)
		return true;
	buf_printf(why, "is %s, must be at %s ", text,
	    v < s->min ? "least" : "most");
	value_format(s, v < s->min ? s->min : s->max, why);
	return false;
}

bool
value_number(const struct setting *s, const char *text, uint64_t *out,
    struct buf *why)
{
	struct units units = units_of(s->kind);
	uint64_t v = 0;

	if (s->kind == SETTING_CHOICE)
		return read_word(s, text, out, why);
	if (s->kind == SETTING_BOOL) {
		if (read_bool(text, out))
			return true;
		buf_printf(why, "is \"%s\", must be yes or no", text);
		return false;
	}
	if (s->kind == SETTING_MODE) {
		if (!read_mode(text, &v)) {
			buf_printf(why,
			    "is \"%s\", must be a mode, such as 0660", text);
			return false;
		}
	} else if (!read_units(text, &units, &v)) {
		buf_printf(why, "is \"%s\", must be %s", text, units.advice);
		return false;
	}
	if (!in_bounds(s, text, v, why))
		return false;
	*out = v;
	return true;
}

const char *
value_text(const struct setting *s, const char *text, struct buf *why)
{
	size_t n = strlen(text);
	uint64_t word;

	if (s->words != NULL)
		return read_word(s, text, &word, why) ? s->words[word] : NULL;
	if (s->kind == SETTING_TEXT && (n < s->min || n > s->max)) {
		buf_printf(why,
		    "has %zu characters, must have %" PRIu64 " to %" PRIu64, n,
		    s->min, s->max);
		return NULL;
	}
	if (n >= LIMIT_PATH / 2) {
		buf_printf(why, "is too long");
		return NULL;
	}
	return text;
}

const char *
value_path(const char *folder, const char *text, struct arena *a)
{
	if (text[0] == '/')
		return arena_str(a, span_str(text));
	return (const char *)arena_printf(a, "%s/%s", folder, text).p;
}
