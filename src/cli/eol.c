#include "cli/eol.h"

void
eol_to_crlf(struct buf *out, struct span s)
{
	unsigned char before = '\0';

	while (s.n > 0) {
		size_t n = span_find(s, '\n');

		buf_add(out, span_head(s, n));
		if (n > 0)
			before = s.p[n - 1];
		if (n == s.n)
			return;
		if (before == '\r')
			buf_byte(out, '\n');
		else
			BUF_LIT(out, "\r\n");
		before = '\n';
		s = span_from(s, n + 1);
	}
}

void
eol_to_lf(struct buf *out, struct span s)
{
	while (s.n > 0) {
		size_t n = span_find(s, '\n');
		size_t text =
		    n < s.n && n > 0 && s.p[n - 1] == '\r' ? n - 1 : n;

		buf_add(out, span_head(s, text));
		if (n == s.n)
			return;
		buf_byte(out, '\n');
		s = span_from(s, n + 1);
	}
}
