#include "base/test.h"

#include "base/limits.h"
#include "mail/lmtp_trace.h"

static void
a_message_says_where_it_came_from(void **state)
{
	const struct span to[] = { SPAN("pat+lists@foo.edu") };
	const struct lmtp_trace t = {
		.from = SPAN("chris@bar.com"),
		.recipient = to,
		.recipients = 1,
		.client = SPAN("mx.bar.com"),
		.address = SPAN("2001:db8::1"),
		.hostname = SPAN("foo.edu"),
		.id = SPAN("4711"),
		/* Tue, 24 Nov 2026 15:33:44 UTC */
		.when = { 1795534424, -(5 * 3600 + 30 * 60) },
	};
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	lmtp_trace_header(&out, &t);
	assert_span(buf_span(&out),
	    "Return-Path: <chris@bar.com>\r\n"
	    "Delivered-To: pat+lists@foo.edu\r\n"
	    "Received: from mx.bar.com ([IPv6:2001:db8::1])\r\n"
	    "\tby foo.edu with LMTP id 4711\r\n"
	    "\tfor <pat+lists@foo.edu>; "
	    "Tue, 24 Nov 2026 10:03:44 -0530\r\n");
}

static void
a_client_can_write_no_header_of_its_own(void **state)
{
	const struct span to[] = { SPAN("p\u00e4t@foo.edu") };
	struct lmtp_trace t = {
		.recipient = to,
		.recipients = 1,
		.client = SPAN("a (b)\0\u00e4;<c>"),
		.hostname = SPAN("foo.edu"),
		.id = SPAN("1"),
		.utf8 = true,
		.tls = true,
	};
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	lmtp_trace_header(&out, &t);
	assert_span(buf_span(&out), "Return-Path: <>\r\n"
				    "Delivered-To: p\u00e4t@foo.edu\r\n"
				    "Received: from a??b??????c?\r\n"
				    "\tby foo.edu with UTF8LMTPS id 1\r\n"
				    "\tfor <p\u00e4t@foo.edu>; "
				    "Thu, 1 Jan 1970 00:00:00 +0000\r\n");

	t.client = SPAN("");
	t.address = SPAN("192.0.2.1");
	t.tls = false;
	buf_reset(&out);
	lmtp_trace_header(&out, &t);
	assert_span(buf_span(&out), "Return-Path: <>\r\n"
				    "Delivered-To: p\u00e4t@foo.edu\r\n"
				    "Received: from unknown ([192.0.2.1])\r\n"
				    "\tby foo.edu with UTF8LMTP id 1\r\n"
				    "\tfor <p\u00e4t@foo.edu>; "
				    "Thu, 1 Jan 1970 00:00:00 +0000\r\n");
}

/* RFC 5321 section 4.4: the others are not told. */
static void
of_several_recipients_none_is_in_received(void **state)
{
	static struct span to[LIMIT_LMTP_DELIVERED_TO + 1];
	struct lmtp_trace t = {
		.recipient = to,
		.recipients = 2,
		.client = SPAN("bar.com"),
		.hostname = SPAN("foo.edu"),
		.id = SPAN("1"),
	};
	CLEANUP(buf_clear) struct buf out = { 0 };
	size_t n;

	(void)state;
	to[0] = SPAN("pat+a@foo.edu");
	to[1] = SPAN("pat+b@foo.edu");
	lmtp_trace_header(&out, &t);
	assert_span(buf_span(&out), "Return-Path: <>\r\n"
				    "Delivered-To: pat+a@foo.edu\r\n"
				    "Delivered-To: pat+b@foo.edu\r\n"
				    "Received: from bar.com\r\n"
				    "\tby foo.edu with LMTP id 1;\r\n"
				    "\tThu, 1 Jan 1970 00:00:00 +0000\r\n");
	n = out.n;

	t.recipients = COUNT(to);
	buf_reset(&out);
	lmtp_trace_header(&out, &t);
	assert_int_equal(out.n,
	    n + (LIMIT_LMTP_DELIVERED_TO - 2) * strlen("Delivered-To: \r\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_says_where_it_came_from),
		cmocka_unit_test(a_client_can_write_no_header_of_its_own),
		cmocka_unit_test(of_several_recipients_none_is_in_received),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
