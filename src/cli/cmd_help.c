#include "cli/command.h"
#include "cli/json.h"
#include "cli/say.h"

enum exit_code
run_help(const struct args *a)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	const struct command *c;
	size_t n;

	c = command_find(a->words, a->n, &n);
	if (c != NULL)
		command_describe(c, &text);
	else
		command_list(a->n > 0 ? a->words[0] : NULL, &text);
	say_buf(&text);
	return EXIT_DONE;
}

enum exit_code
run_version(const struct args *a)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct json j = { .out = &text };

	if (args_value(a, "--json") == NULL) {
		say("newel %s\n", NEWEL_VERSION);
		return EXIT_DONE;
	}
	json_open(&j, '{');
	json_key(&j, "version");
	json_str(&j, NEWEL_VERSION);
	json_close(&j, '}');
	say_json(&text);
	return EXIT_DONE;
}
