#include "base/test.h"

#include "mime/file_name.h"

static void
fields_name_the_files_of_their_parts(void **state)
{
	static const struct {
		const char *field;
		const char *want;
	} cases[] = {
		{ "Content-Disposition: attachment; filename=a.pdf",
		    "a.pdf\n" },
		{ "content-type: image/png; charset=x; NAME=\"a b.png\"",
		    "a b.png\n" },
		{ "Content-Type: text; name=a", "a\n" },
		{ "Content-Disposition: attachment;\r\n"
		  "\tfilename=\"a\r\n b.pdf\"",
		    "a b.pdf\n" },

		/* RFC 2231 */
		{ "Content-Disposition: attachment;"
		  " filename*=utf-8'de'%C3%9Cbersicht.pdf",
		    "\xc3\x9c"
		    "bersicht.pdf\n" },
		{ "Content-Type: a/b; name*0*=iso-8859-1''%DCber;"
		  " name*1=\"sicht\"; name*2*=%20.pdf",
		    "\xc3\x9c"
		    "bersicht .pdf\n" },
		{ "Content-Type: a/b; name*0=one; name*1=two", "onetwo\n" },
		/* RFC 2047, where it should not be */
		{ "Content-Disposition: attachment;"
		  " filename=\"=?utf-8?Q?=C3=9Cbersicht=2Epdf?=\"",
		    "\xc3\x9c"
		    "bersicht.pdf\n" },
		{ "Content-Type: a/b;\r\n"
		  " name=\"=?iso-8859-1?B?3GJlcg==?=\r\n"
		  " =?iso-8859-1?B?c2ljaHQ=?=\"",
		    "\xc3\x9c"
		    "bersicht\n" },
		{ "Content-Type: a/b; name*0=\"=?utf-8?Q?=C3=\";"
		  " name*1=\"9Cber?=\"",
		    "\xc3\x9c"
		    "ber\n" },
		/* 8-bit text as it is */
		{ "Content-Disposition: inline; filename=\"\xc3\x9c\xdc\"",
		    "\xc3\x9c\xc3\x9c\n" },
		/* for programs that know one of both, both */
		{ "Content-Disposition: attachment; filename=\"Ubersicht\";"
		  " filename*=utf-8''%C3%9Cbersicht",
		    "Ubersicht\n\xc3\x9c"
		    "bersicht\n" },

		{ "Content-Disposition: attachment; name=a", "" },
		{ "Content-Type: a/b; filename=a", "" },
		{ "Content-Description: a; name=a; filename=b", "" },
		{ "Content-Type:", "" },
		{ "Content-Type: name=a", "" },
		{ "no field", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct header_iter it = { span_str(cases[i].field) };
		struct header_field f;

		while (header_next(&it, &f))
			file_name_add(&f, &got);
		buf_byte(&got, '\0');
		assert_string_equal((char *)got.p, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_name_the_files_of_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
