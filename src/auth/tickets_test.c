#include "base/test.h"

#include "auth/tickets.h"
#include "base/limits.h"

static void
a_ticket_is_good_once(void **state)
{
	struct tickets *t = tickets_new();
	unsigned char a[TICKET_BYTES], b[TICKET_BYTES];

	(void)state;
	tickets_issue(t, 7, 1000, a);
	tickets_issue(t, 8, 1000, b);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(tickets_redeem(t, span_of(a, sizeof(a)), 1000), 7);
	assert_int_equal(tickets_redeem(t, span_of(a, sizeof(a)), 1000), 0);
	assert_int_equal(tickets_redeem(t, span_of(b, sizeof(b)), 1000), 8);
	tickets_free(&t);
}

static void
a_ticket_is_good_for_thirty_seconds(void **state)
{
	struct tickets *t = tickets_new();
	unsigned char a[TICKET_BYTES], b[TICKET_BYTES];

	(void)state;
	tickets_issue(t, 7, 0, a);
	tickets_issue(t, 8, 0, b);
	assert_int_equal(tickets_redeem(t, span_of(a, sizeof(a)), 29999), 7);
	assert_int_equal(tickets_redeem(t, span_of(b, sizeof(b)), 30000), 0);
	tickets_free(&t);
}

static void
what_is_no_ticket_is_refused(void **state)
{
	struct tickets *t = tickets_new();
	unsigned char a[TICKET_BYTES];

	(void)state;
	tickets_issue(t, 7, 0, a);
	assert_int_equal(tickets_redeem(t, SPAN(""), 0), 0);
	assert_int_equal(tickets_redeem(t, span_of(a, sizeof(a) - 1), 0), 0);
	a[0] ^= 1;
	assert_int_equal(tickets_redeem(t, span_of(a, sizeof(a)), 0), 0);
	tickets_free(&t);
}

static void
too_many_tickets_void_the_oldest(void **state)
{
	struct tickets *t = tickets_new();
	unsigned char first[TICKET_BYTES], last[TICKET_BYTES];

	(void)state;
	tickets_issue(t, 1, 0, first);
	for (uint64_t i = 0; i < LIMIT_TICKETS; i++)
		tickets_issue(t, 2, 0, last);
	assert_int_equal(tickets_redeem(t, span_of(first, sizeof(first)), 0),
	    0);
	assert_int_equal(tickets_redeem(t, span_of(last, sizeof(last)), 0), 2);
	tickets_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_is_good_once),
		cmocka_unit_test(a_ticket_is_good_for_thirty_seconds),
		cmocka_unit_test(what_is_no_ticket_is_refused),
		cmocka_unit_test(too_many_tickets_void_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
