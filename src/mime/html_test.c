#include "base/test.h"

#include "mime/html.h"

/* As a whole, or in pieces that are whole characters. */
static void
read_html(struct span in, size_t step, struct buf *out)
{
	struct html_reader h = { 0 };

	while (in.n > 0) {
		size_t n = MIN(step, in.n);

		while (n < in.n && (in.p[n] & 0xc0) == 0x80)
			n++;
		html_feed(&h, span_head(in, n), out);
		in = span_from(in, n);
	}
	html_end(&h, out);
}

static void
html_becomes_what_a_reader_sees(void **state)
{
	static const struct {
		const char *html;
		const char *want;
	} cases[] = {
		{ "plain", "plain" },
		{ "<p>One</p><p>Two</p>", "One\nTwo" },
		{ "a<b>b</b>c", "abc" },
		{ "a<br>b<BR/>c<br />d", "a\nb\nc\nd" },
		{ " a \r\n\t b ", "a b" },
		{ "<td>a</td><td>b</td>", "a b" },
		{ "<html><head><title>T</title><meta x=y>junk"
		  "</head><body>a</body></html>",
		    "a" },
		{ "<head><style>p{}</style><body>a", "a" },
		{ "a<script>if (1 < 2) { '</p>' }</script>b", "ab" },
		{ "a<style><!-- x --></style >b", "ab" },
		{ "a<SCRIPT src=x>y</Script>b", "ab" },
		{ "a<script>never ends", "a" },
		{ "a<!-- <b>x</b> -->b", "ab" },
		{ "a<!-- never ends", "a" },
		{ "<!DOCTYPE html><?xml version=1?>a", "a" },
		{ "<!--[if mso]>x<![endif]-->a", "a" },
		{ "<a href=\"x>y\" title='a>b'>link</a>", "link" },
		{ "<a title=it's>a</a>", "a" },
		{ "<a href=\"never ends>a", "" },
		{ "a <b", "a" },
		{ "a</!--b>c</?d>e", "ace" },
		{ "a < b <= c <3", "a < b <= c <3" },
		{ "<o:p>a</o:p><x-y>b", "ab" },

		{ "&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'" },
		{ "&auml;&Auml;&euro;&hearts;", "\xc3\xa4\xc3\x84\xe2\x82\xac"
						"\xe2\x99\xa5" },
		{ "&#228;&#xe4;&#XE4;", "\xc3\xa4\xc3\xa4\xc3\xa4" },
		{ "&#128;&#x93;", "\xe2\x82\xac\xe2\x80\x9c" },
		{ "a&nbsp;&nbsp;b", "a b" },
		{ "a&#0;&#xd800;&#x110000;&#99999999999;b",
		    "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		    "b" },
		{ "AT&T &foo; &; &#; &#x; &#12a; & b",
		    "AT&T &foo; &; &#; &#x; &#12a; & b" },
		{ "a&nbsp b &amp c&lt", "a b & c<" },
		{ "", "" },
		/* 31 characters and a semicolon, and one too many */
		{ "&#000000000000000000000000000065;b", "Ab" },
		{ "&#0000000000000000000000000000065;b",
		    "&#0000000000000000000000000000065;b" },
		{ "&amp0000000000000000000000000000;b",
		    "&0000000000000000000000000000;b" },
		{ "&nbsp;&nbsp&;&&amp;&lt;;", "&;&&<;" },
		{ "&am&p", "&am&p" },
		{ "a&#\xc3\xa4;", "a&#\xc3\xa4;" },

		{ "<!-->a<!--->b<!---->c<!----->d<!-- -- > --->e", "abcde" },
		{ "<!->a<!-x-->b<!>c<!-", "abc" },
		{ "a<!-- -", "a" },
		{ "a<script></scrip</</script<b>c</script></b>d", "acd" },
		{ "a<title>b</titles>c<style></styl", "ac" },
		{ "<//a></ a><<b>c", "<//a></ a><c" },
		{ "<a b=\"'>'\"'c>d<a b='\">\"'=\"e>f\">g", "dg" },
		{ "<abcdefghijklmnopqrstuvwxyz0123456789 x>a", "a" },
		{ "<blockquote-and-more-than-thirty-two>a", "a" },
		{ "a<BlockQuote>b", "a\nb" },
		{ "<", "<" },
		{ "</", "</" },
		{ "&", "&" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t step = 1; step < 200; step++) {
			CLEANUP(buf_clear) struct buf got = { 0 };

			read_html(span_str(cases[i].html), step, &got);
			buf_byte(&got, '\0');
			assert_string_equal((char *)got.p, cases[i].want);
		}
	}
}

static void
hostile_html_is_read_in_linear_time(void **state)
{
	static const char *const pieces[] = { "<", "<a", "<!--", "&#", "&",
		"<script>", "</", "<a b=\"", "<head>", "<script></script" };

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		CLEANUP(buf_clear) struct buf in = { 0 };
		CLEANUP(buf_clear) struct buf got = { 0 };

		while (in.n < 1000000)
			buf_str(&in, pieces[i]);
		read_html(buf_span(&in), in.n, &got);
		assert_true(got.n <= in.n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_becomes_what_a_reader_sees),
		cmocka_unit_test(hostile_html_is_read_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
