#include "base/test.h"

#include "cli/json.h"

static void
commas_stand_between_and_nowhere_else(void **state)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct json j = { .out = &text };

	(void)state;
	json_open(&j, '[');
	json_open(&j, '{');
	json_close(&j, '}');
	json_open(&j, '{');
	json_key(&j, "a");
	json_u64(&j, UINT64_MAX);
	json_key(&j, "b");
	json_open(&j, '[');
	json_bool(&j, true);
	json_bool(&j, false);
	json_null(&j);
	json_close(&j, ']');
	json_key(&j, "c");
	json_str(&j, "x");
	json_close(&j, '}');
	json_str(&j, "end");
	json_close(&j, ']');
	assert_span(buf_span(&text),
	    "[{},{\"a\":18446744073709551615,\"b\":[true,false,null],"
	    "\"c\":\"x\"},\"end\"]");
}

static void
text_is_escaped(void **state)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct json j = { .out = &text };

	(void)state;
	json_span(&j, SPAN("a\"b\\c\n\x01\x7f\0\xc3\xa9"));
	assert_span(buf_span(&text),
	    "\"a\\\"b\\\\c\\u000a\\u0001\\u007f\\u0000\xc3\xa9\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_and_nowhere_else),
		cmocka_unit_test(text_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
