#include "base/limits.h"
#include "mime/charset.h"
#include "mime/file_name.h"
#include "mime/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool true_)
{
	if (!true_)
		__builtin_trap();
}

static void
check_fields(struct span s)
{
	struct header_iter it = { s };
	struct header_field f;
	size_t n = 0;

	need(header_length(s) <= s.n);
	while (header_next(&it, &f)) {
		need(f.raw.p == s.p + n && f.raw.n > 0);
		n += f.raw.n;
	}
	need(n + it.rest.n == s.n);
}

static void
check_addresses(struct arena *a, struct span s, size_t max)
{
	struct address_list list = address_parse(a, s, max);
	bool in_group = false;

	need(list.n <= max);
	for (size_t i = 0; i < list.n; i++) {
		if (list.a[i].kind == ADDRESS_MAILBOX)
			continue;
		need(in_group == (list.a[i].kind == ADDRESS_GROUP_END));
		in_group = !in_group;
	}
	need(!in_group);
}

static void
check_line(struct span s)
{
	CLEANUP(buf_clear) struct buf line = { 0 };

	header_unfold(s, &line);
	for (size_t i = 0; i < line.n; i++)
		need(line.p[i] != '\0' && line.p[i] != '\r' &&
		     line.p[i] != '\n');
}

static void
check_file_name(const char *field, struct span s)
{
	CLEANUP(buf_clear) struct buf names = { 0 };
	struct header_field f = { .name = span_str(field), .value = s };

	file_name_add(&f, &names);
	need(utf8_run(buf_span(&names)) == names.n);
}

/* Any bytes as a header, as a value of every kind, and as parameters. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct span s = span_of(data, size);
	struct lex l = { .rest = s };
	struct message_ids ids;
	struct datetime d;

	check_fields(s);
	check_line(s);
	check_file_name("Content-Disposition", s);
	check_file_name("Content-Type", s);
	check_addresses(a, s, size % 8);
	check_addresses(a, s, LIMIT_ADDRESSES);
	(void)header_date(s, &d);
	ids = message_ids_parse(a, s, 3);
	need(ids.n <= 3);
	for (size_t i = 0; i < ids.n; i++)
		need(ids.id[i].n >= 3 && ids.id[i].n <= LIMIT_MESSAGE_ID);
	need(params_parse(a, &l).n <= LIMIT_MIME_PARAMS);
	return 0;
}
