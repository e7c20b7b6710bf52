#include "base/test.h"

#include <stdio.h>

#include "auth/failures.h"
#include "base/limits.h"

static const struct failures_settings settings = { .per_address = 5,
	.per_user = 3,
	.time_ms = 60000,
	.delay_ms = 1000 };

static struct failures *f;

static int
set_up(void **state)
{
	(void)state;
	f = failures_new(&settings);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	failures_free(&f);
	return 0;
}

static struct login_source
from(const char *peer, const char *user)
{
	return (struct login_source){ span_str(peer), span_str(user) };
}

static enum failures_block
blocked(const char *peer, const char *user, int64_t now)
{
	struct login_source who = from(peer, user);

	return failures_blocked(f, &who, now);
}

static struct failures_verdict
wrong(const char *peer, const char *user, int64_t now)
{
	struct login_source who = from(peer, user);

	return failures_wrong(f, &who, now);
}

static void
right(const char *peer, const char *user, int64_t now)
{
	struct login_source who = from(peer, user);

	failures_right(f, &who, now);
}

static void
each_failure_is_answered_later(void **state)
{
	static const int64_t want[] = { 1000, 2000, 4000, 8000, 15000, 15000 };

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++)
		assert_int_equal(wrong("192.0.2.1", "anna", 0).delay_ms,
		    want[i]);
	assert_int_equal(wrong("192.0.2.2", "bob", 0).delay_ms, 1000);
}

static void
the_delay_can_be_none(void **state)
{
	struct failures_settings none = settings;

	(void)state;
	none.delay_ms = 0;
	failures_set(f, &none);
	assert_int_equal(wrong("192.0.2.1", "anna", 0).delay_ms, 0);
	assert_int_equal(wrong("192.0.2.1", "anna", 0).delay_ms, 0);
}

static void
an_address_is_blocked_whoever_it_asks_for(void **state)
{
	static const char *const users[] = { "a", "b", "c", "d", "e" };
	struct failures_verdict v = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(users); i++) {
		assert_int_equal(v.begun, BLOCK_NONE);
		assert_int_equal(blocked("192.0.2.1", users[i], 0), BLOCK_NONE);
		v = wrong("192.0.2.1", users[i], 0);
	}
	assert_int_equal(v.begun, BLOCK_ADDRESS);
	assert_int_equal(v.count, 5);
	assert_int_equal(blocked("192.0.2.1", "f", 0), BLOCK_ADDRESS);
	assert_int_equal(blocked("192.0.2.2", "f", 0), BLOCK_NONE);
	assert_int_equal(blocked("192.0.2.1", "f", 60000), BLOCK_NONE);
}

static void
a_user_is_blocked_wherever_the_guesses_come_from(void **state)
{
	struct failures_verdict v;

	(void)state;
	wrong("192.0.2.1", "anna", 0);
	wrong("192.0.2.2", "anna", 0);
	assert_int_equal(blocked("192.0.2.9", "anna", 0), BLOCK_NONE);
	v = wrong("192.0.2.3", "anna", 0);
	assert_int_equal(v.begun, BLOCK_USER);
	assert_int_equal(v.count, 3);
	assert_int_equal(blocked("192.0.2.9", "anna", 0), BLOCK_USER);
	assert_int_equal(blocked("192.0.2.9", "bob", 0), BLOCK_NONE);
	assert_int_equal(blocked("192.0.2.9", "anna", 60000), BLOCK_NONE);
}

static void
guessing_locks_nobody_out_where_they_were_before(void **state)
{
	(void)state;
	right("192.0.2.1", "anna", 0);
	for (int i = 0; i < 10; i++)
		wrong("192.0.2.66", "anna", 0);
	assert_int_equal(blocked("192.0.2.77", "anna", 0), BLOCK_USER);
	assert_int_equal(blocked("192.0.2.1", "anna", 0), BLOCK_NONE);

	/* nor does a neighbour behind the same address */
	for (int i = 0; i < 10; i++)
		wrong("192.0.2.1", "bob", 0);
	assert_int_equal(blocked("192.0.2.1", "cy", 0), BLOCK_ADDRESS);
	assert_int_equal(blocked("192.0.2.1", "anna", 0), BLOCK_NONE);

	/* but guessing from there has an end as well */
	for (int i = 0; i < 3; i++)
		wrong("192.0.2.1", "anna", 0);
	assert_int_equal(blocked("192.0.2.1", "anna", 0), BLOCK_USER);
}

static void
a_good_login_takes_back_its_own_failures_only(void **state)
{
	(void)state;
	wrong("192.0.2.1", "anna", 0);
	wrong("192.0.2.1", "anna", 0);
	wrong("192.0.2.1", "bob", 0);
	right("192.0.2.1", "anna", 0);
	/* bob's is left: the second from the address, the first for anna */
	assert_int_equal(wrong("192.0.2.1", "cy", 0).delay_ms, 2000);
	assert_int_equal(wrong("192.0.2.2", "anna", 0).delay_ms, 1000);
}

static void
a_count_is_forgotten_after_its_last_failure(void **state)
{
	(void)state;
	wrong("192.0.2.1", "anna", 0);
	wrong("192.0.2.1", "anna", 50000);
	assert_int_equal(wrong("192.0.2.1", "anna", 109999).delay_ms, 4000);
	assert_int_equal(wrong("192.0.2.1", "anna", 169999).delay_ms, 1000);
}

static void
addresses_that_one_customer_has_are_one(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		bool same;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true },
		{ "2001:db8:1:2::1", "2001:db8:1:3::1", false },
		{ "unix", "unix", true },
		{ "unix", "xinu", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		tear_down(state);
		set_up(state);
		wrong(cases[i].a, "anna", 0);
		assert_int_equal(wrong(cases[i].b, "bob", 0).delay_ms,
		    cases[i].same ? 2000 : 1000);
	}
}

static void
strangers_cannot_push_out_the_good_addresses(void **state)
{
	(void)state;
	right("192.0.2.1", "anna", 0);
	for (int i = 0; i < LIMIT_FAILURES; i++) {
		char user[20];

		snprintf(user, sizeof(user), "%d", i);
		wrong("192.0.2.66", user, 0);
	}
	for (int i = 0; i < 3; i++)
		wrong("192.0.2.66", "anna", 0);
	assert_int_equal(blocked("192.0.2.2", "anna", 0), BLOCK_USER);
	assert_int_equal(blocked("192.0.2.1", "anna", 0), BLOCK_NONE);
	assert_int_equal(blocked("192.0.2.1", "anna", LIMIT_GOOD_ADDRESS_MS),
	    BLOCK_NONE);
}

static void
peers_of_any_length_are_borne(void **state)
{
	char text[2000];

	(void)state;
	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(wrong(text, text, 0).delay_ms, 1000);
	assert_int_equal(wrong("", "", 0).delay_ms, 1000);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_failure_is_answered_later),
		TEST(the_delay_can_be_none),
		TEST(an_address_is_blocked_whoever_it_asks_for),
		TEST(a_user_is_blocked_wherever_the_guesses_come_from),
		TEST(guessing_locks_nobody_out_where_they_were_before),
		TEST(a_good_login_takes_back_its_own_failures_only),
		TEST(a_count_is_forgotten_after_its_last_failure),
		TEST(addresses_that_one_customer_has_are_one),
		TEST(strangers_cannot_push_out_the_good_addresses),
		TEST(peers_of_any_length_are_borne),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
