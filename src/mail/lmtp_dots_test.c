#include "base/test.h"

#include "base/buf.h"
#include "mail/lmtp_dots.h"

/* In pieces of so many octets; gives what is left behind the message. */
static struct span
take_all(struct span in, size_t piece, bool *ended, struct buf *out)
{
	struct lmtp_dots d = { 0 };

	buf_reset(out);
	while (in.n > 0 && !lmtp_dots_ended(&d)) {
		struct span some = span_head(in, piece);
		struct span left = some;
		struct span next;

		while ((next = lmtp_dots_next(&d, &left)).n > 0)
			buf_add(out, next);
		in = span_from(in, some.n - left.n);
		assert_true(left.n == 0 || lmtp_dots_ended(&d));
	}
	*ended = lmtp_dots_ended(&d);
	return in;
}

static void
only_a_dot_alone_between_crlfs_ends_a_message(void **state)
{
	static const struct {
		const char *in;
		const char *message;
		const char *rest; /* NULL: it has not ended */
	} cases[] = {
		{ ".\r\n", "", "" },
		{ "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n" },
		{ "\r\n\r\n.\r\n.\r\n", "\r\n\r\n", ".\r\n" },
		/* RFC 5321 section 4.5.2 */
		{ "..\r\n...a\r\n.b\r\n.\r\n", ".\r\n..a\r\nb\r\n", "" },
		{ "a..\r\n a.\r\n.\r\n", "a..\r\n a.\r\n", "" },
		/* What ends a message elsewhere, and must not here. */
		{ "a\n.\nb", "a\n.\nb", NULL },
		{ "a\n.\r\nb", "a\n.\r\nb", NULL },
		{ "a\r\n.\nb", "a\r\n\nb", NULL },
		{ "a\r\n.\rb\r\n", "a\r\n\rb\r\n", NULL },
		{ "a\r.\r\nb", "a\r.\r\nb", NULL },
		{ "a\r\n.\r\r\nb", "a\r\n\r\r\nb", NULL },
		{ "a\r\r\n.\r\n", "a\r\r\n", "" },
		{ "a\n\r\n.\r\n", "a\n\r\n", "" },
		{ "a\n\n.\r\n.\r\n", "a\n\n.\r\n", "" },
		{ "a\r\n..\r\n", "a\r\n.\r\n", NULL },
		{ "a\r\n.\r\rx\r\n.\r\n", "a\r\n\r\rx\r\n", "" },
		{ "a\r\n.\r.\r\n.\r\n", "a\r\n\r.\r\n", "" },
		{ "a\r\n", "a\r\n", NULL },
		{ "a\r\n.", "a\r\n", NULL },
		{ "a\r\n.\r", "a\r\n", NULL },
	};
	CLEANUP(buf_clear) struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t piece = 1; piece < 40; piece += 3) {
			bool ended;
			struct span rest = take_all(span_str(cases[i].in),
			    piece, &ended, &out);

			assert_int_equal(ended, cases[i].rest != NULL);
			if (!span_eq(buf_span(&out),
				span_str(cases[i].message)))
				fail_msg("case %zu in pieces of %zu: %.*s", i,
				    piece, SPAN_ARG(buf_span(&out)));
			if (ended)
				assert_true(
				    span_eq(rest, span_str(cases[i].rest)));
		}
	}
}

static void
every_octet_passes(void **state)
{
	unsigned char all[256 + 3];
	CLEANUP(buf_clear) struct buf out = { 0 };
	bool ended;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)(i + 'a');
	memcpy(all + 254, "\r\n.\r\n", 5);
	(void)take_all(span_of(all, sizeof(all)), 7, &ended, &out);
	assert_true(ended);
	assert_true(span_eq(buf_span(&out), span_of(all, 256)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_dot_alone_between_crlfs_ends_a_message),
		cmocka_unit_test(every_octet_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
