#include "mime/file_name.h"

#include "mime/decode.h"
#include "mime/params.h"

void
file_name_add(const struct header_field *f, struct buf *out)
{
	CLEANUP(arena_free) struct arena *a = NULL;
	struct lex l = { .rest = f->value };
	struct params ps;
	struct span name;

	if (span_eq_nocase(f->name, SPAN("Content-Disposition")))
		name = SPAN("filename");
	else if (span_eq_nocase(f->name, SPAN("Content-Type")))
		name = SPAN("name");
	else
		return;

	a = arena_new();
	(void)params_token(a, &l); /* a type's other half is no parameter */
	ps = params_parse(a, &l);
	for (size_t i = 0; i < ps.n; i++) {
		if (!span_eq(ps.p[i].name, name))
			continue;
		if (ps.p[i].extended)
			buf_add(out, ps.p[i].value);
		else
			mime_header_text(ps.p[i].value, out);
		buf_byte(out, '\n');
	}
}
