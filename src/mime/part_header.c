#include "mime/part_header.h"

#include "base/limits.h"
#include "mime/header.h"

static const struct {
	const char *name;
	enum mime_encoding encoding;
} encodings[] = {
	{ "7bit", MIME_7BIT },
	{ "8bit", MIME_8BIT },
	{ "binary", MIME_BINARY },
	{ "base64", MIME_BASE64 },
	{ "quoted-printable", MIME_QUOTED_PRINTABLE },
};

static void
read_encoding(struct arena *a, struct span value, struct mime_part *part,
    struct part_info *info)
{
	struct lex l = { .rest = value };
	struct span name;

	if (lex_peek(&l) == '"')
		lex_skip(&l, 1);
	name = params_token(a, &l);
	if (name.n == 0)
		return;
	part->encoding = MIME_UNKNOWN_ENCODING;
	info->encoding = span_head(name, LIMIT_MIME_TYPE);
	for (size_t i = 0; i < COUNT(encodings); i++)
		if (span_eq(name, span_str(encodings[i].name)))
			part->encoding = encodings[i].encoding;
}

/* What "Content-Type: text" and the like mean. */
static struct span
default_subtype(struct span type)
{
	if (span_eq(type, SPAN("text")))
		return SPAN("plain");
	if (span_eq(type, SPAN("multipart")))
		return SPAN("mixed");
	return SPAN("octet-stream");
}

static bool
is_top_level_type(struct span type)
{
	static const char *const known[] = { "application", "audio", "font",
		"image", "message", "model", "multipart", "text", "video" };

	for (size_t i = 0; i < COUNT(known); i++)
		if (span_eq(type, span_str(known[i])))
			return true;
	return false;
}

/* A parameter in lower case if that is asked for, at most that long. */
static struct span
keep(struct arena *a, struct span value, bool lower)
{
	unsigned char *to = arena_alloc(a, value.n);

	for (size_t i = 0; i < value.n; i++)
		to[i] = lower ? ascii_lower(value.p[i]) : value.p[i];
	return span_of(to, value.n);
}

/* Of all parameters, only these two are kept. */
static void
read_params(struct arena *a, struct mime_part *part, struct part_info *info)
{
	CLEANUP(arena_free) struct arena *scratch = arena_new();
	struct lex l = { .rest = info->params };
	struct params ps = params_parse(scratch, &l);

	part->charset = keep(a, params_find(&ps, SPAN("charset")), true);
	info->boundary = keep(a, params_find(&ps, SPAN("boundary")), false);
}

static void
read_type(struct arena *a, struct span value, struct mime_part *part,
    struct part_info *info)
{
	struct lex l = { .rest = value };
	struct span type = params_token(a, &l);
	struct span subtype = { 0 };

	(void)lex_cfws(&l, NULL);
	if (lex_peek(&l) == '/') {
		lex_skip(&l, 1);
		subtype = params_token(a, &l);
	}
	if (type.n == 0 || (subtype.n == 0 && !is_top_level_type(type)) ||
	    type.n > LIMIT_MIME_TYPE || subtype.n > LIMIT_MIME_TYPE)
		return;
	if (subtype.n == 0) {
		subtype = default_subtype(type);
		if (span_eq(subtype, SPAN("octet-stream")))
			type = SPAN("application");
	}
	part->type = type;
	part->subtype = subtype;
	info->params = l.rest;
	read_params(a, part, info);
}

static void
read_disposition(struct arena *a, struct span value, struct mime_part *part,
    struct part_info *info)
{
	struct lex l = { .rest = value };

	info->disposition = params_token(a, &l);
	if (info->disposition.n == 0)
		info->disposition = SPAN("attachment");
	info->disposition_params = l.rest;
	part->is_attachment = span_eq(info->disposition, SPAN("attachment"));
}

static void
set_once(struct span *to, struct span value)
{
	if (to->p == NULL)
		*to = value;
}

/* The first field of a name counts.  name is without "Content-". */
static void
read_field(struct arena *a, struct span name, struct span value,
    struct mime_part *part, struct part_info *info)
{
	if (span_eq_nocase(name, SPAN("Type")) && part->type.n == 0)
		read_type(a, value, part, info);
	else if (span_eq_nocase(name, SPAN("Transfer-Encoding")) &&
		 info->encoding.p == NULL)
		read_encoding(a, value, part, info);
	else if (span_eq_nocase(name, SPAN("Disposition")) &&
		 info->disposition.p == NULL)
		read_disposition(a, value, part, info);
	else if (span_eq_nocase(name, SPAN("ID")))
		set_once(&info->id, value);
	else if (span_eq_nocase(name, SPAN("Description")))
		set_once(&info->description, value);
	else if (span_eq_nocase(name, SPAN("MD5")))
		set_once(&info->md5, value);
	else if (span_eq_nocase(name, SPAN("Language")))
		set_once(&info->language, value);
	else if (span_eq_nocase(name, SPAN("Location")))
		set_once(&info->location, value);
}

/* RFC 2045 section 5.2, RFC 2046 section 5.1.5. */
static void
set_default_type(bool in_digest, struct mime_part *part, struct part_info *info)
{
	part->type = in_digest ? SPAN("message") : SPAN("text");
	part->subtype = in_digest ? SPAN("rfc822") : SPAN("plain");
	if (!in_digest)
		info->params = SPAN("charset=us-ascii");
}

void
part_header_read(struct arena *a, struct span header, bool in_digest,
    struct mime_part *part, struct part_info *info)
{
	static const struct span prefix = SPAN_INIT("Content-");
	struct header_iter it = { header };
	struct header_field f;

	while (header_next(&it, &f))
		if (f.name.n > prefix.n && span_starts_nocase(f.name, prefix))
			read_field(a, span_from(f.name, prefix.n), f.value,
			    part, info);
	if (part->type.n == 0)
		set_default_type(in_digest, part, info);
}

void
part_header_degrade(struct mime_part *part, struct part_info *info,
    const char *type, const char *subtype)
{
	part->type = span_str(type);
	part->subtype = span_str(subtype);
	part->charset = (struct span){ 0 };
	info->params = (struct span){ 0 };
}
