#include "cli/args.h"

/*
 * At argv[*i]: "-c FILE", "-cFILE" or help.  False if it is none of them; on
 * a missing FILE why is set.
 */
static bool
common_option(const char *const *argv, size_t n, size_t *i, struct args *out,
    struct buf *why)
{
	const char *word = argv[*i];

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		out->help = true;
		return true;
	}
	if (strncmp(word, "-c", 2) != 0)
		return false;
	if (word[2] != '\0')
		out->config = word + 2;
	else if (*i + 1 < n)
		out->config = argv[++*i];
	else
		buf_str(why, "-c needs the name of a settings file");
	return true;
}

static const struct option *
find(const struct option *o, struct span name)
{
	while (o != NULL && o->name != NULL) {
		if (span_eq(span_str(o->name), name))
			return o;
		o++;
	}
	return NULL;
}

/* "--name", "--name VALUE" or "--name=VALUE" at argv[*i]. */
static void
own_option(const struct grammar *g, const char *const *argv, size_t n,
    size_t *i, struct args *out, struct buf *why)
{
	struct span word = span_str(argv[*i]);
	size_t equals = span_find(word, '=');
	struct span name = span_head(word, equals);
	const struct option *o = find(g->options, name);
	const char *value = "";

	if (o == NULL) {
		buf_printf(why, "there is no option %.*s", SPAN_ARG(name));
		return;
	}
	if (o->value == NULL && equals < word.n) {
		buf_printf(why, "%s takes no value", o->name);
		return;
	}
	if (o->value != NULL) {
		if (equals < word.n) {
			value = argv[*i] + equals + 1;
		} else if (*i + 1 < n) {
			value = argv[++*i];
		} else {
			buf_printf(why, "%s needs a value: %s %s", o->name,
			    o->name, o->value);
			return;
		}
	}
	if (args_value(out, o->name) != NULL || out->n_given == ARGS_OPTIONS) {
		buf_printf(why, "%s is there twice", o->name);
		return;
	}
	out->given[out->n_given].name = o->name;
	out->given[out->n_given++].value = value;
}

static void
word(const struct grammar *g, const char *text, struct args *out,
    struct buf *why)
{
	if (out->n == g->words_max)
		buf_printf(why, "\"%s\" is one word too many", text);
	else
		out->words[out->n++] = text;
}

enum status
args_parse(const struct grammar *g, const char *const *argv, size_t n,
    struct args *out, struct buf *why)
{
	bool options = true;

	for (size_t i = 0; i < n && why->n == 0; i++) {
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (!options || argv[i][0] != '-')
			word(g, argv[i], out, why);
		else if (!common_option(argv, n, &i, out, why))
			own_option(g, argv, n, &i, out, why);
	}
	if (why->n == 0 && !out->help && out->n < g->words_min)
		buf_str(why, "something is missing");
	return why->n == 0 ? ST_OK : ST_BAD;
}

enum status
args_before(const char *const *argv, size_t n, struct args *out, size_t *out_n,
    struct buf *why)
{
	size_t i = 0;

	for (; i < n && argv[i][0] == '-' && why->n == 0; i++)
		if (!common_option(argv, n, &i, out, why))
			buf_printf(why, "there is no option %s", argv[i]);
	if (why->n > 0)
		return ST_BAD;
	*out_n = i;
	return ST_OK;
}

const char *
args_value(const struct args *a, const char *name)
{
	for (size_t i = 0; i < a->n_given; i++)
		if (strcmp(a->given[i].name, name) == 0)
			return a->given[i].value;
	return NULL;
}
