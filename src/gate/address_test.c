#include "base/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "gate/address.h"

static void
addresses_are_written_as_people_know_them(void **state)
{
	static const struct {
		int family;
		const char *given;
		const char *want;
	} cases[] = {
		{ AF_INET, "192.0.2.1", "192.0.2.1" },
		{ AF_INET6, "2001:db8::1", "2001:db8::1" },
		{ AF_INET6, "::ffff:192.0.2.1", "192.0.2.1" },
		{ AF_UNIX, "", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sockaddr_storage s = { 0 };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
			.sin6_port = htons(993) };
		struct sockaddr_in v4 = { .sin_family = AF_INET,
			.sin_port = htons(993) };
		struct address a;

		s.ss_family = (sa_family_t)cases[i].family;
		if (cases[i].family == AF_INET) {
			inet_pton(AF_INET, cases[i].given, &v4.sin_addr);
			memcpy(&s, &v4, sizeof(v4));
		} else if (cases[i].family == AF_INET6) {
			inet_pton(AF_INET6, cases[i].given, &v6.sin6_addr);
			memcpy(&s, &v6, sizeof(v6));
		}
		address_set(&a, &s);
		assert_string_equal(a.text, cases[i].want);
		assert_int_equal(a.port, cases[i].family == AF_UNIX ? 0 : 993);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_written_as_people_know_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
