#ifndef BASE_TEST_H
#define BASE_TEST_H

/* cmocka wants these first, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/span.h"

/* got is a span, want a string literal. */
#define assert_span(got, want) \
	do { \
		struct span got_ = (got); \
		if (got_.n != sizeof(want) - 1 || \
		    (got_.n > 0 && memcmp(got_.p, (want), got_.n) != 0)) \
			fail_msg("got \"%.*s\", want \"%s\"", (int)got_.n, \
			    (const char *)got_.p, (want)); \
	} while (0)

#define assert_ok(call) assert_int_equal((call), ST_OK)

#endif
