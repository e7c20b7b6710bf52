#include "base/test.h"

#include "base/log.h"

static char got[4096];
static size_t got_n;

static void
keep(const char *line, size_t n)
{
	assert_true(n < sizeof(got));
	memcpy(got, line, n);
	got[n] = '\0';
	got_n = n;
}

/* The line behind its time stamp. */
static const char *
text(void)
{
	return strchr(got, ' ') + 1;
}

static int
setup(void **state)
{
	(void)state;
	got_n = 0;
	log_set_sink(keep);
	return 0;
}

static void
a_line_has_its_fields_and_its_contexts(void **state)
{
	const struct log_field server[] = { LF_STR("host", "a"), LF_DONE };
	const struct log_field session[] = { LF_U64("session", 7), LF_DONE };
	struct log outer = { .fields = server };
	struct log inner = { .parent = &outer, .fields = session };

	(void)state;
	log_set_process("mail");
	log_event(&inner, LEVEL_INFO, "mailbox.rename.done", LF_U64("n", 1));
	log_set_process(NULL);
	assert_string_equal(text(),
	    "level=info process=mail event=mailbox.rename.done n=1 session=7 "
	    "host=\"a\"\n");
	assert_int_equal(got[19], '.');
	assert_int_equal(got[23], 'Z');
}

static void
a_peer_cannot_forge_a_line(void **state)
{
	(void)state;
	log_event(NULL, LEVEL_WARN, "x",
	    LF_SPAN("v", SPAN("a\"\\\r\n\0b\xff")));
	assert_string_equal(text(),
	    "level=warn event=x v=\"a\\\"\\\\\\x0d\\x0a\\x00b\\xff\"\n");
}

static void
a_long_value_is_cut_and_the_line_still_ends(void **state)
{
	static unsigned char big[10000];

	(void)state;
	memset(big, 'x', sizeof(big));
	log_event(NULL, LEVEL_ERROR, "x", LF_SPAN("v", span_of(big, 10000)));
	assert_int_equal(got_n, 2048);
	assert_int_equal(got[got_n - 1], '\n');
}

static void
a_level_below_the_lowest_is_dropped(void **state)
{
	(void)state;
	log_event(NULL, LEVEL_DEBUG, "x");
	assert_int_equal(got_n, 0);
	log_set_level(LEVEL_DEBUG);
	log_event(NULL, LEVEL_DEBUG, "x");
	log_set_level(LEVEL_INFO);
	assert_string_equal(text(), "level=debug event=x\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_has_its_fields_and_its_contexts,
		    setup),
		cmocka_unit_test_setup(a_peer_cannot_forge_a_line, setup),
		cmocka_unit_test_setup(
		    a_long_value_is_cut_and_the_line_still_ends, setup),
		cmocka_unit_test_setup(a_level_below_the_lowest_is_dropped,
		    setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
